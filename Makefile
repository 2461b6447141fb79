# Contrapunto: every target sets itself up in .venv; it needs Python 3.11+, make and a package index.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help setup demo test campaign scenes check format bench mutation search docs lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## create .venv with the pinned dependencies

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Contrapunto needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv .venv
	@echo "installing the pinned dependencies into .venv (a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) ## a portfolio through 120 days in about three minutes, with the Temporal UI
	$(BIN)/contrapunto demo

# One process a group: what one leaves behind in memory (native threads of SDKs, raw sockets that the
# sandbox's tests break) must not reach the next. Two at a time, each with servers of its own, the
# longest first. All groups run, also after one has failed.
acceptance := tests/acceptance
unit := tests/unit
store := tests/integration/store tests/integration/test_migrations.py
sandbox := tests/integration/sandbox
temporal := tests/temporal tests/replay
gateway := tests/integration/gateway
intake := tests/integration/intake
channels := tests/integration/channels
protocol := tests/protocol
GROUPS := $(addprefix test-,acceptance unit store sandbox temporal gateway intake channels protocol)

test: $(STAMP) ## all tests, real servers included
	@$(MAKE) --no-print-directory --keep-going --jobs=2 --output-sync=target $(GROUPS)

.PHONY: $(GROUPS)
$(GROUPS): test-%: $(STAMP)
	@echo "== $($*)"; $(BIN)/python -m pytest -q $($*)

check: $(STAMP) ## format, lint, strict types, import direction
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## mend what can be mended by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

CONTACTS ?= 10000
SEED ?= 1
campaign: $(STAMP) ## seeded faults against real servers: CONTACTS=10000 SEED=1 ARGS='--shrink 8'
	$(BIN)/python -m tests.campaign --contacts $(CONTACTS) --seed $(SEED) $(ARGS)

scenes: $(STAMP) ## the campaign against builds without one safeguard each, and the whole build beside them
	CAMPAIGN_SCENES=all $(BIN)/python -m pytest -q tests/acceptance/test_campaign.py

bench: $(STAMP) ## ratios against bare Temporal and bare PostgreSQL, side by side
	$(BIN)/python -m tests.bench

mutation: $(STAMP) ## change the law and its code one thing at a time: which changes does no test see?
	$(BIN)/python -m tests.mutation

REQUESTS ?= 500
search: $(STAMP) ## the law's openings against a search minute by minute: REQUESTS=500 for each of six seeds
	LAW_REQUESTS=$(REQUESTS) $(BIN)/python -m pytest -q tests/unit/law/rules/test_all_packs.py -k slow_search

docs: $(STAMP) ## write docs/law/ and the schemas of the law from the packs
	$(BIN)/python -m workers law docs

lock: ## pin anew (needs uv on the path)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade \
	  --group local --group dev pyproject.toml -o requirements.lock

clean: ## remove what was made here
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache
