# Two commands for a fresh machine with Python 3.11 or newer, pip and make:  make demo   make test
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help demo test check format bench docs lock wheel docker-steps clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.runtime ## The whole main job in ./alertd-demo, with a simulated force
	$(BIN)/alertd demo

test: $(VENV)/.dev ## Every test
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

check: $(VENV)/.dev ## Format, lint, types, import contracts, Dockerfile, rules and their tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile
	$(BIN)/alertd check --offline --home .
	$(BIN)/alertd test --coverage --exit-code --home .

format: $(VENV)/.dev ## Format, and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev ## Every benchmark in one run; writes docs/performance.md (BENCH=--quick: in miniature)
	$(BIN)/python -m benchmarks $(BENCH)

docs: $(VENV)/.dev ## Write docs/reference anew from the code
	$(BIN)/python scripts/write_reference.py

lock: $(VENV)/.dev ## Write the hashed lock files from pyproject.toml (UPGRADE=--upgrade: newer versions)
	$(INSTALL) uv
	$(COMPILE) --extra postgresql pyproject.toml -o requirements/runtime.txt
	$(COMPILE) --extra postgresql --group dev pyproject.toml -c requirements/runtime.txt -o requirements/dev.txt
	$(COMPILE) requirements/build.in -c requirements/dev.txt -o requirements/build.txt

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-annotate $(UPGRADE)

wheel: $(VENV)/.dev ## The wheel, in dist/
	$(BIN)/python -m hatchling build -t wheel

docker-steps: ## What the Dockerfile does, in a clean folder, without Docker
	scripts/try-docker-steps.sh

clean: ## Remove what was built here
	rm -rf $(VENV) dist build alertd-demo schemas .mypy_cache .pytest_cache .ruff_cache .hypothesis

# An environment from the lock files alone: plain pip, every hash checked, then alertd itself without asking for anything more.
$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "alertd needs Python 3.11 or newer; say which: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml | $(VENV)/bin/python
	$(INSTALL) --require-hashes -r requirements/runtime.txt
	$(INSTALL) --require-hashes -r requirements/build.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	$(BIN)/alertd schema --write schemas >/dev/null
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@
