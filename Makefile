# T-Developer: one word each. `make demo` and `make test` set everything up first.
SHELL := /bin/bash
PYTHON ?= python3
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
TDEV := .venv/bin/tdev

.PHONY: help demo test lint schema docs bench lock setup clean
help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

# Where uv is absent it comes from PyPI into .uv/, and nothing outside this folder is touched.
.uv/bin/uv:
	$(PYTHON) -m venv .uv
	.uv/bin/python -m pip install --quiet --disable-pip-version-check uv

.venv/.ready: requirements.lock pyproject.toml | $(filter .uv/bin/uv,$(UV))
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	$(UV) pip sync --quiet --python .venv --require-hashes requirements.lock
	$(UV) pip install --quiet --python .venv --no-deps --editable .
	@touch $@

setup: .venv/.ready ## the environment of the project itself

lock: | $(filter .uv/bin/uv,$(UV)) ## renew requirements.lock from pyproject.toml
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --group dev pyproject.toml --output-file requirements.lock

clean: ## remove everything that make made
	rm -rf .venv .uv build .mypy_cache .pytest_cache .ruff_cache
