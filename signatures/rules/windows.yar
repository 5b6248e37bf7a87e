// What Linux machines hold for others: files for Windows, in mail, on file servers and web sites.

rule Windows_Mimikatz : credential_theft pe
{
    meta:
        description = "Mimikatz, a program that takes passwords out of the memory of Windows"
        severity = "critical"
        family = "Mimikatz"
        reference = "https://attack.mitre.org/software/S0002/"
        remedy = "If no tester was hired, somebody has administrator rights on a Windows machine here: change the passwords of all who signed in on it."
        date = "2026-11-23"
    strings:
        $sekurlsa = "sekurlsa" ascii wide
        $lsadump = "lsadump" ascii wide
        $kerberos = "kerberos_ptt" ascii wide
        $author = "gentilkiwi" ascii wide
        $name = "mimikatz" ascii wide nocase
        $internal = "kuhl_m_" ascii wide
        $wdigest = "wdigest.dll" ascii wide
    condition:
        uint16be(0) == 0x4D5A and filesize < 20MB and 4 of them
}

rule Windows_Mimikatz_Command : credential_theft script
{
    meta:
        description = "Command or script that uses Mimikatz to take passwords out of the memory of Windows"
        severity = "high"
        family = "Mimikatz"
        reference = "https://attack.mitre.org/techniques/T1003/001/"
        remedy = "If no tester was hired, find out whose file this is and where it was used."
        date = "2026-11-23"
    strings:
        $run = /\b(privilege::debug|token::elevate)["']?\s{1,4}["']?(sekurlsa::(logonpasswords|minidump|pth|ekeys)|lsadump::(sam|secrets|dcsync|lsa))/ nocase
        $script = /\bInvoke-Mimikatz\s{1,4}-(DumpCreds|Command\s{1,4}["'][^"'\r\n]{0,80}(sekurlsa|lsadump)::)/ nocase
        $minidump = /\brundll32(\.exe)?\s[^\r\n]{0,60}comsvcs(\.dll)?["']?\s?,?\s{0,4}(MiniDump|#\+?0*24)\b[^\r\n]{1,200}\bfull\b/ nocase
    condition:
        filesize < 5MB and any of them
}

rule Windows_PowerShell_Encoded : powershell
{
    meta:
        description = "Command that starts PowerShell with a long hidden (encoded) text in a hidden window"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1027/010/"
        remedy = "Do not run it. Decode the text as base64 and UTF-16 to see what it does."
        date = "2026-11-23"
    strings:
        $hidden_first = /\b(powershell|pwsh)(\.exe)?["']?\s[^\r\n]{0,120}[-\/]w(i|in|ind|indo|indow|indowstyle)?\s{1,4}["']?(hidden|h|1)\b[^\r\n]{0,80}\s[-\/]e(c|n|nc|nco[a-z]{0,11})?\s{1,4}["']?[A-Za-z0-9+\/]{40}/ nocase
        $hidden_last = /\b(powershell|pwsh)(\.exe)?["']?\s[^\r\n]{0,120}[-\/]e(c|n|nc|nco[a-z]{0,11})?\s{1,4}["']?[A-Za-z0-9+\/]{40,4000}={0,2}["']?\s[^\r\n]{0,80}[-\/]w(i|in|ind|indo|indow|indowstyle)?\s{1,4}["']?(hidden|h|1)\b/ nocase
    condition:
        filesize < 5MB and any of them
}

rule Windows_PowerShell_AMSI_Bypass : powershell
{
    meta:
        description = "PowerShell that turns off the interface by which scanners look at scripts"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1562/001/"
        remedy = "Do not run it. If it has run, have the machine looked at: nothing that followed was checked."
        date = "2026-11-23"
    strings:
        $class = /\bAmsi['"+\s]{0,8}Utils\b/ nocase
        $field = /\bamsi['"+\s]{0,8}(InitFailed|Context|Session)\b/ nocase
        $set = /\.SetValue\s?\(\s?\$null\s?,/ nocase
        $buffer = /\bAmsi['"+\s]{0,8}ScanBuffer\b/ nocase
        $protect = /\bVirtualProtect\b/ nocase
        $patch = /\b(GetProcAddress|\[?(System\.)?Runtime\.InteropServices\.Marshal\]?::Copy)\b/ nocase
    condition:
        filesize < 1MB and (($class and $field and $set) or ($buffer and $protect and $patch and uint16be(0) != 0x4D5A))
}

rule Windows_PowerShell_Program_In_Text : powershell
{
    meta:
        description = "PowerShell that carries a whole Windows program as text and runs it without writing it to disk"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1620/"
        remedy = "Do not run it. If it has run, disconnect the machine and have it looked at."
        date = "2026-11-23"
    strings:
        $load = /\bAssembly\]?\s?::\s?Load\s?\(/ nocase
        $decode = /::\s?FromBase64String\s?\(/ nocase
        // the start of a program for DOS and Windows in base64, and of one packed by gzip
        $program = /["'](TVqQ|TVpQ|TVoA|TVrq|TVro)[A-Za-z0-9+\/]{100}/
        $packed = /["']H4sI[A-Za-z0-9+\/]{100}/
    condition:
        filesize < 50MB and $load and $decode and any of ($program, $packed)
}

rule Windows_HTA_Command : hta script
{
    meta:
        description = "HTML application that runs a command interpreter when it is opened"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1218/005/"
        remedy = "Do not open it; delete it. If it was opened, disconnect the machine and have it looked at."
        date = "2026-11-23"
    strings:
        $page = /<(hta:application|script)\b/ nocase
        $object = /\b(ActiveXObject|CreateObject)\s?\(\s?["']W[Ss]cript\.Shell["']\s?\)/ nocase
        $run = /\.(run|exec)\s?\(?\s?["'][^"'\r\n]{0,80}\b(cmd(\.exe)?\s|powershell|pwsh|mshta|wscript|cscript|rundll32|regsvr32|certutil|bitsadmin|curl(\.exe)?\s)/ nocase
    condition:
        filesize < 5MB and all of them
}

rule Windows_Script_Dropper : javascript vbscript
{
    meta:
        description = "Windows script that fetches a file from the internet, saves it and runs it"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1059/007/"
        remedy = "Do not open it; delete it. If it was opened, disconnect the machine and have it looked at."
        date = "2026-11-23"
    strings:
        $http = /["'](MSXML2\.(Server)?XMLHTTP(\.[0-9.]{1,4})?|Microsoft\.XMLHTTP|WinHttp\.WinHttpRequest(\.[0-9.]{1,4})?)["']/ nocase
        $stream = /["']ADODB\.Stream["']/ nocase
        $save = /\.SaveToFile\b/ nocase
        $host = /["']W[Ss]cript\.Shell["']|["']Shell\.Application["']/ nocase
        $run = /\.(Run|Exec|ShellExecute)[\s(]/ nocase
    condition:
        filesize < 5MB and all of them
}

rule Windows_Shortcut_Command : lnk
{
    meta:
        description = "Windows shortcut that starts a command interpreter with instructions to fetch or decode code"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1204/002/"
        remedy = "Do not open it, however it looks (its icon is chosen by its maker); delete it."
        date = "2026-11-23"
    strings:
        $program = /\b(powershell|mshta|cmd\.exe|wscript|cscript|rundll32|pwsh)/ ascii wide nocase
        $action_a = "-EncodedCommand" ascii wide nocase
        $action_b = "DownloadString" ascii wide nocase
        $action_c = "DownloadFile" ascii wide nocase
        $action_d = "Invoke-WebRequest" ascii wide nocase
        $action_e = "FromBase64String" ascii wide nocase
        $action_f = "Invoke-Expression" ascii wide nocase
        $action_g = /\bw(indowstyle|in)?\s{1,4}hidden\b/ ascii wide nocase
        $action_h = /(mshta(\.exe)?|curl(\.exe)?\s[^\r\n]{0,40}|msiexec(\.exe)?\s[^\r\n]{0,20})["']?\s{1,4}["']?https?:\/\// ascii wide nocase
        $action_i = /\s-e(c|nc)\s{1,4}[A-Za-z0-9+\/]{40}/ ascii wide nocase
    condition:
        uint32be(0) == 0x4C000000 and uint32be(4) == 0x01140200 and filesize < 10MB and
        $program and any of ($action*)
}

rule Windows_Defender_Off : script
{
    meta:
        description = "Command that turns off Microsoft Defender or tells it to leave a whole drive alone"
        severity = "medium"
        reference = "https://attack.mitre.org/techniques/T1562/001/"
        remedy = "If your own administrators did not write this, do not run it; if it has run, turn Defender on again and scan."
        date = "2026-11-23"
    strings:
        $realtime = /\b(Set|Add)-MpPreference\s[^\r\n]{0,120}-DisableRealtimeMonitoring\s{1,4}(\$true|1|true)\b/ nocase
        $drive = /\b(Set|Add)-MpPreference\s[^\r\n]{0,120}-ExclusionPath\s{1,4}["'@(]{0,3}([a-z]:\\?|\$env:(SystemDrive|TEMP|APPDATA|PUBLIC|ProgramData|USERPROFILE))(["';\s)]|$)/ nocase
        $policy = /\breg(\.exe)?\s{1,4}add\s{1,4}["']?HK(LM|EY_LOCAL_MACHINE)\\SOFTWARE\\Policies\\Microsoft\\Windows Defender["'\\\s][^\r\n]{0,120}\b(DisableAntiSpyware|DisableRealtimeMonitoring)\b[^\r\n]{0,60}\s\/d\s{1,4}["']?(0x)?1\b/ nocase
    condition:
        filesize < 1MB and any of them
}

rule Windows_Recovery_Removal : ransomware script
{
    meta:
        description = "Commands that delete the backups and repair functions of Windows, as ransomware does before it starts"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1490/"
        remedy = "Do not run it. If it has run, disconnect the machine at once: encryption usually follows within minutes."
        date = "2026-11-23"
    strings:
        $shadow = /\bvssadmin(\.exe)?["']?\s{1,4}delete\s{1,4}shadows\s{1,4}\/all\b/ ascii wide nocase
        $resize = /\bvssadmin(\.exe)?["']?\s{1,4}resize\s{1,4}shadowstorage\s[^\r\n]{1,60}maxsize=[34][0-9]{2}mb/ ascii wide nocase
        $wmic = /\bwmic(\.exe)?["']?\s{1,4}shadowcopy\s{1,4}delete\b/ ascii wide nocase
        $powershell = /\bWin32_Shadowcopy\b[^\r\n]{0,80}(\.Delete\s?\(|Remove-WmiObject|Remove-CimInstance)/ ascii wide nocase
        $recovery = /\bbcdedit(\.exe)?["']?\s{1,4}\/set\s[^\r\n]{0,40}\brecoveryenabled\s{1,4}no\b/ ascii wide nocase
        $failures = /\bbcdedit(\.exe)?["']?\s{1,4}\/set\s[^\r\n]{0,40}\bbootstatuspolicy\s{1,4}ignoreallfailures\b/ ascii wide nocase
        $catalog = /\bwbadmin(\.exe)?["']?\s{1,4}delete\s{1,4}(catalog|systemstatebackup|backup)\b/ ascii wide nocase
    condition:
        filesize < 50MB and 2 of them
}

rule Windows_Run_Key : persistence batch
{
    meta:
        description = "Command that has a script or program in a user's own directory start at every sign-in"
        severity = "medium"
        reference = "https://attack.mitre.org/techniques/T1547/001/"
        remedy = "If you do not know the program, do not run this; if it has run, remove the entry with regedit or autoruns."
        date = "2026-11-23"
    strings:
        $add = /\breg(\.exe)?["']?\s{1,4}add\s{1,4}["']?HK(CU|LM|EY_CURRENT_USER|EY_LOCAL_MACHINE)\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run(Once)?["']?\s[^\r\n]{1,120}\/d\s{1,4}[^\r\n]{0,80}(%temp%|%appdata%|%public%|\\AppData\\|\\Users\\Public\\|\\ProgramData\\|\bmshta\b|\bwscript\b|\bpowershell\b)[^\r\n]{0,120}(\.(vbs|js|jse|vbe|hta|bat|cmd|ps1|scr|exe)\b|https?:|-e(nc)?\s)/ nocase
    condition:
        filesize < 1MB and $add
}

rule Windows_Internet_Shortcut_Program : url
{
    meta:
        description = "Internet shortcut that starts a program from another machine on the internet"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1204/002/"
        remedy = "Do not open it; delete it."
        date = "2026-11-23"
    strings:
        $start = /\[InternetShortcut\]/ nocase
        $remote = /\bURL\s?=\s?file:[\/\\]{2,4}([0-9]{1,3}(\.[0-9]{1,3}){3}|[^\s\/\\]{1,200}@(80|443|8080|ssl))[@\/\\][^\r\n]{0,250}\.(exe|scr|com|bat|cmd|vbs|js|jse|hta|lnk|msi|wsf|cpl|zip|url)\b/ nocase
    condition:
        filesize < 20KB and $start in (0..64) and $remote
}

rule Windows_Autorun_Script : autorun
{
    meta:
        description = "File that has Windows start a script or hidden program from a USB stick"
        severity = "medium"
        reference = "https://attack.mitre.org/techniques/T1091/"
        remedy = "Delete it and the program it names, and scan the machine where the stick was used."
        date = "2026-11-23"
    strings:
        $start = /\[autorun[\]a-z.]/ nocase
        $open = /\b(open|shellexecute|shell\\[a-z]{1,16}\\command)\s?=\s?[^\r\n]{0,80}(\.(vbs|vbe|js|jse|scr|pif|wsf|lnk)\b|\bRECYCLER\\|\$RECYCLE\.BIN\\|\b(wscript|cscript|powershell|mshta)\b)/ nocase
    condition:
        filesize < 100KB and $start in (0..256) and $open
}

rule HTML_Smuggling_Archive : html phishing
{
    meta:
        description = "Web page that carries an archive or program in itself and saves it on the visitor's machine"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1027/006/"
        remedy = "Do not open what it saves. Delete the page and what it saved."
        date = "2026-11-23"
    strings:
        $page = /<(script|html|body|svg)\b/ nocase
        $decode = /\b(atob|fromCharCode|Uint8Array)\b/
        $blob = /\bnew\s{1,4}(window\.)?(Blob|File)\s?\(\s?\[/
        $save = /\b(createObjectURL|msSaveOrOpenBlob|msSaveBlob)\b/
        $click = /\.click\s?\(\s?\)|\bmsSave(OrOpen)?Blob\b|\.dispatchEvent\s?\(/
        // zip, DOS/Windows program, RAR, 7-Zip, cabinet: in base64
        $payload = /["'`](UEsDB[A-Za-z0-9+\/]{100}|(TVqQ|TVpQ|TVoA|TVrq|TVro)[A-Za-z0-9+\/]{100}|UmFyIR[A-Za-z0-9+\/]{100}|N3q8ry[A-Za-z0-9+\/]{100}|TVNDRg[A-Za-z0-9+\/]{100})/
    condition:
        filesize < 50MB and all of them
}

rule SVG_Script_Redirect : svg phishing
{
    meta:
        description = "Picture (SVG) with a script that decodes hidden text and sends the viewer elsewhere, as in phishing mail"
        severity = "medium"
        reference = "https://attack.mitre.org/techniques/T1027/017/"
        remedy = "Do not open it in a browser; delete the mail it came with."
        date = "2026-11-23"
    strings:
        // the picture must be the file itself, not a part of a web page
        $svg = /(\xEF\xBB\xBF)?\s{0,64}((<\?xml[^>]{0,400}>|<!DOCTYPE\s{1,4}svg[^>]{0,600}>|<!--[^>]{0,1000}-->)\s{0,64}){0,8}<svg[\s>]/
        $script = /<script\b|\sonload\s?=\s?["']/ nocase
        $decode = /\b(atob|fromCharCode|decodeURIComponent|unescape)\s?\(/
        $go = /\b(window\.|document\.|top\.|self\.|parent\.)?location(\.(href|replace|assign))?\s?[=(]|\bwindow\.open\s?\(|\bcreateObjectURL\s?\(|\bdocument\.write\s?\(|\beval\s?\(/
    condition:
        filesize < 5MB and $svg at 0 and $script and $decode and $go
}
