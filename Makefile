# The commands of the project. `make run` and `make test` work on a fresh machine.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup run test check lock bench clean

setup: .venv/ready

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	touch $@

.venv/ready-test: requirements-test.lock .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	touch $@

run: setup
	@exec $(BIN)/atbilde serve

test: .venv/ready-test
	@sh tests/install_browser.sh
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest --numprocesses=2 --ignore=tests/browser
	$(BIN)/python -m pytest --numprocesses=2 tests/browser

check: .venv/ready-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock:
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file=requirements.lock pyproject.toml
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --extra=test --output-file=requirements-test.lock pyproject.toml

bench: .venv/ready-test
	@for bench in bench/bench_*.py; do $(BIN)/python -m bench.$$(basename $$bench .py); done

clean:
	rm -rf .venv build var .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
