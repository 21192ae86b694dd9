#!/usr/bin/env bash
# Runs the sample shop, the guides and the SDKs in a real browser against a real server.
#
#     tests/browser/run.sh BINARY [TEST_FILE...]
#
# BINARY is a built `portcullis`. Needs Node 20 or newer, npm, Python 3, curl, jq and Chromium; what of the last three is
# missing is installed from Debian's packages when this runs as root. CHROMIUM names another browser than the one found.
set -euo pipefail

[ $# -ge 1 ] || { echo "usage: $0 BINARY [TEST_FILE...]" >&2; exit 2; }
PORTCULLIS_BINARY=$(realpath -e "$1")
shift
cd "$(dirname "$0")"

missing=()
for program in curl jq; do
  command -v "$program" > /dev/null || missing+=("$program")
done
[ -n "${CHROMIUM:-}" ] || command -v chromium > /dev/null || missing+=(chromium)
if [ ${#missing[@]} -gt 0 ]; then
  [ "$(id -u)" = 0 ] || { echo "Please install: ${missing[*]}" >&2; exit 1; }
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
fi
CHROMIUM=${CHROMIUM:-$(command -v chromium)}
export PORTCULLIS_BINARY CHROMIUM

for package in . ../../sdk/browser; do
  [ "$package/node_modules/.package-lock.json" -nt "$package/package-lock.json" ] ||
    npm ci --prefix "$package" --no-audit --no-fund --silent
done

[ $# -gt 0 ] || set -- *.test.mjs
exec node --test --test-concurrency=2 "$@"
