"""What each call calls: a function with a rule, another function of the user's, a method."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from srcgrad import runtime
from srcgrad.errors import NoRule
from srcgrad.kinds import (
    BOOL,
    FLOAT,
    INT,
    Array,
    Iteration,
    Kind,
    List,
    Opaque,
    Record,
    Scalar,
    Static,
    may_be_active,
    numeric,
)
from srcgrad.lower.facts import join_all, observe
from srcgrad.lower.join import as_list, describe, join
from srcgrad.lower.program import Callee, Function, Typed, World, load
from srcgrad.rules.declare import Rule
from srcgrad.rules.registry import lookup
from srcgrad.rules.shapes import KINDS, Undecided, elementwise_kind, shaped
from srcgrad.syntax.flow import stores

METHODS: dict[str, Callable] = {
    name: getattr(np, name)
    for name in (
        "sum mean max min prod std var cumsum cumprod argmax argmin argsort any all dot copy ravel reshape "
        "transpose swapaxes squeeze clip repeat trace round take diagonal"
    ).split()
} | {"flatten": np.ravel}
ITERATIONS = (range, enumerate, zip, reversed)
LIST_METHODS = ("append", "extend", "pop", "insert", "reverse", "copy", "clear", "sort", "remove", "index", "count")
CHANGING = frozenset(LIST_METHODS) - {"copy", "index", "count"}
DICT_VIEWS = ("items", "keys", "values")
SCATTERS = (np.add, np.subtract)
STRUCTURAL: dict[Any, int] = {
    runtime.zeros_like: 1,
    runtime.add: 2,
    runtime.unstack: 2,
    runtime.split_like: 3,
    runtime.repeat_for: 2,
    runtime.first_items: 2,
    runtime.last_items: 2,
    runtime.last_written: 2,
}
DEEPEST = 10
INSTEAD = {
    "sort": "Use y = np.sort(y).",
    "fill": "Write y[...] = value.",
    "resize": "Use np.reshape or np.concatenate.",
    "partition": "Use y = np.sort(y).",
    "put": "Write y[indices] = values.",
    "tolist": "Read the array itself.",
}
FORBIDDEN = {"eval", "exec", "locals", "globals", "vars", "compile", "__import__", "setattr", "delattr"}


class Callees:
    """Types calls. The environment and the tables are those of the interpreter at work."""

    def __init__(self, function: Function, parameters: dict[str, Kind], world: World) -> None:
        self.function = function
        self.world = world
        self.typed = Typed(function, parameters)
        self.typed.variables.update(parameters)
        self.env: dict[str, Kind] = {}
        self.local_names = set(parameters)
        self.changed: set[str] = set()
        self.steady = frozenset(parameters) - stores(function.node)
        for n in gast.walk(function.node):
            if isinstance(n, gast.stmt) and not isinstance(n, gast.FunctionDef):
                self.note_names(n)
        self.spread_changes()

    def spread_changes(self) -> None:
        """A list that is changed through a second name is changed under its first."""
        pairs = [
            (n.targets[0].id, n.value.id)
            for n in gast.walk(self.function.node)
            if isinstance(n, gast.Assign) and isinstance(n.targets[0], gast.Name) and isinstance(n.value, gast.Name)
        ]
        size = -1
        while size != len(self.changed):
            size = len(self.changed)
            self.changed |= {a for b, a in pairs if b in self.changed}

    def note_names(self, s: gast.stmt) -> None:
        """Note the names that a statement binds, and the containers that it changes in place."""
        match s:
            case gast.Assign():
                self.local_names |= stores(*s.targets)
                targets = s.targets
            case gast.AugAssign() | gast.AnnAssign():
                self.local_names |= stores(s.target)
                targets = [s.target]
                if isinstance(s.target, gast.Name) and isinstance(s, gast.AugAssign):
                    self.changed.add(s.target.id)
            case gast.For():
                self.local_names |= stores(s.target)
                targets = []
            case gast.Expr(value=gast.Call(func=gast.Attribute(value=gast.Name(id=name), attr=attr))):
                targets = []
                if attr in CHANGING:
                    self.changed.add(name)
            case _:
                targets = []
        for n in gast.walk(s):
            if isinstance(n, gast.Call) and isinstance(n.func, gast.Attribute):
                if n.func.attr in CHANGING and isinstance(n.func.value, gast.Name):
                    self.changed.add(n.func.value.id)
        for t in targets:
            if isinstance(t, gast.Subscript) and isinstance(t.value, gast.Name):
                self.changed.add(t.value.id)

    def call(self, node: gast.Call) -> Kind:
        """The kind of a call's result; what it calls is noted."""
        if isinstance(node.func, gast.Attribute):
            base = self.eval(node.func.value)
            if isinstance(base, Static) and node.func.attr == "at" and any(base.value is u for u in SCATTERS):
                return self.scatter(node, base.value)
            if isinstance(base, Static) and isinstance(base.value, np.ufunc):
                raise self.no_rule(node, f"np.{base.value.__name__}.{node.func.attr}", "Write it with other functions.")
            if not (isinstance(base, Static) and not isinstance(base.value, (str, int, float, type(None)))):
                return self.method(node, base)
        kind = self.eval(node.func)
        if not isinstance(kind, Static):
            raise self.function.refuse(node, f"a call of {describe(kind)} is not supported")
        return self.apply(node, kind.value)

    def apply(self, node: gast.Call, value: Any) -> Kind:
        """The kind of a call of a known object."""
        if getattr(value, "__name__", "") in FORBIDDEN and getattr(value, "__module__", "") == "builtins":
            hint = "Write out what it does, with names, arguments and results."
            raise self.function.refuse(node, f"`{value.__name__}` is not supported", hint)
        if value is print:
            for a in node.args:
                self.message(a)
            for k in node.keywords:
                self.message(k.value)
            return self.callee(node, Callee("builtin", print), Static(None))
        if any(isinstance(a, gast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords):
            raise self.function.refuse(node, "`*` or `**` in a call is not supported", "Write the arguments out.")
        if value in ITERATIONS:
            return self.iteration(node, value)
        if value is len:
            return self.length(node)
        if value in (list, tuple) and len(node.args) < 2:
            return self.listed(node, value)
        if isinstance(value, types.FunctionType) and value in STRUCTURAL and lookup(value) is None:
            return self.structural(node, value)
        if value is slice and not node.keywords:
            for a in node.args:
                self.eval(a)
            return self.callee(node, Callee("builtin", slice), Opaque("a slice"))
        if value in (float, int, str, bool) and len(node.args) == 1 and not node.keywords:
            kind = self.eval(node.args[0])
            if value in (str, bool) or (isinstance(kind, Static) and isinstance(kind.value, str)):
                results: dict[Any, Kind] = {float: FLOAT, int: INT, bool: BOOL, str: Opaque("a string")}
                return self.callee(node, Callee("builtin", value), results[value])
        if value is isinstance:
            for a in node.args:
                self.eval(a)
            return self.callee(node, Callee("builtin", value), BOOL)
        found = lookup(value) if isinstance(value, (type, Callable)) else None  # type: ignore[arg-type]
        if found is not None or self.has_kind(value):
            return self.with_rule(node, value, found, node.args)
        if isinstance(value, types.MethodType) and isinstance(value.__func__, types.FunctionType):
            return self.user(node, value.__func__, [Static(value.__self__)])
        if isinstance(value, types.FunctionType) and not library(value):
            return self.user(node, value, [])
        return self.unknown(node, value)

    def scatter(self, node: gast.Call, function: np.ufunc) -> Kind:
        """`np.add.at(a, indices, b)`, a write."""
        if len(node.args) != 3 or node.keywords:
            raise self.function.refuse(node, f"`np.{function.__name__}.at` takes three arguments here")
        base, _, value = (self.eval(a) for a in node.args)
        part = gast.Subscript(value=node.args[0], slice=node.args[1], ctx=gast.Store())
        gast.copy_location(part, node)
        if not isinstance(base, Array) or base.dims is None:
            raise self.function.refuse(node, f"`np.{function.__name__}.at` of {describe(base)} is not supported")
        self.fits(node, self.record(part, self.index(part, base)), value)
        self.typed.unproven.add(node)
        operands = tuple(zip(("a", "indices", "b", "part"), (*node.args, part), strict=True))
        return self.callee(node, Callee("scatter", function, operands), Static(None))

    def structural(self, node: gast.Call, value: Any) -> Kind:
        """A helper of the runtime that takes nested values apart or adds them up."""
        kinds = [self.eval(a) for a in node.args]
        if node.keywords or len(kinds) != STRUCTURAL[value]:
            raise self.function.refuse(node, f"`{value.__name__}` takes {STRUCTURAL[value]} arguments")
        self.callee(node, Callee("structural", value), Opaque())
        if value is runtime.zeros_like:
            return zeros_kind(kinds[0])
        if value is runtime.add:
            return join(*kinds)
        first = numeric(kinds[0])
        if value is runtime.last_written and isinstance(first, Array):
            part = gast.Subscript(value=node.args[0], slice=node.args[1], ctx=gast.Load())
            gast.copy_location(part, node)
            return self.index(part, first)
        if value in (runtime.first_items, runtime.last_items) and isinstance(kinds[0], (List, Record)):
            return as_list(kinds[0])
        if value is runtime.unstack and isinstance(first, Array) and first.dims:
            axis = kinds[1].value if isinstance(kinds[1], Static) else None
            if isinstance(axis, int):
                i = axis % len(first.dims)
                return List(shaped(first.dtype, first.dims[:i] + first.dims[i + 1 :]))
        if value in (runtime.split_like, runtime.repeat_for) and isinstance(kinds[1], (List, Record)):
            return as_list(kinds[1])
        raise self.function.refuse(node, f"`{value.__name__}` of {describe(kinds[0])} is not supported")

    def has_kind(self, value: Any) -> bool:
        """Whether numpy's own kinds cover a function."""
        try:
            return value in KINDS
        except TypeError:
            return False

    def callee(self, node: gast.Call, found: Callee, kind: Kind) -> Kind:
        """Note what a call calls."""
        self.typed.callees[node] = found
        return kind

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

    def length(self, node: gast.Call) -> Kind:
        """`len(x)`."""
        kind = self.eval(node.args[0])
        self.callee(node, Callee("builtin", len), INT)
        match kind:
            case Record():
                return Static(len(kind.items))
            case Array(dims=dims) if dims:
                d = dims[0]
                return Static(d) if isinstance(d, int) else Scalar(INT.dtype, True, d if d.base != "?" else None)
        return INT

    def listed(self, node: gast.Call, value: type) -> Kind:
        """`list(x)` and `tuple(x)`."""
        self.callee(node, Callee("builtin", value), Opaque())
        if not node.args:
            return List(None) if value is list else Record(tuple, (), ())
        kind = self.eval(node.args[0])
        if isinstance(kind, Record) and kind.type is not dict:
            return Record(value, kind.keys, kind.items)
        return List(self.item_of(node, kind))

    def method(self, node: gast.Call, base: Kind) -> Kind:
        """A method of an array, a list, a dict or a string."""
        assert isinstance(node.func, gast.Attribute)
        name = node.func.attr
        if isinstance(base, (List, Record)) and getattr(base, "type", list) is list and name in LIST_METHODS:
            return self.list_method(node, as_list(base), name)
        if isinstance(base, Record) and base.type is dict:
            return self.dict_method(node, base, name)
        if isinstance(base, Static) and isinstance(base.value, str):
            for a in node.args:
                self.message(a)
            return self.callee(node, Callee("unknown", getattr(str, name)), Opaque("a string"))
        number = numeric(base)
        if number is None:
            raise self.function.refuse(node, f"the method `{name}` of {describe(base)} is not supported")
        if name == "astype":
            if len(node.args) + len(node.keywords) != 1 or any(k.arg != "dtype" for k in node.keywords):
                raise self.function.refuse(node, "`astype` with more than a dtype is not supported", "Leave it out.")
            dtype = self.eval(node.args[0] if node.args else node.keywords[0].value)
            if isinstance(dtype, Static):
                wanted = np.dtype(dtype.value)
                kind = Array(wanted, number.dims) if isinstance(number, Array) else Scalar(wanted, False)
                operands = (("x", node.func.value),)
                return self.callee(node, Callee("astype", wanted, operands), kind)
        if name == "item" and not node.args:
            return self.callee(node, Callee("item", None, (("x", node.func.value),)), Scalar(number.dtype))
        if name not in METHODS:
            hint = INSTEAD.get(name, "Use a numpy function that returns a value.")
            raise self.no_rule(node, f"{name}() of {describe(number)}", hint)
        args = node.args
        if name in ("reshape", "transpose") and (len(args) > 1 or (args and not self.is_sequence(args[0]))):
            packed = gast.Tuple(elts=list(args), ctx=gast.Load())
            gast.copy_location(packed, node)
            args = [packed] if name == "transpose" or len(args) > 1 else args
        return self.with_rule(node, METHODS[name], lookup(METHODS[name]), [node.func.value, *args])

    def is_sequence(self, node: gast.expr) -> bool:
        """Whether an argument is a tuple or list."""
        return isinstance(self.eval(node), (Record, List))

    def list_method(self, node: gast.Call, base: List, name: str) -> Kind:
        """A method of a list; changes are made to the kind of the variable."""
        assert isinstance(node.func, gast.Attribute)
        args = [self.eval(a) for a in node.args]
        kept = Callee("method", name, (("list", node.func.value),))
        if name in ("index", "count"):
            return self.callee(node, kept, INT)
        if name == "copy":
            return self.callee(node, kept, base)
        if not isinstance(node.func.value, gast.Name):
            raise self.function.refuse(
                node, "a list that has no name of its own is changed", "Assign it to a name first."
            )
        variable = node.func.value.id
        new = base
        if name == "append":
            new = List(args[0] if base.item is None else join(base.item, args[0]))
        elif name == "extend":
            item = self.item_of(node, args[0])
            new = List(item if base.item is None else join(base.item, item))
        elif name not in ("pop", "reverse", "clear"):
            raise self.no_rule(node, f"{name}() of a list", "Build a new list with append().")
        self.env[variable] = new
        old = self.typed.variables.get(variable)
        self.typed.variables[variable] = new if old is None else join(old, new)
        result = (base.item or Opaque("an item of an empty list")) if name == "pop" else Static(None)
        return self.callee(node, kept, result)

    def dict_method(self, node: gast.Call, base: Record, name: str) -> Kind:
        """A method of a dict that only reads."""
        assert isinstance(node.func, gast.Attribute)
        if name in DICT_VIEWS and not node.args:
            kept = Callee("method", name, (("dict", node.func.value),))
            return self.callee(node, kept, Iteration(name, (base,)))
        raise self.no_rule(node, f"{name}() of a dict", "Read and write d[key] with constant keys.")

    def with_rule(self, node: gast.Call, value: Any, rule: Rule | None, args: list[gast.expr]) -> Kind:
        """A call of a function with a rule or a kind."""
        for a in args:
            self.eval(a)
        for k in node.keywords:
            self.eval(k.value)
        operands = self.bind_rule(node, value, rule, args)
        kinds = [self.typed.kinds[a] for a in args]
        options = {k.arg: self.typed.kinds[k.value] for k in node.keywords}
        kind = self.result_kind(node, args, value, kinds, options)
        if isinstance(value, np.ufunc) or value is np.where:
            self.check_broadcast(node, [n for n in map(numeric, kinds) if n is not None])
        elif value in (np.matmul, np.dot):
            self.check_matmul(node, numeric(kinds[0]), numeric(kinds[1]))
        return self.callee(node, Callee("rule", value, operands), kind)

    def result_kind(
        self, node: gast.Call, args: list[gast.expr], value: Any, kinds: list[Kind], options: dict[str, Kind]
    ) -> Kind:
        """The kind of a result; ints that decide it are pinned to their values."""
        try:
            return self.ask_kind(value, kinds, options)
        except Undecided:
            pinned = [self.pinned(k) for k in kinds]
            named = {k: self.pinned(v) for k, v in options.items()}
            found = self.ask_kind(value, pinned, named)
            for a, k in zip([*args, *(k.value for k in node.keywords)], [*pinned, *named.values()], strict=True):
                self.typed.kinds[a] = k
            return found
        except TypeError as e:
            raise Undecided(f"numpy says: {e}") from e

    def ask_kind(self, value: Any, kinds: list[Kind], options: dict[str, Kind]) -> Kind:
        """The kind of a result, from the table or from numpy's own broadcasting."""
        if self.has_kind(value):
            return KINDS[value](*kinds, **options)
        return elementwise_kind(value, kinds)

    def pinned(self, kind: Kind) -> Kind:
        """An int argument as a constant, where its value is what the text depends on."""
        if isinstance(kind, Scalar) and kind.value is not None:
            found = self.world.facts.pinned(kind.value)
            return kind if found is None else Static(found)
        if isinstance(kind, Record):
            return Record(kind.type, kind.keys, tuple(map(self.pinned, kind.items)))
        return kind

    def bind_rule(
        self, node: gast.Call, value: Any, rule: Rule | None, args: list[gast.expr]
    ) -> tuple[tuple[str, Any], ...]:
        """Arguments of a call, by the names of the rule's parameters."""
        if isinstance(value, np.ufunc) and (node.keywords or len(args) > value.nin):
            raise self.function.refuse(
                node, f"`out=`, `where=` and the like of `{_name(value)}` are not supported", "Leave them out."
            )
        if self.has_kind(value):
            self.check_keywords(node, value)
        if rule is None or rule.zero:
            return tuple((str(i), a) for i, a in enumerate(args)) + tuple(
                (k.arg, k.value) for k in node.keywords
            )
        names = [n for n, _ in rule.parameters]
        if len(args) > len(names):
            raise self.function.refuse(node, f"`{_name(value)}` with {len(args)} arguments is not supported")
        found = dict(zip(names, args, strict=False))
        for k in node.keywords:
            if k.arg not in names:
                raise self.function.refuse(
                    node, f"the argument `{k.arg}` of `{_name(value)}` is not supported", "Leave it out."
                )
            found[k.arg] = k.value
        return tuple(found.items())

    def check_keywords(self, node: gast.Call, value: Any) -> None:
        """Refuse an argument by name that the kind of a function does not know."""
        known = inspect.signature(KINDS[value]).parameters.values()
        if any(p.kind is p.VAR_KEYWORD for p in known):
            return
        for k in node.keywords:
            if k.arg not in {p.name for p in known}:
                raise self.function.refuse(
                    node, f"the argument `{k.arg}` of `{_name(value)}` is not supported", "Leave it out."
                )

    def user(self, node: gast.Call, function: types.FunctionType, first: list[Kind]) -> Kind:
        """A call of a function of the user's."""
        if function not in self.world.functions:
            self.world.functions[function] = load(function)
        callee = self.world.functions[function]
        arguments = callee.node.args
        positional = [a.id for a in (*arguments.posonlyargs, *arguments.args)]
        operands: dict[str, Any] = dict(zip(positional, [*first, *node.args], strict=False))
        if len(first) + len(node.args) > len(positional):
            raise self.function.refuse(node, f"{function.__name__}() takes {len(positional)} positional arguments")
        for k in node.keywords:
            if k.arg not in callee.parameters or k.arg in operands:
                raise self.function.refuse(node, f"{function.__name__}() got an unexpected argument `{k.arg}`")
            operands[k.arg] = k.value
        kinds: dict[str, Kind] = {}
        defaults = dict(zip(reversed(positional), reversed(function.__defaults__ or ()), strict=False))
        defaults |= function.__kwdefaults__ or {}
        for p in callee.parameters:
            if p in operands:
                o = operands[p]
                kinds[p] = o if isinstance(o, Static) else loosened(self.eval(o))
            elif p in defaults:
                kinds[p] = observe(defaults[p], "", None, name=p)
            else:
                raise self.function.refuse(node, f"{function.__name__}() lacks the argument `{p}`")
        typed = self.instance(node, callee, kinds)
        self.typed.unproven.add(node)
        return self.callee(node, Callee("user", typed, tuple(operands.items())), typed.returns or Static(None))

    def instance(self, node: gast.Call, callee: Function, kinds: dict[str, Kind]) -> Typed:
        """The callee, typed for these kinds; made once for each."""
        depth = sum(callee.object is k[0] for k in self.world.open)
        if depth:
            kinds = {p: unmeasured(k) for p, k in kinds.items()}
        key = (callee.object, tuple(kinds.items()))
        if key in self.world.open or depth > DEEPEST:
            what = f"`{callee.object.__name__}` calls itself: recursion is not supported"
            raise self.function.refuse(node, what, "Write it as a loop.")
        if key not in self.world.instances:
            self.world.open.append(key)
            try:
                self.world.instances[key] = self.world.prepare(callee, kinds, self.world)
            finally:
                self.world.open.pop()
        return self.world.instances[key]

    def unknown(self, node: gast.Call, value: Any) -> Kind:
        """A call that nothing is known of: fine if nothing active can reach it."""
        kinds = [self.eval(a) for a in node.args] + [self.eval(k.value) for k in node.keywords]
        if isinstance(value, type) and issubclass(value, BaseException):
            return self.callee(node, Callee("builtin", value), Opaque("an exception"))
        del kinds
        hint = f"Compute its value outside of {self.function.object.__name__} and pass it as an argument."
        raise self.no_rule(node, _name(value), hint)

    def no_rule(self, node: gast.AST, name: str, hint: str) -> NoRule:
        """The error for a function or method that has no derivative here."""
        return NoRule(f"`{name}` has no derivative rule", self.function.location(node), hint)

    def check_broadcast(self, node: gast.AST, numbers: list[Scalar | Array]) -> None:
        """Note that shapes may turn out not to fit, unless the guard will have checked them."""
        shapes = [n.dims if isinstance(n, Array) else () for n in numbers]
        if any(s is None for s in shapes):
            self.typed.unproven.add(node)
            return
        for i, s in enumerate(shapes):
            for t in shapes[:i]:
                for a, b in zip(reversed(s), reversed(t), strict=False):  # type: ignore[arg-type]
                    if not self.world.facts.compatible(a, b):
                        self.typed.unproven.add(node)

    def fits(self, node: gast.AST, place: Kind, kind: Kind) -> None:
        """Note that a value may turn out not to fit into the place it is written to."""
        target, value = numeric(place), numeric(kind)
        if target is None or value is None:
            raise self.function.refuse(node, f"{describe(kind)} is written into {describe(place)}")
        self.check_broadcast(node, [target, value])

    def check_matmul(self, node: gast.AST, a: Any, b: Any) -> None:
        """Note that inner lengths may turn out not to fit, unless the guard will have checked them."""
        if not (isinstance(a, Array) and isinstance(b, Array) and a.dims and b.dims):
            self.typed.unproven.add(node)
            return
        inner = b.dims[-2] if len(b.dims) > 1 else b.dims[0]
        if not self.world.facts.equal(a.dims[-1], inner) or max(len(a.dims), len(b.dims)) > 2:
            self.typed.unproven.add(node)


def unmeasured(kind: Kind) -> Kind:
    """The kind of an argument of a call of a function by itself: ints forget what they count."""
    return Scalar(kind.dtype, kind.python) if isinstance(kind, Scalar) else kind


def zeros_kind(kind: Kind) -> Kind:
    """The kind of zeros in the structure of a value: None for parts that are no floats."""
    match kind:
        case Record():
            return Record(kind.type, kind.keys, tuple(map(zeros_kind, kind.items)))
        case List(item=item):
            return List(None if item is None else zeros_kind(item), kind.length)
        case Array():
            return Array(kind.dtype if kind.dtype.kind == "f" else np.dtype(float), kind.dims)
    return numeric(kind) or Static(None) if may_be_active(kind) else Static(None)


def loosened(kind: Kind) -> Kind:
    """The kind of an argument of a callee: number constants forget their value, so that it is typed once."""
    if isinstance(kind, Static) and isinstance(kind.value, (int, float)) and not isinstance(kind.value, bool):
        found = numeric(kind)
        assert found is not None
        return Scalar(found.dtype, True) if isinstance(kind.value, float) else kind
    return kind


def _name(value: Any) -> str:
    module = getattr(value, "__module__", None) or ""
    name = getattr(value, "__name__", type(value).__name__)
    return f"np.{name}" if module.startswith("numpy") or isinstance(value, np.ufunc) else name


__all__ = ["Callees", "join_all"]


def library(function: types.FunctionType) -> bool:
    """Whether a function belongs to numpy or to srcgrad itself (generated ones do not)."""
    module = function.__module__ or ""
    own = module.partition(".")[0] == "srcgrad" and not module.startswith("srcgrad.generated")
    return own or module.partition(".")[0] == "numpy"
