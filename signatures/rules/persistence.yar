// What intruders leave on a Linux machine to come back, to hide, or to become root again.

rule Persistence_Preload_Writer : persistence linux
{
    meta:
        description = "Command that makes every program load a library from a temporary or hidden place (ld.so.preload)"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1574/006/"
        remedy = "Look into /etc/ld.so.preload with a statically linked program (busybox): the library may hide itself from others."
        date = "2026-11-23"
    strings:
        $write = /\b(echo|printf)\s{1,4}(-[ne]{1,2}\s{1,4})?["']?[^\r\n|;&>]{0,120}(\/tmp\/|\/var\/tmp\/|\/dev\/shm\/|\/\.[a-z0-9_]|\/usr\/local\/lib\/)[^\r\n|;&>]{0,120}\.so[^\r\n|;&>]{0,40}(>{1,2}|\|\s{0,4}(sudo\s{1,4})?tee\s{1,4}(-a\s{1,4})?)\s{0,4}["']?\/etc\/ld\.so\.preload/
    condition:
        filesize < 5MB and $write
}

rule Persistence_SSH_Key_Planter : persistence linux
{
    meta:
        description = "Script that adds an SSH key to an account and does what intruders do besides: locks the file, hides traces or fetches programs"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1098/004/"
        remedy = "Look into every authorized_keys file (lsattr shows locked ones), remove unknown keys, and find out how the script came in."
        date = "2026-11-23"
    strings:
        $key = /\b(echo|printf)\s{1,4}(-[ne]{1,2}\s{1,4})?["'\\n]{0,4}ssh-(rsa|ed25519|dss)\s{1,4}AAAA[^\r\n]{20,1200}>{1,2}\s{0,4}["']?[^\s"']{0,80}\/?\.ssh\/authorized_keys/
        $fetch = /\b(curl|wget)\s[^\r\n;|&]{1,250}>{1,2}\s{0,4}["']?[^\s"']{0,80}\/\.ssh\/authorized_keys/
        $lock = /\bchattr\s{1,4}(-R\s{1,4})?[+-][aiu]{1,3}\s[^\r\n]{0,80}(\.ssh|authorized_keys|\/etc\/|cron)/
        $traces = /\b(history\s{1,4}-c\b|unset\s{1,4}HISTFILE\b|export\s{1,4}HISTFILE=\/dev\/null|HISTSIZE=0\b|(rm\s{1,4}-r?f\s{1,4}|>\s?)\/var\/log\/(wtmp|btmp|lastlog|secure|auth\.log))/
        $program = /\|\s{0,4}(ba|da)?sh\s{0,4}(>\s{0,4}\/dev\/null|&|[\r\n;])|\bcrontab\s{1,4}-r\b|\bchmod\s{1,4}(\+x|[0-7]?7[0-7]{2})\s{1,4}\/(tmp|var\/tmp|dev\/shm)\//
    condition:
        filesize < 500KB and any of ($key, $fetch) and any of ($lock, $traces, $program)
}

rule Persistence_Cron_Downloader : persistence cron
{
    meta:
        description = "Schedule (crontab) entry that keeps fetching a script from the internet and running it"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1053/003/"
        remedy = "Delete the entry (look in /etc/cron*, /var/spool/cron and systemd timers), and find out how it came in."
        date = "2026-11-23"
    strings:
        $entry = /(@(reboot|hourly|daily|weekly)|[*0-9][*0-9\/,-]{0,10}([ \t]{1,4}[*0-9][*0-9\/,-]{0,10}){4})[ \t]{1,4}[^\r\n#]{0,80}\b(curl|wget|lwp-download|python[0-9.]{0,4}\s-c)\s[^\r\n|]{1,250}\|\s{0,4}([\/a-z]{0,12}\/)?(ba|da|z)?sh\b/
    condition:
        filesize < 1MB and $entry
}

rule Persistence_Hidden_Program : persistence cron systemd
{
    meta:
        description = "Schedule or service entry that starts a hidden program from a directory anybody can write to"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1053/003/"
        remedy = "Keep a copy of the program for whoever investigates, delete the entry and the program, and find out how it came in."
        date = "2026-11-23"
    strings:
        $cron = /(@(reboot|hourly|daily|weekly)|[*0-9][*0-9\/,-]{0,10}([ \t]{1,4}[*0-9][*0-9\/,-]{0,10}){4})[ \t]{1,4}[^\r\n#]{0,60}(\/tmp|\/var\/tmp|\/dev\/shm|\/var\/run)\/([^\s\/]{1,40}\/){0,4}\.[^\s.\/][^\s]{0,60}/
        $unit = /\bExecStart(Pre|Post)?\s?=\s?[-@:+!]{0,2}[^\r\n]{0,40}(\/tmp|\/var\/tmp|\/dev\/shm)\/([^\s\/]{1,40}\/){0,4}\.[^\s.\/][^\s]{0,60}/
    condition:
        filesize < 1MB and any of them
}

rule Persistence_Systemd_Downloader : persistence systemd
{
    meta:
        description = "Service of systemd that fetches a script from the internet and runs it"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1543/002/"
        remedy = "Stop and remove the service, and find out how it came in."
        date = "2026-11-23"
    strings:
        $unit = /\bExecStart(Pre|Post)?\s?=[^\r\n]{0,80}\b(curl|wget)\s[^\r\n|]{1,250}(\|\s{0,4}([\/a-z]{0,12}\/)?(ba|da|z)?sh\b|(;|&&)\s{0,4}chmod\s[^\r\n]{1,200}(;|&&))/
        $shell = /\bExecStart\s?=[^\r\n]{0,80}\/dev\/(tcp|udp)\/[^\s\/]{1,253}\//
    condition:
        filesize < 100KB and any of them
}

rule Persistence_SUID_Shell : persistence linux
{
    meta:
        description = "Command that makes a copy of a shell which runs as root for anybody"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1548/001/"
        remedy = "Look for set-user-id programs (find / -xdev -perm -4000) that no package owns, and find out who became root."
        date = "2026-11-23"
    strings:
        $copy = /\bcp\s{1,4}(-[a-z]{1,4}\s{1,4})?(\/usr)?\/bin\/(ba|da|z|k)?sh\s{1,4}[^\s;&|]{1,100}\s{0,4}(;|&&)[^\r\n]{0,80}\bchmod\s{1,4}([0-7]?[4-7][0-7]{3}|[ugoa,rwx=]{0,8}[+=][rwx]{0,3}s)/
        $direct = /\bchmod\s{1,4}(0?[46][0-7]{3}|[uga]{0,2}\+s)\s{1,4}(\/usr)?\/bin\/(ba|da|z|k)?sh\b/
    condition:
        filesize < 5MB and any of them
}

rule Rootkit_Preload_Library : rootkit elf
{
    meta:
        description = "Library that hides files, processes or connections from every program (a preload rootkit)"
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1014/"
        remedy = "Start the machine from another medium to look at it; the running system cannot be believed."
        date = "2026-11-23"
    strings:
        $preload = /\/etc\/ld\.so\.preload/
        $list = /\breaddir(64)?\b/
        $next = /\bdlsym\b/
        $sockets = /\/proc\/net\/tcp6?\b/
        $login = /\b(pam_authenticate|pam_acct_mgmt|pam_vprompt|getpwnam|accept)\b/
        $stat = /\b_{0,2}[lf]?x?stat(64)?\b/
        $self = /\/proc\/(self|%s|%d)\/(fd\/%d|cmdline|environ|stat)\b/
    condition:
        uint32be(0) == 0x7F454C46 and uint16(16) == 3 and filesize < 2MB and
        $preload and $list and $next and $sockets and $stat and any of ($login, $self)
}

rule Rootkit_Process_Hider : rootkit elf
{
    meta:
        description = "Library that hides one process from ps and top, often a miner (libprocesshider)"
        severity = "high"
        family = "libprocesshider"
        reference = "https://attack.mitre.org/techniques/T1014/"
        remedy = "Remove it from /etc/ld.so.preload, then look again for processes that use much of the processor."
        date = "2026-11-23"
    strings:
        $descriptor = /\/proc\/self\/fd\/%d/
        $stat = /\/proc\/%s\/stat\b/
        $scan = /%d \(%\[\^\)\]s/
        $error = /\bError in dlsym/
        $list = /\breaddir(64)?\b/
    condition:
        uint32be(0) == 0x7F454C46 and uint16(16) == 3 and filesize < 1MB and
        $list and 3 of ($descriptor, $stat, $scan, $error)
}

rule Rootkit_Kernel_Module : rootkit elf
{
    meta:
        description = "Kernel module of a known rootkit (Diamorphine, Reptile)"
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1014/"
        remedy = "Start the machine from another medium to look at it; the running system cannot be believed. Set it up anew."
        date = "2026-11-23"
    strings:
        $diamorphine = /\bdiamorphine_(init|cleanup|secret)|\bhacked_(getdents(64)?|kill)\b/
        $reptile = /\breptile_(start|init|exit)\b|\bkhook_(init|cleanup)\b/
        $hide = /\b(module_hide|give_root|is_invisible|hide_module|is_proc_invisible|is_proc_invisible_2|get_root)\b/
    condition:
        uint32be(0) == 0x7F454C46 and uint16(16) == 1 and filesize < 5MB and
        any of ($diamorphine, $reptile) and $hide
}

rule Botnet_Device_Program : botnet elf
{
    meta:
        description = "Program of a botnet of routers and cameras (Mirai, Gafgyt)"
        severity = "critical"
        family = "Mirai or Gafgyt"
        remedy = "On a device: restart it, change its passwords, update its firmware, and close telnet and its web interface to the internet."
        date = "2026-11-23"
    strings:
        // Mirai keeps its texts under a one-byte key.
        $watchdog = "/dev/misc/watchdog" xor(1-255)
        $busybox = "/bin/busybox " xor(1-255)
        $applet = "applet not found" xor(1-255)
        $gafgyt_a = /\b(UDP|TCP|HTTP|JUNK|HOLD|STD|VSE|ACK|SYN) Flooding %s\b/
        $gafgyt_b = /\b(LOLNOGTFO|GETLOCALIP|SCANNER ON \| OFF|KILLATTK|BOTKILL)\b/
    condition:
        uint32be(0) == 0x7F454C46 and filesize < 2MB and
        (2 of ($watchdog, $busybox, $applet) or ($gafgyt_a and $gafgyt_b))
}

rule Packed_ELF_UPX : packed elf
{
    meta:
        description = "Program packed with UPX: its contents cannot be seen. Some honest programs are packed too"
        severity = "info"
        reference = "https://attack.mitre.org/techniques/T1027/002/"
        remedy = "If you know where it comes from, nothing. Otherwise unpack it (upx -d) and scan the result."
        date = "2026-11-23"
    strings:
        $magic = { 55 50 58 21 }
    condition:
        // The loader header stands right behind the program headers.
        uint32be(0) == 0x7F454C46 and $magic in (52..1024)
}
