"""From expressions of rules to trees of Python."""

from __future__ import annotations

import functools
import math
import re
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import gast
import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, Dim, Field, Kind, Length, Record, Scalar
from srcgrad.lower.base.facts import Facts, text_of
from srcgrad.rules.expr import Expr
from srcgrad.syntax.quote import attribute, call, constant, expression, name, subscript
from srcgrad.syntax.walk import clone, nodes
from srcgrad.transform.shapes import gradient_key

BINARY = {
    "add": gast.Add,
    "sub": gast.Sub,
    "mul": gast.Mult,
    "div": gast.Div,
    "pow": gast.Pow,
    "matmul": gast.MatMult,
    "floordiv": gast.FloorDiv,
    "mod": gast.Mod,
    "and": gast.BitAnd,
    "or": gast.BitOr,
    "xor": gast.BitXor,
    "lshift": gast.LShift,
    "rshift": gast.RShift,
}
COMPARISONS = {
    "eq": gast.Eq,
    "ne": gast.NotEq,
    "lt": gast.Lt,
    "le": gast.LtE,
    "gt": gast.Gt,
    "ge": gast.GtE,
}

# Of their last argument they read the shape alone.
SHAPE_READERS = (runtime.unbroadcast, np.shape)


class Text:
    """Prints expressions of one function.

    Args:
        value: gives the tree of a leaf (a value of the primal may have to be given a name).
        alike: gives an expression that has the shape of another, and costs less.
        parameters: kinds of the function's parameters, whose shapes may be read at any time.
        facts: which lengths are known to be equal.
        globals_: names of the module, by which functions are called; new ones are added.
        taken: names that the function binds itself.
    """

    def __init__(
        self,
        value: Callable[[Expr], gast.expr],
        alike: Callable[[Expr], Expr],
        parameters: dict[str, Kind],
        facts: Facts,
        globals_: dict[str, Any],
        taken: set[str],
    ) -> None:
        self.value = value
        self.alike = alike
        self.parameters = parameters
        self.facts = facts
        self.globals = globals_
        self.taken = taken
        self.read: list[Expr] = []
        self.written: frozenset[str] = frozenset()

    def __call__(self, e: Expr) -> gast.expr:
        """The tree of an expression."""
        self.read = [x for x in leaves(e) if isinstance(x.data, gast.Name)]
        return self.tree(e)

    def tree(self, e: Expr) -> gast.expr:
        """The tree of a part of an expression."""
        match e.op:
            case "leaf":
                return self.value(e)
            case "const":
                return self.constant(e.data)
            case "neg":
                return gast.UnaryOp(op=gast.USub(), operand=self.tree(e.args[0]))
            case "call":
                return self.call(e)
            case "pack":
                elts = [self.tree(a) for a in e.args]
                if isinstance(e.data, tuple):
                    return gast.Dict(keys=list(map(gradient_key, e.data)), values=elts)
                make = gast.List if e.data is list else gast.Tuple
                return make(elts=elts, ctx=gast.Load())
            case "index":
                rest = iter(e.args[1:])
                return subscript(self.tree(e.args[0]), self.index(e.data, rest))
            case "item":
                return subscript(self.tree(e.args[0]), constant(e.data))
            case "attr" if e.data in ("size", "shape"):
                return self.extent(e.args[0], e.data)
            case "attr":
                return attribute(self.tree(e.args[0]), e.data)
            case "length":
                return self.length(e)
            case "astype":
                return self.cast(e)
        if e.op in COMPARISONS:
            left, right = map(self.tree, e.args)
            return gast.Compare(left=left, ops=[COMPARISONS[e.op]()], comparators=[right])
        left, right = map(self.tree, e.args)
        return gast.BinOp(left=left, op=BINARY[e.op](), right=right)

    def constant(self, value: Any) -> gast.expr:
        """A constant; dtypes and numpy numbers by their names."""
        if isinstance(value, np.dtype):
            return attribute(self.module(np), value.name)
        if isinstance(value, float) and math.isnan(value):
            return attribute(self.module(np), "nan")
        if isinstance(value, float) and math.isinf(value):
            found = attribute(self.module(np), "inf")
            return found if value > 0 else gast.UnaryOp(op=gast.USub(), operand=found)
        if isinstance(value, np.generic):
            return constant(value.item())
        if isinstance(value, type):
            return self.function(value)
        return constant(value)

    def index(self, index: Any, rest: Any) -> gast.expr:
        """The tree of a subscript's index."""
        if isinstance(index, tuple):
            return gast.Tuple(elts=[self.index(i, rest) for i in index], ctx=gast.Load())
        if isinstance(index, Expr):
            return self.tree(next(rest))
        if isinstance(index, slice):
            parts = [
                None if p is None else self.index(p, rest)
                for p in (index.start, index.stop, index.step)
            ]
            return gast.Slice(*parts)
        return constant(index)

    def cast(self, e: Expr) -> gast.expr:
        """A value in another dtype."""
        dtype = attribute(self.module(np), np.dtype(e.data).name)
        inner = self.tree(e.args[0])
        if isinstance(e.kind, Scalar):
            return call(dtype, inner)
        if isinstance(e.args[0].kind, Array) and e.args[0].kind.dims is None:
            return call(dtype, inner)
        return call(attribute(inner, "astype"), dtype)

    def call(self, e: Expr) -> gast.expr:
        """A call of a function."""
        function, count, options, dynamic = e.data
        given = list(e.args[:count])
        if any(function is f for f in SHAPE_READERS):
            given[-1] = self.alike(given[-1])
        args = [self.tree(a) for a in given]
        values = dict(zip(dynamic, e.args[count:], strict=True))
        keywords = {k: self.constant(v) for k, v in options} | {
            k: self.tree(v) for k, v in values.items()
        }
        return call(self.function(function), *args, **keywords)

    def function(self, function: Any) -> gast.expr:
        """How generated code calls a function: through its module, or by a name of its own."""
        label = getattr(function, "__name__", "")
        for module in (np, np.linalg, math):
            if getattr(module, label, None) is function:
                base = (
                    attribute(self.module(np), "linalg")
                    if module is np.linalg
                    else self.module(module)
                )
                return attribute(base, label)
        builtin = getattr(function, "__module__", "") == "builtins"
        if builtin:
            return name(label)
        if getattr(runtime, label, None) is function:
            return name(self.bind(label, function))
        module = sys.modules[function.__module__]
        return attribute(self.module(module), label)

    def module(self, module: types.ModuleType) -> gast.expr:
        """The name of a module in the generated code: the user's own where there is one."""
        for k, v in self.globals.items():
            if v is module and k not in self.taken:
                return name(k)
        short = "np" if module is np else module.__name__.rpartition(".")[2]
        return name(self.bind(short, module))

    def bind(self, wanted: str, value: Any) -> str:
        """A free global name for a value."""
        label, n = wanted, 2
        while label in self.taken or (label in self.globals and self.globals[label] is not value):
            label, n = f"{wanted}_{n}", n + 1
        self.globals[label] = value
        return label

    def extent(self, e: Expr, what: str) -> gast.expr:
        """`x.size` or `x.shape`, read from a value that is read anyway, else from an argument."""
        dims = e.kind.dims if isinstance(e.kind, Array) else ()
        candidates = [x for x in self.read if self.same_dims(x.kind, dims)]
        for c in candidates:
            return attribute(self.value(c), what)
        for p, kind in self.parameters.items():
            if self.same_dims(kind, dims):
                return attribute(name(p), what)
        if dims is not None and all(map(self.steady, dims)):
            parts = [self.stated(d) for d in dims]
            if what == "shape":
                return gast.Tuple(elts=parts, ctx=gast.Load())
            out = parts[0]
            for p in parts[1:]:
                out = gast.BinOp(left=out, op=gast.Mult(), right=p)
            return out
        return attribute(self.tree(self.alike(e)), what)

    def steady(self, d: Length) -> bool:
        """Whether a length can be read from the arguments at any time."""
        if isinstance(d, int):
            return True
        own = self.own_lengths.get(d.base)
        return own is not None and re.split(r"\W", own, maxsplit=1)[0] not in self.written

    def stated(self, d: Length) -> gast.expr:
        """A length over the arguments."""
        if isinstance(d, int):
            return constant(d)
        return expression(text_of(replace(d, base=self.own_lengths[d.base])))

    @functools.cached_property
    def own_lengths(self) -> dict[str, str]:
        """Lengths that the arguments at hand have, with their texts: a callee's differ in name."""
        out: dict[str, str] = {}
        for p, kind in self.parameters.items():
            out |= {text: text for base, text in lengths_in(p, kind) if base == text}
        for p, kind in self.parameters.items():
            for base, text in lengths_in(p, kind):
                out.setdefault(base, text)
        return out

    def length(self, e: Expr) -> gast.expr:
        """The length of one axis."""
        kind = e.args[0].kind
        d = kind.dims[e.data]  # type: ignore[union-attr,index]
        if isinstance(d, Dim) and self.steady(d):
            return self.stated(d)
        return subscript(self.extent(e.args[0], "shape"), constant(e.data))

    def same_dims(self, kind: Kind, dims: tuple[Length, ...] | None) -> bool:
        """Whether a value is known to have these dims."""
        if (
            not isinstance(kind, Array)
            or kind.dims is None
            or dims is None
            or len(kind.dims) != len(dims)
        ):
            return False
        return bool(dims) and all(
            self.facts.same(a, b) for a, b in zip(kind.dims, dims, strict=True)
        )


def leaves(e: Expr) -> list[Expr]:
    """The leaves of an expression whose values it reads (not only their shapes)."""
    out: list[Expr] = []
    stack = [e]
    while stack:
        x = stack.pop()
        if x.op == "leaf":
            out.append(x)
        elif not (
            x.op in ("attr", "length")
            and (x.op == "length" or x.data in ("size", "shape", "dtype"))
        ):
            stack.extend(reversed(x.args))
    return out


POSITIONS = ("lineno", "col_offset", "end_lineno", "end_col_offset")


def copied(node: gast.expr) -> gast.expr:
    """A tree of its own, without positions."""
    new = clone(node)
    for n in nodes(new):
        held = n.__dict__
        for a in POSITIONS:
            if a in held:
                del held[a]
    return new


def lengths_in(path: str, kind: Kind) -> Iterator[tuple[str, str]]:
    """The lengths that a part of the arguments gives, with its text."""
    match kind:
        case Array(dims=[*dims]):
            axes = [(d, f"{path}.shape[{i}]") for i, d in enumerate(dims)]
        case Scalar(value=Dim() as d):
            axes = [(d, path)]
        case Record(keys=keys, items=items):
            axes = []
            for k, item in zip(keys, items, strict=True):
                inner = f"{path}.{k.label}" if isinstance(k, Field) else f"{path}[{k!r}]"
                yield from lengths_in(inner, item)
        case _:
            axes = []
    for length, text in axes:
        if isinstance(length, Dim) and length.stated and not length.offset:
            yield length.base, text
