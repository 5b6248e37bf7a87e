# shellcheck shell=sh
# Sourced by scanner/run and tests/run: what a fresh Debian 12 lacks, and how it gets here.
# Everything said goes to standard error; standard output belongs to assay.

# To build and run the program.
# shellcheck disable=SC2034
run_packages='cmake ninja-build gcc libc6-dev pkg-config libyara-dev libarchive-dev libmspack-dev
liblzma-dev libzstd-dev liblz4-dev libbz2-dev zlib1g-dev libseccomp-dev libjansson-dev libinih-dev
libssl-dev libsodium-dev libcurl4-openssl-dev'

say() {
    printf 'assay: %s\n' "$*" >&2
}

# Exit 2 is assay's "could not be done as asked".
fail() {
    say "$*"
    exit 2
}

# fail_with_log LOG WORDS...: the end of the log, then the words.
fail_with_log() {
    log=$1
    shift
    tail -n 40 "$log" >&2
    fail "$* The whole log: $log"
}

# The named packages that are not installed. On a system without dpkg it names none: there the build
# itself says what it lacks.
missing_packages() {
    command -v dpkg-query >/dev/null 2>&1 || return 0
    # ${Package} is dpkg's, not the shell's.
    # shellcheck disable=SC2016
    installed=$(dpkg-query -W -f '${Package}=${db:Status-Status}\n' "$@" 2>/dev/null) || true
    for package in "$@"; do
        case "
$installed
" in *"
$package=installed
"*) ;; *) printf '%s ' "$package" ;; esac
    done
}

# install_packages LOG PACKAGE...: installs those that are missing, as root or by sudo.
install_packages() {
    log=$1
    shift
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    # Names of packages hold no blanks: from here on they are words.
    # shellcheck disable=SC2086
    set -- $missing
    by_hand="apt-get update && apt-get install --no-install-recommends $*"
    if [ "$(id -u)" -eq 0 ]; then
        as_root=
    elif command -v sudo >/dev/null 2>&1; then
        as_root=sudo
    else
        fail "$# packages are missing, and only root can install them. As root, type: $by_hand"
    fi
    say "installing $*"
    # A first try without `update`, which is slow and for most machines not needed.
    apt_get install "$@" && return 0
    if ! apt_get update || ! apt_get install "$@"; then
        fail_with_log "$log" "The packages could not be installed. As root, try: $by_hand."
    fi
}

apt_get() {
    action=$1
    shift
    [ "$action" = update ] || set -- --yes --no-install-recommends "$@"
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get --quiet -o DPkg::Lock::Timeout=300 "$action" "$@" </dev/null >>"$log" 2>&1
}

# configure PRESET: `cmake --preset`, from scratch when the build directory belongs to another place.
configure() {
    cache=build/$1/CMakeCache.txt
    if [ -f "$cache" ] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$(pwd -P)" "$cache"; then
        cmake --fresh --preset "$1"
    else
        cmake --preset "$1"
    fi
}
