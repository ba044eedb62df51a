"""Names in the bodies of generated functions: bound, read, changed, live."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import gast

from srcgrad.kinds import Kind, Record
from srcgrad.lower.base.program import Function, Typed
from srcgrad.optimize.naming import rename
from srcgrad.optimize.tapes import declare_tapes
from srcgrad.rules.expr import leaf
from srcgrad.syntax.flow import Graph
from srcgrad.syntax.lives import (
    ADJOINT,
    COPY,
    given_tape,
    is_internal,
    is_tape,
    made,
    role,
    user_name,
)
from srcgrad.syntax.quote import constant, name
from srcgrad.syntax.statements import statements_in
from srcgrad.syntax.walk import change_blocks, clone, names, nodes


def seed_tree(typed: Typed, cotangent: Any) -> tuple[Any, list[str]]:
    """Names for the cotangents of a result, in its structure."""
    ids: list[str] = []
    last = typed.function.node.body[-1]
    label = user_name(last.value.id) if isinstance(last.value, gast.Name) else "out"

    def build(part: Any, kind: Kind | None, hint: str) -> Any:
        if part is None:
            return None
        if isinstance(part, tuple):
            assert isinstance(kind, Record)
            items = dict(zip(kind.keys, kind.items, strict=True))
            return {
                k: build(
                    p, items[k], k if isinstance(k, str) and k.isidentifier() else f"{hint}_{k}"
                )
                for k, p in part
            }
        ids.append(made(f"{hint}_bar", ADJOINT, f"{len(ids)}seed"))
        assert kind is not None
        return leaf(name(ids[-1]), kind)

    return build(cotangent, typed.returns, label), ids


def copy_body(
    body: list[gast.stmt], pinned: set[gast.stmt]
) -> tuple[list[gast.stmt], set[gast.stmt]]:
    """A copy of a body, and the pinned statements of the copy."""
    new = [clone(s) for s in body]
    twins = zip(nodes(body), nodes(new), strict=True)
    return new, {twin for s, twin in twins if s in pinned}


def bound_names(body: list[gast.stmt]) -> set[str]:
    """Names that a body binds."""
    return names(gast.Module(body=body, type_ignores=[]))[1]


def read_names(body: list[gast.stmt]) -> list[str]:
    """Names that a body reads, in order."""
    seen: dict[str, None] = {}
    for n in nodes(body):
        if n.__class__ is gast.Name:
            if n.ctx.__class__ is gast.Load:
                seen[n.id] = None
        elif n.__class__ is gast.AugAssign and isinstance(n.target, gast.Name):
            seen[n.target.id] = None
    return list(seen)


@dataclass(frozen=True)
class Mentioned:
    """The names that a body mentions.

    Attributes:
        read: those that it reads.
        bound: those that it binds.
    """

    read: frozenset[str]
    bound: frozenset[str]

    @property
    def outside(self) -> set[str]:
        """Names that stand for what is not the function's own."""
        return {n for n in self.read if n not in self.bound and not is_internal(n)}


def mentioned(body: list[gast.stmt]) -> Mentioned:
    """The names that a body reads and binds.

    >>> from srcgrad.syntax.quote import statements
    >>> found = mentioned(statements("a = b; a += c"))
    >>> sorted(found.read), sorted(found.bound)
    (['a', 'b', 'c'], ['a'])
    """
    read, bound = names(gast.Module(body=body, type_ignores=[]))
    updated = {
        s.target.id
        for s in statements_in(body)
        if isinstance(s, gast.AugAssign) and isinstance(s.target, gast.Name)
    }
    return Mentioned(frozenset(read | updated), frozenset(bound))


def live_at_start(body: list[gast.stmt]) -> list[str]:
    """Names whose values a body needs from before it, in order."""
    bit, out = Graph(body).live_out()
    live = {n for n, b in bit.items() if out[0] & b}
    return [n for n in read_names(body) if n in live] if live else []


CHANGING_METHODS = (
    *("append", "clear", "extend", "insert", "pop", "popitem", "remove", "reverse", "sort"),
    *("setdefault", "update", "fill", "put"),
)


def changed_names(body: list[gast.stmt]) -> set[str]:
    """Names whose objects a body changes."""
    from_body: set[str] = set()
    for s in body:
        for n in nodes(s):
            match n:
                case gast.Assign(targets=targets) | gast.Delete(targets=targets):
                    for t in (part for whole in targets for part in parts_of(whole)):
                        while isinstance(t, (gast.Subscript, gast.Attribute)):
                            t = t.value
                            if isinstance(t, gast.Name):
                                from_body.add(t.id)
                case gast.AugAssign(target=t):
                    while isinstance(t, (gast.Subscript, gast.Attribute)):
                        t = t.value
                    if isinstance(t, gast.Name):
                        from_body.add(t.id)
                case gast.Call(func=gast.Attribute(value=base, attr=attr)) if (
                    attr in CHANGING_METHODS
                ):
                    while isinstance(base, gast.Subscript):
                        base = base.value
                    if isinstance(base, gast.Name):
                        from_body.add(base.id)
    return from_body


def parts_of(t: gast.expr) -> list[gast.expr]:
    """The targets of an unpacking, at any depth."""
    return [e for i in t.elts for e in parts_of(i)] if hasattr(t, "elts") else [t]


def private_names(body: list[gast.stmt]) -> frozenset[str]:
    """Names of copies that the reverse sweep made for itself."""
    return copies_in(bound_names(body))


def copies_in(found: Iterable[str]) -> frozenset[str]:
    """Those names that stand for copies which the reverse sweep made for itself."""
    return frozenset(n for n in found if role(n) == COPY)


def without_copies(body: list[gast.stmt]) -> list[gast.stmt]:
    """Drop copies of arguments that nothing writes to."""
    private = private_names(body)
    copies = private - changed_names(body) if private else private
    if not copies:
        return body
    rebound: set[str] = set()

    def clean(block: list[gast.stmt]) -> list[gast.stmt]:
        out = []
        for s in block:
            match s:
                case gast.Assign(targets=[gast.Name(id=n)], value=v) if n in copies and is_copy_of(
                    v, n
                ):
                    s.value = name(user_name(n))
                case gast.Assign() | gast.For():
                    rebound.update(copies & bound_names([s]))
            change_blocks(s, clean)
            out.append(s)
        return out

    def without(block: list[gast.stmt]) -> list[gast.stmt]:
        out = []
        for s in block:
            match s:
                case gast.Assign(targets=[gast.Name(id=n)]) if n in copies - rebound:
                    continue
            change_blocks(s, without)
            out.append(s)
        return out

    body = without(clean(body))
    rename(body, {n: user_name(n) for n in copies - rebound})
    return body


def is_copy_of(node: gast.expr, copy: str) -> bool:
    """Whether an expression is the copy of the argument that a name stands for."""
    match node:
        case gast.Call(func=gast.Attribute(value=gast.Name(id=n), attr="copy")):
            return n == user_name(copy)
        case gast.Call(args=[gast.Name(id=n)]):
            return n == user_name(copy)
    return False


def with_tapes(body: list[gast.stmt], parameters: list[str]) -> list[gast.stmt]:
    """Declare the tapes of a body that it is not given."""
    given = {p: given_tape(p) for p in parameters if is_tape(p)}
    rename(body, given)
    parameters[:] = [given.get(p, p) for p in parameters]
    return declare_tapes(body)


def arguments_of(
    parameters: list[str], final: dict[str, str], defaults: dict[str, Any] | None = None
) -> gast.arguments:
    """The parameters of a generated function; trailing ones keep defaults that are constants."""
    kept: list[gast.expr] = []
    for p in reversed(parameters):
        if defaults is None or p not in defaults or not is_constant(defaults[p]):
            break
        kept.insert(0, constant(defaults[p]))
    args = [
        gast.Name(id=final.get(p, p), ctx=gast.Param(), annotation=None, type_comment=None)
        for p in parameters
    ]
    return gast.arguments(
        args=args,
        posonlyargs=[],
        vararg=None,
        kwonlyargs=[],
        kw_defaults=[],
        kwarg=None,
        defaults=kept,
    )


def is_constant(value: Any) -> bool:
    """Whether a value can stand in a text."""
    return value is None or type(value) in (bool, int, float, str)


def defaults_of(function: Function) -> dict[str, Any]:
    """The defaults of the user's function, by parameter."""
    given = function.object.__defaults__ or ()
    code = function.object.__code__
    names = code.co_varnames[: code.co_argcount]
    found = dict(zip(reversed(names), reversed(given), strict=False))
    return found | (function.object.__kwdefaults__ or {})


def function_names(function: Function) -> set[str]:
    """Names that the user's function itself reads from outside."""
    code = function.object.__code__
    return {*code.co_names, *code.co_freevars, *function.imports}


def is_builtin(function: Function, n: str) -> bool:
    """Whether a name means what Python's own means."""
    return hasattr(builtins, n) and function.lookup(n) is getattr(builtins, n)


def is_docstring(s: gast.stmt) -> bool:
    """Whether a statement is a string alone."""
    return (
        isinstance(s, gast.Expr)
        and isinstance(s.value, gast.Constant)
        and type(s.value.value) is str
    )
