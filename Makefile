# setup · run · test · check · bench: each does all the set-up it needs.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: setup setup-dev run test check bench messages
MESSAGES := webapp/translations/hi/LC_MESSAGES/messages
setup: .venv/run.stamp static/vendor/manifest.json $(MESSAGES).mo
setup-dev: .venv/dev.stamp static/vendor/manifest.json $(MESSAGES).mo

.venv/run.stamp: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

.venv/dev.stamp: requirements-dev.txt .venv/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

node_modules/.package-lock.json: package.json package-lock.json .venv/run.stamp
	$(BIN)/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

static/vendor/manifest.json: node_modules/.package-lock.json webapp/assets.py $(shell find static -type f -not -path 'static/vendor/*')
	$(BIN)/python -m webapp.assets

$(MESSAGES).mo: $(MESSAGES).po .venv/run.stamp
	$(BIN)/pybabel --quiet compile -i $< -o $@ -l hi

run: setup
	METERDESK_DEMO=$${METERDESK_DEMO-1} exec $(BIN)/python app.py

test: setup-dev
	$(BIN)/python tests/system_packages.py
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# PARTS="poll pages --json FILE" chooses; all of it takes some minutes.
bench: setup-dev .venv-bench/stamp
	$(BIN)/python -m tests.bench $(PARTS)

# What we are compared with, in an environment of its own.
.venv-bench/stamp: requirements-bench.txt
	test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.txt
	touch $@

# Takes the sentences of code and templates into the catalogue, where those without Hindi are blank.
messages: setup-dev
	$(BIN)/pybabel --quiet extract -F pyproject.toml --no-location --sort-output --omit-header -o .venv/messages.pot webapp templates
	$(BIN)/pybabel --quiet update -i .venv/messages.pot -o $(MESSAGES).po -l hi --no-fuzzy-matching --ignore-pot-creation-date
