# make demo    train a network on handwritten digits with a generated gradient
# make test    lint, format check, types and tests
#
# Everything happens in .venv, which is made on first use; nothing else is touched.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test bench lint format golden clean

demo: $(VENV)/.demo
	$(BIN)/python examples/digits.py

test: lint $(VENV)/.test
	$(BIN)/python -m mypy
	$(BIN)/python -m pytest

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks

lint: $(VENV)/.test
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

format: $(VENV)/.test
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

# Write the printed gradients anew, in tests/golden and in the README; review the diff.
golden: $(VENV)/.test
	UPDATE_GOLDEN=1 $(BIN)/python -m pytest tests/test_golden.py tests/test_readme.py

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis digits.png
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp for each extra: the environment is brought up to date when pyproject.toml changes.
$(VENV)/.%: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[$*]'
	touch $@

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
