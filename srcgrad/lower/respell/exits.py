"""Jumps out of `with` and `try`: their blocks run to the end, and the jump follows behind them.

`with m: return e` becomes `with m: out = e` and `return out`; where only some paths jump, a flag
tells behind the block, and what a jump would have skipped inside stands under a test of it.
"""

from __future__ import annotations

import contextlib

import gast

from srcgrad.lower.base.program import Function
from srcgrad.lower.base.trees import placed
from srcgrad.lower.respell.sugar import with_else
from srcgrad.syntax.lives import RESULT, made
from srcgrad.syntax.quote import assign, constant, name, negated
from srcgrad.syntax.walk import blocks_in, change_blocks, clone, walk

Block = list[gast.stmt]
JUMPS = (gast.Return, gast.Break, gast.Continue)


class Exits:
    """Rewrites the blocks of one function, whose tree is the pass's own."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.count = 0

    def block(self, body: Block) -> Block:
        """Rewrite a block, inner ones first."""
        out: Block = []
        for s in map(self.plain, body):
            change_blocks(s, self.block)
            if isinstance(s, (gast.With, gast.Try)) and jumps_out([s]):
                out += self.closed(s)
            elif isinstance(s, (gast.For, gast.While)) and jumps_out(s.orelse):
                self.count += 1
                out += with_else(s, s.orelse, made("left", RESULT, f"x{self.count}"))
            else:
                out.append(s)
        return out

    def plain(self, s: gast.stmt) -> gast.stmt:
        """A `try` has handlers or a `finally`, not both; `suppress` is a `try`."""
        if isinstance(s, gast.Try) and s.handlers and s.finalbody:
            inside = gast.Try(body=s.body, handlers=s.handlers, orelse=s.orelse, finalbody=[])
            s.body, s.handlers, s.orelse = [placed(inside, s)], [], []
        if isinstance(s, gast.With) and (classes := self.suppressed(s)) is not None:
            kinds = classes[0] if len(classes) == 1 else gast.Tuple(elts=classes, ctx=gast.Load())
            handler = gast.ExceptHandler(type=kinds, name=None, body=[gast.Pass()])
            return placed(gast.Try(body=s.body, handlers=[handler], orelse=[], finalbody=[]), s)
        return s

    def suppressed(self, s: gast.With) -> list[gast.expr] | None:
        """The exceptions that a `with contextlib.suppress(...)` takes; None for any other."""
        for i in s.items:
            node = i.context_expr
            if not isinstance(node, gast.Call) or self.meant(node.func) is not contextlib.suppress:
                continue
            if len(s.items) > 1:
                raise self.function.refuse(s, "`suppress` beside other managers", "Nest them.")
            if not node.args or node.keywords or i.optional_vars is not None:
                raise self.function.refuse(s, "this `suppress` is not supported", "Use `try`.")
            return list(node.args)
        return None

    def meant(self, node: gast.expr) -> object:
        """What a name, or an attribute of one, stands for outside of the function."""
        if isinstance(node, gast.Attribute):
            return getattr(self.meant(node.value), node.attr, None)
        if isinstance(node, gast.Name) and self.function.binds(node.id):
            return self.function.lookup(node.id)
        return None

    def closed(self, s: gast.With | gast.Try) -> Block:
        """A `with` or `try` whose jumps stand behind it."""
        if isinstance(s, gast.Try) and jumps_out(s.finalbody):
            return self.overruled(s)
        kinds = kinds_of([s])
        always = always_jumps([s])
        self.prepare(kinds, always=always and len(kinds) == 1)
        opening: Block = [assign(n, constant(False)) for n in self.table.values()]
        if isinstance(s, gast.Try) and s.orelse and jumps_out(s.body):
            raise self.function.refuse(
                s, "a jump out of a `try` that has an `else`", "Move the `else` into the `try`."
            )
        finalbody = getattr(s, "finalbody", [])
        change_blocks(s, lambda body: body if body is finalbody else self.without(body))
        return [*(placed(n, s) for n in opening), s, *self.closing(s, kinds, always=always)]

    def closing(self, s: gast.stmt, kinds: list[type[gast.stmt]], *, always: bool) -> Block:
        """The jumps behind a block, one of which is taken for sure if it always jumps."""
        out: Block = []
        for k in kinds:
            jump: gast.stmt = gast.Return(value=name(self.out)) if k is gast.Return else k()
            if k is kinds[-1] and always:
                out.append(jump)
            else:
                out.append(gast.If(test=name(self.table[k]), body=[jump], orelse=[]))
        return [placed(n, s) for n in out]

    def prepare(self, kinds: list[type[gast.stmt]], *, always: bool) -> None:
        """Names for the flags of one block and for what it returns; none for what always jumps."""
        self.count += 1
        table = {
            k: made(label, RESULT, f"x{self.count}")
            for k, label in zip(JUMPS, ("done", "broke", "skipped"), strict=True)
        }
        self.table = {} if always else {k: table[k] for k in kinds}
        self.out = made("out", RESULT, f"x{self.count}")

    def overruled(self, s: gast.Try) -> Block:
        """A `try` out of whose `finally` a jump leads: it drops what the body raises or returns.

        `try: a` with `finally: b` becomes `try: a`, `except BaseException: pass` and `b` if `b`
        always jumps; else `b` stands in an `else` too, and its end in the handler raises again.
        """
        kinds = kinds_of(s.body)
        always = always_jumps(s.body) and len(kinds) == 1
        self.prepare(kinds, always=always)
        opening = [placed(assign(n, constant(False)), s) for n in self.table.values()]
        closing = self.closing(s, kinds, always=always_jumps(s.body))
        body, rest = self.without(s.body), s.finalbody
        again: gast.stmt = gast.Raise(exc=None, cause=None)
        always = always_jumps(rest)
        inside: Block = [gast.Pass()] if always else [*map(clone, rest), again]
        handler = gast.ExceptHandler(type=name("BaseException"), name=None, body=inside)
        orelse = [] if always else rest
        new = placed(gast.Try(body=body, handlers=[handler], orelse=orelse, finalbody=[]), s)
        if always:
            return [*opening, new, *rest]
        return [*opening, *self.closed(new), *closing]

    def without(self, body: Block) -> Block:
        """A block whose jumps are flags; what follows one is skipped."""
        out: Block = []
        for i, s in enumerate(body):
            if isinstance(s, JUMPS):
                return [*out, *self.noted(s)] or [placed(gast.Pass(), s)]
            out.append(s)
            if not (isinstance(s, gast.If) and jumps_out([s])):
                continue
            rest = body[i + 1 :]
            sides = [always_jumps(s.body), always_jumps(s.orelse)]
            kinds = {type(n) for n in jumps_out([s])}
            if not rest or all(sides):
                s.body, s.orelse = self.without(s.body), self.without(s.orelse)
            elif sides[0]:
                s.body, s.orelse = self.without(s.body), self.without([*s.orelse, *rest])
            elif sides[1]:
                s.body, s.orelse = self.without([*s.body, *rest]), self.without(s.orelse)
            else:
                if not all(k in self.table for k in kinds):
                    what = "this jump out of a block is not supported"
                    raise self.function.refuse(s, what, "Use one `return` behind the block.")
                s.body, s.orelse = self.without(s.body), self.without(s.orelse)
                flags = [negated(name(self.table[k])) for k in JUMPS if k in kinds]
                both = gast.BoolOp(op=gast.And(), values=flags)
                test = flags[0] if len(flags) == 1 else both
                out.append(placed(gast.If(test=test, body=self.without(rest), orelse=[]), s))
            return out
        return out

    def noted(self, s: gast.stmt) -> Block:
        """What stands for a jump inside of the block."""
        out: Block = []
        if isinstance(s, gast.Return):
            out.append(assign(self.out, s.value if s.value is not None else constant(None)))
        if type(s) in self.table:
            out.append(assign(self.table[type(s)], constant(True)))
        return [placed(n, s) for n in out]


def kinds_of(body: Block) -> list[type[gast.stmt]]:
    """The kinds of jumps that leave a block."""
    found = jumps_out(body)
    return [k for k in JUMPS if any(isinstance(n, k) for n in found)]


def jumps_out(body: Block, *, loop: bool = False) -> Block:
    """The jumps of a block that leave it; those of the loops inside are their own."""
    out: Block = []
    for s in body:
        if isinstance(s, gast.Return) or (isinstance(s, (gast.Break, gast.Continue)) and not loop):
            out.append(s)
        elif isinstance(s, (gast.For, gast.While)):
            out += jumps_out(s.body, loop=True) + jumps_out(s.orelse, loop=loop)
        elif not isinstance(s, (gast.FunctionDef, gast.ClassDef)):
            for b in blocks_in(s):
                out += jumps_out(b, loop=loop)
    return out


def always_jumps(body: Block) -> bool:
    """Whether control never comes out at the end of a block."""
    for s in body:
        match s:
            case gast.Return() | gast.Break() | gast.Continue() | gast.Raise():
                return True
            case gast.If() if s.orelse and always_jumps(s.body) and always_jumps(s.orelse):
                return True
            case gast.With() if always_jumps(s.body):
                return True
            case gast.Try() if all(always_jumps(h.body) for h in s.handlers) and (
                always_jumps(s.body) or (s.orelse and always_jumps(s.orelse))
            ):
                return True
    return False


def closed_blocks(function: Function, node: gast.FunctionDef) -> gast.FunctionDef:
    """A function in which no jump leaves a `with` or `try`, rewritten in place."""
    node.body = without_jumps(function, node.body)
    return node


def without_jumps(function: Function, body: Block) -> Block:
    """The statements of a function, of which no jump leaves a `with` or `try`."""
    if any(isinstance(n, (gast.With, gast.Try)) for s in body for n in walk(s)):
        return Exits(function).block(body)
    return body
