"""What each call calls: a function with a rule, another function of the user's, a method."""

from __future__ import annotations

import builtins
import functools
import math
import types
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from srcgrad.errors import NoRule
from srcgrad.kinds import (
    BOOL,
    FLOAT,
    INT,
    Array,
    Dim,
    Kind,
    List,
    Opaque,
    Record,
    Scalar,
    Static,
    may_be_active,
    numeric,
)
from srcgrad.lower.base.constructors import constructed
from srcgrad.lower.base.derived import Derivative
from srcgrad.lower.base.dotted import followed, name_of
from srcgrad.lower.base.facts import join_all, observe
from srcgrad.lower.base.join import describe
from srcgrad.lower.base.program import FOLLOWED, Callee, Function, Typed, load
from srcgrad.lower.base.writers import WRITERS
from srcgrad.lower.inference.derived import derived
from srcgrad.lower.inference.instances import Unreturned, instance_of, never_returns, waiting
from srcgrad.lower.inference.methods import SCATTERS, STRUCTURAL
from srcgrad.lower.inference.writing import Writing
from srcgrad.lower.memory.stores import after_call
from srcgrad.rules.registry import lookup
from srcgrad.syntax.flow import loads
from srcgrad.syntax.walk import walk

SPLITS = (np.split, np.array_split, np.hsplit, np.vsplit)
ITERATIONS = (range, enumerate, zip, reversed)
CONVERSIONS: dict[Any, Kind] = {
    float: FLOAT,
    int: INT,
    bool: BOOL,
    str: Opaque("a string"),
}
FORBIDDEN = {
    "eval",
    "exec",
    "locals",
    "globals",
    "vars",
    "compile",
    "__import__",
    "setattr",
    "delattr",
}


class Callees(Writing):
    """Types calls."""

    def call(self, node: gast.Call) -> Kind:
        """The kind of a call's result; what it calls is noted."""
        if isinstance(node.func, gast.Attribute):
            base = self.eval(node.func.value)
            if (
                isinstance(base, Static)
                and node.func.attr == "at"
                and any(base.value is u for u in SCATTERS)
            ):
                return self.scatter(node, base.value)
            if isinstance(base, Static) and isinstance(base.value, np.ufunc):
                raise self.no_rule(
                    node,
                    f"{name_of(base.value)}.{node.func.attr}",
                    ufunc_hint(base.value, node.func.attr),
                )
            if not (
                isinstance(base, Static)
                and not isinstance(base.value, (str, int, float, type(None)))
            ):
                return self.method(node, base)
        kind = self.eval(node.func)
        if not isinstance(kind, Static):
            what, hint = f"a call of {describe(kind)} is not supported", ""
            if isinstance(node.func, gast.Name) and hasattr(builtins, node.func.id):
                what = f"`{node.func.id}` is a variable here, and the builtin is needed"
                hint = "Give the variable another name."
            raise self.function.refuse(node, what, hint)
        return self.apply(node, kind.value)

    def apply(self, node: gast.Call, value: Any) -> Kind:
        """The kind of a call of a known object."""
        self.check_allowed(node, value)
        kind = self.of_any_arguments(node, value)
        if kind is not None:
            return kind
        if any(isinstance(a, gast.Starred) for a in node.args) or any(
            k.arg is None for k in node.keywords
        ):
            raise self.function.refuse(
                node, "`*` or `**` in a call is not supported", "Write the arguments out."
            )
        if isinstance(value, functools._lru_cache_wrapper):
            value = value.__wrapped__
            self.check_kept(node, value)
        for way in (
            self.clock,
            self.generator,
            self.of_structure,
            self.of_language,
            self.of_function,
        ):
            kind = way(node, value)
            if kind is not None:
                return kind
        return self.unknown(node, value)

    def check_allowed(self, node: gast.Call, value: Any) -> None:
        """Refuse builtins whose effect cannot be seen."""
        called = getattr(value, "__name__", "")
        if called in FORBIDDEN and getattr(value, "__module__", "") == "builtins":
            hint = "Write out what it does, with names, arguments and results."
            raise self.function.refuse(node, f"`{called}` is not supported", hint)

    def of_any_arguments(self, node: gast.Call, value: Any) -> Kind | None:
        """A call of what may get arguments by a `*` too."""
        if value is print:
            for a in node.args:
                self.message(a)
            for k in node.keywords:
                self.message(k.value)
            return self.callee(node, Callee("builtin", print), Static(None))
        if value in (np.ndindex, np.ndenumerate):
            return self.indices_of(node, value)
        known = self.set_made(node, value) if isinstance(value, type) else None
        return known or self.builtin(node, value)

    def of_structure(self, node: gast.Call, value: Any) -> Kind | None:
        """A call that makes, takes apart or walks containers, or writes to an array."""
        if value in ITERATIONS:
            return self.iteration(node, value)
        if any(value is f for f in SPLITS):
            return self.split(node, value)
        if any(value is w for w in WRITERS):
            return self.writer(node, value)
        if value is len:
            return self.length(node)
        if value in (list, tuple) and len(node.args) < 2:
            return self.listed(node, value)
        if isinstance(value, types.FunctionType) and value in STRUCTURAL and lookup(value) is None:
            return self.structural(node, value)
        return None

    def of_language(self, node: gast.Call, value: Any) -> Kind | None:
        """A call of `slice`, `isinstance`, or of the type of a number or text."""
        if value is slice and not node.keywords:
            for a in node.args:
                self.eval(a)
            return self.callee(node, Callee("builtin", slice), Opaque("a slice"))
        to = CONVERSIONS.get(value) if isinstance(value, type) else None
        if to is not None and len(node.args) == 1 and not node.keywords:
            kind = self.eval(node.args[0])
            text = isinstance(kind, Static) and isinstance(kind.value, str)
            if value is bool or text or (value is str and not may_be_active(kind)):
                return self.callee(node, Callee("builtin", value), to)
        if value is isinstance:
            for a in node.args:
                self.eval(a)
            return self.callee(node, Callee("builtin", value), BOOL)
        return None

    def of_function(self, node: gast.Call, value: Any) -> Kind | None:
        """A call of a class, of a function with a rule, or of a function of the user's."""
        made = constructed(self, node, value)
        if made is not None:
            return made
        found = lookup(value) if isinstance(value, (type, Callable)) else None  # type: ignore[arg-type]
        if found is not None or self.has_kind(value):
            return self.with_rule(node, value, found, node.args)
        if isinstance(value, types.MethodType) and isinstance(value.__func__, types.FunctionType):
            with followed(self.function, node, value.__func__):
                return self.user(node, value.__func__, [Static(value.__self__)])
        if isinstance(value, Derivative):
            return derived(self, node, value, of_default)
        if isinstance(value, types.FunctionType) and not library(value):
            with followed(self.function, node, value):
                return self.user(node, value, [])
        return None

    def split(self, node: gast.Call, value: Any) -> Kind:
        """`np.split(x, parts)`: a list of arrays, which a later pass writes as slices."""
        names = ("ary", "indices_or_sections", "axis")
        operands = dict(zip(names, node.args, strict=False))
        operands |= {k.arg: k.value for k in node.keywords}
        kinds = {k: self.eval(v) for k, v in operands.items()}
        base, cuts = kinds.get("ary"), kinds.get("indices_or_sections")
        if not isinstance(base, Array) or base.dims is None or not set(operands) <= set(names):
            raise self.no_rule(node, name_of(value), "Take the parts by slices.")
        part = Array(base.dtype, tuple(Dim("?") for _ in base.dims))
        callee = Callee("split", value, tuple(operands.items()))
        count = len(cuts.items) + 1 if isinstance(cuts, Record) else getattr(cuts, "value", None)
        if type(count) is not int:
            return self.callee(node, callee, List(part))
        return self.callee(node, callee, Record(list, tuple(range(count)), (part,) * count))

    def user(self, node: gast.Call, function: types.FunctionType, first: list[Kind]) -> Kind:
        """A call of a function of the user's."""
        if function not in self.world.functions:
            self.world.functions[function] = load(function)
        callee = self.world.functions[function]
        arguments = callee.node.args
        positional = [a.id for a in (*arguments.posonlyargs, *arguments.args)]
        operands: dict[str, Any] = dict(zip(positional, [*first, *node.args], strict=False))
        if len(first) + len(node.args) > len(positional):
            raise self.function.refuse(
                node, f"{function.__name__}() takes {len(positional)} positional arguments"
            )
        for k in node.keywords:
            if k.arg not in callee.parameters or k.arg in operands:
                raise self.function.refuse(
                    node, f"{function.__name__}() got an unexpected argument `{k.arg}`"
                )
            operands[k.arg] = k.value
        kinds: dict[str, Kind] = {}
        defaults = dict(
            zip(reversed(positional), reversed(function.__defaults__ or ()), strict=False)
        )
        defaults |= function.__kwdefaults__ or {}
        for p in callee.parameters:
            if p in operands:
                o = operands[p]
                kinds[p] = o if isinstance(o, Static) else self.argument_kind(o)
            elif p in defaults:
                kinds[p] = of_default(defaults[p], p)
            else:
                raise self.function.refuse(node, f"{function.__name__}() lacks the argument `{p}`")
        typed = self.instance(node, callee, kinds)
        self.typed.unproven.add(node)
        after_call(self, operands, typed)
        called = Callee("user", typed, tuple(operands.items()))
        if typed.returns is None:
            self.callee(node, called, Static(None))
            raise never_returns(node, typed)
        return self.callee(node, called, typed.returns)

    def argument_kind(self, node: gast.expr) -> Kind:
        """The kind of an argument, as the function that is called sees it."""
        return loosened(self.eval(node))

    def check_kept(self, node: gast.Call, function: types.FunctionType) -> None:
        """Refuse a function that keeps its results because it calls itself in several places."""
        if not any(o.typed.function.object is function for o in self.world.open):
            return
        calls = [n for n in walk(self.function.node) if isinstance(n, gast.Call)]
        if sum(gast.dump(n.func) == gast.dump(node.func) for n in calls) > 1:
            what = f"`{function.__name__}` keeps its results and calls itself more than once"
            hint = "Write it as a loop: the derivative would follow each call, kept or not."
            raise self.function.refuse(node, what, hint)

    def instance(self, node: gast.Call, callee: Function, kinds: dict[str, Kind]) -> Typed:
        """The callee, typed for these kinds.

        Raises:
            Unreturned: if it is open and nothing is known of its result yet.
        """
        typed = instance_of(callee, kinds, self.world, self.function, node)
        waits = waiting(typed, self.world)
        self.typed.waits |= waits
        if waits and typed.returns is None:
            raise Unreturned
        return typed

    def unknown(self, node: gast.Call, value: Any) -> Kind:
        """A call that nothing is known of: fine if nothing active can reach it."""
        for argument in (*node.args, *(k.value for k in node.keywords)):
            self.eval(argument)
        if isinstance(value, type) and issubclass(value, BaseException):
            return self.callee(node, Callee("builtin", value), Opaque("an exception"))
        own = self.function.object.__name__
        hint = (
            "Write it with functions that have a rule. Only if its value does not depend on what "
            f"you differentiate by: compute it outside of {own} and pass it as an argument."
        )
        if not any(map(self.function.is_local, loads(*node.args, *node.keywords))):
            hint = (
                f"It does not vary: compute it outside of {own}, and read the result as a global."
            )
        if value in (math.gamma, math.lgamma):
            hint = "Its derivative is the digamma function, which neither math nor numpy has."
        if value is np.select:
            hint = "Use np.where(c, a, np.where(d, b, otherwise))."
        raise self.no_rule(node, name_of(value), hint)

    def no_rule(self, node: gast.AST, name: str, hint: str) -> NoRule:
        """The error for a function or method that has no derivative here."""
        return NoRule(f"`{name}` has no derivative rule", self.function.location(node), hint)


def ufunc_hint(function: np.ufunc, method: str) -> str:
    """What to write instead of `reduce`, `accumulate` and the like of a function of numpy."""
    found: dict[tuple[Any, str], str] = {
        (np.add, "reduce"): "Use np.sum(x, axis=0).",
        (np.multiply, "reduce"): "Use np.prod(x, axis=0).",
        (np.maximum, "reduce"): "Use np.max(x, axis=0).",
        (np.minimum, "reduce"): "Use np.min(x, axis=0).",
        (np.add, "accumulate"): "Use np.cumsum(x, axis=0).",
        (np.multiply, "accumulate"): "Use np.cumprod(x, axis=0).",
        (np.logaddexp, "reduce"): "Use m = np.max(x); m + np.log(np.sum(np.exp(x - m))).",
        (np.maximum, "accumulate"): "Write a loop: m.append(np.maximum(m[-1], x[i])).",
        (np.minimum, "accumulate"): "Write a loop: m.append(np.minimum(m[-1], x[i])).",
        (np.multiply, "outer"): "Use np.outer(x, y).",
        (np.add, "outer"): "Use x[:, None] + y.",
        (np.subtract, "outer"): "Use x[:, None] - y.",
    }
    return found.get((function, method), "Write it with other functions, or as a loop.")


def of_default(value: Any, parameter: str) -> Kind:
    """The kind of a default: a whole number is known, since the guard holds the defaults."""
    whole = type(value) is int
    return Static(value) if whole else observe(value, "", None, name=parameter)


def loosened(kind: Kind) -> Kind:
    """The kind of an argument of a callee: floats forget their value, so that it is typed once."""
    if (
        isinstance(kind, Static)
        and isinstance(kind.value, (int, float))
        and not isinstance(kind.value, bool)
    ):
        found = numeric(kind)
        assert found is not None
        return Scalar(found.dtype, True) if isinstance(kind.value, float) else kind
    return kind


__all__ = ["Callees", "join_all"]


def library(function: types.FunctionType) -> bool:
    """Whether a function belongs to numpy or to srcgrad itself, and has no source to follow."""
    module = function.__module__ or ""
    own = module.partition(".")[0] == "srcgrad" and not module.startswith(FOLLOWED)
    return own or module.partition(".")[0] == "numpy"
