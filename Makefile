# Needs python3 (3.10 to 3.12) with venv, make and git; the rest goes into .venv by the lock file.
# The browser tests need a Chromium, which `make test` installs as root on Debian.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
FROM_LOCK := install --no-deps --require-hashes
HERE := --no-build-isolation --use-pep517 # builds with the locked setuptools, fetches no other
# Two LNbits side by side; a file stays with one. A test that does not end is not begun again.
PYTEST := $(BIN)/pytest -q -n 2 --dist loadfile --max-worker-restart 0
MYPY := MYPYPATH=.build/types $(BIN)/mypy

.PHONY: help venv demo smoke test test-long test-night chromium clients clink axe nostr-relay pictures test-postgres test-pythons test-bunker test-relay test-deploy guards lint bench dist lock clean
.SILENT:

help:
	echo "make demo    relay, bunker and LNbits with a machine to pair, until Ctrl-C"
	echo "make smoke   the whole job once: pair, boot, sign, pair again, sell and take notes, revoke"
	echo "make test    all tests but the long ones"
	echo "make test-long   kills, races, load, made-up input"
	echo "make test-night  what .ci/run has no time for: test-long, and test-postgres whole"
	echo "make pictures  the browser tests, which take the pictures in docs/images"
	echo "make test-postgres   all that use a database, on a throw-away PostgreSQL"
	echo "make test-pythons    most of them on Python 3.10 and 3.12, where they are found"
	echo "make test-deploy     docs/host.md, walked on a Debian 12 made for it"
	echo "make test-bunker BUNKER=… ADMIN_NSEC=…   the life of a pairing against a running nsecbunkerd"
	echo "make test-relay RELAY=…   the life of a pairing over a running relay, and what it can do"
	echo "make guards  each guard taken out, and the test that has to fail (GUARDS=…: some of them)"
	echo "make lint    ruff and mypy"
	echo "make bench   every figure of docs/performance.md, with its target (BENCH=…: some of them)"
	echo "make dist    the zip that LNbits installs, and its manifest, in dist/ (TAG=v…: of that version)"
	echo "make lock    resolve the lock files again from pyproject.toml"
	echo "make clean   remove what make made (.data, which demo keeps, stays)"

venv: $(READY)

$(READY): requirements-build.lock requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] < (3, 13))' || \
		{ echo "LNbits needs Python 3.10 to 3.12; name one: make PYTHON=python3.11 …"; exit 1; }
	echo "Setting up $(VENV) (a minute or two; later runs skip this)"
	$(PYTHON) -m venv $(VENV)
	$(PIP) $(FROM_LOCK) -r requirements-build.lock
	$(PIP) $(FROM_LOCK) $(HERE) -r requirements.lock
	$(PIP) install --no-deps $(HERE) --editable .
	touch $@

demo: $(READY)
	exec $(BIN)/devkit up --demo

smoke: $(READY)
	$(BIN)/devkit smoke

test: $(READY) chromium clients axe
	$(PYTEST) -m "not long"

test-long: $(READY) chromium clients clink axe nostr-relay
	$(PYTEST) -m long

test-night: test-long test-postgres

chromium: $(READY)
	$(BIN)/python tests/support/chromium.py

CLIENTS := tests/api/clients

clients: $(CLIENTS)/node_modules

$(CLIENTS)/node_modules: $(CLIENTS)/package-lock.json
	cd $(CLIENTS) && npm ci --silent --no-audit --no-fund && touch node_modules || \
		{ rm -rf node_modules; echo "Without npm the JavaScript clients are not tested."; }

CLINK := tests/unit/cash/clink_sdk

clink: $(CLINK)/node_modules

# Apart from the clients: it pins an older nostr-tools.
$(CLINK)/node_modules: $(CLINK)/package-lock.json
	cd $(CLINK) && npm ci --silent --no-audit --no-fund && touch node_modules || \
		{ rm -rf node_modules; echo "Without npm CLINK's SDK is not tested."; }

AXE := tests/browser

axe: $(AXE)/node_modules

$(AXE)/node_modules: $(AXE)/package-lock.json
	cd $(AXE) && npm ci --silent --no-audit --no-fund && touch node_modules || \
		{ rm -rf node_modules; echo "Without npm nothing looks for barriers in the page."; }

NOSTR_RELAY := .build/nostr-relay

nostr-relay: $(NOSTR_RELAY)/.ready

# Apart from .venv: what it needs clashes with what LNbits pins.
$(NOSTR_RELAY)/.ready: requirements-nostr-relay.lock
	rm -rf $(NOSTR_RELAY) && $(PYTHON) -m venv $(NOSTR_RELAY)
	$(NOSTR_RELAY)/bin/python -m pip --disable-pip-version-check --quiet $(FROM_LOCK) -r $< \
		&& touch $@ || { rm -rf $(NOSTR_RELAY); echo "PyPI's nostr-relay is not tested."; }

pictures: $(READY) chromium
	SPIREKEEPER_PICTURES=docs/images $(BIN)/pytest -q tests/browser

test-postgres: $(READY) chromium clients axe
	SPIREKEEPER_TEST_POSTGRES=1 $(PYTEST) -m "not long" $(TESTS)

test-pythons: $(READY)
	$(BIN)/python tests/support/pythons.py

# RELAY=wss://… for a machine that meets the bunker elsewhere; MINT=local for a bunker that cannot
# reach public relays.
test-bunker: $(READY)
	test -n "$$BUNKER" -a -n "$$ADMIN_NSEC" || \
		{ echo "make test-bunker BUNKER='bunker://…?relay=…' ADMIN_NSEC=nsec1…"; exit 1; }
	SPIREKEEPER_TEST_BUNKER="$$BUNKER" SPIREKEEPER_TEST_ADMIN_NSEC="$$ADMIN_NSEC" \
		SPIREKEEPER_TEST_RELAY="$$RELAY" SPIREKEEPER_TEST_MINT="$$MINT" $(BIN)/pytest -q --tb=short tests/real/test_bunker.py

# Whichever relay is named: events of throw-away keys are sent to it.
test-relay: $(READY)
	test -n "$$RELAY" || { echo "make test-relay RELAY=ws://…"; exit 1; }
	SPIREKEEPER_TEST_OVER="$$RELAY" $(BIN)/pytest -q --tb=short tests/real/test_relay.py

# As root, on a Debian or Ubuntu; ORDERS=10 for some of the 120 orders in which the parts may start.
test-deploy: $(READY)
	PYTHONPATH=tests $(BIN)/python -m deploy

guards: $(READY) chromium
	PYTHONPATH=tests $(BIN)/python -m guards.run $(GUARDS)

# The link gives mypy the package's name, whatever the folder is called.
lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	mkdir -p .build/types && ln -sfn ../.. .build/types/spirekeeper
	$(MYPY) -p spirekeeper
	MYPYPATH=.build/types:tests:benchmarks $(BIN)/mypy --explicit-package-bases benchmarks/*.py

bench: $(READY) chromium
	$(BIN)/python benchmarks $(BENCH)

dist: $(READY)
	$(BIN)/devkit dist $(if $(TAG),--tag $(TAG)) $(if $(DIST_URL),--url $(DIST_URL))

UV := .build/uv/bin/uv pip compile --universal --python-version 3.10 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --quiet

lock:
	$(PYTHON) -m venv .build/uv
	.build/uv/bin/python -m pip --disable-pip-version-check --quiet install uv
	echo 'setuptools>=77' | $(UV) - --output-file requirements-build.lock
	$(UV) pyproject.toml --extra dev --output-file requirements.lock
	echo 'nostr-relay==1.14' | $(UV) - --output-file requirements-nostr-relay.lock
	! grep -n '://' requirements*.lock

clean:
	rm -rf .venv .build build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
