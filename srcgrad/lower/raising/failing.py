"""Statements that raise for certain: each becomes a `raise` that is printed as the user wrote it.

`r = {"a": x}["b"]` binds nothing, and nothing comes after it. For the passes that follow it is a
`raise` that reads the names of the statement; the last pass puts the statement back, which raises
what it raises.
"""

from __future__ import annotations

from functools import cached_property

import gast

from srcgrad.kinds import Record, is_tuple
from srcgrad.lower.base.program import Typed, World
from srcgrad.lower.base.trees import placed
from srcgrad.lower.inference.dictmethods import only_read
from srcgrad.lower.inference.expand import Expansion
from srcgrad.lower.inference.instances import Failing
from srcgrad.lower.memory.aliases import summarise
from srcgrad.lower.raising.raises import node_may_raise
from srcgrad.syntax.lives import BAR, user_name
from srcgrad.syntax.quote import call, constant, name, target
from srcgrad.syntax.stated import Stated, raising
from srcgrad.syntax.walk import bare, change_children, clone, heads, nodes, walk

SIMPLE = (gast.Assign, gast.AugAssign, gast.Expr, gast.Return, gast.Delete, gast.Assert)
UNBOUND = "cannot access local variable '{}' where it is not associated with a value"
CHOOSING = (gast.Assign, gast.Return, gast.Expr)
SCOPES = (gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp, gast.Lambda)
OTHERS = (*SCOPES, gast.NamedExpr, gast.Yield, gast.YieldFrom, gast.Await)
PURE = ("rule", "astype", "item", "builtin")
DISPLAYS = (gast.List, gast.Tuple, gast.Dict)


class Fails(Expansion):
    """Rewrites the statements of one typed function that raise for certain.

    Args:
        typed: the function.
        world: what is known of its callees.
        exact: whether containers that have a name count too.
    """

    def __init__(self, typed: Typed, world: World, *, exact: bool) -> None:
        super().__init__(typed, world)
        self.exact = exact
        self.loaded: set[gast.AST] = set()

    def run(self) -> bool:
        """Rewrite the function; whether anything changed."""
        if not self.typed.failing and not self.typed.halting:
            return False
        if self.typed.returns is None and len(self.world.open) <= 1:
            return False
        return super().run()

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Rewrite one statement."""
        if self.is_choice(s):
            return self.branched(s)
        found = self.typed.failing.get(s)
        if found is not None and isinstance(s, gast.AugAssign) and found.node is s.target:
            if isinstance(s.target, gast.Subscript):
                return self.in_steps(s, s.target)
        if found is None or not self.certain(s, found):
            return super().statement(s)
        return self.replaced(s, [self.raising(s, found)])

    def in_steps(self, s: gast.AugAssign, t: gast.Subscript) -> list[gast.stmt]:
        """`t[i] += v` of a tuple: the item takes the value before it is written, which raises."""
        if not isinstance(t.slice, gast.Constant):
            t.slice = name(self.named(t.slice, "index", s))
        old = clone(t)
        old.ctx = gast.Load()
        item = self.named(old, "item", s)
        to = target(item)
        new = gast.AugAssign(target=to, op=s.op, value=s.value)
        put = gast.Assign(targets=[t], value=name(item), type_comment=None)
        return self.replaced(s, [new, put])

    def certain(self, s: gast.stmt, found: Failing) -> bool:
        """Whether a statement raises whenever it is run, and changes nothing before."""
        if found.error is UnboundLocalError and not self.quiet(s):
            return False
        if not self.reached(s, found.node) or not self.exact_kind(found.base):
            return False
        return all(self.harmless(n, found.node) for n in nodes(self.parts(s)))

    def quiet(self, s: gast.stmt) -> bool:
        """Whether nothing that a statement evaluates raises before it reads an unbound name."""
        known = [n for n in nodes(self.parts(s)) if n in self.typed.kinds]
        return not any(node_may_raise(self.typed, self.world, n) for n in known)

    def parts(self, s: gast.stmt) -> list[gast.AST]:
        """What a statement evaluates before it acts."""
        return [s.iter] if isinstance(s, gast.For) else heads(s)

    def reached(self, s: gast.stmt, node: gast.AST) -> bool:
        """Whether a statement evaluates an expression, or assigns to a target, before it acts."""
        match s:
            case gast.Assign(targets=targets, value=value):
                inside = any(n is node for n in nodes(value))
                return inside or (len(targets) == 1 and targets[0] is node)
            case gast.For(iter=value):
                return any(n is node for n in nodes(value))
            case gast.Delete(targets=targets):
                return len(targets) == 1 and targets[0] is node
            case gast.If(test=test):
                return any(n is node for n in nodes(test))
            case gast.AugAssign(value=value):
                return any(n is node for n in nodes(value))
        return isinstance(s, SIMPLE)

    def exact_kind(self, base: gast.expr | None) -> bool:
        """Whether a container has no item but those that its kind tells of."""
        if base is None or isinstance(base, DISPLAYS):
            return True
        kind = self.kind(base)
        if isinstance(kind, Record) and is_tuple(kind):
            return True
        if not self.exact or not isinstance(base, gast.Name):
            return False
        return base.id in self.alone

    @cached_property
    def alone(self) -> set[str]:
        """Names of containers that are made here, and have no other name."""
        tree = list(walk(self.function.node))
        plain = {id(n) for m in tree for n in only_read(m)}
        names = [n for n in tree if isinstance(n, gast.Name)]
        bound = [n.id for n in names if isinstance(n.ctx, gast.Store)]
        fresh = [
            t.id
            for s in tree
            if isinstance(s, gast.Assign) and isinstance(s.value, DISPLAYS)
            for t in s.targets
            if isinstance(t, gast.Name) and len(s.targets) == 1
        ]
        shared = {n.id for n in names if isinstance(n.ctx, gast.Load) and id(n) not in plain}
        return {n for n in fresh if fresh.count(n) == bound.count(n)} - shared

    def harmless(self, n: gast.AST, failing: gast.AST) -> bool:
        """Whether evaluating a part of a statement has no effect that counts."""
        if isinstance(n, OTHERS):
            return False
        if not isinstance(n, gast.Call) or (n not in self.typed.kinds and n is not failing):
            return True
        callee = self.typed.callees.get(n)
        if callee is None:
            return n is failing
        if callee.tag != "user":
            return callee.tag in PURE
        inner = summarise(callee.target)
        return not any(p in inner.parent and inner.is_written(p) for p, _ in callee.operands)

    def raising(self, s: gast.stmt, found: Failing) -> gast.stmt:
        """The `raise` that stands for a statement."""
        if found.error is UnboundLocalError:
            words = UNBOUND.format(user_name(found.node.id))
            error = call(name("UnboundLocalError"), constant(words))
            return placed(gast.Raise(exc=error, cause=None), s)
        read: list[gast.expr] = []
        stated = self.taken_apart(self.whole(s), found, read)
        new = raising(Stated(stated, found.error, found.refusal(self.function)), read)
        gast.copy_location(new, s)
        if isinstance(s, gast.AugAssign):
            new.end_lineno = None
        return new

    def whole(self, s: gast.stmt) -> gast.stmt:
        """A statement of which all is evaluated, or assigned to, until something raises."""
        match s:
            case gast.If(test=test):
                return gast.If(test=test, body=[gast.Pass()], orelse=[])
            case gast.For(target=t, iter=over):
                return gast.For(t, over, body=[gast.Pass()], orelse=[], type_comment=None)
            case gast.AugAssign(target=t):
                old = clone(t)
                old.ctx = gast.Load()
                self.loaded |= set(nodes(old))
                return gast.Expr(value=gast.BinOp(left=old, op=s.op, right=s.value))
        return s

    def taken_apart(self, node: gast.AST, found: Failing, read: list[gast.expr]) -> gast.AST:
        """A copy with placeholders for the names, and the calls of the user's, that are read."""
        known = node in self.typed.kinds or node is found.node or node in self.loaded
        is_name = isinstance(node, gast.Name) and isinstance(node.ctx, gast.Load)
        of_user = isinstance(node, gast.Call) and self.calls_user(node)
        if (is_name and not known) or (isinstance(node, gast.Name) and not is_name):
            new = clone(node)
            new.id = user_name(node.id)
            return new
        if is_name or (of_user and known):
            read.append(clone(node))
            return gast.copy_location(name(f"{BAR}{len(read) - 1}"), node)
        new = bare(node)
        change_children(new, lambda n: self.taken_apart(n, found, read))
        return new

    def calls_user(self, node: gast.Call) -> bool:
        """Whether a call is one of a function of the user's."""
        callee = self.typed.callees.get(node)
        return callee is not None and callee.tag == "user"

    def is_choice(self, s: gast.stmt) -> bool:
        """Whether a statement takes one of two values, of which one raises for certain."""
        value = getattr(s, "value", None)
        if not isinstance(s, CHOOSING) or not isinstance(value, gast.IfExp):
            return False
        return value.body in self.typed.halting or value.orelse in self.typed.halting

    def branched(self, s: gast.stmt) -> list[gast.stmt]:
        """An `if` in whose branches a statement stands with one of two values."""
        sides = [clone(s), s]
        test = s.value.test
        sides[0].value, sides[1].value = s.value.body, s.value.orelse
        for side in sides:
            side.end_lineno = None
        return self.replaced(s, [gast.If(test=test, body=sides[:1], orelse=sides[1:])])
