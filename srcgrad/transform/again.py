"""Backward halves that compute the value anew: where what was recorded could not be used twice.

References that a forward half records lead to one memory, which a backward half takes back to what
it was. So a backward half that may run more than once starts from the arguments instead.
"""

from __future__ import annotations

import inspect
import io
from collections.abc import Callable

import gast
import numpy as np

from srcgrad.kinds import Array, Kind, List, Record, Scalar, Static, numeric
from srcgrad.lower.base.program import Typed
from srcgrad.lower.inference.draws import MAKERS
from srcgrad.lower.raising.raises import may_raise
from srcgrad.syntax.flow import stores
from srcgrad.syntax.lives import user_name
from srcgrad.syntax.quote import assign, attribute, call, constant, name, subscript, target
from srcgrad.syntax.walk import clone, walk
from srcgrad.transform.shapes import display
from srcgrad.transform.sweep import Sweep

SHOWN = (abs, float, int, round, str, np.sum, np.mean, np.max, np.min, np.linalg.norm)


class Again(Sweep):
    """Gives a function its arguments once more.

    Attributes:
        renewed: names of what arguments were at the start.
    """

    renewed: frozenset[str] = frozenset()

    def check_again(self) -> None:
        """Refuse to compute a value anew where that may give another one."""
        for p, kind in self.typed.parameters.items():
            if self.is_changed(p) and not can_be_given(kind) and p not in self.together:
                what = f"`{user_name(p)}` is changed, and so are arrays with several names"
                raise self.function.refuse(self.function.node, what, "Use grad, or copy it first.")
        n = impure_call(self.typed, passed=self.prints())
        if n is not None:
            what = "the derivative would make this call again, since arrays have several names"
            raise self.function.refuse(n, what, "Use grad, or copies of the arrays.")

    def check_draws(self) -> None:
        """Refuse to compute a value anew where that would draw other random numbers."""
        n = drawing_call(self.typed)
        if n is not None:
            what = "the derivative would draw these random numbers again"
            raise self.function.refuse(n, what, "Draw them first, and pass them as an argument.")

    def prints(self) -> frozenset[gast.stmt]:
        """The statements that only print something, which are left out where all runs again."""
        return frozenset(
            s
            for s in walk(self.function.node)
            if isinstance(s, gast.Expr) and s not in self.attempted and only_prints(self.typed, s)
        )

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
            both = zip(walk(s), walk(new), strict=True)
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


def can_be_given(kind: Kind | None) -> bool:
    """Whether a value can be copied, with all in it that may change."""
    match kind:
        case None | Array() | Scalar() | Static():
            return True
        case List(item=item):
            return can_be_given(item)
        case Record(items=items):
            return kind.type in (tuple, list, dict) and all(map(can_be_given, items))
    return False


def is_last(s: gast.stmt) -> bool:
    """Whether a statement is a `return`."""
    return isinstance(s, gast.Return)


def only_prints(typed: Typed, s: gast.Expr) -> bool:
    """Whether a statement prints values, and does nothing else."""
    if not isinstance(s.value, gast.Call):
        return False
    callee = typed.callees.get(s.value)
    if callee is None or callee.target is not print:
        return False
    inside = [n for n in walk(s.value) if n is not s.value]
    if any(isinstance(n, (gast.NamedExpr, gast.Lambda)) for n in inside):
        return False
    calls = [n for n in inside if isinstance(n, gast.Call)]
    return all(is_harmless(typed, n) for n in calls)


def is_harmless(typed: Typed, n: gast.Call) -> bool:
    """Whether a call computes something of numbers, or opens a stream in memory."""
    called = called_from(typed, n.func)
    if called is io.StringIO:
        return not n.args and not n.keywords
    kinds = [typed.kinds.get(a) for a in n.args]
    numbers = all(k is not None and numeric(k) is not None for k in kinds)
    return any(called is f for f in SHOWN) and numbers and not n.keywords


def called_from(typed: Typed, node: gast.expr) -> object:
    """What a name from outside, or an attribute of a module, stands for; None if that is open."""
    match node:
        case gast.Name(id=n) if n not in typed.variables and typed.function.binds(n):
            return typed.function.lookup(n)
        case gast.Attribute(value=value, attr=label):
            module = called_from(typed, value)
            return getattr(module, label, None) if inspect.ismodule(module) else None
    return None


def impure_call(typed: Typed, passed: frozenset[gast.stmt] = frozenset()) -> gast.Call | None:
    """A call in a function, or in one that it calls, that may give or do something else again.

    Args:
        typed: the function.
        passed: statements that do not run again.
    """
    left_out = frozenset(n for s in passed for n in walk(s))
    return first_call(typed, is_impure, left_out)


def drawing_call(typed: Typed) -> gast.Call | None:
    """A call in a function, or in one that it calls, that would draw other numbers again."""
    return first_call(typed, is_draw)


def first_call(
    typed: Typed,
    wanted: Callable[[Typed, gast.Call], bool],
    left_out: frozenset[gast.AST] = frozenset(),
) -> gast.Call | None:
    """The first call in a function that is wanted, or that leads to one in what it calls.

    Args:
        typed: the function.
        wanted: tells of a call in a function whether it is looked for.
        left_out: nodes of the function itself that do not count.
    """
    seen = {typed}
    roots = [n for n in walk(typed.function.node) if isinstance(n, gast.Call)]
    for root in roots:
        left = [] if root in left_out else [(typed, root)]
        while left:
            within, n = left.pop()
            if wanted(within, n):
                return root
            callee = within.callees.get(n)
            if callee is not None and callee.tag == "user" and callee.target not in seen:
                inner: Typed = callee.target
                seen.add(inner)
                found = [m for m in walk(inner.function.node) if isinstance(m, gast.Call)]
                left += [(inner, m) for m in found]
    return None


def is_impure(typed: Typed, n: gast.Call) -> bool:
    """Whether a call by itself may give or do something else again."""
    if is_exception(typed, n):
        return False
    callee = typed.callees.get(n)
    if callee is None or callee.tag == "unknown" or callee.target in (print, input, open):
        return True
    return is_draw(typed, n)


def is_exception(typed: Typed, n: gast.Call) -> bool:
    """Whether a call makes an exception of one of Python's own classes, of constants."""
    plain = all(isinstance(a, gast.Constant) for a in n.args) and not n.keywords
    if not plain or not isinstance(n.func, gast.Name) or not typed.function.binds(n.func.id):
        return False
    made = typed.function.lookup(n.func.id)
    own = isinstance(made, type) and issubclass(made, BaseException)
    return own and made.__module__ == "builtins" and n.func.id not in typed.variables


def is_draw(typed: Typed, n: gast.Call) -> bool:
    """Whether a call draws from a generator that the function does not make anew, with a seed."""
    callee = typed.callees.get(n)
    if callee is None or callee.tag != "draw":
        return False
    base = n.func.value if isinstance(n.func, gast.Attribute) else None
    if not isinstance(base, gast.Name) or base.id in typed.function.parameters:
        return True
    bound = [s for s in walk(typed.function.node) if isinstance(s, gast.Assign)]
    bound = [s for s in bound if base.id in stores(*s.targets)]
    return not bound or not all(is_seeded(typed, s.value) for s in bound)


def is_seeded(typed: Typed, node: gast.expr) -> bool:
    """Whether an expression makes a generator with a seed, which is one integer.

    A generator that is given comes back as it is, and with None the system gives the seed.
    """
    callee = typed.callees.get(node) if isinstance(node, gast.Call) else None
    if callee is None or callee.target not in MAKERS:
        return False
    given = [*node.args, *(k.value for k in node.keywords)]
    if len(given) != 1:
        return False
    match typed.kinds.get(given[0]):
        case Static(value=value):
            return isinstance(value, int) and not isinstance(value, bool)
        case Scalar(dtype=dtype):
            return np.dtype(dtype).kind in "iu"
    return False
