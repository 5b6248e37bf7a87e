// Miners of cryptocurrency, and what is used to plant them. Many miners are ordinary programs used
// without leave, so these rules say what was found and leave it to a person to say who wanted it.

rule Miner_Monero_Config : miner
{
    meta:
        description = "Settings of a Monero miner (xmrig or a relative) with a wallet to pay to"
        severity = "medium"
        family = "XMRig"
        reference = "https://attack.mitre.org/techniques/T1496/"
        remedy = "If nobody here set up a miner, find the process and what starts it (cron, systemd, a container) and how it came in."
        date = "2026-11-23"
    strings:
        $pools = /"pools"\s{0,8}:\s{0,8}\[/
        $donate = /"donate-level"\s{0,8}:\s{0,8}[0-9]/
        $wallet = /"user"\s{0,8}:\s{0,8}"[48][1-9A-HJ-NP-Za-km-z]{94}/
    condition:
        filesize < 100KB and all of them
}

rule Miner_Monero_Command : miner
{
    meta:
        description = "Command that starts a Monero miner with the address of a pool and a wallet to pay to"
        severity = "medium"
        family = "XMRig"
        reference = "https://attack.mitre.org/techniques/T1496/"
        remedy = "If nobody here set up a miner, find the process and what starts it (cron, systemd, a container) and how it came in."
        date = "2026-11-23"
    strings:
        $pool = /(stratum\+(tcp|ssl|tls):\/\/|\b(supportxmr\.com|hashvault\.pro|c3pool\.(com|org)|moneroocean\.stream|nanopool\.org|2miners\.com|herominers\.com|unmineable\.com|minexmr\.com)[:\/])[^\r\n]{0,200}[\s=:"'][48][1-9A-HJ-NP-Za-km-z]{94}\b/
    condition:
        filesize < 5MB and $pool
}

rule Miner_Cron_Entry : miner persistence
{
    meta:
        description = "Schedule (crontab) entry that starts a cryptocurrency miner"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1053/003/"
        remedy = "Delete the entry, stop the process, and find out how it came in: such entries are planted after a break-in."
        date = "2026-11-23"
    strings:
        $entry = /(@(reboot|hourly|daily|weekly)|[*0-9][*0-9\/,-]{0,10}(\s{1,4}[*0-9][*0-9\/,-]{0,10}){4})\s{1,4}[^\r\n#]{1,200}(\/xmrig\b|\/xmr-stak|stratum\+(tcp|ssl):|\/kdevtmpfsi\b|\/kinsing\b|\/minerd\b)/
    condition:
        filesize < 1MB and $entry
}

rule Miner_Rival_Killer : miner script
{
    meta:
        description = "Script that stops several well-known miners: how one intruder makes room for his own"
        severity = "high"
        remedy = "Find out what fetched the script and how it came in; look for the miner it starts."
        date = "2026-11-23"
    strings:
        $kill = /\b(pkill|killall)\s{1,4}(-(9|f|KILL|SIGKILL)\s{1,4}){0,3}["']?[.\/a-z]{0,20}(xmrig|xmr-stak|minerd|kdevtmpfsi|kinsing|cryptonight|stratum|ddgs|kthreaddi|sysupdate|networkservice|watchbog|monerohash|donate)/
        $grep = /\bgrep\s{1,4}(-[a-zA-Z]{1,4}\s{1,4}){0,3}["']?[.\/a-z]{0,20}(xmrig|xmr-stak|minerd|kdevtmpfsi|kinsing|cryptonight|stratum|ddgs|kthreaddi|watchbog|monerohash)[^\r\n]{0,160}\bkill\s{1,4}-9\b/
    condition:
        filesize < 500KB and #kill + #grep >= 4
}

rule Miner_Program : miner elf pe
{
    meta:
        description = "Program that mines Monero (xmrig or a relative)"
        severity = "medium"
        family = "XMRig"
        reference = "https://attack.mitre.org/techniques/T1496/"
        remedy = "If nobody here installed a miner, find what starts it and how it came in."
        date = "2026-11-23"
    strings:
        $pool = /\bdonate\.(v2\.|ssl\.)?xmrig\.com\b/
        $protocol = /\bstratum\+(tcp|ssl):/
        $algorithm = /\b(randomx|cn\/r|rx\/0|cryptonight)\b/
    condition:
        (uint32be(0) == 0x7F454C46 or uint16be(0) == 0x4D5A) and filesize < 100MB and all of them
}

rule Miner_Browser_Script : miner javascript
{
    meta:
        description = "Web page or script that mines cryptocurrency in the visitor's browser"
        severity = "medium"
        remedy = "Remove the script from the page. If the site's owner did not put it there, the site was broken into."
        date = "2026-11-23"
    strings:
        $new = /\bnew\s{1,4}(Coin[H]ive|CoinImp|CryptoLoot|CRLT|Client)\.(Anonymous|User|Token)\s?\(\s?["'][A-Za-z0-9]{24,64}["']/
        $start = /\.start\s?\(/
    condition:
        filesize < 5MB and all of them
}
