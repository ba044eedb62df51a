"""Kinds of calls of functions that have a rule, or a kind of their own: numpy's, mostly."""

from __future__ import annotations

import functools
import inspect
from typing import Any

import gast
import numpy as np

from srcgrad.kinds import Kind, List, numeric
from srcgrad.lower.base.dotted import name_of
from srcgrad.lower.base.program import Callee
from srcgrad.lower.inference.instances import Empty
from srcgrad.lower.inference.methods import Methods
from srcgrad.rules.analytic import is_complex_kind
from srcgrad.rules.declare import Rule
from srcgrad.rules.shapes import KINDS, Undecided, elementwise_kind


class Ruled(Methods):
    """Types calls of functions with a rule or a kind."""

    def has_kind(self, value: Any) -> bool:
        """Whether numpy's own kinds cover a function."""
        try:
            return value in KINDS
        except TypeError:
            return False

    def plain_rule(
        self, node: gast.Call, value: Any, rule: Rule | None, args: list[gast.expr]
    ) -> Kind:
        """A call of a function with a rule or a kind that writes nothing."""
        for a in args:
            if is_complex_kind(self.eval(a)) and value is np.sign:
                what = "`np.sign` of a complex number is not supported"
                raise self.function.refuse(node, what, "Write z / np.abs(z).")
        for k in node.keywords:
            self.eval(k.value)
        operands = self.bind_rule(node, value, rule, args)
        kinds = [self.typed.kinds[a] for a in args]
        options = {k.arg: self.typed.kinds[k.value] for k in node.keywords}
        try:
            kind = self.result_kind(node, args, value, kinds, options)
        except Undecided:
            found = self.as_arrays(node, value)
            if found is None and List(None) in kinds:
                raise Empty(node, "items of an empty list") from None
            if found is None:
                raise
            return found
        if isinstance(value, np.ufunc) or value is np.where:
            self.check_broadcast(node, [n for n in map(numeric, kinds) if n is not None])
        elif value in (np.matmul, np.dot):
            self.check_matmul(node, numeric(kinds[0]), numeric(kinds[1]))
        return self.callee(node, Callee("rule", value, operands), kind)

    def result_kind(
        self,
        node: gast.Call,
        args: list[gast.expr],
        value: Any,
        kinds: list[Kind],
        options: dict[str, Kind],
    ) -> Kind:
        """The kind of a result; ints that decide it are pinned to their values."""
        try:
            return self.ask_kind(value, kinds, options)
        except Undecided:
            pinned = [self.pinned(k) for k in kinds]
            named = {k: self.pinned(v) for k, v in options.items()}
            found = self.ask_kind(value, pinned, named)
            for a, k in zip(
                [*args, *(k.value for k in node.keywords)], [*pinned, *named.values()], strict=True
            ):
                self.typed.kinds[a] = k
            return found
        except TypeError as e:
            raise Undecided(f"numpy says: {e}") from e

    def ask_kind(self, value: Any, kinds: list[Kind], options: dict[str, Kind]) -> Kind:
        """The kind of a result, from the table or from numpy's own broadcasting."""
        if self.has_kind(value):
            return KINDS[value](*kinds, **options)
        return elementwise_kind(value, kinds)

    def bind_rule(
        self, node: gast.Call, value: Any, rule: Rule | None, args: list[gast.expr]
    ) -> tuple[tuple[str, Any], ...]:
        """Arguments of a call, by the names of the rule's parameters."""
        if isinstance(value, np.ufunc) and (node.keywords or len(args) > value.nin):
            extra = node.keywords[0].arg if node.keywords else "out"
            raise self.function.refuse(
                node,
                f"the argument `{extra}` of `{name_of(value)}` is not supported",
                "Leave them out.",
            )
        if self.has_kind(value):
            self.check_keywords(node, value)
        if rule is None or rule.zero:
            return tuple((str(i), a) for i, a in enumerate(args)) + tuple(
                (k.arg, k.value) for k in node.keywords
            )
        names = [n for n, _ in rule.parameters]
        if len(args) > len(names):
            raise self.function.refuse(
                node, f"`{name_of(value)}` with {len(args)} arguments is not supported"
            )
        found = dict(zip(names, args, strict=False))
        for k in node.keywords:
            if k.arg not in names:
                raise self.function.refuse(
                    node,
                    f"the argument `{k.arg}` of `{name_of(value)}` is not supported",
                    "Leave it out.",
                )
            found[k.arg] = k.value
        return tuple(found.items())

    def check_keywords(self, node: gast.Call, value: Any) -> None:
        """Refuse an argument by name that the kind of a function does not know."""
        known = parameters_of(KINDS[value])
        if any(p.kind is p.VAR_KEYWORD for p in known):
            return
        for k in node.keywords:
            if k.arg not in {p.name for p in known}:
                raise self.function.refuse(
                    node,
                    f"the argument `{k.arg}` of `{name_of(value)}` is not supported",
                    "Leave it out.",
                )


@functools.lru_cache(maxsize=1024)
def parameters_of(value: Any) -> tuple[inspect.Parameter, ...]:
    """The parameters of a function of a library, which stay what they are."""
    return tuple(inspect.signature(value).parameters.values())
