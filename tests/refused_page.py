"""The page of what is refused, `docs/refused.md`, from the refusals that the tests check."""

import ast
import inspect
import re
import textwrap
import types
from collections.abc import Iterator
from typing import Any

from srcgrad import grad, vjp
from srcgrad.errors import InternalError, NotScalar, SrcgradError
from tests.programs import PROGRAMS
from tests.refusals import REFUSALS

HEAD = """\
# What srcgrad refuses

Each construct that the tests know to be refused, with the exact message. Written by `make docs`
from `tests/refusals` and from the refused programs of `tests/programs`; a test compares.

An error names the file and line, points at the code with a caret and gives a way out. It derives
from `SrcgradError`. Syntax and functions that are listed neither here nor among what is supported
are refused in the same way: `Unsupported` for syntax that no pass knows, `NoRule` for functions
without a rule.
"""
OURS = ("refused", "program")


def page() -> str:
    """Return the page, as Markdown."""
    tables, examples = [], []
    for area, found in areas().items():
        rows = [f"| {row(label, error)} |" for label, _, error in found]
        head = ["| construct | message | way out |", "|:--|:--|:--|"]
        tables.append("\n".join([f"## {area}", "", *head, *rows]))
        examples += [example(*entry) for entry in found]
    return "\n\n".join([HEAD.rstrip(), *tables, "## Examples", *examples]) + "\n"


def areas() -> dict[str, list[tuple[str, Any, SrcgradError]]]:
    """Return label, function and error of every refusal, by the area that it is written in."""
    out: dict[str, list[tuple[str, Any, SrcgradError]]] = {}
    for label, function, error in refusals():
        if error is None or isinstance(error, InternalError):
            continue
        module = inspect.getmodule(function)
        first = (module.__doc__ or module.__name__).splitlines()[0].partition(":")[0]
        out.setdefault(first.rstrip("."), []).append((label, function, error))
    return out


def refusals() -> Iterator[tuple[str, Any, SrcgradError | None]]:
    """Yield name, function and error of every refusal."""
    for name, entry in REFUSALS.items():
        yield name, entry.function, raised(entry.function, entry.args)
    for name, entry in PROGRAMS.items():
        if entry.refused is not None:
            yield name, entry.function, raised(entry.function, entry.arguments(), entry.wrt)


def raised(function: Any, args: tuple[Any, ...], wrt: Any = 0) -> SrcgradError | None:
    """Return the error that the gradient of a function raises; None if there is a gradient."""
    for ask in (lambda: grad(function, wrt=wrt)(*args), lambda: vjp(function, *args)):
        try:
            ask()
        except NotScalar:
            continue
        except SrcgradError as error:
            return error
        break
    return None


def row(label: str, error: SrcgradError) -> str:
    """Return the row of a refusal, without its outer bars."""
    cells = [f"[{words(label)}](#{words(label).replace(' ', '-')})", error.message, error.hint]
    return " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells)


def example(label: str, function: Any, error: SrcgradError) -> str:
    """Return a refused function, and the message without the place."""
    lines = [line for line in str(error).splitlines() if not line.startswith('  File "')]
    message = "\n".join(lines)
    return (
        f"### {words(label)}\n\n```python\n{source(function)}\n```\n\n"
        f"```text\n{type(error).__name__}: {message}\n```"
    )


def words(label: str) -> str:
    """Return a name as words."""
    return label.replace("_", " ")


def source(function: types.FunctionType) -> str:
    """Return the source of a function, without what is meant for tests and linters."""
    text = textwrap.dedent(inspect.getsource(inspect.unwrap(function)))
    node = ast.parse(text).body[0]
    lines = text.splitlines()
    own = [
        f"@{ast.unparse(d)}"
        for d in node.decorator_list
        if getattr(getattr(d, "func", d), "id", "") not in OURS
    ]
    body = [re.sub(r"\s+# noqa.*$", "", line) for line in lines[node.lineno - 1 :]]
    return "\n".join([*own, *body]).rstrip()
