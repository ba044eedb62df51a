"""Whether a gradient takes from each tape all that it put there: a stricter text of it."""

import ast
import contextlib
import dataclasses
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

from srcgrad import dispatch

SUFFIX = "_tape"


class Stricter(ast.NodeTransformer):
    """Lets a function assert before it returns that the tapes it took from are empty.

    Args:
        tapes: The names of the tapes.
    """

    def __init__(self, tapes: list[str]) -> None:
        self.tapes = tapes

    def visit_Return(self, node: ast.Return) -> list[ast.stmt]:
        """Put the assertions before a return."""
        lines = [f"assert not locals().get('{t}'), '{t} is left with records'" for t in self.tapes]
        checks = [s for line in lines for s in ast.parse(line).body]
        return [*(ast.copy_location(s, node) for s in checks), node]


def strict(code: str) -> str:
    """Return the text of a module whose functions check that nothing is left on their tapes."""
    tree = ast.parse(code)
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            tapes = taken(function)
            if tapes:
                Stricter(tapes).visit(function)
    return ast.unparse(ast.fix_missing_locations(tree))


def taken(function: ast.FunctionDef) -> list[str]:
    """Return the tapes that a function takes from."""
    return sorted(
        {
            n.func.value.id
            for n in ast.walk(function)
            if isinstance(n, ast.Call)
            and isinstance(n.func, ast.Attribute)
            and n.func.attr == "pop"
            and isinstance(n.func.value, ast.Name)
            and SUFFIX in n.func.value.id
        }
    )


@contextlib.contextmanager
def checked() -> Iterator[None]:
    """Let all texts that are made in the body check their tapes."""
    build = dispatch.build

    def stricter(text: Any) -> Any:
        made = dataclasses.replace(text, code=strict(text.code), source=strict(text.source))
        return build(made)

    with patch("srcgrad.gradient.build", stricter), patch("srcgrad.api.build", stricter):
        yield
