# Everything a person does here: `make help` lists it. Nothing needs root; everything installed stays in .venv.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PY := .venv/bin/python
PYTEST := $(PY) -m pytest
PORT ?= 8000

# Two small cores: one BLAS thread a process is faster than several.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
export TF_CPP_MIN_LOG_LEVEL ?= 2
export PIP_DISABLE_PIP_VERSION_CHECK := 1

SELECT_COMPANIONS := browser or client or data or faults or faults_short or peers or realservices
COMPILE := $(PY) -m uv pip compile -q --universal --fork-strategy fewest --generate-hashes --no-strip-extras --python-version 3.11 \
	--custom-compile-command "make requirements"

##@ Use it

.PHONY: help
help:  ## this list
	@awk 'BEGIN { FS = ":.*?## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*?## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: install
install: .venv/.installed  ## a virtual environment in .venv with everything pinned; quick when up to date

.PHONY: demo
demo: .venv/.installed  ## the phone shop with PostgreSQL, Valkey, workers and its range, at http://localhost:8000 (PORT=...)
	@exec env PORT=$(PORT) $(PY) -m shopsite.demo

##@ Prove it

.PHONY: test
test: .venv/.installed-dev  ## the tests: all on SQLite, then what talks to databases and workers on real PostgreSQL and Valkey
	@failed=0; \
	$(PYTEST) -m "not ($(SELECT_COMPANIONS))" $(ARGS) || failed=1; \
	echo "Now again on PostgreSQL and Valkey, with workers."; \
	$(PY) -m shopsite.stack $(PYTEST) -m "(django_db or realservices) and not (browser or client or data or faults or faults_short or once)" $(ARGS) \
		|| failed=1; \
	exit $$failed

.PHONY: test-browser
test-browser: .venv/.installed-dev  ## the tests that click through the shop; they need Chromium
	@command -v "$${CHROMIUM:-chromium}" > /dev/null || command -v chromium-browser google-chrome > /dev/null || { \
		echo "Chromium is missing. Install it (Debian: apt-get install chromium) or set CHROMIUM to its path." >&2; \
		exit 1; }
	$(PYTEST) -o testpaths=tests/browser -m browser $(ARGS)

.PHONY: test-client
test-client: .venv/.installed-dev clients/typescript/node_modules/.package-lock.json  ## the TypeScript client: up to date, type-checked, and used against a real shop; it needs Node.js
	$(PYTEST) -o testpaths=tests/client -m client $(ARGS)

.PHONY: test-data
test-data: .venv/.installed-dev  ## the tests on real data sets; they need RECOMMENDER_DATA_DIR
	@test -d "$${RECOMMENDER_DATA_DIR:-}" || { \
		echo "Set RECOMMENDER_DATA_DIR to the folder that holds the data sets (docs/reference/datasets.md)." >&2; \
		exit 1; }
	@failed=0; \
	$(PYTEST) -m "data and not realservices" $(ARGS) || failed=1; \
	$(PY) -m shopsite.stack $(PYTEST) -m "data and realservices" $(ARGS) || failed=1; \
	exit $$failed

.PHONY: test-peers
test-peers: .venv/.installed-dev .venv/peers/.installed  ## our metrics beside RecTools', which .venv/peers holds
	$(PYTEST) -o testpaths=tests/peers -m peers $(ARGS)

.PHONY: test-faults
test-faults: .venv/.installed-dev  ## the tests that kill, freeze and corrupt real parts
	$(PY) -m shopsite.stack $(PYTEST) -m faults $(ARGS)

.PHONY: test-faults-short
test-faults-short: .venv/.installed-dev  ## the same in a few minutes
	$(PY) -m shopsite.stack $(PYTEST) -o testpaths=tests/faults -m faults_short $(ARGS)

.PHONY: coverage
coverage: .venv/.installed-dev  ## branch coverage of the tests on SQLite, in htmlcov/
	$(PYTEST) -m "not ($(SELECT_COMPANIONS))" --cov --cov-report=html --cov-report=term:skip-covered $(ARGS)

.PHONY: lint
lint: .venv/.installed-dev  ## style, common faults, known security faults, and the rooms' import rules
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m bandit -q -c pyproject.toml -r recommender catalog shopsite benchmarks docs manage.py
	.venv/bin/lint-imports

.PHONY: types
types: .venv/.installed-dev  ## strict mypy
	$(PY) -m mypy recommender catalog shopsite benchmarks

.PHONY: bench
bench: .venv/.installed-dev  ## every number in the docs: `make bench` lists the benchmarks, `make bench NAME=serving` runs one
	$(PY) -m benchmarks $(NAME) $(ARGS)

##@ Change it

.PHONY: format
format: .venv/.installed-dev  ## rewrite the code in the house style
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

.PHONY: docs
docs: .venv/.installed-dev  ## the documentation in docs/_build/html; a broken reference is an error
	$(PY) -m docs.curve
	$(PY) -m sphinx -q -W --keep-going -b html docs docs/_build/html

.PHONY: screenshots
screenshots: .venv/.installed-dev  ## take the pictures in docs/screenshots anew, of a throw-away shop; needs Chromium
	$(PY) -m docs.screenshots $(ARGS)

.PHONY: client
client: .venv/.installed-dev clients/typescript/node_modules/.package-lock.json  ## describe the API anew, and generate the TypeScript client from it; needs Node.js
	$(PY) manage.py spectacular --settings tests.settings --validate --fail-on-warn --file docs/reference/openapi.yaml
	npm run --silent --prefix clients/typescript generate
	npm run --silent --prefix clients/typescript build

.PHONY: messages
messages: .venv/.installed-dev  ## collect the texts to translate, and compile the translations
	@command -v xgettext > /dev/null || { \
		echo "GNU gettext is missing. Install it (Debian: apt-get install gettext)." >&2; exit 1; }
	mkdir -p catalog/locale recommender/locale
	$(PY) manage.py makemessages -l zh_Hans --no-location --no-wrap -i '.venv/*' -i 'tests/*' -i 'docs/*' -i 'build/*' -i 'clients/*'
	$(PY) manage.py compilemessages -v 0 -i .venv

.PHONY: requirements
requirements: .venv/.installed-dev  ## pin the newest versions that requirements*.in allow, with hashes
	$(COMPILE) requirements.in -o requirements.txt $(ARGS)
	$(COMPILE) requirements-dev.in -o requirements-dev.txt $(ARGS)
	$(COMPILE) requirements-peers.in -o requirements-peers.txt $(ARGS)

# The steps behind -------------------------------------------------------------------------------------------------

.venv/.python:
	@for candidate in $${PYTHON:-} python3.11 python3.12 python3.13 python3; do \
		if "$$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2> /dev/null; then \
			echo "Making .venv with $$("$$candidate" --version)"; \
			"$$candidate" -m venv .venv; \
			touch $@; \
			exit 0; \
		fi; \
	done; \
	echo "Python 3.11, 3.12 or 3.13 is needed and none was found. Name one: make $(MAKECMDGOALS) PYTHON=/path/to/python" >&2; \
	exit 1

.venv/.installed: requirements.txt | .venv/.python
	@echo "Installing what the shop needs (about 1 GB to fetch, once)"
	$(PY) -m pip install --quiet --require-hashes -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	@echo "Installing what the tests need"
	$(PY) -m pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

clients/typescript/node_modules/.package-lock.json: clients/typescript/package.json clients/typescript/package-lock.json
	@node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2> /dev/null && command -v npm > /dev/null || { \
		echo "Node.js 18 or newer with npm is missing. Install it (Debian: apt-get install nodejs npm)." >&2; exit 1; }
	npm ci --prefix clients/typescript --ignore-scripts --no-progress
	@touch $@

.venv/peers/.installed: requirements-peers.txt .venv/.installed-dev
	@echo "Installing the library that our metrics are compared with"
	$(PY) -m uv venv -q --clear --python $(PY) .venv/peers
	$(PY) -m uv pip install -q --require-hashes --python .venv/peers/bin/python -r requirements-peers.txt
	@touch $@
