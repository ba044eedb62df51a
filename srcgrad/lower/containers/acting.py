"""Calls that draw random numbers or take items out: each acts once, and in the user's order.

What a gradient reads of a statement gets a name before it. Were one of two draws of a statement
named, it would come before the other; and an index that draws, or takes out, is read again.
"""

from __future__ import annotations

import gast

from srcgrad.lower.base.program import Typed
from srcgrad.lower.respell.evaluation import head_nodes
from srcgrad.lower.respell.generators import is_taking
from srcgrad.syntax.walk import walk

ONCE = (gast.Assign, gast.AugAssign, gast.Return, gast.Expr, gast.Delete)


def acting(typed: Typed) -> set[gast.AST]:
    """Calls in expressions that have to stand in statements of their own."""
    if "draw" not in typed.tags and not any(map(is_taking, typed.callees)):
        return set()
    statements = (s for s in walk(typed.function.node) if isinstance(s, gast.stmt))
    return {n for s in statements for n in acting_in(typed, s)}


def acting_in(typed: Typed, s: gast.stmt) -> set[gast.AST]:
    """Such calls of one statement."""
    calls = [n for n in head_nodes(s) if isinstance(n, gast.Call) and n in typed.callees]
    taking = {n for n in calls if is_taking(n)}
    if isinstance(s, (gast.Assign, gast.Expr)):
        taking.discard(s.value)
    if not isinstance(s, ONCE):
        return taking
    draws = {n for n in calls if typed.callees[n].tag == "draw"}
    if len(draws) + sum(is_taking(n) or typed.callees[n].tag == "user" for n in calls) > 1:
        return taking | draws
    if isinstance(s, gast.AugAssign):
        return taking | (draws & set(walk(s.target)))
    return taking
