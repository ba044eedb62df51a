"""Backward halves that compute the value anew: where what was recorded could not be used twice.

References that a forward half records lead to one memory, which a backward half takes back to what
it was. So a backward half that may run more than once starts from the arguments instead.
"""

from __future__ import annotations

import gast

from srcgrad.kinds import Array, Kind, List, Record
from srcgrad.lower.program import Typed
from srcgrad.lower.raises import may_raise
from srcgrad.syntax.flow import stores
from srcgrad.syntax.lives import user_name
from srcgrad.syntax.quote import assign, attribute, call, constant, name, subscript, target
from srcgrad.syntax.walk import clone
from srcgrad.transform.shapes import display
from srcgrad.transform.sweep import Sweep


class Again(Sweep):
    """Gives a function its arguments once more.

    Attributes:
        renewed: names of what arguments were at the start.
    """

    renewed: frozenset[str] = frozenset()

    def check_again(self) -> None:
        """Refuse to compute a value anew where that may give another one."""
        for p, kind in self.typed.parameters.items():
            if self.is_changed(p) and not isinstance(kind, Array) and p not in self.together:
                what = f"`{user_name(p)}` is changed, and so are arrays with several names"
                raise self.function.refuse(self.function.node, what, "Use grad, or copy it first.")
        n = impure_call(self.typed)
        if n is not None:
            what = "the derivative would make this call again, since arrays have several names"
            raise self.function.refuse(n, what, "Use grad, or copies of the arrays.")

    def given_again(
        self, body: list[gast.stmt], identifier: str
    ) -> tuple[list[gast.stmt], list[gast.stmt]]:
        """What runs first if the value is computed anew, and what gives arguments again.

        Args:
            body: the statements of the function.
            identifier: the name of its value.

        Returns:
            The function itself and copies of arguments that it changes, unless there are none;
            the statements that take arguments from what they were.
        """
        changed = [p for p in self.function.parameters if self.is_changed(p) or p in self.together]
        if not changed:
            return [], []
        bound = stores(self.function.node)
        kept = {p: self.new(f"{p}_given") for p in self.function.parameters if p in bound}
        kept |= {p: self.new(f"{p}_given") for p in changed}
        self.renewed = frozenset(kept.values())
        first: list[gast.stmt] = []
        opening: list[gast.stmt] = []
        for p, held in kept.items():
            one, other = name(p), name(held)
            if p in changed:
                kind = self.typed.parameters[p]
                one, other = self.arrays_copied(one, kind), self.arrays_copied(other, kind)
            first.append(assign(held, one))
            opening.append(assign(p, other))
        for s in body:
            new = clone(s)
            both = zip(gast.walk(s), gast.walk(new), strict=True)
            for old, copied in both:
                if isinstance(old, gast.stmt) and may_raise(self.typed, self.world, old):
                    self.pinned.add(copied)
            first.append(assign(identifier, new.value) if is_last(s) else new)
        return first, opening

    def arrays_copied(self, value: gast.expr, kind: Kind | None) -> gast.expr:
        """A copy of all arrays in what a text gives."""
        match kind:
            case Array():
                return call(attribute(value, "copy"))
            case List(item=item) if isinstance(item, (Array, List, Record)):
                part = self.new("part")
                loop = gast.comprehension(target=target(part), iter=value, ifs=[], is_async=0)
                return gast.ListComp(elt=self.arrays_copied(name(part), item), generators=[loop])
            case List():
                return call(name("list"), value)
            case Record(items=items, keys=keys):
                both = zip(keys, items, strict=True)
                parts = [
                    self.arrays_copied(subscript(clone(value), constant(k)), i) for k, i in both
                ]
                return display(kind, parts)
        return value


def is_last(s: gast.stmt) -> bool:
    """Whether a statement is a `return`."""
    return isinstance(s, gast.Return)


def impure_call(typed: Typed, seen: frozenset[Typed] = frozenset()) -> gast.Call | None:
    """A call in a function, or in one that it calls, that may give or do something else again."""
    for n in gast.walk(typed.function.node):
        if not isinstance(n, gast.Call) or is_exception(typed, n):
            continue
        callee = typed.callees.get(n)
        if callee is None or callee.tag == "unknown" or callee.target in (print, input, open):
            return n
        if callee.tag == "user" and callee.target not in seen:
            if impure_call(callee.target, seen | {typed}) is not None:
                return n
    return None


def is_exception(typed: Typed, n: gast.Call) -> bool:
    """Whether a call makes an exception of one of Python's own classes, of constants."""
    plain = all(isinstance(a, gast.Constant) for a in n.args) and not n.keywords
    if not plain or not isinstance(n.func, gast.Name) or not typed.function.binds(n.func.id):
        return False
    made = typed.function.lookup(n.func.id)
    own = isinstance(made, type) and issubclass(made, BaseException)
    return own and made.__module__ == "builtins" and n.func.id not in typed.variables
