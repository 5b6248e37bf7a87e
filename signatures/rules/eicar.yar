// The test file every scanner is expected to report. Written in hex, so that no source contains it,
// and with a wildcard, so that no compiled ruleset does.

rule EICAR_Test_File : test
{
    meta:
        description = "The EICAR test file: harmless, made to check that a scanner is working"
        severity = "high"
        family = "EICAR"
        reference = "https://www.eicar.org/download-anti-malware-testfile/"
        remedy = "Nothing needs to be done: the file cannot do harm. Delete it if it is not wanted."
        date = "2026-11-23"
    strings:
        $eicar = {
            58 35 4F 21 50 25 40 41 50 5B 34 5C 50 5A 58 35 34 28 50 5E 29 37 43 43 29 37 7D
            24 45 49 43 41 52 2D 53 5? 41 4E 44 41 52 44 2D
            41 4E 54 49 56 49 52 55 53 2D 54 45 53 54 2D 46 49 4C 45 21 24 48 2B 48 2A
        }
    condition:
        // By its definition the file is the 68 bytes and at most 60 bytes of white space.
        filesize <= 128 and $eicar at 0
}
