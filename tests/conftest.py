"""Lets assertions outside of the test modules show what they compare."""

import importlib.util

import pytest

pytest.register_assert_rewrite("tests.checks", "tests.switched")

# The oracles need libraries that only `make oracles` installs.
collect_ignore = [] if importlib.util.find_spec("optax") else ["oracles"]
