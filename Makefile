# The commands of the project. `make run` and `make test` work on a fresh machine.
PYTHON ?= python3
BIN := .venv/bin
RASA := $(CURDIR)/.venv-rasa/bin/rasa
RASA_DIR ?= var/rasa
RASA_PORT ?= 5005
# python3.10 of the PATH where it runs (pyenv's shim does not always), else the newest one that pyenv has.
FIND_PYTHON310 := python3.10 -c 'import sys; print(sys.executable)' 2>/dev/null || echo "$$(pyenv prefix "$$(pyenv versions --bare 2>/dev/null | grep '^3\.10\.' | tail -n 1)" 2>/dev/null)/bin/python3.10"

.PHONY: setup run test check lock lock-rasa bench model rasa rasa-setup clean

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
	@sh tests/install_mail.sh
	@sh tests/install_oidc.sh
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest --numprocesses=3 --dist=worksteal --ignore=tests/browser
	$(BIN)/python -m pytest --numprocesses=2 --dist=worksteal tests/browser

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

# After a change of the starting catalogue: its embeddings and the limits fitted on it, which are shipped.
model: setup
	$(BIN)/python -m catalogue.ship

# The second engine: learn what the catalogue holds now, and serve it on this machine (NLU_ENGINE=rasa asks it).
rasa: export RASA_TELEMETRY_ENABLED := false
rasa: export SQLALCHEMY_SILENCE_UBER_WARNING := 1
rasa: export TF_CPP_MIN_LOG_LEVEL := 3
rasa: setup rasa-setup
	$(BIN)/atbilde nlu export-rasa $(RASA_DIR)
	cd $(RASA_DIR) && $(RASA) train --out models
	@cd $(RASA_DIR) && exec $(RASA) run --enable-api --interface 127.0.0.1 --port $(RASA_PORT)

rasa-setup: .venv-rasa/ready

.venv-rasa/ready: requirements-rasa.lock
	@python=$$($(FIND_PYTHON310)); test -x "$$python" || { echo "Rasa needs Python 3.10: python3.10 on the PATH, or pyenv install 3.10" >&2; exit 1; }; \
	test -x .venv-rasa/bin/python || "$$python" -m venv .venv-rasa
	.venv-rasa/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-rasa.lock
	touch $@

lock-rasa: # with the pip-compile of an environment of Python 3.10, PIP_COMPILE=…
	$(or $(PIP_COMPILE),pip-compile) --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file=requirements-rasa.lock requirements-rasa.in

clean:
	rm -rf .venv .venv-rasa build var .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
