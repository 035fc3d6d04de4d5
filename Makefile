# Needs make and Python 3.11 or newer; everything else is installed under var/ and node_modules/.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
ready = $(or $(PYTHON),$(error Python 3.11 or newer is needed and was not found)) -I crm/launcher/bootstrap.py
venv := var/venv/bin/python

.PHONY: help up build test heavy check bench lock messages clean
.DEFAULT_GOAL := help

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

up: ## start the CRM at http://127.0.0.1:8000 (PORT= changes it); Ctrl-C stops it
	@exec $(ready) manage.py up

build: ## install and build all that `make up` needs, without starting it
	@$(ready)

test: ## run every test on real PostgreSQL, Valkey and Chromium
	@exec $(ready) --dev -m tests.run

heavy: ## run the long suites: processes killed in the middle of their moves
	@CRM_TEST_DIR=$${TMPDIR:-/tmp} exec $(ready) --dev -m pytest -m heavy

check: ## lint, types, import layers, templates, translations, migrations
	@$(ready) --dev
	$(venv) -m ruff check .
	$(venv) -m ruff format --check .
	$(venv) -m mypy
	$(venv) -c 'from importlinter.cli import lint_imports_command as lint; lint()'
	$(venv) manage.py lint
	$(venv) manage.py check
	$(venv) manage.py makemigrations --check --dry-run

bench: ## measure the big company: pages, moves, search, memory
	@exec $(ready) --dev manage.py bench

lock: ## resolve requirements*.in anew into lock files with hashes
	@$(ready) --dev
	for name in requirements requirements-build requirements-dev; do \
		$(venv) -m uv pip compile --quiet --upgrade --python-version 3.11 --universal --generate-hashes \
			--only-binary :all: --no-emit-index-url --custom-compile-command "make lock" $$name.in -o $$name.lock || exit 1; \
	done
	PATH="$(CURDIR)/var/venv/bin:$$PATH" npm install --package-lock-only --ignore-scripts

messages: ## gather texts from code and templates into the translation catalogues
	@exec $(ready) --dev manage.py messages

clean: ## remove what is built or installed; the data in var/ stays
	rm -rf var/venv node_modules static/dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
