// Stealers: programs and scripts that collect passwords, cookies, wallets and keys and send them away.

rule Stealer_Browser_Data : stealer
{
    meta:
        description = "Program or script that takes saved passwords and cookies out of browsers and sends them to a chat service"
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1555/003/"
        remedy = "If it has run: from another machine, sign out everywhere and change the passwords saved in the browser."
        date = "2026-11-23"
    strings:
        $logins = /\bLogin Data\b/ ascii wide
        $profile = /(User Data[\\\/"']|\bBrave-?Software\b|\bOpera Software\b|\/\.config\/google-chrome|\.mozilla\/firefox|\bLocal State\b|\blogins\.json\b)/ ascii wide
        $cookies = /(\bcookies\.sqlite\b|\bCookies\b|\bencrypted_key\b|\bencrypted_value\b)/ ascii wide
        $send = /(discord(app)?\.com\/api\/webhooks\/[0-9]|api\.telegram\.org\/bot[0-9{"'$+%]|\bapi\.gofile\.io\b|\bsendDocument\?chat_id=)/ ascii wide
    condition:
        filesize < 100MB and all of them
}

rule Stealer_Discord_Token : stealer
{
    meta:
        description = "Script that collects sign-in tokens of Discord and sends them away"
        severity = "high"
        remedy = "If it has run: change the Discord password from another machine, which ends all sessions."
        date = "2026-11-23"
    strings:
        $place = /(\bdiscord(canary|ptb)?\b[^\r\n]{0,40}|\\)Local Storage[\\\/"', +]{1,8}leveldb/ nocase
        $token = /\[\\w-\]\{2[46]\}\\\.\[\\w-\]\{6\}|mfa\\\.\[\\w-\]\{84\}|dQw4w9WgXcQ:/
        $send = /(discord(app)?\.com\/api\/(v[0-9]{1,2}\/)?webhooks\/|api\.telegram\.org\/bot)/
    condition:
        filesize < 20MB and all of them
}

rule Stealer_Crypto_Wallet : stealer
{
    meta:
        description = "Program or script that collects several kinds of cryptocurrency wallets and sends them away"
        severity = "critical"
        remedy = "If it has run: from another machine, move everything to wallets made anew; the old recovery words are known to others."
        date = "2026-11-23"
    strings:
        $exodus = /[\\\/"']Exodus[\\\/"', ]{1,6}exodus\.wallet/ ascii wide
        $electrum = /[\\\/"']\.?Electrum[\\\/"', ]{1,6}wallets/ ascii wide
        $atomic = /[\\\/"']atomic[\\\/"', ]{1,6}Local Storage/ ascii wide
        $core = /\bwallet\.dat\b/ ascii wide
        // the browser extension MetaMask
        $metamask = /nkbihfbeogaeaoehlef[n]kodbefgpgknn/ ascii wide
        $solana = /\/\.config\/solana\/id\.json/ ascii wide
        $send = /(discord(app)?\.com\/api\/(v[0-9]{1,2}\/)?webhooks\/|api\.telegram\.org\/bot|\bapi\.gofile\.io\b|\bsendDocument\?chat_id=|\btransfer\.sh\/)/ ascii wide
    condition:
        filesize < 100MB and $send and 2 of ($exodus, $electrum, $atomic, $core, $metamask, $solana)
}

rule Stealer_Key_Upload : stealer script
{
    meta:
        description = "Command that sends private keys, cloud credentials or password hashes to another machine"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1552/"
        remedy = "If it has run: replace the keys and credentials it names, wherever they are accepted."
        date = "2026-11-23"
    strings:
        $curl = /\bcurl\b[^\r\n|;]{0,160}\s(-F|-d|-T|--form|--data(-binary|-raw|-urlencode)?|--upload-file)[\s=]{1,4}[^\r\n|;@\/~]{0,20}[@\/~][^\r\n|;]{0,60}(\.ssh\/id_(rsa|ed25519|ecdsa|dsa)\b|\.aws\/credentials|\/etc\/shadow\b|\.kube\/config\b|\.docker\/config\.json|\.git-credentials|gcloud\/credentials\.db|\.gnupg\/)/
        $pipe = /\b(cat|tar|zip|base64)\s[^\r\n;]{0,200}(\.ssh\/id_(rsa|ed25519|ecdsa|dsa)\b|\.aws\/credentials|\/etc\/shadow\b|\.kube\/config\b|\.docker\/config\.json|\.git-credentials|gcloud\/credentials\.db|\.gnupg\/)[^\r\n;]{0,120}\|\s{0,4}(base64[^|\r\n]{0,20}\|\s{0,4})?(nc|ncat|netcat|curl|telnet)\s/
    condition:
        filesize < 5MB and any of them
}

rule Stealer_Cloud_Credentials : stealer script
{
    meta:
        description = "Script that asks the cloud for the machine's own credentials and sends them away"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1552/005/"
        remedy = "Withdraw the credentials of the machine's role, and allow only version 2 of the metadata service."
        date = "2026-11-23"
    strings:
        $metadata = /169\.254\.169\.254\/(latest\/meta-data\/iam\/security-credentials|computeMetadata\/v1\/instance\/service-accounts|metadata\/identity\/oauth2\/token)|metadata\.google\.internal\/computeMetadata\/v1\/instance\/service-accounts/
        $files = /\.aws\/credentials|\.config\/gcloud|\.azure\/|\.docker\/config\.json|\.kube\/config|\.git-credentials/
        $send = /\bcurl\b[^\r\n]{0,120}\s(-F|-T|--form|--upload-file|--data-binary)[\s=]{1,4}["']?[^\r\n@]{0,20}@/
    condition:
        filesize < 500KB and all of them
}
