"""Rules and hashes as people publish them, small: the first inputs of the fuzz targets import_X."""

MD5 = "0123456789abcdef" * 2
SHA1 = MD5 + "01234567"
SHA256 = MD5 * 2

RULES = r"""import "pe"
include "other.yar"
/* rule not_this { } */
private global rule a : tag {
  meta:
    author = "some\"body" // "
    description = "what it is"
  strings:
    $a = "}" wide ascii
    $b = { 4D 5A [2-4] ( 00 | ?1 ) } // }
    $c = /a}\/[^{]/ nocase
  condition:
    $a and #b > 1 and pe.is_pe
}
rule b { condition: a }
"""

NAMES = r"""# Regin
\\usbclass\.sys;80
(TEMP|Temp)\\[^\\"]+\.(xmd|yls)$;80
(?i)\\procdump(64)?(a)?\.(exe|js\b);50;(?i)(SysInternals\\|C:\\a{2,}b{1,3}c{,4})

## Others
^/tmp/\x41[\w\]-]*?.+\d\S{2}\Z;100
\\svchöst\.exe;45
(?=x)|();1
"""

BODIES = """# name:target:offset:hex
Win.Test-1:1:EP+5,7:aabb(cc|ddee|f?)0102{-4}0304*0506{7}0708
Test.Two:0:EOF-9:aabb!(cc|dd)??e?{3-}0102{300}0304
PUA.Test:6:SL+0:0102{4-6}0304:60
Test.Four:1:SE1:0102(B)03:10:255
Test.Five:9:100,5:010203
"""

SEEDS = {
    "rule_text": [("rules", RULES.encode())],
    "import_yara": [("rules", RULES.encode())],
    "import_loki_hashes": [
        ("list", f"# c\n{MD5};Name of it\n{SHA1};55;Other\r\n{SHA256};a\tb\\c!/\n".encode())
    ],
    "import_loki_names": [
        ("list", NAMES.encode()),
        *((f"line{i}", line.encode()) for i, line in enumerate(NAMES.splitlines())),
    ],
    "import_hashes": [
        ("list", f"{MD5}\t12\tName\tlow\n{SHA1}\t*\tOther\thigh\n{MD5}\t12\tName\tinfo\n".encode())
    ],
    "import_clamav_hashes": [("list", f"{MD5}:12:Name\n{SHA1}:*:PUA.Other:73\n".encode())],
    "import_clamav_bodies": [
        ("list", BODIES.encode()),
        *((f"line{i}", line.encode()) for i, line in enumerate(BODIES.splitlines())),
    ],
}
