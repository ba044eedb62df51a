"""Printing a generated module, with the place in the user's files of every line."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

from srcgrad.assemble.module import Half, Module
from srcgrad.assemble.names import read_names
from srcgrad.syntax.emit import Emitted, emit_function


@dataclass(frozen=True)
class Text:
    """The printed module: its source, and for each line where in the user's files it came from."""

    source: str
    line_map: tuple[tuple[str, int, int] | None, ...]
    globals: dict[str, Any]
    name: str


def printed(module: Module, main: Half) -> Text:
    """Print a module: imports, then its functions, callees first."""
    lines: list[str] = []
    places: list[tuple[str, int, int] | None] = []
    imports = import_lines(module)
    parts: list[str] = []
    if imports:
        parts.append("\n".join(imports) + "\n")
        places += [None] * (len(imports) + 2)
    for half in [h for h in module.halves if h is not main] + [main]:
        emitted: Emitted = emit_function(half.node, half.function.source)
        parts.append(emitted.text.rstrip("\n") + "\n")
        file = half.function.source.file
        places += [
            None if at is None else (file, *at)
            for at in emitted.line_map[: emitted.text.rstrip("\n").count("\n") + 1]
        ]
        places += [None, None]
    del lines
    source = "\n\n".join(parts)
    return Text(source, tuple(places[: source.count("\n")]), module.globals, main.name)


def import_lines(module: Module) -> list[str]:
    """Imports for the modules and helpers that the text reads."""
    read = {n for h in module.halves for n in read_names(h.node.body)}
    out, helpers = [], []
    for label, value in sorted(module.globals.items()):
        if label not in read:
            continue
        if inspect.ismodule(value):
            out.append(
                f"import {value.__name__}"
                if value.__name__ == label
                else f"import {value.__name__} as {label}"
            )
        elif getattr(value, "__module__", "").startswith("srcgrad.runtime"):
            own = value.__name__
            helpers.append(own if own == label else f"{own} as {label}")
    if helpers:
        out += (
            ["", f"from srcgrad.runtime import {', '.join(helpers)}"]
            if out
            else [f"from srcgrad.runtime import {', '.join(helpers)}"]
        )
    return out
