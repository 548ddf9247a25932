# T-Developer: one word each. Every word sets up first what it needs; `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test lint schema docs bench attack gates-corpus lock setup clean

# The first Python that is new enough; `make demo PYTHON=python3.12` names another.
ifndef PYTHON
PYTHON := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
  "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)
endif
# uv reads no pip configuration: a mirror that pip was told of holds for uv too.
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif
# Where byte code is never written each start of tdev compiles all of it anew, which costs a second.
unexport PYTHONDONTWRITEBYTECODE

TDEV := .venv/bin/tdev
ARGS ?=
# Programs for the tests stay in the checkout; everyone else's are where docs/operations.md says.
export TDEV_TEST_STATE ?= $(CURDIR)/build/test-state

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## .venv as requirements.lock says, and uv into .uv/ where there is none
	@if [[ -z "$(PYTHON)" ]]; then echo "make: no Python 3.11 or newer was found. Install one (Debian, Ubuntu: \
	sudo apt-get install python3 python3-venv), or name it: make $(or $(MAKECMDGOALS),setup) PYTHON=/path/to/python3" >&2; exit 1; fi
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "make: PYTHON=$(PYTHON) does not run, or \
	is older than 3.11. Name a newer one: make $(or $(MAKECMDGOALS),setup) PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" .ci/set_up.py

demo: setup ## see it work: a service is built and a real package made better
	@$(TDEV) tools install
	@$(TDEV) demo $(ARGS)

test: setup ## all tests (ARGS="tests/unit" for some)
	@echo "make test: the pinned outside programs, then pytest in three processes" >&2
	@TDEV_HOME="$(TDEV_TEST_STATE)" $(TDEV) tools install
	@.venv/bin/pytest -n 3 --dist worksteal $(ARGS)

lint: setup ## style, types, layers, schemas, documents, docstrings, maintainability
	@.venv/bin/python tests/lint.py

schema: setup ## write docs/schemas/ and policies/schema/ from the models
	@$(TDEV) schema

docs: setup ## the pages that are made from the code, and the pictures from a real run (ARGS=--no-pictures)
	@.venv/bin/python docs/make_reference.py
	@.venv/bin/python docs/make_endpoints.py
	@.venv/bin/python docs/make_bot_tables.py
	@.venv/bin/python docs/make_threat_model.py
	@.venv/bin/python docs/make_pictures.py $(ARGS)

bench: setup ## measure speed and memory against their bars (ARGS=--short)
	@.venv/bin/python -m bench $(ARGS)

attack: setup ## let a hostile model at the walls (ARGS=--short, or ARGS="--family NAME")
	@.venv/bin/python -m attack $(ARGS)

gates-corpus: setup ## hold the gates against pull requests whose verdict is known (ARGS=--short)
	@TDEV_HOME="$(TDEV_TEST_STATE)" $(TDEV) tools install
	@.venv/bin/python -m tests.corpus $(ARGS)

lock: setup ## requirements.lock from pyproject.toml (ARGS=--upgrade for the newest versions)
	@echo "make lock: asking the package index for what pyproject.toml needs" >&2
	@"$$("$(PYTHON)" .ci/set_up.py uv)" pip compile --quiet $(ARGS) --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --no-emit-index-url --group dev pyproject.toml --output-file requirements.lock

clean: ## remove everything that make made in this folder
	rm -rf .venv .uv build dist .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
