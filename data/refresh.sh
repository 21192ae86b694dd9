#!/bin/sh
# Makes the shipped tables anew from the newest packages of the registries. For maintainers; look at `git diff --stat`
# and run the tests of crates/intel before committing. Nothing is installed.
#
# Usage: refresh.sh
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

npm_package() {
    mkdir -p "$work/$2"
    (cd "$work/$2" && npm pack --silent --ignore-scripts "$1" && tar xzf ./*.tgz)
}

wheel() {
    mkdir -p "$work/$1"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest "$work/$1" "$1"
    (cd "$work/$1" && ls ./*.whl && python3 -m zipfile -e ./*.whl .)
}

pack() {
    PYTHONPATH="$work/pyyaml" python3 "$here/pack.py" "$@"
}

npm_package @ip-location-db/asn asn
pack asn "$work/asn/package/asn-ipv4-num.csv" "$work/asn/package/asn-ipv6-num.csv" "$here/asn.bin.gz"
npm_package crawler-user-agents crawlers
pack crawlers "$work/crawlers/package/crawler-user-agents.json" "$here/crawlers.txt"
npm_package freemail freemail
pack free "$work/freemail/package/data/free.txt" "$here/free-mail.txt"
npm_package uap-core uap
wheel pyyaml
pack agents "$work/uap/package/regexes.yaml" "$here/user-agents.json.gz"
wheel disposable-email-domains
pack disposable "$work/disposable-email-domains/disposable_email_domains/__init__.py" "$here/disposable-domains.txt"
wheel tzdata
npm_package cldr-core cldr
zones="$work/tzdata/tzdata/zoneinfo"
regions="$work/cldr/package/supplemental/territoryContainment.json"
pack countries "$zones/iso3166.tab" "$zones/zone.tab" "$regions" "$here/countries.tsv"
