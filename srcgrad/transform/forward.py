"""Forward mode: one function that gives a value and its tangent.

The primal statements stay as they are; each statement that varies is accompanied by one for its
tangent, so memory that is written, shared or appended to has a twin that is treated alike.
"""

from __future__ import annotations

from typing import Any

import gast

from srcgrad import runtime
from srcgrad.analysis.activity import Activity
from srcgrad.kinds import Kind, Static, may_be_active
from srcgrad.lower.base.join import describe
from srcgrad.lower.base.program import Typed, World
from srcgrad.lower.memory.aliases import sources, summarise
from srcgrad.lower.memory.outer import changed_outside
from srcgrad.lower.raising.raises import may_raise
from srcgrad.syntax.flow import stores
from srcgrad.syntax.quote import assign, attribute, call, constant, name, subscript
from srcgrad.transform.forward_statements import Statements
from srcgrad.transform.forward_targets import unused
from srcgrad.transform.generated import Generated


class Forward(Statements):
    """One function, for the parameters that have tangents.

    Args:
        typed: the function in normal form.
        world: what the specialisation knows.
        wanted: the parameters that have tangents.
        program: makes and keeps the tangent functions of callees.
    """

    def __init__(self, typed: Typed, world: World, wanted: list[str], program: Any) -> None:
        super().__init__(typed, world, program.globals)
        self.program = program
        self.wanted = wanted
        self.activity = Activity(
            typed, [w for w in wanted if may_be_active(typed.parameters[w])], mirror=True
        )
        self.aliases = summarise(typed)
        self.exposed = exposed(typed)
        self.pinned: set[gast.stmt] = set()
        self.variable_of = {self.dot_id(v): v for v in sorted(self.activity.varied)}
        self.pop_sites: dict[str, int] = {}
        for n in gast.walk(typed.function.node):
            match n:
                case gast.Call(func=gast.Attribute(value=gast.Name(id=v), attr="pop")):
                    self.pop_sites[v] = self.pop_sites.get(v, 0) + 1

    def joint(self) -> Generated:
        """The value and its tangent as one function.

        Returns:
            A function of the parameters, followed by the tangents of those that were wanted;
            its result is a pair.
        """
        opening: list[gast.stmt] = []
        self.begin()
        for p, kind in self.typed.parameters.items():
            if p in self.activity.varied and p not in self.wanted:
                zero = self.zeros_of(self.function.node, name(p), kind, kind)
                opening.append(self.at(assign(self.dot_id(p), zero), self.function.node))
        for n in changed_outside(self.typed):
            if n in self.activity.varied:
                zero = call(self.text.function(runtime.zeros_like), name(n))
                opening.append(self.at(assign(self.dot_id(n), zero), self.function.node))
        body = [*opening, *self.block(self.function.node.body)]
        if falls_through(self.function.node.body):
            none = gast.Tuple(elts=[constant(None), constant(None)], ctx=gast.Load())
            body.append(self.at(gast.Return(value=none), self.function.node.body[-1]))
        parameters = [*self.function.parameters, *map(self.dot_id, self.wanted)]
        return Generated(self.function.object.__name__, parameters, body, self.pinned)

    def block(self, body: list[gast.stmt]) -> list[gast.stmt]:
        """A block of the user's with its tangents; what cannot be reached is left out."""
        out: list[gast.stmt] = []
        for s in body:
            for new in self.statement(s):
                if getattr(new, "lineno", None) is None:
                    self.at(new, s)
                out.append(new)
            if not falls_through([s]):
                break
        return out

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """One statement with its tangent."""
        match s:
            case gast.Assign(targets=targets):
                return [*self.written_first(targets), *self.assign(s)]
            case gast.AugAssign(target=t):
                return [*self.written_first([t]), *self.augmented(s)]
            case gast.Expr():
                return self.expression(s)
            case gast.Delete():
                return self.deletion(s)
            case gast.Return():
                return self.returned(s)
            case gast.If():
                self.start(s)
                before, test = self.before_statement(s), self.replaced(s.test)
                new = gast.If(test=test, body=self.block(s.body), orelse=self.block(s.orelse))
                return [*before, self.headed(new, s)]
            case gast.While():
                self.start(s)
                new = gast.While(test=self.replaced(s.test), body=self.block(s.body), orelse=[])
                return [self.headed(new, s)]
            case gast.For():
                return self.loop(s)
            case gast.With():
                self.start(s)
                new = gast.With(
                    items=self.replaced(s.items), body=self.block(s.body), type_comment=None
                )
                return [self.headed(new, s)]
            case gast.Try():
                return [self.attempt(s)]
        self.start(s)
        return [*self.before_statement(s), self.primal(s)]

    def written_first(self, targets: list[gast.expr]) -> list[gast.stmt]:
        """Writes that change nothing, and raise where the statement would, before its tangent."""
        out: list[gast.stmt] = []
        for t in targets:
            if t in self.typed.read_only:
                part = subscript(self.replaced(t.value), self.replaced(t.slice))
                out.append(gast.Assign(targets=[self.replaced(t)], value=part, type_comment=None))
        self.pinned |= set(out)
        return out

    def attempt(self, s: gast.Try) -> gast.stmt:
        """A `try` with tangents; those of what one statement binds are set when it succeeded."""
        inside = self.block(s.body)
        behind: list[gast.stmt] = []
        if s.handlers:
            dots = {self.dot_id(v) for v in stores(s.body[0])}
            behind = [t for t in inside if isinstance(t, gast.Assign) and only_binds(t, dots)]
            inside = [t for t in inside if t not in behind]
            self.pinned |= set(inside)
        handlers = []
        for h in s.handlers:
            other = gast.ExceptHandler(
                type=self.replaced(h.type), name=self.replaced(h.name), body=self.block(h.body)
            )
            gast.copy_location(other, h)
            other.end_lineno = getattr(h, "end_lineno", None)
            handlers.append(other)
        new = gast.Try(
            body=inside,
            handlers=handlers,
            orelse=[*behind, *self.block(s.orelse)] if falls_through(s.body) else [],
            finalbody=self.block(s.finalbody),
        )
        return self.headed(new, s)

    def headed(self, new: gast.stmt, s: gast.stmt) -> gast.stmt:
        """A compound statement in the place of the user's."""
        gast.copy_location(new, s)
        new.end_lineno = getattr(s, "end_lineno", None)
        if may_raise(self.typed, self.world, s):
            self.pinned.add(new)
        return new

    def returned(self, s: gast.Return) -> list[gast.stmt]:
        """A value and its tangent."""
        self.start(s)
        want = self.typed.returns or Static(None)
        if s.value is None:
            return [
                gast.Return(
                    value=gast.Tuple(elts=[constant(None), constant(None)], ctx=gast.Load())
                )
            ]
        if self.activity.depends(s.value) and not may_be_active(want):
            raise self.function.refuse(
                s, f"the result is {describe(want)}", "Return values of one kind."
            )
        out = self.result(s.value, want)
        both = gast.Tuple(elts=[self.replaced(s.value), out], ctx=gast.Load())
        return [*self.before_statement(s), gast.Return(value=both)]

    def result(self, node: gast.expr, want: Kind) -> gast.expr:
        """The tangent of a result, which shares no memory where the value shares none."""
        return self.whole(node, want, always=True)

    def loop(self, s: gast.For) -> list[gast.stmt]:
        """A loop over values, and over their tangents beside them."""
        self.start(s)
        opening: list[gast.stmt] = []
        dot = self.target_dot(s.target)
        target, items = self.replaced(s.target), None
        if dot is not None and self.activity.depends(s.iter):
            target, items = self.side_by_side(s.target, s.iter)
        elif dot is not None:
            for v in sorted(stores(s.target)):
                if v in self.activity.varied:
                    self.cleared_item(s, v, opening)
        before = self.before_statement(s)
        items = self.replaced(s.iter) if items is None else items()
        body = [*opening, *self.block(s.body)]
        new = gast.For(target=target, iter=items, body=body, orelse=[], type_comment=None)
        return [*before, self.headed(new, s)]

    def cleared_item(self, s: gast.For, variable: str, opening: list[gast.stmt]) -> None:
        """A tangent of zeros for an item of a loop that does not vary."""
        want = self.typed.variables[variable]
        node = next(n for n in gast.walk(s.target) if isinstance(n, gast.Name) and n.id == variable)
        zero = self.zero_named(node, variable, self.kind(node), want, None)
        opening.append(self.at(assign(self.dot_id(variable), zero), s))

    def side_by_side(self, t: gast.expr, node: gast.expr) -> tuple[gast.expr, Any]:
        """Target and iterable of a loop over values and their tangents.

        The iterable is a function: its text is made when all values have their names.
        """
        if isinstance(t, gast.Tuple) and self.wraps_pairs(node):
            if isinstance(node, gast.Subscript):
                inner, items = self.side_by_side(t, node.value)
                return inner, lambda: subscript(items(), self.replaced(node.slice))
            assert isinstance(node, gast.Call)
            inner, items = self.side_by_side(t, node.args[0])
            return inner, lambda: self.with_first(node, [items()])
        callee = self.typed.callees.get(node) if isinstance(node, gast.Call) else None
        if callee is not None and isinstance(node, gast.Call) and isinstance(t, gast.Tuple):
            if callee.target is enumerate and len(t.elts) == 2:
                inner, items = self.side_by_side(t.elts[1], node.args[0])
                both = stored([self.replaced(t.elts[0]), inner])
                return both, lambda: self.with_first(node, [items()])
            if callee.target is zip and len(t.elts) == len(node.args):
                return self.zipped(t, node)
            if callee.target == "items" and len(t.elts) == 2:
                dot = self.target_dot(t.elts[1])
                base = node.func.value
                self.check_uniform(node, self.kind(base))
                found = call(attribute(self.whole(base), "values"))
                target = stored([self.replaced(t), dot if dot is not None else unused()])
                return target, lambda: call(name("zip"), self.replaced(node), found)
        dot = self.target_dot(t)
        found = self.iterated(node)
        target = stored([self.replaced(t), dot if dot is not None else unused()])
        return target, lambda: call(name("zip"), self.replaced(node), found)

    def wraps_pairs(self, node: gast.expr) -> bool:
        """Whether an iterable is a list of pairs (of `enumerate`, `zip`), or a part of one."""
        match node:
            case gast.Subscript(slice=gast.Slice()):
                return self.wraps_pairs(node.value)
            case gast.Call(args=[inner]) if self.typed.callees[node].target is reversed:
                return self.wraps_pairs(inner)
            case gast.Call(args=[gast.Call() as inner]) if self.typed.callees[node].target is list:
                return self.typed.callees[inner].target in (enumerate, zip)
        return False

    def with_first(self, node: gast.Call, args: list[gast.expr]) -> gast.expr:
        """A call with other arguments in the first places."""
        rest = [self.replaced(a) for a in node.args[len(args) :]]
        keywords = [self.replaced(k) for k in node.keywords]
        return gast.Call(func=self.replaced(node.func), args=[*args, *rest], keywords=keywords)

    def zipped(self, t: gast.Tuple, node: gast.Call) -> tuple[gast.expr, Any]:
        """`for x, x_dot, y in zip(xs, xs_dot, ys)`."""
        targets: list[gast.expr] = []
        parts: list[Any] = []
        for e, a in zip(t.elts, node.args, strict=True):
            targets.append(self.replaced(e))
            parts.append(lambda a=a: self.replaced(a))
            dot = self.target_dot(e)
            if dot is not None:
                found = self.iterated(a)
                targets.append(dot)
                parts.append(lambda found=found: found)
        return stored(targets), lambda: self.with_first(node, [p() for p in parts])


def exposed(typed: Typed) -> frozenset[str]:
    """Variables whose memory is written, or shared with a result."""
    aliases = summarise(typed)
    roots = {aliases.find(v) for v in sorted(aliases.written)}
    for s in gast.walk(typed.function.node):
        if isinstance(s, gast.Return) and s.value is not None:
            roots |= {aliases.find(v) for v in sources(typed, s.value)}
    return frozenset(v for v in sorted(aliases.parent) if aliases.find(v) in roots)


def falls_through(body: list[gast.stmt]) -> bool:
    """Whether control may come out at the end of a block."""
    for s in body:
        match s:
            case gast.Return() | gast.Raise() | gast.Break() | gast.Continue():
                return False
            case gast.If():
                if not falls_through(s.body) and not falls_through(s.orelse):
                    return False
            case gast.While(test=gast.Constant(value=value)) if value and not breaks(s.body):
                return False
            case gast.With() if not falls_through(s.body):
                return False
            case gast.Try() if not falls_through(s.finalbody) or not any(
                falls_through(b) for b in ([*s.body, *s.orelse], *(h.body for h in s.handlers))
            ):
                return False
    return True


def only_binds(s: gast.Assign, names: set[str]) -> bool:
    """Whether an assignment binds some of these names, and nothing else."""
    return all(isinstance(t, gast.Name) and t.id in names for t in s.targets)


def breaks(body: list[gast.stmt]) -> bool:
    """Whether a block leaves the loop around it by `break`."""
    for s in body:
        match s:
            case gast.Break():
                return True
            case gast.If() if breaks(s.body) or breaks(s.orelse):
                return True
    return False


def stored(elts: list[gast.expr]) -> gast.expr:
    """A tuple of targets."""
    return gast.Tuple(elts=elts, ctx=gast.Store())
