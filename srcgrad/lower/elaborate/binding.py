"""Which argument goes to which parameter, as Python binds them."""

from __future__ import annotations

from typing import Any

import gast

from srcgrad.lower.elaborate.context import Context
from srcgrad.lower.elaborate.names import steady
from srcgrad.lower.elaborate.values import Items, Plain, Value


def bound(
    e: Context,
    node: gast.FunctionDef | gast.Lambda,
    defaults: dict[str, Value],
    args: list[Value],
    keywords: dict[str, Value],
    at: gast.AST,
) -> dict[str, Value]:
    """The value of each parameter of a call.

    Raises:
        Unsupported: if Python would not take the call.
    """
    spec = node.args
    label = getattr(node, "name", "the lambda")
    positional = [a.id for a in (*spec.posonlyargs, *spec.args)]
    only = {a.id for a in spec.posonlyargs}
    out: dict[str, Value] = dict(zip(positional, args, strict=False))
    rest = args[len(positional) :]
    if spec.vararg is not None:
        kept = [steady(e, v, "item") if isinstance(v, Plain) else v for v in rest]
        out[spec.vararg.id] = e.held(Items(dict(enumerate(kept)), type=tuple))
    elif rest:
        raise e.refuse(
            at, f"{label}() takes {len(positional)} positional arguments", "Pass what it takes."
        )
    named = set(positional) - only | {a.id for a in spec.kwonlyargs}
    more: dict[Any, Value] = {}
    for k, v in keywords.items():
        if k in named and k in out:
            raise e.refuse(
                at, f"{label}() got multiple values for the argument `{k}`", "Pass it once."
            )
        if k in named:
            out[k] = v
        elif spec.kwarg is not None:
            more[k] = steady(e, v, k) if isinstance(v, Plain) else v
        else:
            raise e.refuse(at, f"{label}() got an unexpected argument `{k}`", "Pass what it takes.")
    if spec.kwarg is not None:
        out[spec.kwarg.id] = e.held(Items(more, type=dict))
    for p in (*positional, *(a.id for a in spec.kwonlyargs)):
        if p not in out:
            if p not in defaults:
                raise e.refuse(at, f"{label}() lacks the argument `{p}`", "Pass it.")
            out[p] = defaults[p]
    return out
