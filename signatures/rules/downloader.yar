// Downloaders: commands and scripts that fetch a program and run it at once.
//
// A pair such as $any and $inside counts the same command lines, once with any numeric address and
// once with one of a private network: a line inside one's own network is no reason for a report,
// and does not hide another line.

rule Downloader_Pipe_To_Shell : downloader script
{
    meta:
        description = "Command that fetches a script from a numeric internet address and runs it unseen"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1105/"
        remedy = "Find out who wrote the command. If it has run, treat the machine as taken over."
        date = "2026-11-23"
    strings:
        $any = /\b(curl|wget)\s[^\r\n|;]{0,160}\/\/([0-9]{1,3}\.){3}[0-9]{1,3}[:\/][^\r\n|;]{0,160}\|\s{0,4}(sudo\s{1,4}(-[a-zA-Z]{1,3}\s{1,4})?|nohup\s{1,4})?([\/a-z]{0,12}\/)?(ba|da|z|k|a)?sh\b/
        $inside = /\b(curl|wget)\s[^\r\n|;]{0,160}\/\/(127|10|192\.168|172\.(1[6-9]|2[0-9]|3[01])|169\.254)\.[0-9.]{3,11}[:\/][^\r\n|;]{0,160}\|\s{0,4}(sudo\s{1,4}(-[a-zA-Z]{1,3}\s{1,4})?|nohup\s{1,4})?([\/a-z]{0,12}\/)?(ba|da|z|k|a)?sh\b/
    condition:
        filesize < 5MB and #any > #inside
}

rule Downloader_Shell_Fetch_And_Run : downloader script
{
    meta:
        description = "Command that fetches a program from a numeric internet address, makes it executable and runs it"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1105/"
        remedy = "Find out who wrote the command. If it has run, treat the machine as taken over."
        date = "2026-11-23"
    strings:
        $any = /\b(curl|wget|tftp|ftpget)\s[^\r\n;|&]{0,120}\b([0-9]{1,3}\.){3}[0-9]{1,3}\b[^\r\n;|]{0,160}[;&|]{1,2}\s{0,4}chmod\s{1,4}(-R\s{1,4})?([0-7]{0,1}[0-7]{3}|[ugoa]{0,3}\+[rwx]{0,2}x)\s[^\r\n;|&]{1,120}[;&|]{1,2}\s{0,4}(nohup\s{1,4}|sudo\s{1,4}|setsid\s{1,4}|sh\s{1,4}|bash\s{1,4})?(\.\/|\/tmp\/|\/var\/|\/dev\/shm\/|\$)/
        $inside = /\b(curl|wget|tftp|ftpget)\s[^\r\n;|&]{0,120}\b(127|10|192\.168|172\.(1[6-9]|2[0-9]|3[01])|169\.254)\.[0-9.]{3,11}\b[^\r\n;|]{0,160}[;&|]{1,2}\s{0,4}chmod\s{1,4}(-R\s{1,4})?([0-7]{0,1}[0-7]{3}|[ugoa]{0,3}\+[rwx]{0,2}x)\s[^\r\n;|&]{1,120}[;&|]{1,2}\s{0,4}(nohup\s{1,4}|sudo\s{1,4}|setsid\s{1,4}|sh\s{1,4}|bash\s{1,4})?(\.\/|\/tmp\/|\/var\/|\/dev\/shm\/|\$)/
    condition:
        filesize < 5MB and #any > #inside
}

rule Downloader_Shell_Hidden_Run : downloader script
{
    meta:
        description = "Command that fetches a program into a temporary directory and starts it in the background with its output thrown away"
        severity = "medium"
        reference = "https://attack.mitre.org/techniques/T1105/"
        remedy = "Find out who wrote the command and what the program is."
        date = "2026-11-23"
    strings:
        $run = /\b(curl|wget)\s[^\r\n;|]{0,200}(\/tmp\/|\/var\/tmp\/|\/dev\/shm\/)[^\r\n;|]{1,120}(;|&&)\s{0,4}chmod\s{1,4}([0-7]{3,4}|[ugoa]{0,3}\+[rwx]{0,2}x)\s[^\r\n;|]{1,120}(;|&&)[^\r\n;]{1,120}>\s{0,4}\/dev\/null\s{1,4}2>&1\s{0,4}&/
    condition:
        filesize < 5MB and $run
}

rule Downloader_Architecture_Loop : downloader botnet
{
    meta:
        description = "Script that fetches and runs the same program built for many processors, as worms of routers and cameras do"
        severity = "high"
        family = "Mirai or a relative"
        remedy = "On a device: restart it, change its passwords, update its firmware, and close telnet and its web interface to the internet."
        date = "2026-11-23"
    strings:
        $fetch = /\b(wget|curl|tftp|ftpget)\s[^\r\n;|&]{0,160}[._\/-](mips|mipsel|mpsl|arm[4-7]?[ln]?|armv[4-7]l?|aarch64|x86|x86_64|i[4-6]86|ppc|powerpc|sh4|m68k|m68|spc|sparc|arc)\b/
        $list = /\bfor\s{1,4}[a-z_]{1,16}\s{1,4}in\s[^\r\n;]{0,120}\b(mpsl|mipsel|sh4|m68k|spc|arm7)\b[^\r\n;]{0,120}[;\r\n]{1,2}\s{0,8}do\b[^\r\n]{0,200}\b(wget|curl|tftp|ftpget)\s/
        $runnable = /\bchmod\s{1,4}([0-7]{0,1}777|\+x)\s/
        $place = /\bcd\s{1,4}\/(tmp|var\/run|var\/tmp|dev\/shm|mnt|root)\b[^\r\n]{0,20}(;|&&|\|\|)/
    condition:
        filesize < 200KB and $runnable and $place and (#fetch >= 4 or $list)
}

rule Downloader_Base64_To_Shell : downloader script
{
    meta:
        description = "Command that decodes a long hidden text and runs it in a shell"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1027/"
        remedy = "Decode the text (without the shell at the end) to see what it does; find out who wrote the command."
        date = "2026-11-23"
    strings:
        $pipe = /\b(echo|printf)\s{1,4}(-[ne]{1,2}\s{1,4})?["']?[A-Za-z0-9+\/]{40,4000}={0,2}["']?\s{0,4}\|\s{0,4}(openssl\s{1,4})?base64\s{1,4}(-d|-D|-di|--decode)\b\s{0,4}(\|\s{0,4}(gunzip|gzip\s{1,4}-d|zcat|rev)\s{0,4}(-c\s{0,4})?)?\|\s{0,4}(sudo\s{1,4}|nohup\s{1,4})?([\/a-z]{0,12}\/)?((ba|da|z|k|a)?sh|python[0-9.]{0,4}|perl)\b/
        $word = /\b(eval|(ba|da|z)?sh\s{1,4}-c)\s{1,4}["']?(\$\(|`)\s{0,4}(echo|printf)\s{1,4}(-[ne]{1,2}\s{1,4})?["'\\]{0,2}[A-Za-z0-9+\/]{40,4000}={0,2}["'\\]{0,2}\s{0,4}\|\s{0,4}base64\s{1,4}(-d|-D|-di|--decode)\b/
        $here = /\bbase64\s{1,4}(-d|-D|-di|--decode)\s{0,4}<<<\s{0,4}["']?[A-Za-z0-9+\/]{40,4000}={0,2}["']?\s{0,4}\|\s{0,4}([\/a-z]{0,12}\/)?((ba|da|z|k|a)?sh|python[0-9.]{0,4}|perl)\b/
    condition:
        filesize < 10MB and any of them
}

rule Downloader_PowerShell_Run_Text : downloader powershell
{
    meta:
        description = "PowerShell that fetches code and runs it, from a hidden window or a numeric address"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1059/001/"
        remedy = "Do not run it. If it has run, disconnect the machine and have it looked at."
        date = "2026-11-23"
    strings:
        $hidden = /[-\/]w(i|in|ind|indo|indow|indowstyle)?\s{1,4}["']?(hidden|h|1)\b[^\r\n]{0,400}(DownloadString|Invoke-WebRequest|Invoke-RestMethod|\biwr|\birm)\b/ nocase
        $address = /(DownloadString|Invoke-WebRequest|Invoke-RestMethod|\biwr|\birm)[\s(]{1,4}(-[a-z]{1,20}\s{1,4})?["']?https?:\/\/([0-9]{1,3}\.){3}[0-9]{1,3}[:\/]/ nocase
        $run = /([\s(=;&|"'{`])(iex|invoke-expression)\b/ nocase
    condition:
        filesize < 1MB and $run and any of ($hidden, $address)
}

rule Downloader_PowerShell_Run_File : downloader powershell
{
    meta:
        description = "PowerShell that fetches a program into a user's temporary or application directory and starts it"
        severity = "medium"
        reference = "https://attack.mitre.org/techniques/T1105/"
        remedy = "Do not run it. If it has run, delete the program it fetched and have the machine looked at."
        date = "2026-11-23"
    strings:
        $fetch = /(DownloadFile\s?\(|Start-BitsTransfer\s|Invoke-WebRequest\s|\biwr\s)[^\r\n]{0,300}(\$env:(temp|tmp|appdata|localappdata|public|programdata)|%(temp|tmp|appdata|localappdata|public)%|\\Users\\Public\\|\\AppData\\)[^\r\n]{0,120}\.(exe|scr|dll|bat|cmd|vbs|js|hta|ps1)\b/ nocase
        $run = /\b(Start-Process|Invoke-Item|saps|rundll32|ShellExecute)[\s(]/ nocase
        $hidden = /[-\/]w(i|in|ind|indo|indow|indowstyle)?\s{1,4}["']?hidden\b/ nocase
    condition:
        filesize < 1MB and all of them
}

rule Downloader_Windows_Tool : downloader batch
{
    meta:
        description = "Command that has a tool of Windows itself (certutil, bitsadmin, mshta, regsvr32) fetch or run something from the internet"
        severity = "medium"
        reference = "https://attack.mitre.org/techniques/T1218/"
        remedy = "Do not run it. If it has run, disconnect the machine and have it looked at."
        date = "2026-11-23"
    strings:
        $certutil = /\bcertutil(\.exe)?\s{1,4}([-\/][a-z]{1,12}\s{1,4}){0,3}[-\/]urlcache\s{1,4}([-\/][a-z]{1,12}\s{1,4}){0,3}["']?(https?|ftp):\/\/[^\s"']{4,253}\s{1,4}[^\r\n]{0,100}\.(exe|dll|scr|bat|cmd|vbs|js|hta|ps1|txt|zip|cab|dat|tmp)\b/ nocase
        $bits = /\bbitsadmin(\.exe)?\s{1,4}[-\/]transfer\s[^\r\n]{1,200}https?:\/\/[^\s"']{4,253}\s{1,4}[^\r\n]{1,200}\.(exe|dll|scr|bat|cmd|vbs|js|hta|ps1)\b/ nocase
        $mshta = /\bmshta(\.exe)?["']?\s{1,4}["']?(https?:\/\/[^\s"']{4,253}|(javascript|vbscript):[^\r\n]{0,200}(GetObject|ActiveXObject|CreateObject|Execute|\.run))/ nocase
        $regsvr = /\bregsvr32(\.exe)?\s[^\r\n]{0,40}[-\/]i:["']?https?:\/\/[^\s"']{4,253}["']?\s{1,4}[^\r\n]{0,20}scrobj(\.dll)?\b/ nocase
    condition:
        filesize < 1MB and any of them
}

rule Downloader_Python_Exec_Url : downloader python
{
    meta:
        description = "Python that fetches code from the internet and runs it without looking at it"
        severity = "medium"
        reference = "https://attack.mitre.org/techniques/T1105/"
        remedy = "Look at what the address serves before running this; if it came with a package you did not choose, remove the package."
        date = "2026-11-23"
    strings:
        $exec = /\b(exec|eval)\s?\(\s?(compile\s?\(\s?)?(__import__\s?\(\s?["'](requests|urllib\.request|urllib2?)["']\s?(,[^\r\n)]{0,40})?\)\.)?((urllib\.)?request\.|urllib2?\.|requests\.)?(urlopen|get)\s?\(\s?["'f]{1,2}https?:\/\/[^\r\n)]{4,253}\)\s?\.(read\s?\(\s?\)|text|content)/
    condition:
        filesize < 500KB and $exec
}
