# Everything a person or a machine does with this tree. `make help` lists it.
# The system's own where it can make an environment: it was built with a profile of itself, and is a
# quarter faster than one that was compiled on the spot.
PYTHON ?= $(shell /usr/bin/python3.11 -c "import ensurepip, sys; print(sys.executable)" 2>/dev/null || command -v python3.11 || command -v python3)
BIN := .venv/bin
CODE := network bot handbook config tests wsgi.py
PAGES := network handbook bot
# Tests start some hundred processes: whatever is imported is compiled once, not by each of them.
export PYTHONDONTWRITEBYTECODE =
# Where there is room, what tests write is in memory: SQLite waits for a disk at every commit.
MEMORY = $(shell [ "$$(df -k --output=avail /dev/shm 2>/dev/null | tail -1)" -gt 4000000 ] 2>/dev/null && echo /dev/shm)

.DEFAULT_GOAL := help
.PHONY: help run test check press bench chaos screens lock clean installed

help: ## list these words
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

run: ## start everything here; without a Telegram token, with the sandbox
	@$(PYTHON) config/install.py run && exec $(BIN)/python -m config.start

test: installed ## every test but chaos and bench, on both databases and in Chromium
	@PYTEST_DEBUG_TEMPROOT=$(MEMORY) exec $(BIN)/pytest -n 2 --dist worksteal -m 'not chaos and not bench and not screens' $(ARGS)

check: installed ## lint, types, import contracts, tests: what CI runs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/djlint --check --lint $(PAGES)
	$(BIN)/mypy
	$(BIN)/python -m config.language check
	@$(MAKE) --no-print-directory test

press: ## print the handbook into dist/handbook: PDF, EPUB, sheets and cards
	@$(PYTHON) config/install.py print && exec $(BIN)/python -m handbook $(ARGS)

bench: installed ## measure beside a reference, in the same run
	@exec $(BIN)/pytest -q -s -m bench tests/bench $(ARGS)

chaos: installed ## kill, cut and fill
	@exec $(BIN)/pytest -q -s -m chaos $(ARGS)

screens: installed ## picture every page and phone while the whole job is played
	@exec $(BIN)/pytest -q -m screens tests/screens $(ARGS)

lock: ## write the pins again from requirements*.in (UP=-U to move them all up)
	uv pip compile -q $(UP) --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements.in -o requirements.txt
	uv pip compile -q $(UP) --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements-print.in -o requirements-print.txt
	uv pip compile -q $(UP) --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements-dev.in -o requirements-dev.txt

clean: ## remove what the words above made, except the data in var/
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

installed:
	@$(PYTHON) config/install.py dev
