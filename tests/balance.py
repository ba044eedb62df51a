"""Whether a gradient takes from each tape all that it put there: a stricter text of it.

A path may leave a tape alone, if nothing there needs what it holds; one that takes from it takes
all.
"""

import ast
import contextlib
import dataclasses
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

from srcgrad import Gradient, dispatch
from srcgrad.inside import Tangent

SUFFIX = "_tape"


class Tape(list[Any]):
    """A tape that knows whether something was taken from it."""

    taken = False

    def pop(self, *at: Any) -> Any:
        """Take an item."""
        self.taken = True
        return super().pop(*at)


class Stricter(ast.NodeTransformer):
    """Lets a function assert before it returns that the tapes it took from are empty.

    Args:
        tapes: The names of the tapes.
    """

    def __init__(self, tapes: list[str]) -> None:
        self.tapes = tapes

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        """Let an empty tape be one that knows."""
        match node:
            case ast.Assign(targets=[ast.Name(id=label)], value=ast.List(elts=[])) if (
                label in self.tapes
            ):
                node.value = ast.copy_location(ast.parse("srcgrad_tape()").body[0].value, node)
        return node

    def visit_Return(self, node: ast.Return) -> list[ast.stmt]:
        """Put the assertions before a return."""
        lines = [
            f"assert not (locals().get('{t}') and getattr({t}, 'taken', True)), "
            f"'{t} is left with records'"
            for t in self.tapes
        ]
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
    opening = "from tests.balance import Tape as srcgrad_tape"
    return f"{opening}\n{ast.unparse(ast.fix_missing_locations(tree))}"


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
    """Let all texts that are made in the body check their tapes, but those that are read again."""
    build = dispatch.build
    within = []

    def inside(generated: Any) -> Any:
        def run(*args: Any) -> Any:
            within.append(args)
            try:
                return generated(*args)
            finally:
                within.pop()

        return run

    def stricter(text: Any) -> Any:
        made = dataclasses.replace(text, code=strict(text.code), source=strict(text.source))
        return build(text if within else made)

    with (
        patch("srcgrad.inside.build", stricter),
        patch.object(Gradient, "generated", inside(Gradient.generated)),
        patch.object(Gradient, "transformable", inside(Gradient.transformable)),
        patch.object(Tangent, "generated", inside(Tangent.generated)),
    ):
        yield
