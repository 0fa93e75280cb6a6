# `make help` lists what there is. Everything is installed into .venv; nothing is registered outside this folder.
PYTHON ?= python3
PORT ?= 8888
BROWSER ?= yes
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help setup lab test lessons check format mutants bench picture clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "%-10s%s\n", $$1, $$2}' Makefile

setup: $(VENV)/.ready  ## install the course into .venv

lab: setup  ## copy the lessons into work/ and open JupyterLab there (PORT=8888, BROWSER=no for its address only)
	@$(BIN)/embedcourse lab work --port $(PORT) $(if $(filter no,$(BROWSER)),--no-browser)

test: $(VENV)/.ready-test  ## run every test (PARTS="unit browser" for some)
	@$(BIN)/python tests/run.py $(PARTS)

lessons: $(VENV)/.ready-test  ## write lessons/ and solutions/ from solutions/*.md (ONLY=01, FORCE=yes)
	@$(BIN)/embedcourse build $(if $(ONLY),--only $(ONLY)) $(if $(FORCE),--force)

check: $(VENV)/.ready-test  ## say which generated file is stale; executes nothing
	@$(BIN)/embedcourse build --check

format: $(VENV)/.ready-test  ## format the code and mend what ruff can mend
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

mutants: $(VENV)/.ready-test  ## change every right answer a little and see that marking notices (ONLY=lookup)
	@$(BIN)/python -m tests.mutants $(ONLY)

bench: $(VENV)/.ready-test  ## print the benchmarks' tables
	@for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

picture: $(VENV)/.ready-test  ## draw the README's picture anew
	@$(BIN)/python .github/picture.py

clean:  ## delete .venv; your work/ stays
	rm -rf $(VENV)

$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	  || { echo "embedcourse needs Python 3.11, 3.12 or 3.13; say which with: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	@echo "Making .venv and installing JupyterLab, NumPy, torch and matplotlib into it. The first time takes minutes."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --editable .
	@echo "Preparing matplotlib's fonts."
	@$(BIN)/python -c "import matplotlib.pyplot"
	@touch $@

$(VENV)/.ready-test: $(VENV)/.ready
	@echo "Installing what the tests and the build need."
	@$(PIP) --editable '.[test]'
	@touch $@
