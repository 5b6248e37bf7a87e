// Packages and build systems: code that runs when a package is installed or a job is built.

rule PackageHook_Script_Downloader : package npm composer
{
    meta:
        description = "Package whose install script fetches something from the internet and runs it at once"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1195/002/"
        remedy = "Do not install it. If it was installed, change every key and token that account could read."
        date = "2026-11-23"
    strings:
        $pipe = /"(pre-?|post-?)?(install|prepare|uninstall|update)(-cmd)?"\s{0,4}:\s{0,4}\[?\s{0,8}"([^\r\n"]|\\"){0,80}\b(curl|wget|iwr|invoke-webrequest|fetch)\s([^\r\n|"]|\\"){1,160}\|\s{0,4}(sudo\s{1,4})?((ba|z|da)?sh|node|python3?|perl|iex|php)\b/ nocase
        $run = /"(pre-?|post-?)?(install|prepare|uninstall|update)(-cmd)?"\s{0,4}:\s{0,4}\[?\s{0,8}"([^\r\n"]|\\"){0,80}\b(curl|wget)\s([^\r\n;&"]|\\"){1,160}(;|&&)\s{0,4}(chmod\s[^\r\n;&]{1,80}(;|&&)\s{0,4})?((ba|z)?sh|node|python3?|\.\/|\/tmp\/)[^\r\n]{0,80}/ nocase
        $powershell = /"(pre|post)?(install|prepare|uninstall)"\s{0,4}:\s{0,4}"[^\r\n]{0,80}\bpowershell(\.exe)?\s[^\r\n]{0,200}(-e(nc|ncodedcommand)?\s|DownloadString|DownloadFile|\biex\b)/ nocase
        $inline = /"(pre|post)?(install|prepare|uninstall)"\s{0,4}:\s{0,4}"[^\r\n]{0,40}\bnode\s{1,4}(-e|--eval)\s[^\r\n]{0,400}(child_process|eval\s?\(|Buffer\.from\s?\(|https?\.get\s?\()/
    condition:
        filesize < 1MB and any of them
}

rule PackageHook_Script_Environment : package npm
{
    meta:
        description = "Package whose install script sends environment variables, tokens or key files away"
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1195/002/"
        remedy = "Do not install it. If it was installed, change every key and token that was in the environment or in the home directory."
        date = "2026-11-23"
    strings:
        $hook = /"(pre|post)?(install|prepare)"\s{0,4}:\s{0,4}"[^\r\n]{0,120}(\b(env|printenv|set)\s{0,4}\||\$\((env|printenv|whoami|hostname|id)\b|`(env|printenv|whoami|hostname|id)`|\.npmrc|\.ssh\/|\.aws\/|NPM_TOKEN|\/etc\/passwd)[^\r\n]{0,160}\b(curl|wget|nc|nslookup|dig)\b/
        $reversed = /"(pre|post)?(install|prepare)"\s{0,4}:\s{0,4}"[^\r\n]{0,40}\b(curl|wget|nslookup|dig)\s[^\r\n]{0,80}(\$\((env|printenv|whoami|hostname|id)\b|`(env|printenv|whoami|hostname|id)`|\.npmrc|\.ssh\/|\.aws\/|NPM_TOKEN|\/etc\/passwd)/
    condition:
        filesize < 1MB and any of them
}

rule PackageHook_JavaScript_Environment : package javascript stealer
{
    meta:
        description = "JavaScript that sends the whole environment (where build keys are kept) to a collecting service"
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1195/001/"
        remedy = "Remove the package and change every key and token that was in the environment of the build."
        date = "2026-11-23"
    strings:
        $environment = /\b(JSON\.stringify|Buffer\.from|encodeURIComponent|btoa|querystring\.stringify)\s?\(\s?(JSON\.stringify\s?\(\s?)?(\{\s{0,8}[^\r\n}]{0,80}|\{\s{0,8}\.\.\.)?process\.env\s?[,)}]/
        $collector = /\b(discord(app)?\.com\/api\/webhooks\/[0-9]|hooks\.slack\.com\/services\/T|api\.telegram\.org\/bot|webhook\.site\/[0-9a-f]|[a-z0-9]{8,64}\.(oast\.(fun|live|me|online|pro|site)|oastify\.com|burpcollaborator\.net|interact\.sh|pipedream\.net|requestbin\.net|ngrok\.io|ngrok-free\.app|dnslog\.cn)\b)/
    condition:
        filesize < 5MB and all of them
}

rule PackageHook_JavaScript_Beacon : package javascript
{
    meta:
        description = "JavaScript that reports host, user and directory names to a collecting service, as packages that abuse a private name do"
        severity = "high"
        reference = "https://attack.mitre.org/techniques/T1195/001/"
        remedy = "Remove the package, and pin the registry from which packages of that name may come."
        date = "2026-11-23"
    strings:
        $host = /\bos\.hostname\s?\(\s?\)/
        $user = /\bos\.(userInfo|homedir|networkInterfaces)\s?\(\s?\)|\bdns\.getServers\s?\(\s?\)/
        $send = /\b(https?\.request|https?\.get|fetch|axios\.post|dns\.(lookup|resolve))\s?\(/
        $collector = /\b(discord(app)?\.com\/api\/webhooks\/[0-9]|webhook\.site\/[0-9a-f]|[a-z0-9]{8,64}\.(oast\.(fun|live|me|online|pro|site)|oastify\.com|burpcollaborator\.net|interact\.sh|pipedream\.net|requestbin\.net|ngrok\.io|ngrok-free\.app|dnslog\.cn)\b)/
    condition:
        filesize < 1MB and all of them
}

rule PackageHook_Npm_Shai_Hulud : package npm worm
{
    meta:
        description = "npm package changed by the Shai-Hulud worm, which steals keys and spreads through its victims' packages"
        severity = "critical"
        family = "Shai-Hulud"
        reference = "https://attack.mitre.org/techniques/T1195/002/"
        remedy = "Remove the package and its cache, change all npm, GitHub and cloud tokens, and look for new repositories and workflows in your accounts."
        date = "2026-11-23"
    strings:
        $hook = /"preinstall"\s{0,4}:\s{0,4}"node\s{1,4}setup_bun\.[j]s"/
        $description = /["'`]Sha1-Hulud: The (Second|Third) [C]oming/
        $collector = /webhook\.site\/bb8ca5f6-4175-45d2-b042-[f]c9ebb8170b7/
    condition:
        filesize < 50MB and any of them
}

rule PackageHook_Python_Setup_Exec : package python
{
    meta:
        description = "Python package whose installation runs hidden or downloaded code"
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1195/002/"
        remedy = "Do not install it. If it was installed, change every key and token that account could read."
        date = "2026-11-23"
    strings:
        $setup = /\b(from|import)\s{1,4}(setuptools|distutils)\b/
        $hidden = /\b(exec|eval)\s?\(\s?(compile\s?\(\s?)?(__import__\s?\(\s?["'](base64|zlib|marshal|codecs)["']\s?\)\.|base64\.|zlib\.|marshal\.|codecs\.)?(b64decode|b32decode|b85decode|decompress|loads|decode|unhexlify)\s?\(/
        $fernet = /\bexec\s?\(\s?Fernet\s?\(\s?b?["'][A-Za-z0-9_=-]{40,48}["']\s?\)\.decrypt\s?\(/
        $fetched = /\bexec\s?\(\s?(compile\s?\(\s?)?((urllib\.)?request\.|requests\.)?(urlopen|get)\s?\(/
        $command = /\b(os\.(system|popen)|subprocess\.(run|call|Popen|check_output|check_call|getoutput))\s?\(\s?\[?\s?[frb]{0,2}["'][^\r\n]{0,40}\b(curl|wget|powershell)\b[^\r\n]{1,300}(\|\s?(ba)?sh\b|-e(nc|ncodedcommand)?\s|DownloadString|DownloadFile|Start-Process|;\s?(ba)?sh\s|\.exe\b)/ nocase
    condition:
        filesize < 200KB and $setup and any of ($hidden, $fernet, $fetched, $command)
}

rule PackageHook_Python_Environment : package python stealer
{
    meta:
        description = "Python that sends the whole environment (where build keys are kept) to a collecting service"
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1195/001/"
        remedy = "Remove the package and change every key and token that was in the environment of the build."
        date = "2026-11-23"
    strings:
        $environment = /\b(json\.dumps|dict|str|repr|urlencode)\s?\(\s?(dict\s?\(\s?)?os\.environ(\.copy\s?\(\s?\))?\s?[,)]/
        $send = /\b(requests\.(post|get|put)|urlopen|httpx\.(post|get)|HTTPS?Connection)\s?\(/
        $collector = /\b(discord(app)?\.com\/api\/webhooks\/[0-9]|hooks\.slack\.com\/services\/T|api\.telegram\.org\/bot|webhook\.site\/[0-9a-f]|[a-z0-9]{8,64}\.(oast\.(fun|live|me|online|pro|site)|oastify\.com|burpcollaborator\.net|interact\.sh|pipedream\.net|requestbin\.net|ngrok\.io|ngrok-free\.app|dnslog\.cn)\b)/
    condition:
        filesize < 1MB and all of them
}

rule PackageHook_Python_Path_File : package python persistence
{
    meta:
        description = "Python path file (.pth) with hidden code, which runs at every start of Python"
        severity = "critical"
        remedy = "Delete the file from site-packages, find the package that brought it, and change every key and token that account could read."
        date = "2026-11-23"
    strings:
        $line = /import\s{1,4}[^\r\n;]{1,80};[^\r\n]{0,300}\b(exec|eval|system|Popen|run)\s?\([^\r\n]{0,300}\b(b64decode|decompress|unhexlify|urlopen|loads)\s?\(/
    condition:
        filesize < 100KB and $line at 0
}

rule PackageHook_Workflow_Secrets : package ci stealer
{
    meta:
        description = "Build job that sends all its secrets away"
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1195/002/"
        remedy = "Delete the job, find the commit that brought it, and change every secret the repository and its organisation hold."
        date = "2026-11-23"
    strings:
        $secrets = /\$\{\{\s{0,4}toJSON\s?\(\s?secrets\s?\)\s{0,4}\}\}/ nocase
        $send = /\b(curl|wget)\b[^\r\n]{0,120}\s(-d|-F|-T|--data(-raw|-binary|-urlencode)?|--form|--upload-file|--post-data|--post-file)\b/
    condition:
        filesize < 200KB and all of them
}

rule Backdoor_XZ_Library : backdoor elf
{
    meta:
        description = "The back door of xz 5.6.0 and 5.6.1 in the liblzma library"
        severity = "critical"
        family = "XZ back door"
        reference = "https://nvd.nist.gov/vuln/detail/CVE-2024-3094"
        remedy = "Install another version of xz (liblzma) at once. If the machine's SSH service was open to the internet, set the machine up anew."
        date = "2026-11-23"
    strings:
        $code = { F3 0F 1E FA 55 48 89 F5 4C 89 CE 53 89 FB 81 E7 00 00 00 80 48 83 EC 28 48 89 54 24 18 48 89 4C 24 10 }
    condition:
        // a program, a library or object file, or a static library
        (uint32be(0) == 0x7F454C46 or uint32be(0) == 0x213C6172) and filesize < 20MB and $code
}

rule Backdoor_XZ_Build_Macro : backdoor source
{
    meta:
        description = "The build macro that put the back door into xz 5.6.0 and 5.6.1"
        severity = "critical"
        family = "XZ back door"
        reference = "https://nvd.nist.gov/vuln/detail/CVE-2024-3094"
        remedy = "Do not build from this source; take another version of xz."
        date = "2026-11-23"
    strings:
        $search = /grep\s-aErls\s"#\{4\}\[\[:alnum:\]\]\{5\}#\{4\}\$"/
    condition:
        filesize < 5MB and $search
}
