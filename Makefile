.DEFAULT_GOAL := help
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
CODE := postlens core plugins app tests scripts examples bench
# One thread for each process: two processes on two cores otherwise wait for each other.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.runtime: requirements.lock pyproject.toml scripts/environment.sh
	@scripts/environment.sh $(VENV) requirements.lock $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml scripts/environment.sh
	@scripts/environment.sh $(VENV) requirements-dev.lock $@

demo: $(VENV)/.runtime  ## the app on http://127.0.0.1:8050 with the bundled sample
	@$(BIN)/postlens serve --config config.toml

gallery: $(VENV)/.runtime  ## every block in every state, with made-up numbers
	@$(BIN)/postlens serve --config examples/gallery/config.toml

test: $(VENV)/.dev  ## everything: tests, docs, browser
	@scripts/browser.sh
	@$(PYTEST) -n 2

test-fast: $(VENV)/.dev  ## the inner loop: no browser, nothing slow
	@$(PYTEST) -n 2 -m "not browser and not slow" tests

coverage: $(VENV)/.dev  ## which lines the tests without a browser run; fails below 90 %
	@$(PYTEST) -n 2 -q -m "not browser" --cov --cov-report=term-missing

check: $(VENV)/.dev  ## format, lint, layering, types, tests, docs, browser, speed
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/codespell --skip "*/roles.toml,*/formats.toml,*.tsv,*.png,*.min.js" -L schedul,negativ,alternativ,tage,updat,alle,nd,produkt,objet,autor,nome,retriev,mis,nam,numer,somme,carosel,histori,fotograf,annonce,annonces,ore,ect,wit,ist,foto,tekst,januar,februar,juni,juli,oktober,dezember,bitis,te,vie,tha,referr,categor README.md CHANGELOG.md CONTRIBUTING.md docs config.toml postlens core plugins app scripts
	@$(BIN)/lint-imports
	@$(BIN)/mypy
	@$(MAKE) --no-print-directory test
	@$(MAKE) --no-print-directory bench-quick

fix: $(VENV)/.dev  ## format and repair what can be repaired
	@$(BIN)/ruff check --fix $(CODE)
	@$(BIN)/ruff format $(CODE)

charts: $(VENV)/.dev  ## the part of Plotly's scripts that pages draw with, in the version installed (needs npm)
	@scripts/charts.sh $(BIN)/python app/assets/later

screenshots: $(VENV)/.dev  ## every page, light and dark, wide and narrow, into build/screenshots
	@scripts/browser.sh
	@$(BIN)/python -m scripts.screenshots

docs: $(VENV)/.dev  ## the pages that the code writes: settings, names, examples
	@$(BIN)/python -m scripts.docs

bench: $(VENV)/.dev  ## how fast against named baselines, in the same run (some minutes)
	@$(BIN)/python -m bench

bench-quick: $(VENV)/.dev  ## the same in under a minute
	@$(BIN)/python -m bench --quick

bench-users: $(VENV)/.dev  ## fifty analysts on 242,000 posts, for ten minutes
	@$(BIN)/python -m bench.users 50 600 242000

validate: $(VENV)/.dev  ## how often verdicts are wrong, into docs/validation.md (an hour)
	@OMP_NUM_THREADS=1 $(BIN)/python -m scripts.validate --write

attack: $(VENV)/.dev  ## what can be tried on loopback to knock it over, into docs/reliability.md (some minutes)
	@$(BIN)/python -m scripts.attack --write

lock: $(VENV)/.dev  ## pin every dependency again, with hashes
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --upgrade -o requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --upgrade -o requirements-dev.lock

.PHONY: help demo gallery test test-fast coverage check fix charts screenshots docs bench bench-quick bench-users validate attack lock
