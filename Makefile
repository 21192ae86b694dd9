# Two commands do everything on a fresh machine: `make run` and `make test`.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test bench data lint docs fuzz tools console

DATA_DIR ?= portcullis-data
LISTEN ?= 127.0.0.1:8080

help: ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

run: tools ## Build, fetch reference data on first use, start, and print where and a ready curl
	@console/build.sh || echo "The console could not be built; the server works without it, and says at /admin how to."
	cargo build --release --package portcullis-server
	@install -d -m 700 $(DATA_DIR)
	@test -f $(DATA_DIR)/reference/.tried || $(MAKE) --no-print-directory data || \
		echo "Some reference data could not be fetched; the server works without it. 'make data' tries again."
	@mkdir -p $(DATA_DIR)/reference && touch $(DATA_DIR)/reference/.tried
	./target/release/portcullis serve --quickstart --data-dir $(DATA_DIR) --listen $(LISTEN) --reference-data $(DATA_DIR)/reference

console: ## Build the consoles, for the next build of the server to have them in it
	console/build.sh

data: ## Fetch city, VPN, Tor and hosting tables into $(DATA_DIR)/reference
	data/fetch.sh $(DATA_DIR)/reference

test: tools console lint ## Everything that must pass: lints, all tests, the examples in a real browser
	@if cargo nextest --version >/dev/null 2>&1; \
		then cargo nextest run --workspace --all-targets --no-fail-fast; \
		else cargo test --workspace --all-targets; fi
	cd console && npm test --silent
	tests/browser/run.sh target/debug/portcullis

lint: ## Formatting and lints; warnings are errors
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	@# Alone, without the features that the tests bring in.
	cargo check --package portcullis-server

docs: ## Write the generated pages of docs/ anew
	UPDATE_DOCS=1 cargo test --workspace pages

bench: tools ## Throughput, latency, growth, size; see bench/README.md
	bench/run.sh

# No nightly toolchain is needed: without a sanitizer the coverage that guides the fuzzer is all that is compiled in.
fuzz: tools ## Throw made-up rules and envelopes at their readers, a minute each; not part of make test
	@command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
	for target in rule_condition rule_json; do \
		mkdir -p fuzz/corpus/$$target && \
		cargo fuzz run --sanitizer none $$target fuzz/corpus/$$target fuzz/seeds/$$target -- \
			-dict=fuzz/$$target.dict -max_len=2048 -max_total_time=60 || exit 1; \
	done
	mkdir -p fuzz/corpus/keyri_envelope
	cargo fuzz run --sanitizer none keyri_envelope fuzz/corpus/keyri_envelope -- -max_len=2048 -max_total_time=60

# A C compiler is needed for SQLite and the TLS library; everything else comes with Cargo.
tools:
	@command -v cargo >/dev/null || { echo "Install Rust first: https://rustup.rs"; exit 1; }
	@command -v cc >/dev/null || { \
		sudo=$$(command -v sudo || true); \
		$$sudo apt-get update -qq && $$sudo apt-get install -y -qq build-essential; }
