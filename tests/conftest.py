"""Lets assertions outside of the test modules show what they compare."""

import pytest

pytest.register_assert_rewrite("tests.checks", "tests.switched")
