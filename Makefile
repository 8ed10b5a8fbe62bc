# Plugpoint: everything a newcomer, a reviewer and the CI call. `make` alone lists the targets.
#
# One profile (dev) serves demo, tests and robot: building a second one would double the time of a first run. Only `make bench`
# builds the release profile.

PYTHON ?= python3
VENV   := .venv
STAMP  := $(VENV)/.installed
BINARY := target/debug/plugpoint
export PLUGPOINT_BIN ?= $(CURDIR)/$(BINARY)

.DEFAULT_GOAL := help
.PHONY: help setup console console-shots build demo test robot e2e interop lint regen docs bench

help: ## lists the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## checks and installs what the other targets need

$(STAMP): .ci/setup tests/requirements.txt robot-tests/requirements.txt
	@.ci/setup $(PYTHON) $(VENV)
	@touch $@

# Made of files that git knows or that are new, which `node_modules` is not.
CONSOLE := plugins/console/dist/app/index.html
$(CONSOLE): .ci/console $(shell find plugins/console/web -name node_modules -prune -o -type f -print)
	@.ci/console

console: $(CONSOLE) ## builds the operator's console, which the next build takes into the binary (needs Node 20)

build: $(CONSOLE) ## builds the server (dev profile)
	@.ci/setup --tools
	cargo build --locked --package plugpoint-server

demo: build ## starts a server with two customers, imports their catalogs over SOAP, prints curl lines
	$(BINARY) demo

test: setup $(CONSOLE) ## formats, lints, proofs, all tests; prints a summary
	@.ci/test

robot: setup build ## the keyword suites; log.html and report.html in robot-tests/out
	$(VENV)/bin/robot --pythonpath robot-tests/libraries --outputdir robot-tests/out robot-tests/suites

e2e: setup build ## SOAP by zeep, bad input, isolation, crashes
	$(VENV)/bin/pytest tests/zeep tests/e2e

console-shots: setup build ## pictures of every page of the console, light and dark, in target/console-shots
	$(VENV)/bin/pytest --quiet tests/console --shots target/console-shots

interop: setup build ## the SOAP service by thirteen other SOAP stacks; installs those that are missing
	tests/interop/install.sh $(VENV)
	$(VENV)/bin/pytest --quiet tests/interop

lint: ## formatting, clippy, house rules
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets --all-features -- --deny warnings
	cargo xtask tidy

regen: ## writes the generated documents under openapi/
	cargo xtask regen

docs: ## builds the integrator's guide into docs/book, if mdbook is there
	@command -v mdbook >/dev/null || { echo "docs: mdbook is missing; get it with: cargo install mdbook"; exit 1; }
	mdbook build docs

bench: ## import, read and hostile-hook figures of this machine (release profile, needs wrk)
	cargo xtask bench import
	cargo xtask bench read
	cargo xtask bench hostile
