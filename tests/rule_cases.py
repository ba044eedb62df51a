"""Calls of functions that have rules, with operands of chosen kinds."""

import ast
import itertools
import operator
import zlib
from dataclasses import dataclass
from typing import Any

import gast
import numpy as np
from evaluate import evaluate

from srcgrad.kinds import Array, Dim, Kind, List, Scalar, Static, numeric
from srcgrad.rules.declare import Length, Many, Of, Rule, Sample, call, of
from srcgrad.rules.expr import Expr, const, leaf, pack
from srcgrad.rules.shapes import KINDS, UNKNOWN, arithmetic_kind, elementwise_kind

OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.Mod: operator.mod,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
UNARY = [of(), of(1), of(4), of(2, 3), of(0)]
BINARY = list(itertools.product([of(), of(1), of(3), of(2, 3), of(2, 1), of(0, 3)], repeat=2))
# How much of the dims is known: all, a symbol for each length, a symbol for each axis, that a
# length is no one, nothing.
KNOWN = ("ints", "many", "symbols", "nameless", "unknown", "numeric")


@dataclass
class Case:
    """A call of a function, with operands that have kinds and values."""

    function: Any
    operands: dict[str, Any]
    kinds: dict[str, Kind]
    env: dict[str, Any]
    positional: list[Any]
    keywords: dict[str, Any]


class Filler:
    """Turns a sample into operands: leaves of chosen kinds, and their values."""

    def __init__(self, rule: Rule, seed: str, known: str, dtype: Any, layout: str) -> None:
        self.rng = np.random.default_rng(zlib.crc32(seed.encode()))
        self.rule, self.known, self.dtype, self.layout = rule, known, np.dtype(dtype), layout
        self.env: dict[str, Any] = {}
        self.symbols: dict[str, int] = {}

    def expression(self, item: Any) -> Any:
        match item:
            case Of(below=below) if below:
                dims = None if self.known == "numeric" else tuple(map(self.dim, item.shape))
                places = self.rng.integers(below, size=item.shape)
                return self.leaf(places, Array(places.dtype, dims))
            case Of(flags=True):
                dims = None if self.known == "numeric" else tuple(map(self.dim, item.shape))
                return self.leaf(self.rng.random(item.shape) < 0.5, Array(np.dtype(bool), dims))
            case Of():
                return self.leaf(self.number(item), self.number_kind(item.shape))
            case Length(value=value):
                return self.leaf(value, Scalar(np.dtype(int), True, self.dim(value)))
            case Many(item=of_item, count=count):
                values = [self.number(of_item) for _ in range(count)]
                return self.leaf(values, List(self.number_kind(of_item.shape), None))
            case list() | tuple() if any(map(dynamic, item)):
                return (
                    pack([self.expression(i) for i in item])
                    if isinstance(item, list)
                    else pack(tuple(self.expression(i) for i in item))
                )
            case list():
                return pack([self.expression(i) for i in item])
            case _:
                return item

    def leaf(self, value: Any, kind: Kind) -> Expr:
        name = f"v{len(self.env)}"
        self.env[name] = value
        return leaf(gast.Name(name, gast.Load(), None, None), kind)

    def number(self, item: Of) -> Any:
        low, high = (item.low, item.high)
        if (low, high) == (-2.0, 2.0):
            low, high = self.rule.domain
        value = self.rng.uniform(low, high, item.shape)
        if item.shape == ():
            return float(value)
        if item.diagonal:
            value = value + item.diagonal * np.eye(item.shape[-1])
        if item.ascending:
            value = np.sort(value) + 0.3 * np.arange(len(value))
        value = value.astype(self.dtype)
        if self.layout == "strided":
            wide = np.zeros((*value.shape, 2), self.dtype)
            wide[..., 0] = value
            return wide[..., 0]
        return value

    def number_kind(self, shape: tuple[int, ...]) -> Kind:
        if shape == ():
            return Scalar(np.dtype(float))
        if self.known == "numeric":
            return Array(self.dtype, None)
        return Array(self.dtype, tuple(map(self.dim, shape)))

    def dim(self, n: int) -> Any:
        match self.known:
            case "unknown" | "numeric":
                return UNKNOWN
            case "many" if n > 1:
                self.symbols[f"n{n}"] = n
                return Dim(f"n{n}", 0, True)
            case "nameless" if n > 1:
                return Dim("?", 0, True)
            case "nameless":
                return n
            case "symbols":
                name = f"s{len(self.symbols)}_{n}"
                self.symbols[name] = n
                return Dim(name)
            case _:
                return n


def dynamic(item: Any) -> bool:
    if isinstance(item, (list, tuple)):
        return any(map(dynamic, item))
    return isinstance(item, (Of, Length, Many))


def samples_of(rule: Rule) -> list[Sample]:
    function = rule.functions[0]
    count = len(rule.parameters) or getattr(function, "nin", 0)
    scalar = getattr(function, "__module__", "") == "math"
    automatic = rule.elementwise and not scalar and (rule.kind is None or not rule.samples)
    if automatic or (isinstance(function, np.ufunc) and rule.zero):
        shapes = [(u,) for u in UNARY] if count == 1 else BINARY
        return [*rule.samples, *(call(*s) for s in shapes if fits(s))]
    if scalar and rule.elementwise:
        return [*rule.samples, call(*(of() for _ in range(count)))]
    return list(rule.samples)


def fits(shapes: tuple) -> bool:
    try:
        np.broadcast_shapes(*(s.shape for s in shapes))
    except ValueError:
        return False
    return True


def case(
    rule: Rule,
    function: Any,
    sample: Sample,
    known: str = "ints",
    dtype: Any = float,
    layout: str = "C",
):
    fill = Filler(rule, f"{rule.name} {sample}", known, dtype, layout)
    args = [fill.expression(a) for a in sample.args]
    keywords = {k: fill.expression(v) for k, v in sample.kwargs}
    names = [name for name, _ in rule.parameters]
    operands = dict(zip(names, args, strict=False)) | keywords
    return Case(function, operands, {}, fill.env, args, keywords), fill


def kind_of(value: Any) -> Kind:
    match value:
        case Expr():
            return value.kind
        case tuple():
            return pack(tuple(const(v) if not isinstance(v, Expr) else v for v in value)).kind
        case _:
            return Static(value)


def result_kind(c: Case) -> Kind:
    args = list(map(kind_of, c.positional))
    keywords = {k: kind_of(v) for k, v in c.keywords.items()}
    if c.function in OPERATORS and c.function is not ast.MatMult:
        op = OPERATORS[c.function]
        if len(args) == 1:
            return arithmetic_kind(lambda a, _: op(a), args[0], args[0])
        return arithmetic_kind(op, *args)
    if c.function is ast.MatMult:
        return KINDS[np.matmul](*args)
    if c.function in KINDS:
        return KINDS[c.function](*args, **keywords)
    return elementwise_kind(c.function, args)


def value_of(item: Any, env: dict[str, Any]) -> Any:
    if isinstance(item, Expr):
        return evaluate(item, env)
    return type(item)(value_of(i, env) for i in item) if isinstance(item, (tuple, list)) else item


def primal(c: Case, env: dict[str, Any]) -> Any:
    function = OPERATORS.get(c.function, c.function)
    args = [value_of(a, env) for a in c.positional]
    return function(*args, **{k: value_of(v, env) for k, v in c.keywords.items()})


def leaves_of(item: Any) -> list[Expr]:
    if isinstance(item, Expr):
        if item.op == "pack":
            return [x for a in item.args for x in leaves_of(a)]
        return [item] if item.op == "leaf" else []
    return [x for i in item for x in leaves_of(i)] if isinstance(item, (tuple, list)) else []


def active(c: Case) -> list[Expr]:
    found = [x for v in [*c.positional, *c.keywords.values()] for x in leaves_of(v)]
    return [x for x in found if isinstance(x.kind, List) or numeric(x.kind).dtype.kind == "f"]
