# Atelier: `make run` sets everything up and starts it; `make test` runs every test.
BIN := .venv/bin

# without compiled modules each start takes longer
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check bench install lint format types imports clean

run: ## set up what is missing and start everything in one process
	@scripts/setup run
	@exec $(BIN)/atelier up

test: install ## run every test
	@$(BIN)/pytest $(ARGS)

check: lint types imports ## everything that reads the code without running it

bench: ## print the benchmarks
	@scripts/setup bench
	@$(BIN)/python -m benchmarks $(ARGS)

install:
	@scripts/setup develop

lint: install
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: install
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: install
	@$(BIN)/mypy

imports: install
	@$(BIN)/lint-imports

clean: ## remove what was installed and cached; data and settings stay
	rm -rf .venv .uv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
