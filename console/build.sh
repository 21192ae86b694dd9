#!/usr/bin/env bash
# Builds the consoles into dist/site, unless nothing has changed since. Needs Node 20.19 or newer and npm, which it
# installs from Debian's packages when they are missing and this runs as root.
set -euo pipefail
cd "$(dirname "$0")"

built=dist/site/index.html
if [ -f $built ] && [ -z "$(find index.html package.json package-lock.json tsconfig.json vite.config.ts src -newer $built -print -quit)" ]; then
  exit 0
fi
if ! command -v npm > /dev/null; then
  [ "$(id -u)" = 0 ] || { echo "Please install Node 20.19 or newer and npm." >&2; exit 1; }
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm > /dev/null
fi
[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund --loglevel=error --fetch-retries=1 --fetch-retry-mintimeout=1000
npm run --silent build
