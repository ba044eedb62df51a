# make demo        train a network on handwritten digits with a generated gradient
# make test        lint, format check, types and tests
# make scoreboard  run the corpus under srcgrad and other libraries, write docs/scoreboard.md
# make oracles     compare optimizers and layers with optax and PyTorch; RECORD=1 writes the
#                  reference numbers of the ordinary tests anew
# make fuzz        differentiate N=20000 random programs, from seed S=0, in J=2 processes
# make switches    run the corpus with each analysis switched off in turn
# make memory      read 2 GB from a file in less than 200 MB of memory
# make malform     read M=5000 spoilt files of saved trees
# make kill        kill a training run N=1000 times, and resume it
# make docs        write the pages and pictures that are made from code anew
#
# The tests run in two processes, so each of them does linear algebra in one thread.
#
# Everything happens in .venv (.venv-scoreboard for the scoreboard, .venv-oracles for the oracles),
# which are made on first use; nothing else is touched.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test bench scoreboard oracles fuzz switches texts lint format golden memory malform kill docs clean

demo: $(VENV)/.demo
	$(BIN)/python examples/digits.py

test: lint $(VENV)/.test
	$(BIN)/python -m mypy
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks

scoreboard: $(VENV)-scoreboard/.scoreboard
	$(VENV)-scoreboard/bin/python -m benchmarks.scoreboard

oracles: $(VENV)-oracles/.oracles
	RECORD=$(RECORD) $(VENV)-oracles/bin/python -m pytest tests/oracles

N ?= 20000
S ?= 0
J ?= 2
fuzz: $(VENV)/.test
	$(BIN)/python -m tests.fuzz --count $(N) --seed $(S) --jobs $(J) --shrink wrong,crashed

switches: $(VENV)/.test
	ALL_SWITCHES=1 $(BIN)/python -m pytest tests/test_programs.py -k test_program

# Every text of the corpus, generated twice.
texts: $(VENV)/.test
	ALL_TEXTS=1 $(BIN)/python -m pytest tests/test_programs.py -k test_program

# Epochs over 2 GB in a file, in less than 200 MB of memory.
memory: $(VENV)/.test
	EPOCH_MEGABYTES=2048 $(BIN)/python -m pytest tests/test_data.py -k less_memory

# Saved trees, M of them spoilt: each is refused, or gives what was saved.
M ?= 5000
malform: $(VENV)/.test
	MALFORMED=$(M) $(BIN)/python -m pytest tests/test_saving.py -k malformed

# A training run that is killed at random moments and resumed gives what an undisturbed one gives.
kill: N = 1000
kill: $(VENV)/.test
	KILLS=$(N) $(BIN)/python -m pytest tests/test_kill.py

lint: $(VENV)/.test
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

format: $(VENV)/.test
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

# Write the printed gradients anew, in tests/golden, the README, the guides and the notebook; review
# the diff.
golden: $(VENV)/.test
	UPDATE_GOLDEN=1 $(BIN)/python -m pytest tests/test_golden.py tests/test_readme.py tests/test_guides.py \
		tests/test_examples_science.py::test_tour

docs: $(VENV)/.test
	UPDATE_GOLDEN=1 $(BIN)/python -m pytest tests/test_docs.py tests/test_guides.py

clean:
	rm -rf $(VENV) $(VENV)-scoreboard $(VENV)-oracles build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis digits.png
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp for each extra: the environment is brought up to date when pyproject.toml changes.
$(VENV)/.%: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[$*]'
	touch $@

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)-scoreboard/.scoreboard: pyproject.toml
	$(PYTHON) -m venv $(VENV)-scoreboard
	$(VENV)-scoreboard/bin/python -m pip install --quiet --editable '.[scoreboard]'
	touch $@

$(VENV)-oracles/.oracles: pyproject.toml
	$(PYTHON) -m venv $(VENV)-oracles
	$(VENV)-oracles/bin/python -m pip install --quiet --editable '.[oracles]'
	touch $@
