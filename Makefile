# `make demo` and `make test` work on a machine that has Python 3.11 or later, make and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Apart from $(VENV): tox makes an environment of its own, and bin/magento runs in $(VENV) if it is there.
TOX := .tox/tox/bin/tox

.DEFAULT_GOAL := help
.PHONY: help demo test lint format clean

help:
	@echo "make demo    install into $(VENV) and run the demo"
	@echo "make test    check style, types, layers, spelling, documentation, and test, by tox"
	@echo "make dev     install everything a developer needs into $(VENV)"
	@echo "make format  format the code"
	@echo "make hooks   check style, types, layers and spelling before each commit"
	@echo "make docs    write the reference pages from the code"
	@echo "make site    build the documentation as a site, below build/site"
	@echo "make dist    build the wheel, below dist/; make try-wheel runs its demo elsewhere"
	@echo "make coverage  test, and show which lines no test runs"
	@echo "make screenshots  write pictures of the dashboard to docs/images (needs Chromium)"
	@echo "make fuzz    tries hostile bytes on all that reads some; SECONDS=60 for each reader,"
	@echo "             CASES=100 for each operation of the API"
	@echo "make soak    server and exporter are killed, edited and faulted for MINUTES=20"
	@echo "make loadtest  send a generated catalog with Locust and compare what arrived; options by"
	@echo "             LOADTEST='--items 1000000 --processes 2'"
	@echo "make bench   run all benchmarks and write docs/benchmarks.md; BENCH=--full takes an hour"
	@echo "make bench-validate, bench-generate, bench-ingest, bench-stores, bench-size, bench-overhead,"
	@echo "bench-load, bench-export, bench-log, bench-diff, bench-pages"
	@echo "             one benchmark each, which prints its figures"
	@echo "make clean   remove what these targets made"

$(BIN)/mcs: setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(TOX): Makefile
	$(PYTHON) -m venv .tox/tox
	.tox/tox/bin/pip install --quiet --disable-pip-version-check 'tox>=4.27,<5'
	@touch $@

demo: $(BIN)/mcs
	$(BIN)/mcs demo

test: $(TOX)
	$(TOX) run

.PHONY: loadtest bench-validate bench-generate bench-export bench-log bench-diff bench-pages screenshots docs bench bench-load
bench: dev
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[bench]'
	$(BIN)/python -m mcs.loadtests.bench $(BENCH)

bench-load: dev
	$(BIN)/python -m mcs.loadtests.bench_load

bench-pages: dev
	$(BIN)/python -m mcs.loadtests.bench_pages

screenshots: dev
	$(BIN)/python -m tests.browser.screenshots

loadtest: dev
	$(BIN)/mcs loadtest $(LOADTEST)

bench-validate: dev
	$(BIN)/python -m mcs.loadtests.bench_validate

bench-generate: $(BIN)/mcs
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[bench]'
	$(BIN)/python -m mcs.loadtests.bench_generate

bench-export: $(BIN)/mcs
	$(BIN)/python -m mcs.loadtests.bench_export

bench-log: $(BIN)/mcs
	$(BIN)/python -m mcs.loadtests.bench_log

# Some minutes, and 7 GB below var/; less with arguments of the module, see there.
bench-diff: dev
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[bench]'
	$(BIN)/python -m mcs.loadtests.bench_diff
	$(BIN)/python -m mcs.loadtests.bench_diff --rows 10000000

SECONDS ?= 60
CASES ?= 100
MINUTES ?= 20
.PHONY: fuzz soak
fuzz: dev
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS)
	MCS_FUZZ_CASES=$(CASES) $(BIN)/pytest -q tests/server/test_description.py

soak: $(BIN)/mcs
	$(BIN)/python -m mcs.loadtests.soak --minutes $(MINUTES)

docs: $(BIN)/mcs
	$(BIN)/mcs contract docs docs
	$(BIN)/mcs case list --markdown > docs/case-library.md
	$(BIN)/python -m mcs.reference docs/reference

.PHONY: site dist try-wheel coverage hooks
hooks: dev
	$(BIN)/pre-commit install

site: dev
	$(BIN)/sphinx-build --fresh-env --fail-on-warning --keep-going --quiet docs build/site
	@echo "Open build/site/index.html"

dist: dev
	rm -rf build/lib dist
	$(BIN)/python -m build

# What a user does: the wheel and what it needs in an empty environment, in an empty folder.
try-wheel:
	rm -rf build/lib build/try-wheel && mkdir -p build/try-wheel
	$(PYTHON) -m venv build/try-wheel/venv
	build/try-wheel/venv/bin/pip wheel --quiet --disable-pip-version-check --no-deps \
		--wheel-dir build/try-wheel .
	build/try-wheel/venv/bin/pip install --quiet --disable-pip-version-check build/try-wheel/*.whl
	cd build/try-wheel && venv/bin/mcs demo --products 100

coverage: dev
	$(BIN)/pytest -n 2 --cov=mcs --cov-report=term:skip-covered --cov-report=html:build/coverage

# The contenders Prism and WireMock come from npm into a folder outside the tree.
.PHONY: bench-ingest bench-stores bench-size bench-overhead
bench-ingest: dev
	$(BIN)/python -m mcs.loadtests.bench_ingest

# Needs PostgreSQL: Debian's pg_virtualenv starts one and removes it again.
bench-stores: dev
	pg_virtualenv -- $(BIN)/python -m mcs.loadtests.bench_stores

bench-size: dev
	$(BIN)/python -m mcs.loadtests.bench_size

bench-overhead: dev
	$(BIN)/python -m mcs.loadtests.bench_overhead

.PHONY: dev
dev: $(BIN)/mcs
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'

format: dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .tox build dist *.egg-info var .mypy_cache .ruff_cache .pytest_cache .hypothesis
