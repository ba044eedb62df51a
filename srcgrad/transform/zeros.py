"""Tangents of zeros, and tangents in the structure of a wider kind.

Numbers have tangents that are numbers, arrays have arrays, and containers hold the tangents of
their items; None stands for a part that cannot vary.
"""

from __future__ import annotations

import gast
import numpy as np

from srcgrad import runtime
from srcgrad.analysis.activity import Activity
from srcgrad.kinds import Array, Dict, Kind, List, Record, Scalar, may_be_active, numeric
from srcgrad.lower.base.join import describe
from srcgrad.lower.memory.aliases import Aliases, sources
from srcgrad.rules.expr import Expr, leaf
from srcgrad.syntax.lives import BAR, TANGENT, made, user_name
from srcgrad.syntax.quote import assign, attribute, call, constant, name, subscript
from srcgrad.transform.shapes import display
from srcgrad.transform.structure import agree, structure, wanted_items
from srcgrad.transform.values import Values


class Zeros(Values):
    """Values of the primal, and tangents that do not depend on any."""

    activity: Activity
    aliases: Aliases
    extra: dict[gast.AST, list[gast.stmt]]
    target: str | None
    reads_target: bool

    def dot_id(self, variable: str) -> str:
        """The name of a variable's tangent."""
        return made(f"{user_name(variable)}_dot", TANGENT, variable.partition(BAR)[2])

    def leaf_text(self, e: Expr) -> gast.expr:
        """The text of a value of the primal; that of the statement itself is its target."""
        if self.target is not None and isinstance(e.data, gast.Name) and e.data.id == self.target:
            self.reads_target = True
        return super().leaf_text(e)

    def hint(self, node: gast.expr) -> str:
        """What a value without a name is called: one that a variable is to get, after that."""
        match self.owner.get(node):
            case gast.Assign(targets=[gast.Name(id=target)], value=value) if value is node:
                return f"{user_name(target)}_new"
        return super().hint(node)

    def hint_of(self, node: gast.expr) -> str:
        """What a value without a name would be called."""
        return user_name(node.id) if isinstance(node, gast.Name) else self.hint(node)

    def bound(self, n: gast.AST, t: Expr) -> Expr:
        """A tangent under a name of its own."""
        identifier = self.new(f"{self.hint_of(n)}_dot")
        self.extra.setdefault(n, []).append(assign(identifier, self.text(t)))
        return leaf(name(identifier), t.kind)

    def recast(self, n: gast.AST, t: gast.expr, have: Kind, want: Kind | None) -> gast.expr:
        """A tangent in the structure of a wider kind: zeros for parts that came without one."""
        if want is None or agree(have, want):
            return t
        if isinstance(have, Record) and isinstance(want, (Record, List)):
            kinds = wanted_items(have, want)
            base = self.text(self.bound(n, leaf(t, have)))
            parts = [
                self.recast(n, subscript(base, constant(k)), item, wide)
                for k, item, wide in zip(have.keys, have.items, kinds, strict=True)
            ]
            return display(have, parts)
        if isinstance(numeric(have), Scalar) and not may_be_active(have):
            return constant(0.0)
        raise self.function.refuse(
            n,
            f"{describe(have)} is used as {describe(want)}, of which more can vary",
            "Use values of one kind.",
        )

    def zero(self, n: gast.expr, want: Kind | None = None) -> gast.expr:
        """A tangent of zeros for an expression, in the structure that it is to have."""
        have = self.kind(n)
        want = have if want is None else want
        if not may_be_active(want):
            return constant(None)
        if isinstance(n, (gast.Tuple, gast.List, gast.Dict)) and isinstance(have, Record):
            parts = n.values if isinstance(n, gast.Dict) else n.elts
            kinds = wanted_items(have, want)
            return display(have, [self.zero(e, k) for e, k in zip(parts, kinds, strict=True)])
        if isinstance(numeric(have), Scalar):
            return constant(0.0)
        if isinstance(have, Array) and (like := self.parameter_like(have)) is not None:
            return self.zeros_of(n, like, have, want)
        if self.target is not None and isinstance(n, gast.Name) and n.id == self.target:
            self.reads_target = True
        return self.zeros_of(n, self.node_text(n), have, want)

    def parameter_like(self, kind: Array) -> gast.expr | None:
        """A parameter of the same dims and dtype; None where the layout matters."""
        if len(kind.dims or ()) > 1 and self.reshapes():
            return None
        for p, k in self.text.parameters.items():
            if isinstance(k, Array) and k.dtype == kind.dtype and self.text.same_dims(k, kind.dims):
                return name(p)
        return None

    def reshapes(self) -> bool:
        """Whether arrays that are written are reshaped, which gives views for some layouts only."""
        if self._reshapes is None:
            self._reshapes = any(
                callee.tag == "rule"
                and callee.target in (np.reshape, np.ravel)
                and any(map(self.aliases.is_written, sources(self.typed, n)))
                for n, callee in self.typed.callees.items()
            )
        return self._reshapes

    _reshapes: bool | None = None

    def zeros_of(self, n: gast.AST, text: gast.expr, have: Kind, want: Kind | None) -> gast.expr:
        """A tangent of zeros for a value that has a text."""
        if not may_be_active(want):
            return constant(None)
        match have:
            case Array(dims=dims) if dims is not None:
                options = {} if have.dtype.kind in "fc" else {"dtype": name("float")}
                return call(attribute(self.text.module(np), "zeros_like"), text, **options)
            case Record():
                kinds = wanted_items(have, want)
                parts = [
                    self.zeros_of(n, subscript(text, constant(k)), item, wide)
                    for k, item, wide in zip(have.keys, have.items, kinds, strict=True)
                ]
                return display(have, parts)
            case Dict() if isinstance(want, Dict) and isinstance(want.item, Scalar):
                return call(attribute(name("dict"), "fromkeys"), text, constant(0.0))
            case List() if isinstance(want, List) and isinstance(want.item, Scalar):
                zero = gast.List(elts=[constant(0.0)], ctx=gast.Load())
                return gast.BinOp(left=zero, op=gast.Mult(), right=call(name("len"), text))
        if isinstance(numeric(have), Scalar):
            return constant(0.0)
        if want is not None and not agree(have, want):
            raise self.function.refuse(
                n, f"{describe(have)} is used as {describe(want)}", "Use values of one kind."
            )
        return call(self.text.function(runtime.zeros_like), text)

    def check_uniform(self, n: gast.AST, kind: Kind) -> None:
        """Refuse a choice among items some of which have no tangent."""
        if isinstance(kind, Record) and len({structure(k) for k in kind.items}) > 1:
            raise self.function.refuse(
                n,
                f"an item of {describe(kind)} is chosen at run time, and only some can vary",
                "Use constant keys.",
            )
