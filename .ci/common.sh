# shellcheck shell=bash disable=SC2034  # the package lists are for the scripts that source this
#
# Shared by ./run and ./check; sourced, not run. Reads nothing from stdin and asks nothing.

build_packages=(
    g++ cmake ninja-build
    libboost1.81-dev libboost-container1.81-dev libboost-json1.81-dev libboost-program-options1.81-dev
    libboost-system1.81-dev libboost-url1.81-dev
    libexpat1-dev libgoogle-perftools-dev libspdlog-dev libsqlite3-dev libssl-dev libtomlplusplus-dev libzip-dev
)
test_packages=(
    libboost-test1.81-dev
    python3 python3-jsonschema python3-paho-mqtt python3-yaml
    curl mosquitto-clients openssl
)

say() { printf '%s\n' "$*"; }

# Fails with a message that says what to do.
give_up() {
    say "$*" >&2
    exit 1
}

jobs_count() { say "${HOLDFAST_JOBS:-$(nproc)}"; }

is_installed() {
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# The tools among the packages may come from elsewhere; a library must be Debian's.
tool_is_there() {
    case $1 in
        g++) command -v g++ ;;
        cmake) command -v cmake ;;
        ninja-build) command -v ninja ;;
        curl) command -v curl ;;
        mosquitto-clients) command -v mosquitto_sub ;;
        openssl) command -v openssl ;;
        *) return 1 ;;
    esac >/dev/null
}

# Prints the lines of an apt-get simulation that begin with Inst or Remv, as package names on one line.
simulated() {
    awk -v what="$1" '$1 == what { printf "%s%s", separator, $2; separator = " " }' <<<"$2"
}

# install_missing <packages>...: says what apt will install and what it will remove, then does it.
# Without root it prints the command instead and ends the script.
install_missing() {
    if ! command -v dpkg-query >/dev/null; then
        say "This is no Debian system: not checking that these are there: $*"
        return
    fi
    local missing=() package
    for package in "$@"; do
        is_installed "$package" || tool_is_there "$package" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0

    local command=(apt-get install --no-install-recommends -y "${missing[@]}")
    local plan before=""
    if ! plan=$(LC_ALL=C apt-get -s install --no-install-recommends -y "${missing[@]}" 2>&1); then
        before="sudo apt-get update && "
        if ((EUID == 0)); then
            say "Reading the package lists (apt-get update) ..."
            apt-get update -qq
            plan=$(LC_ALL=C apt-get -s install --no-install-recommends -y "${missing[@]}" 2>&1) ||
                give_up "apt cannot install ${missing[*]}:"$'\n'"$plan"
        fi
    fi
    say "Missing: ${missing[*]}"
    local installed removed
    installed=$(simulated Inst "$plan")
    removed=$(simulated Remv "$plan")
    [[ -z $installed ]] || say "apt will install: $installed"
    [[ -z $removed ]] || say "apt will REMOVE: $removed (the headers of two Boost versions cannot be installed together)"
    if ((EUID != 0)); then
        give_up "Not root, so not installing. Run this, then $0 again:"$'\n'"  ${before}sudo ${command[*]}"
    fi
    DEBIAN_FRONTEND=noninteractive "${command[@]}" -qq -o Dpkg::Use-Pty=0 </dev/null >/dev/null ||
        give_up "apt-get failed; the command was: ${command[*]}"
}
