"""`with` and `try` backwards: blocks that are run through, and attempts that failed or did not."""

from __future__ import annotations

import gast
import numpy as np

from srcgrad.kinds import Static
from srcgrad.syntax.flow import loads, stores
from srcgrad.syntax.lives import FLAG, role
from srcgrad.syntax.quote import constant, name, negated
from srcgrad.syntax.walk import clone
from srcgrad.transform.blocks import Block, Item
from srcgrad.transform.cotangents import Bars
from srcgrad.transform.loops import Loops
from srcgrad.transform.saves import ends


class Guarded(Loops):
    """Adjoints of `with` and `try`."""

    def guarded(self, item: Item, bars: Bars) -> list[gast.stmt]:
        """The reverse of a `with` or `try`."""
        s = item.node
        if isinstance(s, gast.Try) and s.handlers:
            return self.attempt_back(s, item.blocks, bars)
        body = self.block(item.blocks[0], bars)
        if not body or not (isinstance(s, gast.With) and self.about_errors(s)):
            return body
        new = gast.With(items=[clone(i) for i in s.items], body=body, type_comment=None)
        new.lineno, new.col_offset, new.end_lineno = s.lineno, s.col_offset, None
        return [new]

    def about_errors(self, s: gast.With) -> bool:
        """Whether a `with` says what numpy does about floating-point errors, and nothing else."""
        for i in s.items:
            call = i.context_expr
            kind = self.typed.kinds.get(call.func) if isinstance(call, gast.Call) else None
            if not (isinstance(kind, Static) and kind.value is np.errstate) or i.optional_vars:
                return False
            if loads(*(k.value for k in call.keywords)):
                return False
        return True

    def attempt_back(self, s: gast.Try, blocks: tuple[Block, ...], bars: Bars) -> list[gast.stmt]:
        """The reverse of an attempt: of the statements if it succeeded, else of a handler."""
        states = [dict(bars) for _ in blocks]
        bodies = [self.block(b, state) for b, state in zip(blocks, states, strict=True)]
        on = [k for k, b in enumerate(blocks) if not ends(b)]
        self.meet([states[k] for k in on], [bodies[k] for k in on], bars)
        out = self.chosen(s, {k: bodies[k] for k in on})
        for n in sorted(stores(s.body[0])):
            out += self.restore_name(s, n)
            if n in self.shadowed:
                out += self.restore_shadow(s, n)
        return out

    def chosen(self, s: gast.Try, bodies: dict[int, list[gast.stmt]]) -> list[gast.stmt]:
        """The body that belongs to what the attempt came to."""
        if list(bodies) == [0] or not any(bodies.values()):
            return bodies.get(0, []) if any(bodies.values()) else []
        flag = flag_of(s)
        single = len(s.handlers) == 1
        rest = bodies.pop(0 if 0 in bodies else max(bodies))
        for k in sorted(bodies, reverse=True):
            test = name(flag)
            if not single:
                test = gast.Compare(left=test, ops=[gast.Eq()], comparators=[constant(k)])
            body = bodies[k]
            if not body and not rest:
                continue
            if not body:
                test, body, rest = negated(test), rest, []
            new = gast.If(test=test, body=body, orelse=rest)
            new.lineno, new.col_offset, new.end_lineno = s.lineno, s.col_offset, None
            rest = [new]
        return rest


def flag_of(s: gast.Try) -> str:
    """The variable that tells which handler of an attempt has run."""
    match s.handlers[0].body[0]:
        case gast.Assign(targets=[gast.Name(id=flag)], value=gast.Constant()):
            assert role(flag) == FLAG
            return flag
    raise AssertionError("an attempt without a flag")
