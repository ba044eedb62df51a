"""Targets of assignments in forward mode: the same place of the tangent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gast

from srcgrad.kinds import Array, Kind, List, Record, Static
from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.lives import UNUSED
from srcgrad.syntax.quote import assign, attribute, constant, name, subscript, target
from srcgrad.transform.forward_calls import Calls
from srcgrad.transform.shapes import loses


class Targets(Calls):
    """Tangents of targets, and zeros for those of a value that does not vary."""

    def target_dot(self, t: gast.expr) -> gast.expr | None:
        """The tangent of a target; None if it has none."""
        match t:
            case gast.Name(id=identifier):
                return (
                    target(self.dot_id(identifier)) if identifier in self.activity.varied else None
                )
            case gast.Subscript():
                root = next(iter(written_roots(t)), None)
                if root not in self.activity.varied:
                    return None
                new = self.path_dot(t)
                new.ctx = gast.Store()
                return new
            case gast.Starred():
                inner = self.target_dot(t.value)
                return None if inner is None else gast.Starred(value=inner, ctx=gast.Store())
            case gast.Tuple() | gast.List():
                dots = [self.target_dot(e) for e in t.elts]
                if all(d is None for d in dots):
                    return None
                elts = [
                    d if d is not None else placeholder(e)
                    for d, e in zip(dots, t.elts, strict=True)
                ]
                return gast.Tuple(elts=elts, ctx=gast.Store())
        raise self.function.refuse(t, "this target is not supported", "Use names.")

    def path_dot(self, node: gast.expr) -> Any:
        """A path of subscripts and transposes, of the tangent."""
        match node:
            case gast.Name(id=identifier):
                return name(self.dot_id(identifier))
            case gast.Subscript():
                return subscript(self.path_dot(node.value), self.index(node.slice))
            case gast.Attribute(attr="T"):
                return attribute(self.path_dot(node.value), "T")
        raise self.function.refuse(
            node, "a subscript of this value is not supported", "Assign it to a name first."
        )

    def wanted_kind(self, t: gast.expr) -> Kind | None:
        """The kind that a value is to serve as for a target."""
        match t:
            case gast.Name(id=identifier):
                return (
                    self.typed.variables.get(identifier)
                    if identifier in self.activity.varied
                    else None
                )
            case gast.Subscript() if not isinstance(self.kind(t.value), Array):
                base = self.kind(t.value)
                if isinstance(base, List):
                    return List(base.item) if isinstance(t.slice, gast.Slice) else base.item
                return self.kind(t)
            case gast.Tuple() | gast.List() if not any(isinstance(e, gast.Starred) for e in t.elts):
                items = tuple(self.wanted_kind(e) or Static(None) for e in t.elts)
                return Record(tuple, tuple(range(len(items))), items)
        return None

    def in_container(self, t: gast.expr) -> bool:
        """Whether a target is an item of a list or dict."""
        return isinstance(t, gast.Subscript) and not isinstance(self.kind(t.value), Array)

    def check_target(self, s: gast.Assign | gast.AugAssign, t: gast.expr) -> None:
        """Refuse writes that would lose a derivative, and indices that the statement changes."""
        if isinstance(t, (gast.Tuple, gast.List)):
            for e in t.elts:
                self.check_target(s, e)
        if not isinstance(t, gast.Subscript):
            return
        base = self.kind(t.value)
        if (
            self.activity.depends(s.value)
            and isinstance(base, Array)
            and loses(base, self.kind(s.value))
        ):
            raise self.function.refuse(
                s,
                f"a value that varies is written into an array of {base.dtype}",
                "Make the array one of floats.",
            )
        bound = stores(*s.targets) if isinstance(s, gast.Assign) else frozenset()
        if bound & loads(t.slice):
            raise self.function.refuse(
                s, "an index is bound by the statement that uses it", "Use two statements."
            )

    def cleared(
        self, t: gast.expr, value: gast.expr, first: list[gast.stmt], after: list[gast.stmt]
    ) -> None:
        """Zeros for the tangents of targets of a value that does not vary."""
        match t:
            case gast.Name(id=identifier) if identifier in self.activity.varied:
                want = self.typed.variables[identifier]
                kind = self.kind(t)
                after.append(
                    assign(
                        self.dot_id(identifier), self.zero_named(t, identifier, kind, want, value)
                    )
                )
            case gast.Subscript() if (to := self.target_dot(t)) is not None:
                whole = isinstance(self.kind(t.value), Array)
                zero = constant(0.0) if whole else self.zero(value, self.wanted_kind(t))
                first.append(assign(to, zero))
            case gast.Tuple() | gast.List():
                for e in t.elts:
                    self.cleared(e, value, first, after)
            case gast.Starred():
                self.cleared(t.value, value, first, after)

    def zero_named(
        self, t: gast.expr, identifier: str, kind: Kind, want: Kind, value: gast.expr | None
    ) -> gast.expr:
        """Zeros for a variable that has just got a value."""
        if value is not None and is_display(value) and self.kind(value) == kind:
            return self.zero(value, want)
        if isinstance(kind, Array) and (like := self.parameter_like(kind)) is not None:
            return self.zeros_of(t, like, kind, want)
        return self.zeros_of(t, name(identifier), kind, want)


def written_roots(t: gast.expr) -> Iterator[str]:
    """The variables whose memory a target writes."""
    match t:
        case gast.Tuple() | gast.List():
            for e in t.elts:
                yield from written_roots(e)
        case gast.Starred():
            yield from written_roots(t.value)
        case gast.Subscript():
            n: gast.expr = t
            while isinstance(n, (gast.Subscript, gast.Attribute)):
                n = n.value
            if isinstance(n, gast.Name):
                yield n.id


def is_display(node: gast.AST) -> bool:
    """Whether an expression is a tuple, list or dict written out."""
    return isinstance(node, (gast.Tuple, gast.List, gast.Dict))


def unused() -> gast.expr:
    """A target for what nothing reads."""
    return target(UNUSED)


def placeholder(e: gast.expr) -> gast.expr:
    """A target for a part that has no tangent."""
    return (
        gast.Starred(value=unused(), ctx=gast.Store()) if isinstance(e, gast.Starred) else unused()
    )
