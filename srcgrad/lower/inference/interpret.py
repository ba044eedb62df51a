"""Kinds of all expressions and callees of all calls, by running a function on kinds.

A construct that is not known here is refused: nothing reaches a later pass unseen.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import gast

from srcgrad.errors import SrcgradError, Unsupported
from srcgrad.kinds import (
    INT,
    Array,
    Dict,
    Iteration,
    Kind,
    List,
    Opaque,
    Record,
    Static,
    is_object,
)
from srcgrad.lower.base.facts import join_all
from srcgrad.lower.base.join import describe, holds_mixed
from srcgrad.lower.base.program import Function, Typed, World
from srcgrad.lower.base.refused import REFUSED
from srcgrad.lower.inference import mappings
from srcgrad.lower.inference.instances import Empty, Failing, Unreturned, finished, open_for, settle
from srcgrad.lower.inference.marking import changes_keys, with_given, with_keyed, with_vague
from srcgrad.lower.inference.short import short_loops
from srcgrad.lower.inference.targets import Targets
from srcgrad.lower.inference.tries import Env
from srcgrad.rules.registry import load as load_rules
from srcgrad.rules.shapes import shaped
from srcgrad.syntax.stated import read_by, stated_by

ROUNDS = 20


class Interpreter(Targets):
    """Runs statements on an environment of kinds."""

    def run(self) -> Typed:
        """Type the function for the kinds of its parameters."""
        env: Env = dict(self.typed.parameters)
        self.tries = []
        self.breaks: list[list[Env]] = []
        self.continues: list[list[Env]] = []
        self.returned: list[tuple[gast.AST, Kind]] = []
        self.empty: dict[gast.stmt, Empty] = {}
        self.idle: dict[gast.For, None] = {}
        try:
            end = self.block(self.function.node.body, env)
        except Unsupported as e:
            first = next((refused for _, refused in self.typed.deferred), e)
            mark = with_keyed if first is not e else with_given if e.about_keys else with_vague
            if mark(self.typed):
                return type(self)(self.function, self.typed.parameters, self.world).run()
            first.about_keys = first.about_keys or changes_keys(self.typed)
            if first.loops is None:
                first.loops = short_loops(self.typed)
            if first is not e:
                raise first from None
            raise
        if listed := self.read_as_records():
            lists = listed | self.deep
            return type(self)(self.function, self.typed.parameters, self.world, lists).run()
        self.typed.idle = list(self.idle)
        for found in [*self.empty.values(), *self.typed.halting.values()]:
            self.typed.deferred.append((found.node, found.refusal(self.function)))
        self.typed.failing = {s: e for s, e in self.empty.items() if isinstance(e, Failing)}
        if end is not None:
            self.returned.append((self.function.node, Static(None)))
        self.typed.returns = join_all([k for _, k in self.returned])
        return self.typed

    def block(self, body: list[gast.stmt], env: Env | None) -> Env | None:
        """Run statements; None where control does not come out at the end."""
        for s in body:
            if env is None:
                break
            for points in self.tries:
                points.append(dict(env))
            loops = len(self.breaks)
            try:
                env = self.statement(s, env)
                self.empty.pop(s, None)
            except Unreturned as e:
                del self.breaks[loops:], self.continues[loops:]
                if isinstance(e, Empty):
                    self.empty[s] = e
                env = None
            except SrcgradError as e:
                if not self.typed.waits:
                    raise
                del self.breaks[loops:], self.continues[loops:]
                env, self.typed.doubt = None, e
        return env

    def statement(self, s: gast.stmt, env: Env) -> Env | None:
        """Run one statement."""
        self.env = env
        match s:
            case gast.Assign():
                self.assigned(s)
            case gast.AugAssign():
                self.augmented(s)
            case gast.Expr(value=gast.Call() as node) if self.effect(node):
                pass
            case gast.Expr():
                self.eval(s.value)
            case gast.If():
                return self.branch(s, env)
            case gast.For():
                return self.for_loop(s)
            case gast.While():
                return self.loop(s, lambda: self.eval(s.test))
            case gast.Return():
                kind = self.eval(s.value) if s.value is not None else Static(None)
                self.returned.append((s, kind))
                return None
            case gast.Break():
                self.breaks[-1].append(env)
                return None
            case gast.Continue():
                self.continues[-1].append(env)
                return None
            case gast.Delete():
                for t in s.targets:
                    self.deleted(t)
            case gast.Assert():
                self.eval(s.test)
                if s.msg is not None:
                    self.message(s.msg)
            case gast.Raise():
                self.raised(s)
                return None
            case gast.Pass():
                return env
            case gast.With():
                for i in s.items:
                    self.manager(i)
                return self.block(s.body, self.env)
            case gast.Try():
                return self.tried(s)
            case _:
                raise self.refused(s)
        return self.env

    def assigned(self, s: gast.Assign) -> None:
        """An assignment to one or more targets."""
        kind = self.eval(s.value)
        several = any(isinstance(t, (gast.Tuple, gast.List)) for t in s.targets)
        if several and isinstance(kind, Iteration):
            kind = self.spelled_out(s.value)
        for t in s.targets:
            self.bind(t, self.fresh_list(t, s.value, kind))
            if isinstance(t, gast.Name) and isinstance(kind, Array) and self.is_read_only(s.value):
                self.read_only.add(t.id)

    def branch(self, s: gast.If, env: Env) -> Env | None:
        """A branch: the side that runs where its test is decided, else both."""
        self.eval(s.test)
        decided = self.truth(s.test)
        if decided is not None:
            return self.block(s.body if decided else s.orelse, self.env)
        a = self.block(s.body, dict(env))
        b = self.block(s.orelse, dict(env))
        return self.join_envs(a, b)

    def for_loop(self, s: gast.For) -> Env | None:
        """A `for` loop; one that has nothing to go through is noted."""
        kind = self.eval(s.iter)
        try:
            item = self.item_of(s.iter, kind)
        except Empty:
            self.idle[s] = None
            return self.env
        self.idle.pop(s, None)
        return self.loop(s, lambda: self.bind(s.target, item))

    def raised(self, s: gast.Raise) -> None:
        """What a `raise` reads; one that stands for a statement that fails reads what that does."""
        if stated_by(s) is None:
            if s.exc is not None:
                self.message(s.exc)
            return
        for node in read_by(s):
            with contextlib.suppress(Failing):
                self.eval(node)

    def refused(self, node: gast.AST) -> Exception:
        """The error for a construct that no pass knows."""
        name = type(node).__name__
        what, hint = REFUSED.get(
            name, (f"`{name}`", "Write it with plain assignments, `if` and loops.")
        )
        return self.function.refuse(
            node, f"{what.format(getattr(node, 'name', ''))} is not supported", hint
        )

    def loop(self, s: gast.For | gast.While, enter: Callable[[], object]) -> Env | None:
        """Run a loop to a fixed point."""
        if s.orelse:
            word = type(s).__name__.lower()
            raise self.function.refuse(
                s, f"`else` of a `{word}` loop is not supported", "Use a flag."
            )
        head = dict(self.env)
        for _ in range(ROUNDS):
            self.breaks.append([])
            self.continues.append([])
            self.env = dict(head)
            enter()
            tested = dict(self.env)
            end = self.block(s.body, self.env)
            breaks, continues = self.breaks.pop(), self.continues.pop()
            back = end
            for env in continues:
                back = self.join_envs(back, env)
            new = self.join_envs(head, back)
            assert new is not None
            if new == head:
                break
            head = new
        else:
            raise self.function.refuse(s, "the kinds of the variables of this loop do not settle")
        out: Env | None = tested if isinstance(s, gast.While) else dict(head)
        if isinstance(s, gast.For):
            for name, kind in tested.items():
                out.setdefault(name, kind)  # type: ignore[union-attr]
        if isinstance(s, gast.While) and isinstance(s.test, gast.Constant) and s.test.value:
            out = None
        for env in breaks:
            out = self.join_envs(out, env)
        return out

    def join_envs(self, a: Env | None, b: Env | None) -> Env | None:
        """Where two paths meet; a name that one of them lacks keeps the other's kind."""
        if a is None or b is None:
            return b if a is None else a
        out = dict(a)
        for name, kind in b.items():
            out[name] = self.meet(out[name], kind) if name in out else kind
        return out

    def item_of(self, node: gast.expr, kind: Kind) -> Kind:
        """What a loop over a value of this kind gives."""
        match kind:
            case Array(dims=dims) if dims:
                return shaped(kind.dtype, dims[1:])
            case Dict(key=key):
                if key is None:
                    raise Empty(node, "a key of an empty dict")
                return key
            case Iteration(name="items" | "values", parts=(Dict(),)):
                found = mappings.item_of(kind)
                if found is None:
                    raise Empty(node, "an item of an empty dict")
                return found
            case List(item=item):
                if item is None:
                    raise Empty(node, "an item of an empty list")
                return item
            case Record() if kind.type is dict:
                if not kind.keys:
                    raise Empty(node, "a key of an empty dict")
                return join_all([Static(k) for k in kind.keys]) or Opaque()
            case Record() if not is_object(kind):
                if not kind.items:
                    raise Empty(node, "an item of an empty tuple")
                return join_all(list(kind.items)) or Opaque()
            case Iteration(name="ndindex", parts=parts):
                return Record(tuple, tuple(range(len(parts))), (INT,) * len(parts))
            case Iteration(name="ndenumerate", parts=(Array(dims=dims) as a,)) if dims:
                index = Record(tuple, tuple(range(len(dims))), (INT,) * len(dims))
                return Record(tuple, (0, 1), (index, shaped(a.dtype, ())))
            case Iteration(name="range"):
                return INT
            case Iteration(name="reversed", parts=(part,)):
                return self.item_of(node, part)
            case Iteration(name="enumerate", parts=(part, _)):
                return Record(tuple, (0, 1), (INT, self.item_of(node, part)))
            case Iteration(name="zip", parts=parts):
                items = tuple(self.item_of(node, p) for p in parts)
                return Record(tuple, tuple(range(len(items))), items)
            case Iteration(name="items", parts=(Record() as d,)):
                keys = join_all([Static(k) for k in d.keys]) or Opaque("a key")
                return Record(tuple, (0, 1), (keys, join_all(list(d.items)) or Opaque("a value")))
            case Iteration(name="values", parts=(Record() as d,)):
                return join_all(list(d.items)) or Opaque("a value")
            case Iteration(name="keys", parts=(Record() as d,)):
                return join_all([Static(k) for k in d.keys]) or Opaque("a key")
        raise self.function.refuse(node, f"a loop over {describe(kind)} is not supported")


def interpret(function: Function, parameters: dict[str, Kind], world: World) -> Typed:
    """Type one function for the kinds of its parameters."""
    load_rules()
    opened = open_for(function, world)
    if opened is None:
        return Interpreter(function, parameters, world).run()
    for _ in range(ROUNDS):
        typed = Interpreter(function, parameters, world).run()
        if not opened.used:
            return typed
        if settle(opened, typed, world):
            if holds_mixed(opened.typed.returns):
                break
            return finished(opened, typed)
    caller, node = opened.call or (function, function.node)
    what = f"the kind of what `{function.object.__name__}` returns grows with each call of itself"
    raise caller.refuse(node, what, "Return values of one kind at every level.")
