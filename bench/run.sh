#!/usr/bin/env bash
# Builds the server and the bench, measures, and prints tables. Arguments are passed on: --help lists them.
# Ten million stored events: bench/run.sh --only growth --events 10000000
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --package portcullis-server --package portcullis-bench
exec target/release/portcullis-bench "$@"
