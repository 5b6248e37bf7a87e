// Documents that act. Macros inside Office files are compressed; these rules see their source text,
// as it stands in exported modules, in mail, and in what other tools take out of documents.

rule Macro_VBA_Auto_Download : macro vba
{
    meta:
        description = "Office macro that starts by itself, fetches a file and runs it"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1204/002/"
        remedy = "Do not open the document or allow its content. If it was opened with macros allowed, disconnect the machine and have it looked at."
        date = "2026-11-23"
    strings:
        $auto = /\bSub\s{1,4}(Auto_?Open|Auto_?Exec|Auto_?Close|Document_?Open|Document_?Close|Workbook_?Open|DocumentOpen|WorkbookOpen)\b/ nocase
        $fetch = /\b(URLDownloadToFile[AW]?|Microsoft\.XMLHTTP|MSXML2\.(Server)?XMLHTTP|WinHttp\.WinHttpRequest|DownloadFile|DownloadString|InternetOpenUrl[AW]?)\b/ nocase
        $run = /\b(Shell\s?\(|Shell\s{1,4}["a-z]|ShellExecute[AW]?\b|WScript\.Shell\b|Shell\.Application\b|Win32_Process\b)/ nocase
    condition:
        filesize < 5MB and all of them
}

rule Macro_VBA_Auto_Command : macro vba
{
    meta:
        description = "Office macro that starts by itself and runs a command interpreter"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1204/002/"
        remedy = "Do not open the document or allow its content. If it was opened with macros allowed, disconnect the machine and have it looked at."
        date = "2026-11-23"
    strings:
        $auto = /\bSub\s{1,4}(Auto_?Open|Auto_?Exec|Auto_?Close|Document_?Open|Document_?Close|Workbook_?Open|DocumentOpen|WorkbookOpen)\b/ nocase
        $shell = /(\bShell\s?\(?\s?|\.(Run|Exec|ShellExecute|Create)\s?\(?\s?)"[^"\r\n]{0,60}\b(cmd(\.exe)?\s{1,4}[\/"]|powershell|pwsh|mshta|wscript|cscript|rundll32|regsvr32|certutil)/ nocase
    condition:
        filesize < 5MB and all of them
}

rule Macro_VBA_Shellcode : macro vba
{
    meta:
        description = "Office macro that puts machine code into memory and runs it"
        severity = "critical"
        remedy = "Do not open the document or allow its content. If it was opened with macros allowed, disconnect the machine and have it looked at."
        date = "2026-11-23"
    strings:
        $declare = /\bDeclare\s{1,4}(PtrSafe\s{1,4})?Function\s{1,4}[a-z0-9_]{1,40}\s{1,4}Lib\s{1,4}"(kernel32|ntdll)/ nocase
        $memory = /\b(VirtualAlloc(Ex)?|HeapCreate|NtAllocateVirtualMemory)\b/ nocase
        $copy = /\b(RtlMoveMemory|WriteProcessMemory|RtlCopyMemory|NtWriteVirtualMemory)\b/ nocase
        $start = /\b(CreateThread|CreateRemoteThread|EnumSystemLocales[AW]?|QueueUserAPC|CallWindowProc[AW]?|EnumWindows|CreateTimerQueueTimer)\b/ nocase
    condition:
        filesize < 5MB and all of them
}

rule Document_SYLK_Command : macro sylk
{
    meta:
        description = "Spreadsheet in the old SYLK text format with a macro that runs a program"
        severity = "high"
        remedy = "Do not open the file. If it was opened and its content allowed, disconnect the machine and have it looked at."
        date = "2026-11-23"
    strings:
        $start = /ID;P/
        $auto = /\bNN;NAuto_?(open|close)/ nocase
        $run = /;E(EXEC|CALL|REGISTER)\s?\(/ nocase
    condition:
        filesize < 5MB and $start at 0 and $auto and $run
}

rule Document_DDE_Command : document dde
{
    meta:
        description = "Document or spreadsheet field that starts a command interpreter through dynamic data exchange (DDE)"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1559/002/"
        remedy = "Do not open the file, and answer no when the program asks to update links or start another application."
        date = "2026-11-23"
    strings:
        $field = /(instrText[^>]{0,80}>\s{0,8}|fldinst[\s{\\a-z0-9]{0,40}\s|w:instr="\s{0,8})DDE(AUTO)?\s{1,8}["'&;a-z\\:\/0-9.]{0,80}\b(cmd|powershell|mshta|wscript|cscript|regsvr32)(\.exe)?\b/ nocase
        $cell = /(^|[\r\n,;"'\t])[=+\-@]{1,2}[^\r\n,;]{0,40}\b(cmd|powershell|mshta|rundll32|regsvr32)(\.exe)?\s?\|\s?['"][^\r\n'"]{1,500}['"]\s?![a-z0-9_$]{1,12}/ nocase
    condition:
        filesize < 20MB and any of them
}

rule Document_Remote_Template : document
{
    meta:
        description = "Word document that loads a macro template from the internet when it is opened"
        severity = "medium"
        reference = "https://attack.mitre.org/techniques/T1221/"
        remedy = "Do not open the document unless the address in it belongs to your own organisation."
        date = "2026-11-23"
    strings:
        $relationship = /<Relationship\s[^>]{0,300}\/attachedTemplate["'][^>]{0,40}Target\s?=\s?["']https?:\/\/[^"'>]{1,500}["'][^>]{0,40}TargetMode\s?=\s?["']External/
        $rtf = /\{\\\*\\template\s{1,4}https?:\/\/[^}\r\n]{4,500}\}/
    condition:
        filesize < 5MB and any of them
}

rule Document_RTF_Equation_Exploit : document exploit
{
    meta:
        description = "RTF document with an embedded Equation Editor object, as used to attack old versions of Word"
        severity = "high"
        reference = "https://nvd.nist.gov/vuln/detail/CVE-2017-11882"
        remedy = "Do not open it with an unpatched Microsoft Office; LibreOffice is not affected. Delete it if you did not expect it."
        date = "2026-11-23"
    strings:
        $rtf = /\{\\rt/
        $object = /\\obj(data|update|ocx|emb|autlink)\b/
        // "Equation.3", and the class id of the editor, as hex digits
        $name = /4571756174696f6e2e33/ nocase
        $class = /02ce020000000000c000000000000046/ nocase
    condition:
        filesize < 20MB and $rtf at 0 and $object and any of ($name, $class)
}

rule Document_PDF_Launch_Command : document pdf
{
    meta:
        description = "PDF that asks the viewer to start a command interpreter"
        severity = "high"
        remedy = "Do not open it, and answer no when the viewer asks to start a program."
        date = "2026-11-23"
    strings:
        $pdf = /%PDF-/
        $launch = /\/S\s{0,4}\/Launch\b/
        $command = /\/F\s{0,4}(\(|<<[^>]{0,80}\()[^)\r\n]{0,80}\b(cmd|powershell|mshta|wscript|cscript|rundll32|sh|bash|xterm)(\.exe)?\)/ nocase
    condition:
        filesize < 50MB and $pdf in (0..1024) and $launch and $command
}
