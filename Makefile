# Everything one does with Tiercel's sources. Bare `make` lists it.
# Needs Python ≥ 3.11 with venv, make and git; no root, nothing outside this folder.

# Some machines forbid byte code, which makes every start slow.
unexport PYTHONDONTWRITEBYTECODE
# Whatever environment somebody has activated, it is the one in .venv that is built here.
unexport VIRTUAL_ENV
# uv trusts only its own certificates unless told to trust the machine's.
export UV_SYSTEM_CERTS = 1

BIN = .venv/bin
PORT ?= 8080
MINUTES ?= 10
MEMBERS = $(wildcard plugins/*/pyproject.toml)
UV_VERSION = $(shell sed -n 's/^uv==\([^ ;]*\).*/\1/p' requirements.lock)
CODE = src plugins tests bench fuzz scripts ui/build.py hatch_build.py
INDEX = UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$(sh scripts/find-index.sh)}"

.DEFAULT_GOAL = help
.DELETE_ON_ERROR:

.PHONY: help
help: ## List what make can do
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r target meaning; do \
		printf '  make %-12s %s\n' "$$target" "$$meaning"; done

.PHONY: run
run: env ## Set up everything, start the server with the examples, execute one; until Ctrl+C (PORT=8080)
	@sh scripts/run.sh $(PORT)

.PHONY: demo
demo: env ## Show the pipeline of examples/etl_pipeline.yaml: PostgreSQL, pandas, BigQuery (an emulator), by one command
	@$(BIN)/python -m scripts.demo

.PHONY: ui
ui: env ## Build the web UI into src/tiercel/web, if its sources have changed
	@$(BIN)/python ui/build.py

.PHONY: test
test: ui ## Run every test that needs neither root nor system packages
	@$(BIN)/pytest -n auto -m "not peers and not browser"

.PHONY: test-peers
test-peers: ui ## Run the tests on real servers and in a real browser, which need Debian packages (and root, some)
	@$(BIN)/pytest -m "peers or browser"

.PHONY: check
check: env ## Check format, lint, types, imports and the fast tests: before each commit
	@$(BIN)/ruff format --check --quiet $(CODE)
	@$(BIN)/ruff check --quiet $(CODE)
	@$(BIN)/pyright
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/pytest -n auto -m "not slow and not peers and not browser"

.PHONY: bench
bench: env ## Measure what executions cost, in a few minutes (docs/reference/bench.md)
	@$(BIN)/python -m bench.run b1 chain fanout --quick

.PHONY: fuzz
fuzz: env ## Throw broken texts at all that reads what people write (MINUTES=10)
	@$(BIN)/python -m fuzz.run --minutes $(MINUTES)

.PHONY: docs
docs: env ## Write those pages of docs/reference that are made from the code
	@$(BIN)/python -m scripts.reference

.PHONY: format
format: env ## Put the code into the house's format and mend what can be mended by machine
	@$(BIN)/ruff check --fix --quiet $(CODE)
	@$(BIN)/ruff format --quiet $(CODE)

.PHONY: hooks
hooks: env ## Let git check format, lint, types and imports before each commit
	@$(BIN)/pre-commit install

.PHONY: env
env: .venv/.members ## Build the environment in .venv, as locked

.PHONY: lock
lock: env ## Resolve the dependencies again and write requirements.lock
	@$(INDEX) $(BIN)/uv lock --quiet
	@$(BIN)/uv export --quiet --frozen --all-packages --all-groups --no-emit-workspace \
		--no-emit-index-url --no-header --no-annotate --output-file requirements.lock

.PHONY: clean
clean: ## Remove the environment and all that was built
	@rm -rf .venv .pytest_cache .ruff_cache .hypothesis .import_linter_cache dist build
	@find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment is built in three steps, each done again only when what it was made from has changed.

.venv/bin/uv:
	@python=$${PYTHON:-$$(sh scripts/find-python.sh)} && $$python -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.locked: requirements.lock | .venv/bin/uv
	@$(INDEX) $(BIN)/uv pip sync --quiet --compile-bytecode requirements.lock
	@touch $@

.venv/.members: .venv/.locked pyproject.toml $(MEMBERS)
	@$(INDEX) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation $(patsubst %,-e %,. $(dir $(MEMBERS)))
	@touch $@
