"""Kinds of expressions: names, operators, subscripts, attributes, displays."""

from __future__ import annotations

import ast
import math
import types
from typing import Any

import gast
import numpy as np

from srcgrad.kinds import (
    BOOL,
    INT,
    Array,
    Dict,
    Dim,
    Field,
    Iteration,
    Kind,
    Length,
    List,
    Opaque,
    Record,
    Scalar,
    Static,
    is_object,
    is_tuple,
    numeric,
)
from srcgrad.lower.base.constructors import display_kind, key_of
from srcgrad.lower.base.derived import is_made
from srcgrad.lower.base.facts import observe
from srcgrad.lower.base.indexing import Index, indexed, read_index
from srcgrad.lower.base.join import describe
from srcgrad.lower.inference import mappings
from srcgrad.lower.inference.choices import Choices, joined
from srcgrad.lower.inference.instances import Failing
from srcgrad.lower.inference.unsteady import unsteady
from srcgrad.rules.shapes import UNKNOWN, Mismatch, Undecided, shaped
from srcgrad.syntax.lives import user_name

ARRAY_ATTRIBUTES = ("T", "shape", "size", "ndim", "dtype", "real", "imag", "flat", "flags")
CONTIGUOUS = ("c_contiguous", "f_contiguous", "contiguous", "writeable", "owndata", "forc")
FLAGS = "the flags of an array"
SETTLED = "Use values whose kind and shape are the same on every path."


class Evaluator(Choices):
    """Gives each expression of a function its kind."""

    def eval(self, node: gast.expr) -> Kind:
        """The kind of an expression; noted in the table."""
        try:
            kind = self.instead(node)
            if kind is None:
                kind = self.kind_of(node)
        except Undecided as e:
            what = f"this depends on what is known at run time only: {e}"
            raise self.function.refuse(node, what, SETTLED) from None
        except Mismatch as e:
            raise Failing(node, f"these shapes do not fit: {e}", ValueError) from None
        return self.record(node, self.canonical(kind))

    def canonical(self, kind: Kind) -> Kind:
        """A kind in which lengths that are known to be equal are the same."""
        if isinstance(kind, Array) and kind.dims and self.world.facts.parent:
            return Array(kind.dtype, tuple(map(self.world.facts.representative, kind.dims)))
        return kind

    def record(self, node: gast.AST, kind: Kind) -> Kind:
        """Note a kind."""
        self.typed.kinds[node] = kind
        return kind

    def kind_of(self, node: gast.expr) -> Kind:
        """The kind of an expression, by its type."""
        match node:
            case gast.Name():
                return self.name_kind(node)
            case gast.Constant(value=value):
                return Static(value)
            case gast.BinOp():
                return self.binary(node)
            case gast.UnaryOp():
                return self.unary(node)
            case gast.BoolOp():
                kinds = self.operands(node)
                passed = isinstance(node.op, gast.And)
                return joined(
                    [k for v, k in kinds if v is kinds[-1][0] or self.truth(v) is not passed]
                )
            case gast.Compare():
                return self.compare(node)
            case gast.IfExp():
                self.eval(node.test)
                decided = self.truth(node.test)
                if decided is not None:
                    return self.eval(node.body if decided else node.orelse)
                return self.either(node.body, node.orelse)
            case gast.JoinedStr():
                self.message(node)
                return Opaque("a string")
            case gast.Subscript():
                return self.subscript(node, self.eval(node.value))
            case gast.Attribute():
                return self.attribute(node, self.eval(node.value))
            case gast.Call():
                return self.call(node)
            case gast.Tuple() | gast.List():
                items = tuple(self.eval(e) for e in node.elts)
                type_ = tuple if isinstance(node, gast.Tuple) else list
                return Record(type_, tuple(range(len(items))), items)
            case gast.Dict():
                return self.display(node)
            case gast.Set():
                return self.set_display(node)
            case gast.ListComp() if getattr(node, "made", False):
                return self.comprehended(node)
            case gast.Slice():
                for part in (node.lower, node.upper, node.step):
                    if part is not None:
                        self.eval(part)
                return Opaque("a slice")
            case _:
                raise self.refused(node)

    def binary(self, node: gast.BinOp) -> Kind:
        """The kind of `left op right`; chains are walked without recursion."""
        chain = [node]
        while isinstance(chain[-1].left, gast.BinOp):
            chain.append(chain[-1].left)
        kind = self.eval(chain[-1].left)
        for n in reversed(chain):
            try:
                kind, right = self.like_arrays(n.left, n.right, kind, self.eval(n.right))
                kind = self.record(n, self.operator(n, n.op, kind, right))
            except Undecided as e:
                what = f"this depends on what is known at run time only: {e}"
                raise self.function.refuse(n, what, SETTLED) from None
            except Mismatch as e:
                raise Failing(n, f"these shapes do not fit: {e}", ValueError) from None
        return kind

    def name_kind(self, node: gast.Name) -> Kind:
        """The kind of a name: a variable's, or that of a global's present value."""
        if node.id in self.env:
            return self.env[node.id]
        if node.id in self.local_names or self.function.is_local(node.id):
            what = f"`{user_name(node.id)}` is read before it is assigned"
            raise Failing(node, what, UnboundLocalError, "Assign it first.")
        if not self.function.binds(node.id):
            raise self.function.refuse(
                node, f"`{node.id}` is not defined", "Define or import it at module level."
            )
        value = self.function.lookup(node.id)
        kind = observe(value, "", None, name=node.id)
        if node.id in self.function.imports or is_made(self.function, node.id):
            return kind
        owner, label = self.function.origin(node.id)
        self.world.reads.setdefault((id(owner.object), label), (owner, label, kind))
        return kind

    def display(self, node: gast.Dict) -> Kind:
        """The kind of `{key: value}`."""
        keys = [self.eval(k) if k is not None else Opaque() for k in node.keys]
        values = unsteady(self, keys, tuple(self.eval(v) for v in node.values))
        made: Kind | None = display_kind([getattr(k, "value", None) for k in node.keys], values)
        if made is None:
            made = mappings.display(self, node, keys, values)
        if made is not None:
            return made
        return Record(dict, tuple(k.value for k in keys), values)  # type: ignore[union-attr]

    def attribute(self, node: gast.Attribute, base: Kind) -> Kind:
        """The kind of `base.attr` (methods are looked up where they are called)."""
        match base:
            case Static(value=types.ModuleType() as module):
                if not hasattr(module, node.attr):
                    raise self.function.refuse(node, f"`{module.__name__}` has no `{node.attr}`")
                kind = observe(getattr(module, node.attr), "", None, name=node.attr)
                if module.__name__.partition(".")[0] not in ("numpy", "math", "srcgrad"):
                    key = (id(module), node.attr)
                    self.world.objects.setdefault(key, (module, node.attr, kind))
                return kind
            case Static(value=value) if value is None or isinstance(value, (str, bool, int, float)):
                return Opaque(f"an attribute of {value!r}")
            case Static(value=np.dtype()):
                return Opaque("an attribute of a dtype")
            case Static(value=value):
                return self.object_attribute(node, value)
            case Opaque(why=why) if why == FLAGS and node.attr in CONTIGUOUS:
                return BOOL
            case Record() if base.type not in (dict, tuple, list):
                return self.record_attribute(node, base)
        number = numeric(base)
        if number is None or node.attr not in ARRAY_ATTRIBUTES:
            hint = "Use a numpy function that gives this value."
            raise self.function.refuse(
                node, f"the attribute `{node.attr}` of {describe(base)} is not supported", hint
            )
        return self.array_attribute(node, number)

    def record_attribute(self, node: gast.Attribute, base: Record) -> Kind:
        """The kind of an attribute of an object, or of an item of a namedtuple."""
        key = key_of(base, node.attr)
        if key is not None:
            return base.items[base.keys.index(key)]
        label, value = base.type.__name__, getattr(base.type, node.attr, None)
        if isinstance(value, (int, float, str, np.ndarray)):
            kind = observe(value, "", None, name=node.attr)
            objects = self.world.objects
            objects.setdefault((id(base.type), node.attr), (base.type, node.attr, kind))
            return kind
        what = "property" if isinstance(value, property) else "attribute"
        what = "method" if callable(value) else what
        raise self.function.refuse(
            node,
            f"the {what} `{node.attr}` of {label} is not supported here",
            "Write what it does into a function of its own that takes the object.",
        )

    def object_attribute(self, node: gast.Attribute, value: Any) -> Kind:
        """The kind of an attribute of an object that the function reads but does not change."""
        held = vars(value) if hasattr(value, "__dict__") else {}
        plain = node.attr in held or isinstance(
            getattr(type(value), node.attr, None), (int, float, str, np.ndarray)
        )
        if not plain:
            raise self.function.refuse(
                node,
                f"the attribute `{node.attr}` of {type(value).__name__} is not supported",
                "Pass it as an argument.",
            )
        kind = observe(getattr(value, node.attr), "", None, name=node.attr)
        self.world.objects.setdefault((id(value), node.attr), (value, node.attr, kind))
        return kind

    def array_attribute(self, node: gast.Attribute, number: Scalar | Array) -> Kind:
        """The kind of an attribute of a number."""
        dims = number.dims if isinstance(number, Array) else ()
        match node.attr:
            case "flags" if isinstance(number, Array):
                return Opaque(FLAGS)
            case "T":
                return (
                    Array(number.dtype, dims[::-1] if dims is not None else None)
                    if dims != ()
                    else number
                )
            case "real" | "imag" as part:
                dtype = getattr(number.dtype.type(1), part).dtype
                if isinstance(number, Array):
                    return Array(dtype, number.dims)
                return Scalar(dtype, number.python)
            case "flat" if isinstance(number, Array) and dims is not None:
                return self.flat(number.dtype, dims)
            case "dtype":
                return Static(number.dtype)
            case "ndim":
                return Static(len(dims)) if dims is not None else INT
            case "size":
                if dims is not None and len(dims) == 1:
                    return Scalar(INT.dtype, True, dims[0])
                return INT
            case "shape":
                if dims is None:
                    return List(INT)
                items = tuple(
                    Static(d) if isinstance(d, int) else Scalar(INT.dtype, True, stated(d))
                    for d in dims
                )
                return Record(tuple, tuple(range(len(items))), items)
        raise self.function.refuse(node, f"the attribute `{node.attr}` is not supported")

    def flat(self, dtype: np.dtype, dims: tuple[Length, ...]) -> Kind:
        """The kind of the entries of an array, row after row."""
        known = math.prod(dims) if all(isinstance(d, int) for d in dims) else UNKNOWN  # type: ignore[arg-type]
        return Array(dtype, dims if len(dims) == 1 else (known,))

    def subscript(self, node: gast.Subscript, base: Kind) -> Kind:
        """The kind of `base[index]`."""
        match base:
            case Array():
                return self.index(node, base)
            case Record():
                key = self.eval(node.slice)
                if is_object(base) and not isinstance(getattr(key, "value", None), Field):
                    raise self.function.refuse(node, f"{describe(base)} has no items")
                if isinstance(key, Static) and not isinstance(node.slice, gast.Slice):
                    at = key.value
                    if base.type is not dict and isinstance(at, int) and -len(base.keys) <= at < 0:
                        at += len(base.keys)
                    if at not in base.keys:
                        raise self.missing(node, base, at)
                    return base.items[base.keys.index(at)]
                if isinstance(node.slice, gast.Slice) and base.type is not dict:
                    return self.sliced(node, base)
                self.typed.unproven.add(node)
                if not base.items:
                    error = KeyError if base.type is dict else None
                    what = f"this reads an item of an empty {base.type.__name__}"
                    raise Failing(node, what, error, "", node.value)
                return joined(list(base.items))
            case Dict():
                return mappings.item(self, node, base)
            case List():
                self.eval(node.slice)
                if isinstance(node.slice, gast.Slice):
                    return List(base.item)
                self.typed.unproven.add(node)
                if base.item is None:
                    what = "this reads an item of an empty list"
                    raise Failing(node, what, IndexError, "", node.value)
                return base.item
            case Iteration(name="range") if isinstance(node.slice, gast.Slice):
                self.eval(node.slice)
                return base
            case Static(value=str()):
                self.eval(node.slice)
                return Opaque("a string")
        what = f"a subscript of {describe(base)} is not supported"
        if isinstance(base, (Scalar, Static)) and numeric(base) is not None:
            self.eval(node.slice)
            if isinstance(numeric(self.typed.kinds[node.slice]), Scalar):
                raise Failing(node, what, None)
        raise self.function.refuse(node, what)

    def missing(self, node: gast.Subscript, base: Record, at: object) -> Failing:
        """What reading an item raises that a container with known items lacks."""
        what = f"this reads item {at!r} of {describe(base)}, which has none"
        whole: type[Exception] = IndexError if isinstance(at, int) else TypeError
        return Failing(node, what, KeyError if base.type is dict else whole, "", node.value)

    def sliced(self, node: gast.Subscript, base: Record) -> Kind:
        """A slice of a tuple or list whose items are known."""
        parts = []
        for part in (node.slice.lower, node.slice.upper, node.slice.step):
            kind = self.eval(part) if part is not None else Static(None)
            if not isinstance(kind, Static):
                return List(joined(list(base.items)))
            parts.append(kind.value)
        items = base.items[slice(*parts)]
        return Record(tuple if is_tuple(base) else base.type, tuple(range(len(items))), items)

    def index(self, node: gast.Subscript, base: Array) -> Kind:
        """The kind of a subscript of an array."""
        if base.dims is None:
            self.eval(node.slice)
            self.typed.unproven.add(node)
            raise self.function.refuse(
                node,
                "a subscript of a value that may be a number or an array",
                "Specialise first: source_for(...).",
            )
        try:
            found: Index = read_index(self, node.slice)
            dims, safe = indexed(found, base.dims, self.world.facts)
        except (Undecided, Mismatch) as e:
            raise self.function.refuse(node, f"this subscript is not supported: {e}") from None
        if not safe:
            self.typed.unproven.add(node)
        self.record(node.slice, self.typed.kinds.get(node.slice, Opaque("an index")))
        scalar = not any(
            k == "slice" or k == "ellipsis" or k == "newaxis" for k, _, _ in found.items
        )
        return shaped(base.dtype, dims) if scalar else Array(base.dtype, dims)


def stated(d: Dim) -> Dim | None:
    """A length, unless it is one that nothing is known of."""
    return d if d.base != "?" else None


def ast_operator(op: gast.AST) -> type:
    """The operator class of the standard library, by which rules are found."""
    return getattr(ast, type(op).__name__)
