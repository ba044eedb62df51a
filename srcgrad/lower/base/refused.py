"""Constructs that are refused, with what to write instead."""

from __future__ import annotations

REFUSED: dict[str, tuple[str, str]] = {
    "AsyncFor": ("`async for`", "Use a plain `for`."),
    "AsyncWith": ("`async with`", "Use plain code."),
    "AsyncFunctionDef": ("an async function inside a function", "Define it outside."),
    "FunctionDef": (
        "the inner function `{}`",
        "Define it at module level and pass it what it needs.",
    ),
    "ClassDef": ("the inner class `{}`", "Define it at module level."),
    "TryStar": ("`try` with `except*`", "Use `except`."),
    "Nonlocal": ("`nonlocal`", "Pass the value as an argument and return it."),
    "Delete": ("`del` of a part of a value", "Leave the statement out."),
    "Lambda": ("a lambda inside a function", "Define a function at module level."),
    "ListComp": ("a list comprehension", "Write a `for` loop that appends."),
    "SetComp": ("a set comprehension", "Write a `for` loop."),
    "DictComp": ("a dict comprehension", "Write a `for` loop."),
    "GeneratorExp": ("a generator expression", "Write a `for` loop."),
    "Yield": ("a generator (`yield`)", "Append to a list and return it."),
    "YieldFrom": ("a generator (`yield from`)", "Append to a list and return it."),
    "Await": ("`await`", "Use plain code."),
    "NamedExpr": ("`:=`", "Assign in a statement of its own."),
    "Starred": ("`*` in a call or display", "Write the items out."),
    "Set": ("a set", "Use a list or a tuple."),
}
