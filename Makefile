# Contrapunto: every target sets itself up in .venv; it needs Python 3.11+, make and a package index.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: observability promtool alerts capacity drill rollout image test-image agreement bandit headline help setup demo test test-production test-calendar campaign scenes check format bench lives mutation search reading classifier docs lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

setup: $(STAMP) ## create .venv with the pinned dependencies

LOCKS := requirements/production.lock requirements/local.lock requirements/learn.lock requirements/development.lock

$(STAMP): $(LOCKS) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Contrapunto needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv .venv
	@echo "installing the pinned dependencies into .venv (a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes $(addprefix -r ,$(LOCKS))
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) ## a portfolio through 120 days in about three minutes, with the Temporal UI
	$(BIN)/contrapunto demo

# One process a group: what one leaves behind in memory (native threads of SDKs, raw sockets that the
# sandbox's tests break) must not reach the next. Three at a time, since much of it waits, each with
# servers of its own, the longest first. All groups run, also after one has failed.
acceptance := tests/acceptance
unit := tests/unit
store := tests/integration/store $(wildcard tests/integration/test_*.py)
sandbox := tests/integration/sandbox
temporal := tests/temporal tests/replay
gateway := tests/integration/gateway
intake := tests/integration/intake
channels := tests/integration/channels tests/integration/api tests/integration/documents tests/integration/simulation tests/integration/parties tests/integration/persons tests/integration/access tests/integration/doctor tests/integration/outgoing
protocol := tests/protocol
GROUPS := $(addprefix test-,acceptance gateway unit store intake temporal sandbox channels protocol)

test: $(STAMP) ## all tests but test-production's, real servers included
	@$(MAKE) --no-print-directory --keep-going --jobs=3 --output-sync=target $(GROUPS)

.PHONY: $(GROUPS)
$(GROUPS): test-%: $(STAMP)
	@echo "== $($*)"; $(BIN)/python -m pytest -q $($*)

# Begun on another kind of day each day, never minutes before a window closes; on all of them by
# make test-calendar.
test-temporal test-store: export TEST_BEGINS ?= $(shell $(BIN)/python -m tests.calendar --begins)

check: $(STAMP) ## format, lint, strict types, import direction
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## mend what can be mended by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test-production: $(STAMP) ## production's lock alone in a venv of its own: every command a deployment runs
	@TEST_PRODUCTION=1 $(BIN)/python -m pytest -q tests/production

BASE ?= python:3.12-slim
TAG ?= contrapunto:latest
image: ## the image: BASE=python:3.12-slim@sha256:... TAG=contrapunto:1 ARGS='more for buildah'
	deploy/image/build.sh $(BASE) $(TAG) $(ARGS)

test-image: $(STAMP) ## build an image from Debian's packages and run it (as root: buildah, debootstrap, mounts)
	@TEST_IMAGE=1 $(BIN)/python -m pytest -q tests/production/test_image.py

DAYS ?=
test-calendar: $(STAMP) ## what touches time, begun on every kind of day: DAYS='saturday leap-day', DAYS=today
	@$(BIN)/python -m tests.calendar $(DAYS)

CONTACTS ?= 10000
SEED ?= 1
campaign: $(STAMP) ## seeded faults against real servers: CONTACTS=10000 SEED=1 ARGS='--shrink 8'
	$(BIN)/python -m lab.campaign --contacts $(CONTACTS) --seed $(SEED) $(ARGS)

scenes: $(STAMP) ## the campaign against builds without one safeguard each, and the whole build beside them
	CAMPAIGN_SCENES=all $(BIN)/python -m pytest -q tests/acceptance/test_campaign.py

bench: $(STAMP) ## ratios against bare Temporal and bare PostgreSQL, side by side
	$(BIN)/python -m lab.bench
	$(BIN)/python -m lab.bench.puts --rate 250 --rate 500 --processes 2

capacity: $(STAMP) ## what a portfolio of a size takes, measured, as docs/guide/capacity.md: ARGS='--accounts 5000'
	$(BIN)/python -m lab.capacity --write $(ARGS)

N ?= 1000
lives: $(STAMP) ## random lives of two customers with one telephone, checked after every step: N=1000
	LIVES=$(N) $(BIN)/python -m pytest -q tests/integration/store/lives

mutation: $(STAMP) ## change the law and its code one thing at a time: which changes does no test see?
	$(BIN)/python -m lab.mutation

agreement: $(STAMP) ## a demo and a dry run of one world and seed: do the same people do the same? ARGS="--people adversarial --seed 2"
	$(BIN)/python -m lab.dry_run.agreement --accounts 100 --days 90 $(ARGS)

REQUESTS ?= 500
search: $(STAMP) ## the law's openings against a search minute by minute, and all examples of Hypothesis's: REQUESTS=500
	LAW_REQUESTS=$(REQUESTS) $(BIN)/python -m pytest -q tests/unit/law/rules/test_all_packs.py -k slow_search
	TEST_EXAMPLES=all $(BIN)/python -m pytest -q -m hypothesis tests

LABELLED := tests/unit/conversation/labelled

reading: $(STAMP) ## how well messages are read: the figures of docs/guide/reading-figures.md
	$(BIN)/python -m lab.reading $(LABELLED)/*.jsonl > docs/guide/reading-figures.md

classifier: $(STAMP) ## make config/classifier.json of the labelled messages, but for those kept unseen
	$(BIN)/python -m lab.classifier $(filter-out $(wildcard $(LABELLED)/unseen*),$(wildcard $(LABELLED)/*)) > var/classifier.json
	mv var/classifier.json config/classifier.json

docs: $(STAMP) ## write docs/law/, docs/reference/ and all schemas from the code
	$(BIN)/python -m workers law docs
	$(BIN)/python -m lab.reference

observability: $(STAMP) ## write the dashboards and the rules of the objectives in deploy/ from the code
	$(BIN)/python -m lab.observability

# No package index has it; Debian's and Ubuntu's package does, and is only unpacked here.
PROMTOOL := $(or $(shell command -v promtool),var/prometheus/usr/bin/promtool)
promtool: ## fetch promtool into var/, unless it is installed (on Debian or Ubuntu)
	@test -x $(PROMTOOL) || { mkdir -p var/prometheus && cd var/prometheus && \
	  { apt-get -qq download prometheus || { apt-get -qq update && apt-get -qq download prometheus; }; } && \
	  dpkg -x prometheus_*.deb . && rm prometheus_*.deb; } || \
	  { echo "promtool is not here and cannot be fetched: install Prometheus 2.42 or newer"; exit 1; }

alerts: $(STAMP) promtool ## test each alert on Prometheus's own engine: it comes, and it goes
	PROMTOOL=$(PROMTOOL) $(BIN)/python -m pytest -q tests/unit/observability

rollout: $(STAMP) ## a new version ramped in while accounts wait for months, taken back, drained: ARGS='--accounts 100'
	$(BIN)/python -m lab.rollout $(ARGS)

drill: $(STAMP) ## disasters on real servers: a restore, a failover, Temporal lost, slips of hands: ARGS='failover --accounts 100'
	$(BIN)/python -m lab.drill $(ARGS)

bandit: $(STAMP) ## what a policy loses while it learns, in worlds whose best actions are known
	$(BIN)/python -m lab.learning.bandit

CLIENTS ?= $(wildcard ../shared/data/credit_card_clients.csv)
headline: $(STAMP) ## half the contacts: in which worlds, and where not: CLIENTS=file.csv ARGS='--short'
	$(BIN)/python -m lab.headline $(CLIENTS) $(ARGS)

lock: var/uv/bin/uv ## pin what pyproject.toml newly asks for; ARGS=--upgrade pins everything anew
	$(PIN) pyproject.toml -o requirements/production.lock
	$(PIN) --group pyproject.toml:local -c requirements/production.lock -o requirements/local.lock
	$(PIN) --group pyproject.toml:learn -c requirements/production.lock -c requirements/local.lock -o requirements/learn.lock
	$(PIN) --group pyproject.toml:image -c requirements/production.lock -c requirements/local.lock -c requirements/learn.lock -o requirements/image.lock
	$(PIN) --group pyproject.toml:development -c requirements/production.lock -c requirements/local.lock -c requirements/learn.lock -c requirements/image.lock -o requirements/development.lock

# Production stands alone; each of the others adds to what comes before it, at the same versions.
PIN := var/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header $(ARGS)

var/uv/bin/uv:
	@$(PYTHON) -m venv var/uv
	@var/uv/bin/python -m pip install --quiet --disable-pip-version-check uv

clean: ## remove what was made here
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache
