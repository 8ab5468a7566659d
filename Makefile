# Every check and every program of this project, by name. Plain `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help run test check fix e2e bench build lock messages setup setup-dev

SUITABLE := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	$$python -c '$(SUITABLE)' 2>/dev/null && command -v $$python && break; done)
VENV := .venv/bin/python

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: setup  ## start everything in this terminal (PORT=8000 SANDBOX_PORT=9000 choose other ports)
	@exec $(VENV) -m devkit.run

test: setup-dev  ## everything that proves it: all checks, then the whole suite on each database
	@exec $(VENV) -m devkit.test

check: setup-dev  ## all checks that start no test: format, lint, types, layers, migrations, texts, schema
	@exec $(VENV) -m devkit.check

fix: setup-dev  ## format, and correct what can be corrected without thinking
	@exec $(VENV) -m devkit.check --fix

e2e: setup-dev  ## only the journeys in a real browser (E2E_HEADED=1 shows it)
	@exec $(VENV) -m devkit.test --only browser

bench: setup-dev  ## measure how fast it is, in minutes (NAME=… measures one thing, DATABASE=postgresql there)
	@exec $(VENV) -m benchmarks $(NAME) $(if $(DATABASE),--database $(DATABASE))

build: setup  ## bundle scripts and styles into static/dist/, compile the translations

messages: setup-dev  ## bring locale/*/LC_MESSAGES/django.po up to date with the sources
	@exec $(VENV) -m devkit.translations extract

lock: setup-dev  ## resolve requirements/*.txt anew from pyproject.toml, and package-lock.json from package.json
	@exec $(VENV) -m devkit.lock

setup setup-dev: python-is-new-enough
	@$(PYTHON) -m devkit.setup $(if $(filter setup-dev,$@),dev)

.PHONY: python-is-new-enough
python-is-new-enough:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; this machine has $$(python3 --version 2>/dev/null || echo none)." >&2; exit 1; }
