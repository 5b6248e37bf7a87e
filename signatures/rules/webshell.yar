// Web shells: scripts that let whoever knows their address run code on a web server.
// Strings are regular expressions with escapes, so that these sources do not match themselves.

rule WebShell_PHP_Eval_Request : webshell php
{
    meta:
        description = "PHP that evaluates code sent by a visitor: a back door into the web site"
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        remedy = "Take the file out of the web root, look in the access log for who called it, and restore the site from a clean copy."
        date = "2026-11-23"
    strings:
        $request = /\b(eval|assert)\s{0,4}\([\s(@]{0,6}(([a-z0-9_]{1,12}_decode|gzinflate|gzuncompress|str_rot13|stripslashes|rawurldecode|urldecode|hex2bin|strrev|trim)[\s(@]{1,6}){0,4}\$(\{\s?["']?)?(_(GET|POST|REQUEST|COOKIE)\b|HTTP_RAW_POST_DATA|GLOBALS\s?\[\s?["']_(GET|POST|REQUEST|COOKIE))/ nocase
        $decoded = /\b(eval|assert)\s{0,4}\([\s(@]{0,6}([a-z0-9_]{1,16}[\s(@]{1,6}){1,4}file_get_contents\s{0,4}\(\s{0,4}["']php:\/\/input/ nocase
        // Development servers do this among much else; in a file of its own it is a web shell.
        $plain = /\b(eval|assert)[\s(@]{1,8}file_get_contents\s{0,4}\(\s{0,4}["']php:\/\/input/ nocase
    condition:
        filesize < 1MB and ($request or $decoded or ($plain and filesize < 2KB))
}

rule WebShell_PHP_Command_Request : webshell php
{
    meta:
        description = "PHP that runs a program named by a visitor: a back door into the web server"
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        remedy = "Take the file out of the web root, look in the access log for who called it, and restore the site from a clean copy."
        date = "2026-11-23"
    strings:
        $call = /[^>:\w](system|passthru|shell_exec|popen|proc_open|pcntl_exec|exec)\s{0,4}\([\s(@"']{0,6}((base64_decode|stripslashes|urldecode|hex2bin|trim)[\s(@]{1,6}){0,3}\$(\{\s?["']?)?_(GET|POST|REQUEST|COOKIE)\s?\[/ nocase
        $backtick = /(=|\becho|\bprint|\breturn|\bdie|\bexit)[\s(@]{0,6}`\s{0,4}\{?\$_(GET|POST|REQUEST|COOKIE)\s?\[[^\]`]{1,40}\][^`\r\n]{0,80}`/
    condition:
        filesize < 1MB and any of them
}

rule WebShell_PHP_Callback_Request : webshell php
{
    meta:
        description = "PHP that calls a function whose name and argument a visitor sends"
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        remedy = "Take the file out of the web root, look in the access log for who called it, and restore the site from a clean copy."
        date = "2026-11-23"
    strings:
        $direct = /\$_(GET|POST|REQUEST|COOKIE)\s?\[[^\]\r\n]{1,40}\]\s{0,4}\([\s@]{0,4}\$_(GET|POST|REQUEST|COOKIE)\s?\[/
        $helper = /\b(call_user_func|call_user_func_array|array_map|array_filter|register_shutdown_function|usort)\s{0,4}\([\s@]{0,4}\$_(GET|POST|REQUEST|COOKIE)\s?\[[^\]\r\n]{1,40}\]\s{0,4},\s{0,4}(array\s?\(|\[)?[\s@]{0,4}\$_(GET|POST|REQUEST|COOKIE)\s?\[/ nocase
        $lambda = /\bcreate_function\s{0,4}\([^,\r\n]{0,40},[\s@]{0,4}((base64_decode|stripslashes)[\s(@]{1,6}){0,3}\$_(GET|POST|REQUEST|COOKIE)\s?\[/ nocase
        $replace = /\bpreg_replace\s{0,4}\(\s{0,4}["'][^"'\r\n]{1,40}[\/#~|][imsxu]{0,4}e[imsxu]{0,4}["']\s{0,4},[\s@]{0,4}\$_(GET|POST|REQUEST|COOKIE)\s?\[/ nocase
    condition:
        filesize < 1MB and any of them
}

rule WebShell_PHP_Packed_Eval : webshell php
{
    meta:
        description = "PHP that unpacks a long encoded text in several steps and evaluates it: its real code is hidden"
        severity = "medium"
        remedy = "Ask who wrote it. Commercial themes and plug-ins are sometimes packed like this; on a site that has none of them, treat it as a back door."
        date = "2026-11-23"
    strings:
        $packed = /\b(eval|assert)\s{0,4}\([\s(@]{0,6}((gzinflate|gzuncompress|gzdecode|str_rot13|base64_decode|strrev|convert_uudecode)[\s(@]{1,6}){2,8}["'][A-Za-z0-9+\/=\\]{100}/ nocase
    condition:
        filesize < 5MB and $packed
}

rule WebShell_PHP_File_Writer : webshell php
{
    meta:
        description = "PHP that writes a file whose name and content a visitor sends: used to plant further back doors"
        severity = "high"
        remedy = "Take the file out of the web root and look for files that were created after it."
        date = "2026-11-23"
    strings:
        $put = /\bfile_put_contents\s{0,4}\([\s@]{0,4}\$_(GET|POST|REQUEST|COOKIE)\s?\[[^\r\n;]{1,80},\s{0,4}((base64_decode|stripslashes|urldecode|hex2bin)[\s(@]{1,6}){0,3}\$_(GET|POST|REQUEST|COOKIE)\s?\[/ nocase
        $write = /\bf(write|puts)\s{0,4}\([\s@]{0,4}fopen\s{0,4}\([\s@]{0,4}\$_(GET|POST|REQUEST|COOKIE)\s?\[[^\r\n;]{1,80},\s{0,4}((base64_decode|stripslashes|urldecode|hex2bin)[\s(@]{1,6}){0,3}\$_(GET|POST|REQUEST|COOKIE)\s?\[/ nocase
    condition:
        filesize < 1MB and any of them
}

rule WebShell_PHP_Known_Family : webshell php
{
    meta:
        description = "PHP with the marks of a widely shared web shell (WSO, b374k, c99, r57, P.A.S.)"
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        remedy = "Take the file out of the web root, change every password and key the web server could read, and restore the site from a clean copy."
        date = "2026-11-23"
    strings:
        $php = /<\?php\s/ nocase
        $wso = /\bWSO(setcookie|_VERSION)\b/
        $filesman = /['"]Files[M]an['"]/
        $b374k = /\bb374k[\s_-](shell|[0-9]\.[0-9])/ nocase
        $c99 = /\bc99(sh_|shell|_buff_prepare|_sess_put)/
        $r57 = /\br57(shell|_pwd_hash|_check_wr)/ nocase
        $pas = /\bP\.A\.S\.\s?(Fork|v\.\s?[0-9])/
    condition:
        filesize < 1MB and $php and any of ($wso, $filesman, $b374k, $c99, $r57, $pas)
}

rule WebShell_JSP_Command_Request : webshell jsp
{
    meta:
        description = "A Java server page that runs a program named by a visitor"
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        remedy = "Remove the page and its compiled class from the work directory of the server, and look in the access log for who called it."
        date = "2026-11-23"
    strings:
        $page = /<%[@!=\s]|<jsp:scriptlet>/
        $exec = /\.getRuntime\s?\(\s?\)\s{0,8}\.\s?exec\s?\(|new\s{1,4}(java\.lang\.)?ProcessBuilder\s?\(/
        $parameter = /\brequest\s?\.\s?get(Parameter|Header|QueryString)\s?\(/
        $output = /\.getInputStream\s?\(\s?\)/
    condition:
        filesize < 100KB and all of them
}

rule WebShell_JSP_Class_Loader : webshell jsp
{
    meta:
        description = "A Java server page that loads and runs Java classes sent by a visitor, as the Behinder and Godzilla tools do"
        severity = "critical"
        remedy = "Remove the page, restart the server (such classes live on in memory), and look in the access log for who called it."
        date = "2026-11-23"
    strings:
        $page = /<%[@!=\s]|<jsp:scriptlet>/
        $loader = /\bextends\s{1,8}(java\.lang\.)?ClassLoader\b/
        $define = /\bdefineClass\s?\(/
        $input = /\brequest\s?\.\s?get(Reader|InputStream|Parameter)\s?\(/
        $decode = /\b(doFinal|decodeBuffer|getDecoder|DatatypeConverter|Base64)\b/
    condition:
        filesize < 100KB and all of them
}

rule WebShell_ASP_Eval_Request : webshell asp
{
    meta:
        description = "ASP or ASP.NET page that evaluates code sent by a visitor"
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        remedy = "Take the file out of the web root and look in the access log for who called it."
        date = "2026-11-23"
    strings:
        $page = /<%|<script\s[^>]{0,80}runat\s?=\s?["']?server/ nocase
        $eval = /\b(eval|execute|executeglobal)\s{0,4}\(?\s{0,4}request(\.(item|form|querystring|params|headers|cookies))?\s{0,4}[(\[]\s{0,4}["'][^"'\r\n]{1,60}["']\s?[)\]]/ nocase
    condition:
        filesize < 1MB and all of them
}

rule WebShell_ASPX_Command : webshell asp
{
    meta:
        description = "ASP.NET page that hands text from a visitor to the Windows command interpreter"
        severity = "critical"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        remedy = "Take the file out of the web root and look in the access log for who called it."
        date = "2026-11-23"
    strings:
        $page = /<%@\s{1,4}(page|webhandler|webservice)\b/ nocase
        $process = /\bProcess(StartInfo)?\s?(\(|\.Start\s?\(|\s[a-z_]{1,20}\s?=\s?new\s)/ nocase
        $shell = /["'][^"'\r\n]{0,40}\b(cmd|powershell)\.exe["']/ nocase
        $input = /\bRequest(\.(Form|QueryString|Params|Item|Headers))?\s?[\[(]|\b[a-z_0-9]{1,20}\.(Text|Value)\b/ nocase
        $output = /\bRedirectStandardOutput\s?=\s?true\b/ nocase
    condition:
        filesize < 200KB and all of them
}

rule WebShell_Perl_CGI : webshell perl
{
    meta:
        description = "Perl CGI program that runs a command sent by a visitor"
        severity = "critical"
        remedy = "Remove the program from the CGI directory and look in the access log for who called it."
        date = "2026-11-23"
    strings:
        $perl = /#![^\r\n]{0,40}perl/
        $parameter = /\b(system|exec|qx|popen)\s{0,4}[({\/]?\s{0,4}["']?(\$[a-z_]{1,12}->)?param\s?\(/
        $hash = /(\b(system|exec|qx)\s{0,4}[({\/]?\s{0,4}["']?|`\s?|open\s?\(\s?[A-Z]{1,12}\s?,\s?["'])\$(in|form|query|input|ENV)\{\s?['"]?(cmd|command|exec|c|QUERY_STRING)['"]?\s?\}/ nocase
    condition:
        filesize < 200KB and $perl at 0 and any of ($parameter, $hash)
}

rule WebShell_Python_Request : webshell python
{
    meta:
        description = "Python web program that runs a command sent by a visitor"
        severity = "critical"
        remedy = "Remove the program and look in the access log for who called it."
        date = "2026-11-23"
    strings:
        $cgi = /\b(os\.(popen|system)|subprocess\.(getoutput|getstatusoutput|check_output|run|Popen|call))\s?\(\s?[a-z_]{1,16}(\.getvalue\s?\(|\.getfirst\s?\(|\[)\s?["'](cmd|command|c|exec|q)["']\s?[\])]/
        $flask = /\b(os\.(popen|system)|subprocess\.(getoutput|getstatusoutput|check_output|run|Popen|call))\s?\(\s?request\.(args|form|values|GET|POST|cookies|headers)(\.get\s?\(|\[)/
    condition:
        filesize < 200KB and any of them
}

rule WebShell_Node_Request : webshell javascript
{
    meta:
        description = "Node.js web program that runs a command sent by a visitor"
        severity = "critical"
        remedy = "Remove the program and look in the access log for who called it."
        date = "2026-11-23"
    strings:
        $exec = /\b(require\s?\(\s?["'](node:)?child_process["']\s?\)|child_process|cp)\s?\.\s?(exec|execSync|spawn|spawnSync)\s?\(\s?(req|request)\.(query|body|params|headers)\b/
    condition:
        filesize < 500KB and $exec
}
