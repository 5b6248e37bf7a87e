// Ransom notes. What a victim finds first is the note, and for some families files can be had back
// for nothing, so each rule says where to look. Words are written with an escape or a class here
// and there, so that these sources do not match themselves.
//
// "Listed at No More Ransom" means that the project's list of free tools has the family.

rule Ransom_Note_Generic : ransomware note
{
    meta:
        description = "Text that demands payment for encrypted files"
        severity = "high"
        reference = "https://www.nomoreransom.org/"
        remedy = "Do not pay yet. Disconnect the machine, keep the note and some encrypted files, and ask Crypto Sheriff at nomoreransom.org which family it is and whether a free tool exists."
        date = "2026-11-23"
    strings:
        $encrypted = /\b(your|all|company|important)\s{1,4}([a-z,]{1,16}\s{1,4}){0,8}(files|documents|data|network|servers?|databases?|backups|systems?)\s{1,4}([a-z,]{1,16}\s{1,4}){0,8}(have\sbeen|has\sbeen|were|was|are|is)\s{1,4}([a-z]{1,16}\s{1,4}){0,3}(encrypted|locked)\b/ ascii wide nocase
        $pay = /\b(bitcoins?|btc|monero|xmr)\b/ ascii wide nocase
        $price = /\b(pay(ment)?|price|buy|purchase|ransom|amount)\b/ ascii wide nocase
        $onion = /\b[a-z2-7]{16,56}\.onion\b|\btor\s{1,4}browser\b/ ascii wide nocase
        $mail = /\b[a-z0-9._-]{2,40}@(protonmail\.(com|ch)|proton\.me|tutanota\.(com|de)|tuta\.io|onionmail\.org|cock\.li|airmail\.cc|aol\.com|mailfence\.com|keemail\.me|cyberfear\.com|firemail\.cc)\b/ ascii wide nocase
        $threat_a = /\b(do\s?n[o'\xE2\x80\x99]{0,4}t|never)\s{1,4}(try\s{1,4}to\s{1,4})?(rename|modify|edit|delete|decrypt|recover|use)\s{1,4}([a-z]{1,16}\s{1,4}){0,4}(files?|data|third[\s-]party|software|tools?|yourself)\b/ ascii wide nocase
        $threat_b = /\b(permanent(ly)?\s{1,4}(data\s{1,4})?(los[st]|deleted?|damage)|will\s{1,4}be\s{1,4}(published|leaked|sold|doubled)|irreversibl[ey]|decrypt\s{1,4}(one|1|two|2|three|3|several)\s{1,4}([a-z]{1,12}\s{1,4}){0,2}files?\s{1,4}for\s{1,4}free)\b/ ascii wide nocase
        $decrypt = /\b(decrypt(or|er|ion)?\s{1,4}(key|tool|software|program|code|id)|private\s{1,4}key|personal\s{1,4}(id|key)|unique\s{1,4}(id|key)|decrypt\s{1,4}(all\s{1,4})?(your|the)\s)/ ascii wide nocase
    condition:
        filesize < 64KB and $encrypted and $decrypt and any of ($pay, $price) and
        any of ($onion, $mail) and any of ($threat_*)
}

rule Ransom_Note_GandCrab : ransomware note
{
    meta:
        description = "Ransom note of GandCrab"
        severity = "critical"
        family = "GandCrab"
        reference = "https://www.nomoreransom.org/"
        remedy = "Do not pay: a free decryptor for GandCrab 1, 4 and 5 (Bitdefender) is listed at No More Ransom, nomoreransom.org."
        date = "2026-11-23"
    strings:
        $title = /---=\s{1,4}GAND[C]RAB\s{0,4}(V[0-9]|=)/ ascii wide
        $key = /---BEGIN\sGAND[C]RAB\sKEY---/ ascii wide
    condition:
        filesize < 256KB and any of them
}

rule Ransom_Note_REvil : ransomware note
{
    meta:
        description = "Ransom note of REvil (Sodinokibi)"
        severity = "critical"
        family = "REvil"
        reference = "https://www.nomoreransom.org/"
        remedy = "Do not pay yet: a free decryptor (Bitdefender) for files encrypted before 13 July 2021 is listed at No More Ransom, nomoreransom.org."
        date = "2026-11-23"
    strings:
        $title = /---=== Welcome\. [A]gain\. ===---/ ascii wide
        $what = /\[[+]\]\s{1,4}What'?s\s[H]appen/ ascii wide
        $how = /\[[+]\]\s{1,4}How\sto\sget\s[a]ccess\son\swebsite/ ascii wide
    condition:
        filesize < 256KB and 2 of them
}

rule Ransom_Note_STOP_Djvu : ransomware note
{
    meta:
        description = "Ransom note of STOP (Djvu), which comes with pirated programs"
        severity = "critical"
        family = "STOP/Djvu"
        reference = "https://www.nomoreransom.org/"
        remedy = "Do not pay yet: a free decryptor (Emsisoft) for many of its older variants and for files encrypted with an offline key is listed at No More Ransom, nomoreransom.org."
        date = "2026-11-23"
    strings:
        $worry = /Don't worry,? (my friend, )?you can return all your [f]iles/ ascii wide
        $strongest = /are encrypted with [s]trongest encryption and unique key/ ascii wide
        $price = /Price of [p]rivate key and decrypt software is/ ascii wide
        $look = /Please note that you'll [n]ever restore your data without payment/ ascii wide
    condition:
        filesize < 64KB and 2 of them
}

rule Ransom_Note_Jigsaw : ransomware note
{
    meta:
        description = "Ransom note of Jigsaw, which deletes files every hour"
        severity = "critical"
        family = "Jigsaw"
        reference = "https://www.nomoreransom.org/"
        remedy = "Switch the machine off rather than restart it, and do not pay: free decryptors for Jigsaw are listed at No More Ransom, nomoreransom.org."
        date = "2026-11-23"
    strings:
        $game = /I want to play a [g]ame with you/ ascii wide
        $hour = /Every hour files will be [d]eleted|every hour I select some of them to delete [p]ermanently/ ascii wide
        $computer = /Your computer files have been [e]ncrypted/ ascii wide
    condition:
        filesize < 5MB and 2 of them
}

rule Ransom_Note_Dharma_Phobos : ransomware note
{
    meta:
        description = "Ransom note of Dharma (CrySiS) or Phobos, which come in through remote desktop"
        severity = "critical"
        family = "Dharma or Phobos"
        reference = "https://www.nomoreransom.org/"
        remedy = "Do not pay yet: free decryptors for older variants of CrySiS and Dharma and for Phobos and 8Base are listed at No More Ransom, nomoreransom.org."
        date = "2026-11-23"
    strings:
        $problem = /have been encrypted due to a [s]ecurity problem with your PC/ ascii wide
        $title = /Write this ID in the [t]itle of your message/ ascii wide
        $hours = /In case of no answer in [2]4 hours write us to (this|these) e-?mails?/ ascii wide
        $obtain = /[<>]?How to obtain [B]itcoins/ ascii wide
    condition:
        filesize < 256KB and 2 of them
}

rule Ransom_Note_LockBit : ransomware note
{
    meta:
        description = "Ransom note of LockBit"
        severity = "critical"
        family = "LockBit"
        reference = "https://www.nomoreransom.org/"
        remedy = "Do not pay yet: police hold many of its keys since 2024. The check whether yours is among them is listed under LockBit 3.0 at No More Ransom, nomoreransom.org."
        date = "2026-11-23"
    strings:
        $three = /LockBit [0-9]\.[0-9] the world's [f]astest (and most stable )?ransomware/ ascii wide nocase
        $black = /Your data are [s]tolen and encrypted/ ascii wide
        $lock = /\bLockBit\b/ ascii wide nocase
        $onion = /\blockbit[a-z2-7]{40,56}\.onion\b/ ascii wide
    condition:
        filesize < 256KB and ($three or ($lock and $black and $onion))
}

rule Ransom_Note_Babuk : ransomware note
{
    meta:
        description = "Ransom note of Babuk, which also encrypts Linux servers and virtual machines"
        severity = "critical"
        family = "Babuk"
        reference = "https://www.nomoreransom.org/"
        remedy = "Do not pay yet: a free decryptor (Avast) for several of its variants is listed at No More Ransom, nomoreransom.org."
        date = "2026-11-23"
    strings:
        $hello = /-{8,16}\s\[\sHello!?\s\]\s-{8,16}>/ ascii wide
        $name = /\bB[A]BUK\s{0,2}LOCKER\b/ ascii wide nocase
        $what = /Your computers and servers are [e]ncrypted, backups are deleted/ ascii wide
    condition:
        filesize < 64KB and 2 of them
}

rule Ransom_Note_Akira : ransomware note
{
    meta:
        description = "Ransom note of Akira, which also encrypts Linux servers and virtual machines"
        severity = "critical"
        family = "Akira"
        reference = "https://www.nomoreransom.org/"
        remedy = "Do not pay yet: Avast published a free decryptor for its variants up to June 2023. Later ones have none; ask at nomoreransom.org before you decide."
        date = "2026-11-23"
    strings:
        $friends = /Whatever who you are and what your title is if you're [r]eading this/ ascii wide
        $dead = /internal infrastructure of your company is [f]ully or partially dead/ ascii wide
        $onion = /\bakira[a-z2-7]{40,56}\.onion\b/ ascii wide
    condition:
        filesize < 64KB and any of them
}

rule Ransom_Note_LockerGoga : ransomware note
{
    meta:
        description = "Ransom note of LockerGoga"
        severity = "critical"
        family = "LockerGoga"
        reference = "https://www.nomoreransom.org/"
        remedy = "Do not pay: a free decryptor (Bitdefender) is listed at No More Ransom, nomoreransom.org."
        date = "2026-11-23"
    strings:
        $flaw = /There was a significant [f]law in the security system of your company/ ascii wide
        $rookies = /exploited by serious people and not some [r]ookies/ ascii wide
    condition:
        filesize < 5MB and any of them
}

rule Ransom_Note_Shade : ransomware note
{
    meta:
        description = "Ransom note of Shade (Troldesh)"
        severity = "critical"
        family = "Shade"
        reference = "https://www.nomoreransom.org/"
        remedy = "Do not pay: its makers gave up all keys in 2020, and a free decryptor (Kaspersky) is listed at No More Ransom, nomoreransom.org."
        date = "2026-11-23"
    strings:
        $disks = /All the important files on your (computer|disks) were [e]ncrypted/ ascii wide
        $code = /(To decrypt the files you should [s]end the following code|The details can be found in [R]EADME\.txt files)/ ascii wide
    condition:
        filesize < 64KB and all of them
}

rule Ransom_Note_Avaddon : ransomware note
{
    meta:
        description = "Ransom note of Avaddon"
        severity = "critical"
        family = "Avaddon"
        reference = "https://www.nomoreransom.org/"
        remedy = "Do not pay: its makers gave up all keys in 2021, and a free decryptor (Emsisoft) is listed at No More Ransom, nomoreransom.org."
        date = "2026-11-23"
    strings:
        $name = /(network|PC|computer) has been infected by [<a-z\/>]{0,40}A[v]addon/ ascii wide nocase
        $onion = /\bavaddon[a-z2-7]{9,49}\.onion\b/ ascii wide
    condition:
        filesize < 256KB and any of them
}

rule Ransom_Note_DarkSide : ransomware note
{
    meta:
        description = "Ransom note of DarkSide"
        severity = "critical"
        family = "DarkSide"
        reference = "https://www.nomoreransom.org/"
        remedy = "Do not pay yet: a free decryptor (Bitdefender) for its first variants is listed at No More Ransom, nomoreransom.org."
        date = "2026-11-23"
    strings:
        $welcome = /-{8,16}\s\[\sWelcome to Dark(Side)?\s?\]\s-{8,16}>/ ascii wide
        $onion = /\bdarksid[a-z2-7]{9,49}\.onion\b/ ascii wide
    condition:
        filesize < 64KB and any of them
}

rule Ransom_Note_ESXiArgs : ransomware note linux
{
    meta:
        description = "Ransom note of ESXiArgs, which encrypts virtual machines on VMware ESXi hosts"
        severity = "critical"
        family = "ESXiArgs"
        reference = "https://github.com/cisagov/ESXiArgs-Recover"
        remedy = "Do not pay yet: the recovery script of the US agency CISA rebuilds machines encrypted by its first variant (the one whose note names a wallet)."
        date = "2026-11-23"
    strings:
        $hacked = /We hacked your company [s]uccessfully/ ascii wide
        $stolen = /All files have been [s]tolen and encrypted by us/ ascii wide
    condition:
        filesize < 64KB and all of them
}

rule Ransom_Note_WannaCry : ransomware note worm
{
    meta:
        description = "Ransom note of WannaCry, a worm that spreads by itself among Windows machines"
        severity = "critical"
        family = "WannaCry"
        reference = "https://attack.mitre.org/software/S0366/"
        remedy = "Disconnect the machine at once and install the update MS17-010 on all others. Paying does not help: nobody answers any more."
        date = "2026-11-23"
    strings:
        $oops = /Ooops, your (important )?files (are|have been) [e]ncrypted/ ascii wide
        $question = /What'?s? (wrong with my [f]iles|[H]appened to My Computer)\?/ ascii wide nocase
        $program = /@Wana[D]ecryptor@|\bWana [D]ecrypt0r\b/ ascii wide
    condition:
        filesize < 5MB and 2 of them
}
