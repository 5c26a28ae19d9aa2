# `make` lists the targets. `make demo` and `make test` are all a newcomer needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DOCUMENTS ?= 2000
STAMP := $(VENV)/.installed
STAMP_DEV := $(VENV)/.installed-dev

.DEFAULT_GOAL := help
.PHONY: help install demo serve test lint format types translations clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## make .venv with the kb command in it

demo: $(STAMP) ## load the sample knowledge and serve it on http://127.0.0.1:8000
	$(BIN)/kb demo

serve: $(STAMP) ## serve the installation in $KB_HOME (default ./var)
	$(BIN)/kb serve

test: $(STAMP_DEV) ## run all tests
	$(BIN)/pytest

lint: $(STAMP_DEV) ## style, layers, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

bench: $(STAMP_DEV) ## measure: freshness, numbering of events, suggestions, search (DOCUMENTS=2000)
	$(BIN)/python -m tests.benchmarks.numbering
	$(BIN)/python -m tests.benchmarks.freshness
	$(BIN)/python -m tests.benchmarks.suggestions
	$(BIN)/python -m tests.benchmarks.merging
	$(BIN)/kb bench --documents $(DOCUMENTS)

format: $(STAMP_DEV) ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

translations: $(STAMP_DEV) ## extract texts into the English catalogue and compile it
	$(BIN)/pybabel -q extract -F web/babel.cfg -o $(VENV)/messages.pot --no-location --sort-output kb indexer web
	$(BIN)/pybabel -q update -i $(VENV)/messages.pot -d web/translations --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 120
	$(BIN)/pybabel -q compile -d web/translations

clean: ## remove .venv and caches, never data
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache build dist *.egg-info

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; try: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(STAMP): $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(STAMP_DEV): $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(STAMP)
