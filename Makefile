# Every command of this project. `make` alone lists them.

# Every process of ours reads what the first one compiled, also where a container says not to write it.
export PYTHONDONTWRITEBYTECODE :=

VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.installed-run
DEV := $(VENV)/.installed-dev
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
WARM := import ibis, jinja2, matplotlib.pyplot, typer.rich_utils; ibis.duckdb.connect()
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
RECORDS := $(or $(IMMUNOSEP_SHARED),../shared)/data/mimic-iv-demo-2.2
# Four on two cores: tests wait for processes and browsers of their own.
PYTEST := $(BIN)/pytest -n 4

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-stop test test-full check docs bench hook lock clean system

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: $(DEV) ## make .venv with everything to work on the project

demo: $(RUN) ## start a trial that runs, with virtual patients and a log-in per role
	@$(BIN)/immunosep demo build/rehearsal $(if $(PORT),--port $(PORT)) $(if $(ANEW),--anew) $(if $(WHOLE),--whole)
	@echo "... or with make: make demo-stop, make demo ANEW=1 (at another port: PORT=8400; all 281: WHOLE=1)"

demo-stop: $(RUN) ## stop it
	@$(BIN)/immunosep serve build/rehearsal --stop

test: $(DEV) system ## run the tests
	$(PYTEST) -m "not slow"

test-full: $(DEV) system ## run every test, the properties on many more examples, with branch coverage
	@mkdir -p .cache/coverage
	HYPOTHESIS_PROFILE=full $(PYTEST) --cov --cov-report=term

check: $(DEV) ## lint, format, types, who may import whom; the commit hook runs this
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/python .ci/lock_age.py

docs: $(DEV) ## build the documentation into docs/_build/html
	$(BIN)/sphinx-build --builder html --fail-on-warning --keep-going --quiet docs docs/_build/html
	@echo "The documentation is docs/_build/html/index.html"

bench: $(DEV) ## run the benchmarks, small
	$(BIN)/python benchmarks/assess.py --rows 100000 --runs 3
	$(BIN)/python benchmarks/fcs.py --events 100000 --runs 3
	$(BIN)/python benchmarks/hla_dr.py --runs 3
	$(BIN)/python benchmarks/allocating.py --runs 1 --processes 1 8 --total 80
	@if [ -d $(RECORDS) ]; \
	then $(BIN)/python benchmarks/hospital.py $(RECORDS) --copies 5 --runs 1; \
	else echo "NOT MEASURED: a hospital, there are no records in $(RECORDS)"; fi

hook: $(DEV) ## run `make check` before every commit
	$(BIN)/pre-commit install

lock: $(DEV) ## compile requirements/ again from pyproject.toml
	$(LOCK) pyproject.toml --all-extras --group dev --group docs --group build \
		--output-file requirements/dev.txt
	$(LOCK) pyproject.toml --extra cli --extra analysis --extra report --extra web --constraint requirements/dev.txt \
		--no-annotate --output-file requirements/run.txt
	$(LOCK) --group build --constraint requirements/dev.txt --no-annotate \
		--output-file requirements/build.txt

clean: ## remove what was made, the environment too
	rm -rf $(VENV) .cache build dist docs/_build

# ── How the environment is made ─────────────────────────────────────────────────────────────────

$(RUN): requirements/build.txt requirements/run.txt pyproject.toml .ci/python
	@.ci/python $(VENV)
	@echo "Installing what immunosep runs on into $(VENV)"
	@$(INSTALL) --require-hashes --requirement requirements/build.txt
	@$(INSTALL) --require-hashes --no-build-isolation --no-compile --requirement requirements/run.txt
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@$(BIN)/python -c "$(WARM)"  # compiles what is used, not all there is
	@touch $@

$(DEV): $(RUN) requirements/dev.txt
	@echo "Installing what the project is built and tested with"
	@$(INSTALL) --require-hashes --no-build-isolation --requirement requirements/dev.txt
	@touch $@

system: # what tests need beside Python packages: Java, PostgreSQL, Chromium, Pango
	@.ci/java
	@.ci/postgresql
	@.ci/chromium
	@.ci/pango
