# make demo   runs everything on this machine: needs Python 3.11 or newer, and make
# make test   checks everything: needs Mosquitto, Chromium and PostgreSQL too, and installs them on Debian as root
# make chaos  every part killed, stopped, cut off, slowed, its disk filled, its clock set: 200 faults, a quarter of an hour
# make fuzz   gives all that takes input from outside thousands of bad ones: FUZZ="--seconds 600 --seed 7"
# make soak   leaves everything running for an hour and 25 plant days with faults on: nothing grows or is lost
# make lint   the quick part of it
# make lock   renews the locked dependencies from pyproject.toml
# make audit  says which locked packages have known vulnerabilities, as far as a database can be reached
# make sbom   writes sbom.json, the bill of materials of what is locked
# make test-interop  has independent programs from PyPI and npm read what we write in Sparkplug B, and write it
# make upgrades  opens what every stored version left, and hears what it said; some minutes
# make theory holds the simulator against theory at a hundred fresh sets of parameters for each result
# make gain   holds the gain against its laws and theory, at 200 pairs of plants each: some ten minutes
# make bench  measures everything that docs/performance.md has a table of; an hour
# make bench-kpis measures how long a year of the simulator takes, and any KPI of any window over a year of 100 machines
# make bench-simulator  measures what a machine costs in the simulator and at the broker, by connection and gateway
# make bench-ingest  measures the way from the wire to a committed history, beside a subscriber that only decodes
# make bench-rest  measures how long the demo takes to start, what it takes at rest, and how that grows
# make bench-quick a few ratios in a minute, each against its floor; fails where one got worse by half
# make bench-page measures the way from the wire to a tile in a real Chromium; five minutes
# make bench-condition  measures detector and forecasts on public series, faults and wear; a quarter of an hour
# make clean  removes what the above have made, histories included

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Programs that tests start are compiled once, whatever the environment says of that.
unexport PYTHONDONTWRITEBYTECODE
LOCK := uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11

.PHONY: pure audit sbom test-interop npm bench bench-condition bench-ingest bench-kpis bench-page bench-quick bench-rest bench-simulator gain theory demo test chaos fuzz soak upgrades lint style lock clean python debian-parts

demo: $(VENV)/demo.stamp
	@exec $(BIN)/python -m demo

# What is worked out without a broker, a browser or a clock waits for nobody: it and the types are tested in the
# time that journeys leave, most of which wait. Only files that speak of a journey are searched for one.
# A file that is named in PURE and would be in a hurry is found by tests/docs/test_makefile.py.
PURE := protocol simulator dashboard demo $(wildcard tests/simulator/test_*.py) $(addprefix tests/, \
  dashboard faultlab gained protocol theory simulator/commanding simulator/study $(patsubst %,%.py, \
  $(addprefix faults/test_,chronicle links machines sensors spells) $(addprefix gain/test_,laws pairs) \
  $(addprefix fuzz/test_,findings sample) $(addprefix soak/test_,readings slope) \
  $(addprefix ingest/test_,calls calls_laws fuzz lasting order relearning trend twin)))
UNIT := not engine and not journey and not interop
JOURNEYS = $(shell grep -rl --include='test_*.py' 'mark\.journey' tests | sort)

test: debian-parts style
	$(BIN)/python -m pytest -m "$(UNIT)" -n 3 --dist loadfile tests $(PURE:%=--ignore=%)
	@said=$$(mktemp -d); trap 'kill $$types $$pure 2>/dev/null; rm -r $$said' EXIT; trap 'exit 130' INT TERM; \
	$(BIN)/python -m tests.aside $(BIN)/mypy >$$said/types 2>&1 & types=$$!; \
	$(BIN)/python -m tests.aside $(BIN)/python -m pytest -m "$(UNIT)" -n 2 --dist loadfile -o timeout=1500 $(PURE) \
	  >$$said/pure 2>&1 & pure=$$!; \
	$(BIN)/python -m pytest -m "journey and not engine" $(JOURNEYS); code=$$?; \
	wait $$types || code=1; types=; cat $$said/types; \
	wait $$pure || code=1; pure=; cat $$said/pure; \
	exit $$code

pure:
	@echo $(PURE)

test-interop: npm $(VENV)/test.stamp
	$(BIN)/python -m pytest -m interop tests/interop

upgrades: debian-parts $(VENV)/test.stamp
	$(BIN)/python -m tests.upgrades

chaos: debian-parts $(VENV)/test.stamp
	$(BIN)/python -m tests.chaos

fuzz: debian-parts $(VENV)/test.stamp
	$(BIN)/python -m tests.fuzz $(FUZZ)

soak: debian-parts $(VENV)/test.stamp
	$(BIN)/python -m tests.soak

bench: bench-quick bench-kpis bench-simulator bench-ingest bench-rest bench-page

bench-kpis: $(VENV)/test.stamp
	$(BIN)/python -m benchmarks.headless
	$(BIN)/python -m benchmarks.kpis

bench-simulator: debian-parts $(VENV)/test.stamp
	$(BIN)/python -m benchmarks.simulator

bench-ingest: debian-parts $(VENV)/test.stamp
	$(BIN)/python -m benchmarks.ingest

bench-rest: debian-parts $(VENV)/test.stamp
	$(BIN)/python -m benchmarks.rest

bench-quick: $(VENV)/test.stamp
	$(BIN)/python -m benchmarks.quick

bench-page: debian-parts $(VENV)/test.stamp
	$(BIN)/python -m benchmarks.page

bench-condition: $(VENV)/test.stamp
	$(BIN)/python -m benchmarks.condition

theory: $(VENV)/test.stamp
	$(BIN)/python -m tests.theory --sets 100

gain: $(VENV)/test.stamp
	$(BIN)/python -m tests.gain

lint: style
	$(BIN)/mypy

style: $(VENV)/test.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

lock: $(VENV)/test.stamp
	$(BIN)/$(LOCK) --extra broker --extra postgresql --extra sparkplug -o requirements.lock pyproject.toml
	$(BIN)/$(LOCK) --extra broker --extra postgresql --extra sparkplug --group dev -c requirements.lock -o requirements-dev.lock pyproject.toml

audit: $(VENV)/test.stamp
	$(BIN)/python -m tests.security.audit

sbom: $(VENV)/test.stamp
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --of JSON -o sbom.json requirements.lock

clean:
	rm -rf $(VENV) .interop var .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment is made once, and again when a lock has changed.
$(VENV)/demo.stamp: requirements.lock | python
	$(call install,requirements.lock)

$(VENV)/test.stamp: requirements-dev.lock | python
	$(call install,requirements-dev.lock)

define install
@test -x $(BIN)/python || { echo "Making an environment in $(VENV) ..."; $(PYTHON) -m venv $(VENV); } || { \
	rm -rf $(VENV); \
	echo "Python's venv is missing. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
@echo "Installing the packages of $(1) (once) ..."
@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)
@touch $@
endef

python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "This needs Python 3.11 or newer, and there is no $(PYTHON). Another one: make demo PYTHON=python3.12" >&2; \
	  exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "This needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) -V 2>&1). Another one: make demo PYTHON=python3.12" >&2; \
	  exit 1; }

# For the peer that comes from npm.
npm:
	@command -v npm >/dev/null && exit 0; \
	if command -v apt-get >/dev/null && test "$$(id -u)" = 0; then \
	  echo "Installing npm ..."; \
	  export DEBIAN_FRONTEND=noninteractive; \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends npm >/dev/null; \
	else \
	  echo "make test-interop needs npm: install it with your system's package manager" >&2; exit 1; \
	fi

# Mosquitto with its clients, a Chromium, and a PostgreSQL server: installed on Debian and Ubuntu as root,
# named elsewhere.
debian-parts:
	@PATH="$$PATH:/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"; missing=; \
	command -v mosquitto >/dev/null || missing="$$missing mosquitto"; \
	command -v mosquitto_pub >/dev/null || missing="$$missing mosquitto-clients"; \
	command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing="$$missing chromium"; \
	{ command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; } && \
	  { test "$$(id -u)" != 0 || id postgres >/dev/null 2>&1; } || missing="$$missing postgresql"; \
	if command -v apt-get >/dev/null; then \
	  command -v cc >/dev/null || missing="$$missing gcc libc6-dev"; \
	  command -v ip >/dev/null || missing="$$missing iproute2"; \
	fi; \
	test -z "$$missing" && exit 0; \
	if command -v apt-get >/dev/null && test "$$(id -u)" = 0; then \
	  echo "Installing$$missing ..."; \
	  export DEBIAN_FRONTEND=noninteractive; \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	elif command -v apt-get >/dev/null; then \
	  echo "The tests need$$missing: sudo apt-get install$$missing" >&2; exit 1; \
	elif command -v brew >/dev/null; then \
	  echo "The tests need$$missing: brew install mosquitto postgresql && brew install --cask google-chrome" >&2; exit 1; \
	else \
	  echo "The tests need$$missing: install them with your system's package manager" >&2; exit 1; \
	fi
