// Reverse shells: one-liners and programs that connect out and hand a command line to the other end.

rule ReverseShell_Bash_Dev_Tcp : reverse_shell shell
{
    meta:
        description = "Shell command that connects an interactive shell to a remote address through /dev/tcp"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1059/004/"
        remedy = "Find out what starts it (cron, systemd, a web application), end the connection, and treat the account it ran as as taken over."
        date = "2026-11-23"
    strings:
        $interactive = /sh\s{1,4}(-l\s{1,4})?-i\s{0,4}[0-9]{0,2}[<>&]{1,2}[0-9&\s]{0,4}[<>]{0,2}\s{0,4}\/dev\/(tcp|udp)\/[^\s\/]{1,253}\/[^\s\/]{1,16}/
        $descriptor = /exec\s{1,4}[0-9]{1,3}<>\s{0,4}\/dev\/(tcp|udp)\/[^\s\/]{1,253}\/[^\s\/;]{1,16}[^\r\n]{0,40}[;&\r\n]{1,4}[^\r\n]{0,120}(sh\s{1,4}(-i\s{1,4})?[0-9]?<&|while\s{1,4}read\s[^\r\n]{1,120}>&)/
        $source = /\b0<&[0-9]{1,3}[-;]{1,2}\s{0,4}exec\s{1,4}[0-9]{1,3}<>\s{0,4}\/dev\/(tcp|udp)\/[^\s\/]{1,253}\//
    condition:
        filesize < 10MB and any of them
}

rule ReverseShell_Netcat_Exec : reverse_shell shell
{
    meta:
        description = "netcat told to hand a shell to whoever is at the other end of the connection"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1059/004/"
        remedy = "Find out what starts it and end the connection; treat the account it ran as as taken over."
        date = "2026-11-23"
    strings:
        $after = /\b(nc|ncat|netcat|nc\.traditional)\s{1,4}[^\r\n|;&"'<>]{1,120}\s-[a-z]{0,4}[ec]\s{1,4}['"]?(\/usr)?\/bin\/(ba|da|z|k|a)?sh\b/
        // one that listens is in many a manual; counting it apart does not hide another line
        $listens = /\b(nc|ncat|netcat|nc\.traditional)\s{1,4}([^\r\n|;&"'<>]{1,60}\s)?-[a-km-z]{0,4}l[^\r\n|;&"'<>]{0,120}\s-[a-z]{0,4}[ec]\s{1,4}['"]?(\/usr)?\/bin\/(ba|da|z|k|a)?sh\b/
        $before = /\b(nc|ncat|netcat|nc\.traditional)\s{1,4}(-[a-z]{1,4}\s{1,4}){0,3}-[a-z]{0,4}[ec]\s{1,4}['"]?(\/usr)?\/bin\/(ba|da|z|k|a)?sh['"]?\s{1,4}[^\s\-|;&<>]{1,253}\s{1,4}[0-9$]/
    condition:
        filesize < 10MB and (#after > #listens or $before)
}

rule ReverseShell_Fifo : reverse_shell shell
{
    meta:
        description = "Shell command that ties a shell to a network program through a named pipe"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1059/004/"
        remedy = "Find out what starts it and end the connection; treat the account it ran as as taken over."
        date = "2026-11-23"
    strings:
        $pipe = /\b(mkfifo\s{1,4}[^\s;&|]{1,80}|mknod\s{1,4}[^\s;&|]{1,80}\s{1,4}p)\s{0,4}(;|&&|&)[^\r\n]{0,120}sh(\s{1,4}-[a-z]{1,3})?(\s{1,4}0?<\s{0,2}[^\s|]{1,80})?(\s{1,4}[012]?>\s{0,2}&?[^\s|]{1,40}){0,2}\s{0,4}\|\s{0,4}([a-z\/]{0,16}\b(nc|ncat|netcat|telnet|socat)\s|openssl\s{1,4}s_client\s)/
        $reverse = /\b(mkfifo\s{1,4}[^\s;&|]{1,80}|mknod\s{1,4}[^\s;&|]{1,80}\s{1,4}p)\s{0,4}(;|&&|&)[^\r\n]{0,40}\b(nc|ncat|netcat|telnet)\s[^\r\n|;]{1,253}\|\s{0,4}[a-z\/]{0,12}sh\s[^\r\n|]{0,40}[12]>/
    condition:
        filesize < 10MB and any of them
}

rule ReverseShell_Python_Socket : reverse_shell python
{
    meta:
        description = "Python code that connects out and ties a shell to the connection"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1059/006/"
        remedy = "Find out what starts it and end the connection; treat the account it ran as as taken over."
        date = "2026-11-23"
    strings:
        $connect = /\.connect\s?\(\s?\(/
        $dup_each = /\bdup2\s?\(\s?[a-z_]{1,16}\.fileno\s?\(\s?\)\s?,\s?[012]\s?\)/
        $dup_loop = /\bdup2\s?\(\s?[a-z_]{1,16}\.fileno\s?\(\s?\)\s?,\s?[a-z_]{1,8}\s?\)\s{0,4}for\s/
        $shell = /\b(spawn|call|run|Popen|system|execve?|execl)\s?\(\s?\[?\s?["'](\/(usr\/)?bin\/)?(ba|da|z|k)?sh\b/
    condition:
        filesize < 200KB and $connect and $shell and (#dup_each >= 2 or $dup_loop)
}

rule ReverseShell_Perl_Socket : reverse_shell perl
{
    meta:
        description = "Perl code that connects out and ties a shell to the connection"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1059/"
        remedy = "Find out what starts it and end the connection; treat the account it ran as as taken over."
        date = "2026-11-23"
    strings:
        $socket = /\b(use\s{1,4}(IO::)?Socket|-MIO::Socket|-MSocket)\b/
        $stdin = /\b(open\s?\(\s?STDIN\s?,\s?["'][<>+]{1,2}&|STDIN->fdopen\s?\(\s?\$)/
        $stdout = /\b(open\s?\(\s?STDOUT\s?,\s?["']>&|\$~->fdopen\s?\(|STDOUT->fdopen\s?\(\s?\$)/
        $shell = /\b(exec|system)\s?[({]?\s?(\{?\s?["'](\/(usr\/)?bin\/)?(ba|da|z|k)?sh\b|\$_\b)/
    condition:
        filesize < 200KB and all of them
}

rule ReverseShell_PHP_Socket : reverse_shell php
{
    meta:
        description = "PHP code that connects out and ties a shell to the connection"
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1059/"
        remedy = "Take the file out of the web root and end the connection; treat the web server's account as taken over."
        date = "2026-11-23"
    strings:
        $socket = /\b(p?fsockopen|stream_socket_client|socket_connect)\s?\(/ nocase
        $inherit = /\b(exec|system|passthru|popen|shell_exec|proc_open)\s?\(\s?["'](\/(usr\/)?bin\/)?(ba|da|z|k)?sh(\s{1,4}-i)?\s{0,4}[0-9]?<\s?&/ nocase
        $backtick = /`\s?(\/(usr\/)?bin\/)?(ba|da|z|k)?sh\s{1,4}-i\s{0,4}[0-9]?<\s?&[0-9$]/
        $process = /\bproc_open\s?\(/ nocase
        $command = /["'][^"'\r\n]{0,60}\/bin\/(ba|da|z|k)?sh\s{1,4}-i["']/
    condition:
        filesize < 200KB and $socket and (any of ($inherit, $backtick) or ($process and $command))
}

rule ReverseShell_Ruby_Socket : reverse_shell ruby
{
    meta:
        description = "Ruby code that connects out and ties a shell to the connection"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1059/"
        remedy = "Find out what starts it and end the connection; treat the account it ran as as taken over."
        date = "2026-11-23"
    strings:
        $descriptor = /\bTCPSocket\.(new|open)\s?\([^\r\n)]{1,253}\)(\.to_i)?[^\r\n]{0,40}[;\r\n][^\r\n]{0,40}\bexec\s?\(?\s?(sprintf\s?\(?\s?)?["'](\/bin\/)?(ba|da|z)?sh\s{1,4}-i\s{0,4}<\s?&/
        $loop = /\bTCPSocket\.(new|open)\s?\([^\r\n)]{1,253}\)[^\r\n]{0,20}[;\r\n]\s{0,8}while\s?\(?[^\r\n]{1,60}\.gets[^\r\n]{0,40}[;\r\n]\s{0,8}IO\.popen\s?\(/
    condition:
        filesize < 200KB and any of them
}

rule ReverseShell_Node_Socket : reverse_shell javascript
{
    meta:
        description = "Node.js code that connects out and ties a shell to the connection"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1059/007/"
        remedy = "Find out what starts it and end the connection; if it came with a package, remove the package and change the keys this account could read."
        date = "2026-11-23"
    strings:
        $spawn = /\b(spawn|exec|execFile)\s?\(\s?["'](\/(usr\/)?bin\/)?((ba|da|z)?sh|cmd(\.exe)?|powershell(\.exe)?)["']/
        $socket = /\bnew\s{1,4}([a-z_]{1,16}|require\s?\(\s?["'](node:)?net["']\s?\))\.Socket\s?\(|\bnet\.(connect|createConnection)\s?\(/
        $in = /\.pipe\s?\(\s?[a-z_]{1,16}\.stdin\s?\)/
        $out = /\.stdout\.pipe\s?\(\s?[a-z_]{1,16}\s?\)/
    condition:
        filesize < 200KB and all of them
}

rule ReverseShell_Socat_Exec : reverse_shell shell
{
    meta:
        description = "socat told to tie a shell to an outgoing connection"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1059/004/"
        remedy = "Find out what starts it and end the connection; treat the account it ran as as taken over."
        date = "2026-11-23"
    strings:
        $before = /\bsocat\s[^\r\n;|]{0,80}\b(exec|system):\s?['"\\]{0,2}(\/(usr\/)?bin\/)?(ba|da|z|k)?sh\b[^\r\n;|]{0,120}\s(tcp[46]?|tcp[46]?-connect|openssl(-connect)?|udp[46]?|udp[46]?-connect):[^\s,]{1,253}:/ nocase
        $after = /\bsocat\s[^\r\n;|]{0,80}\b(tcp[46]?|tcp[46]?-connect|openssl(-connect)?|udp[46]?|udp[46]?-connect):[^\s,]{1,253}:[^\r\n;|]{1,80}\s(exec|system):\s?['"\\]{0,2}(\/(usr\/)?bin\/)?(ba|da|z|k)?sh\b/ nocase
    condition:
        filesize < 10MB and any of them
}

rule ReverseShell_PowerShell_TCPClient : reverse_shell powershell
{
    meta:
        description = "PowerShell code that connects out, runs what it receives and sends back the output"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1059/001/"
        remedy = "Find out what starts it and end the connection; treat the account it ran as as taken over."
        date = "2026-11-23"
    strings:
        $client = /\bNet\.Sockets\.TCPClient\b/ nocase
        $stream = /\.GetStream\s?\(\s?\)/ nocase
        $run = /[\s(=;&|{](iex|Invoke-Expression)[\s(]{1,4}[$"'(]/ nocase
        $write = /\.Write\s?\([^\r\n)]{1,60}(\.Length|\))/ nocase
    condition:
        filesize < 500KB and all of them
}

rule ReverseShell_Shellcode_Linux_X64 : reverse_shell shellcode
{
    meta:
        description = "Machine code for 64-bit Linux that opens a TCP connection and starts a shell on it"
        severity = "high"
        remedy = "If this is not a file of a security course or tool, find out which program reads it and treat the machine as taken over."
        date = "2026-11-23"
    strings:
        // socket(AF_INET, SOCK_STREAM, 0); connect(): address and port are the six jumped bytes
        $connect = { 6A 29 58 99 6A 02 5F 6A 01 5E 0F 05 48 97 48 B9 02 00 [6] 51 48 89 E6 6A 10 5A 6A 2A 58 0F 05 }
        // dup2() in a loop
        $duplicate = { 6A 03 5E 48 FF CE 6A 21 58 0F 05 75 F6 }
    condition:
        filesize < 20MB and all of them
}
