# The few commands a person and CI share. Nothing but Python 3.11+, make and a package index is assumed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: install run test check bench lock clean

install: .venv/.installed

.venv/.installed: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python .ci/link_source.py
	touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

# The bot, a WeCom of our own and the chat page, on an embedded SQLite database.
run: .venv/.installed
	$(BIN)/bqw demo

test: .venv/.installed-dev
	sh .ci/browser.sh
	$(BIN)/pytest -n 2

check: .venv/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_house.py

bench: .venv/.installed-dev
	$(BIN)/python -m tests.bench

# Maintainers only: re-resolve the locks (needs uv).
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" pyproject.toml -o requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" -c requirements.txt --group dev pyproject.toml -o requirements-dev.txt

clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache
