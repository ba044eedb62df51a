"""Methods of arrays, lists and dicts, and the builtins that walk containers."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from srcgrad import runtime
from srcgrad.kinds import (
    INT,
    Array,
    Dict,
    Field,
    Iteration,
    Kind,
    List,
    Opaque,
    Record,
    Scalar,
    Static,
    is_object,
    is_tuple,
    may_be_active,
    numeric,
)
from srcgrad.lower.base.constructors import replaced
from srcgrad.lower.base.join import as_list, describe, join
from srcgrad.lower.base.program import Callee
from srcgrad.lower.inference import mappings
from srcgrad.lower.inference.draws import Draws
from srcgrad.lower.inference.inert import Inert
from srcgrad.lower.inference.typer import LIST_METHODS
from srcgrad.rules.registry import lookup
from srcgrad.rules.shapes import shaped

METHODS: dict[str, Callable] = {
    name: getattr(np, name)
    for name in [
        "sum",
        "mean",
        "max",
        "min",
        "prod",
        "std",
        "var",
        "cumsum",
        "cumprod",
        "argmax",
        "argmin",
        "argsort",
        "any",
        "all",
        "dot",
        "copy",
        "ravel",
        "reshape",
        "transpose",
        "swapaxes",
        "squeeze",
        "clip",
        "repeat",
        "trace",
        "round",
        "take",
        "diagonal",
    ]
} | {"flatten": np.ravel, "conj": np.conjugate, "conjugate": np.conjugate}
SCATTERS = (np.add, np.subtract)
STRUCTURAL: dict[Any, int] = {
    runtime.zeros_like: 1,
    runtime.add: 2,
    runtime.unstack: 2,
    runtime.split_like: 3,
    runtime.repeat_for: 2,
    runtime.first_items: 2,
    runtime.last_items: 2,
    runtime.folded: 2,
    runtime.one_item: 3,
    runtime.own_copy: 1,
    runtime.last_written: 2,
    runtime.accumulate: 2,
    runtime.inside: 1,
    runtime.contents: 0,
    runtime.put_back: 1,
}
KEPT = (runtime.inside, runtime.contents, runtime.put_back)

INSTEAD = {
    "sort": "Use y = np.sort(y).",
    "fill": "Write y[...] = value.",
    "resize": "Use np.reshape or np.concatenate.",
    "partition": "Use y = np.sort(y).",
    "put": "Write y[indices] = values.",
    "tolist": "Read the array itself.",
}


class Methods(Inert, Draws):
    """Types calls of methods."""

    def method(self, node: gast.Call, base: Kind) -> Kind:
        """A method of an array, a list, a dict or a string."""
        assert isinstance(node.func, gast.Attribute)
        name = node.func.attr
        if isinstance(base, Dict):
            return mappings.method(self, node, base, name)
        if isinstance(base, (List, Record)) and base.type is list and name in LIST_METHODS:
            return self.list_method(node, as_list(base), name)
        if isinstance(base, Record) and base.type is dict:
            return self.dict_method(node, base, name)
        found = self.drawn(node, base) or self.inert_method(node, base, name)
        if found is not None:
            return found
        if isinstance(base, Record) and is_tuple(base) and name == "_replace" and not node.args:
            return replaced(self, node, base, node.func.value)
        number = numeric(base)
        if number is None:
            what = f"the method `{name}` of {describe(base)} is not supported"
            hint = "Loop over the objects: `for layer in layers`, or take them at constant places."
            user = isinstance(base, Record) and is_object(base)
            raise self.function.refuse(node, what, hint if user else "")
        return self.number_method(node, number, name)

    def number_method(self, node: gast.Call, number: Array | Scalar, name: str) -> Kind:
        """A method of an array or number."""
        if name == "astype":
            converted = self.converted(node, number)
            if converted is not None:
                return converted
        if name == "item" and not node.args:
            return self.callee(
                node, Callee("item", None, (("x", node.func.value),)), Scalar(number.dtype)
            )
        if name not in METHODS:
            hint = INSTEAD.get(name, "Use a numpy function that returns a value.")
            raise self.no_rule(node, f"{name}() of {describe(number)}", hint)
        args = node.args
        if name in ("reshape", "transpose") and (
            len(args) > 1 or (args and not self.is_sequence(args[0]))
        ):
            packed = gast.Tuple(elts=list(args), ctx=gast.Load())
            gast.copy_location(packed, node)
            args = [packed] if name == "transpose" or len(args) > 1 else args
        return self.with_rule(node, METHODS[name], lookup(METHODS[name]), [node.func.value, *args])

    def converted(self, node: gast.Call, number: Array | Scalar) -> Kind | None:
        """`x.astype(dtype)`; None for a dtype that is not known here."""
        if len(node.args) + len(node.keywords) != 1 or any(k.arg != "dtype" for k in node.keywords):
            raise self.function.refuse(
                node, "`astype` with more than a dtype is not supported", "Leave it out."
            )
        dtype = self.eval(node.args[0] if node.args else node.keywords[0].value)
        if not isinstance(dtype, Static):
            return None
        wanted = np.dtype(dtype.value)
        kind: Kind = Scalar(wanted, False)
        if isinstance(number, Array):
            kind = Array(wanted, number.dims)
        return self.callee(node, Callee("astype", wanted, (("x", node.func.value),)), kind)

    def is_sequence(self, node: gast.expr) -> bool:
        """Whether an argument is a tuple or list."""
        return isinstance(self.eval(node), (Record, List))

    def scatter(self, node: gast.Call, function: np.ufunc) -> Kind:
        """`np.add.at(a, indices, b)`, a write."""
        if len(node.args) != 3 or node.keywords:
            raise self.function.refuse(
                node, f"`np.{function.__name__}.at` takes three arguments here"
            )
        base, _, value = (self.eval(a) for a in node.args)
        part = gast.Subscript(value=node.args[0], slice=node.args[1], ctx=gast.Store())
        gast.copy_location(part, node)
        if not isinstance(base, Array) or base.dims is None:
            raise self.function.refuse(
                node, f"`np.{function.__name__}.at` of {describe(base)} is not supported"
            )
        if self.is_read_only(part):
            what = f"`np.{function.__name__}.at` writes into a view that cannot be written"
            raise self.function.refuse(node, what, "numpy does not notice it; write into a copy.")
        self.fits(node, self.record(part, self.index(part, base)), value)
        self.typed.unproven.add(node)
        operands = tuple(zip(("a", "indices", "b", "part"), (*node.args, part), strict=True))
        return self.callee(node, Callee("scatter", function, operands), Static(None))

    def structural(self, node: gast.Call, value: Any) -> Kind:
        """A helper of the runtime that takes nested values apart or adds them up."""
        kinds = [self.eval(a) for a in node.args]
        if value in KEPT:
            result = Static(None) if value is runtime.put_back else Opaque("what arguments hold")
            return self.callee(node, Callee("builtin", value), result)
        if node.keywords or len(kinds) != STRUCTURAL[value]:
            raise self.function.refuse(
                node, f"`{value.__name__}` takes {STRUCTURAL[value]} arguments"
            )
        self.callee(node, Callee("structural", value), Opaque())
        if value is runtime.accumulate:
            return Static(None)
        if value is runtime.zeros_like:
            return zeros_kind(kinds[0])
        if value is runtime.own_copy:
            return kinds[0]
        if value is runtime.folded and isinstance(kinds[1], (List, Record)):
            return as_list(kinds[1])
        if value is runtime.one_item and isinstance(kinds[2], (List, Record)):
            return as_list(kinds[2])
        if value is runtime.add:
            return sum_kind(*kinds)
        first = numeric(kinds[0])
        if value is runtime.last_written and isinstance(first, Array):
            part = gast.Subscript(value=node.args[0], slice=node.args[1], ctx=gast.Load())
            gast.copy_location(part, node)
            return self.index(part, first)
        if value in (runtime.first_items, runtime.last_items) and isinstance(
            kinds[0], (List, Record)
        ):
            return as_list(kinds[0])
        if value is runtime.unstack and isinstance(first, Array) and first.dims:
            axis = kinds[1].value if isinstance(kinds[1], Static) else None
            if isinstance(axis, int):
                i = axis % len(first.dims)
                return List(shaped(first.dtype, first.dims[:i] + first.dims[i + 1 :]))
        if value in (runtime.split_like, runtime.repeat_for) and isinstance(
            kinds[1], (List, Record)
        ):
            return as_list(kinds[1])
        raise self.function.refuse(
            node, f"`{value.__name__}` of {describe(kinds[0])} is not supported"
        )

    def length(self, node: gast.Call) -> Kind:
        """`len(x)`."""
        kind = self.eval(node.args[0])
        self.callee(node, Callee("builtin", len), INT)
        match kind:
            case Record() if not is_object(kind):
                return Static(len(kind.items))
            case Array(dims=dims) if dims:
                d = dims[0]
                return (
                    Static(d)
                    if isinstance(d, int)
                    else Scalar(INT.dtype, True, d if d.base != "?" else None)
                )
        return INT

    def listed(self, node: gast.Call, value: type) -> Kind:
        """`list(x)` and `tuple(x)`."""
        self.callee(node, Callee("builtin", value), Opaque())
        if not node.args:
            return List(None) if value is list else Record(tuple, (), ())
        kind = self.eval(node.args[0])
        if isinstance(kind, Record) and (is_tuple(kind) or kind.type is list):
            return Record(value, tuple(range(len(kind.items))), kind.items)
        return List(self.item_or_none(node, kind))

    def iteration(self, node: gast.Call, value: Any) -> Kind:
        """`range`, `enumerate`, `zip`, `reversed`."""
        parts = tuple(self.eval(a) for a in node.args)
        for k in node.keywords:
            if k.arg not in ("start", "strict"):
                raise self.function.refuse(node, f"`{k.arg}` of {value.__name__} is not supported")
            self.eval(k.value)
        if value is enumerate:
            parts = (parts[0], Static(0))
        return self.callee(node, Callee("builtin", value), Iteration(value.__name__, parts))

    def message(self, node: gast.expr) -> None:
        """An expression whose value is only shown: f-strings and calls of any kind are fine."""
        match node:
            case gast.JoinedStr():
                for v in node.values:
                    self.message(v)
            case gast.FormattedValue():
                self.message(node.value)
            case gast.Call(func=gast.Name() | gast.Attribute()):
                for a in node.args:
                    self.message(a)
            case gast.Constant():
                pass
            case _:
                self.eval(node)


def sum_kind(a: Kind, b: Kind) -> Kind:
    """The kind of the sum of two cotangents, of which None stands for zero."""
    match a, b:
        case Dict(), Record(type=made) if made is dict:
            return Dict(joined([a.item, *b.items]), None, a.key)
        case Record(type=made), Dict() if made is dict:
            return sum_kind(b, a)
        case Static(value=None), _:
            return b
        case _, Static(value=None):
            return a
        case Record(), Record() if a.type is b.type and a.keys == b.keys:
            return Record(a.type, a.keys, tuple(map(sum_kind, a.items, b.items)))
        case List(item=Record() as left), List(item=Record() as right):
            return List(sum_kind(left, right))
    return join(a, b)


def joined(kinds: list[Kind | None]) -> Kind | None:
    """The join of kinds, as far as there are any."""
    out: Kind | None = None
    for k in kinds:
        out = k if out is None else out if k is None else join(out, k)
    return out


def zeros_kind(kind: Kind) -> Kind:
    """The kind of zeros in the structure of a value: None for parts that are no floats."""
    match kind:
        case Record():
            made, keys = kind.type, kind.keys
            if is_object(kind) and not is_tuple(kind) and not dataclasses.is_dataclass(made):
                made = types.SimpleNamespace
                keys = tuple(Field(k.label, made) for k in keys)
            return Record(made, keys, tuple(map(zeros_kind, kind.items)))
        case List(item=item):
            return List(None if item is None else zeros_kind(item), kind.length)
        case Array():
            return Array(kind.dtype if kind.dtype.kind in "fc" else np.dtype(float), kind.dims)
    return numeric(kind) or Static(None) if may_be_active(kind) else Static(None)
