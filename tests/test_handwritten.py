"""The references of the golden tests are right themselves: handwritten gradients, differences."""

import numpy as np
import pytest

from benchmarks.handwritten import HANDWRITTEN
from tests.golden_programs import PROGRAMS


def leaves(value, path=()):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            yield from leaves(item, (*path, i))
    else:
        yield path, np.asarray(value, dtype=float)


def replaced(value, path, leaf):
    if not path:
        return float(leaf) if np.ndim(leaf) == 0 else leaf
    if isinstance(value, dict):
        return {**value, path[0]: replaced(value[path[0]], path[1:], leaf)}
    items = list(value)
    items[path[0]] = replaced(items[path[0]], path[1:], leaf)
    return type(value)(items)


def difference(f, arguments, path, leaf, direction, step=1e-6):
    up, down = (
        f(**replaced(arguments, path, leaf + sign * step * direction)) for sign in (1.0, -1.0)
    )
    return (up - down) / (2.0 * step)


@pytest.mark.parametrize("name", PROGRAMS)
def test_handwritten_gradient_agrees_with_differences(name):
    golden = PROGRAMS[name]
    arguments = golden.arguments()
    rng = np.random.default_rng(1)
    result = HANDWRITTEN[name][0](**arguments)
    results = result if len(golden.wrt) > 1 else (result,)
    for argument, part in zip(golden.wrt, results, strict=True):
        have = dict(leaves(part))
        assert have.keys() == dict(leaves(arguments[argument])).keys()
        for path, leaf in leaves(arguments[argument]):
            assert have[path].shape == leaf.shape
            direction = rng.normal(size=leaf.shape)
            want = difference(golden.f, arguments, (argument, *path), leaf, direction)
            np.testing.assert_allclose(np.sum(have[path] * direction), want, rtol=1e-6, atol=1e-7)
