"""Lists and dicts whose own items change: added, replaced or taken away."""

from __future__ import annotations

from typing import Any

import gast

from srcgrad.kinds import Array, Kind, Scalar, numeric
from srcgrad.syntax.walk import walk

# Methods of lists: all that change one, those whose change a shadow can follow, those that take no
# item away; and the methods of lists and dicts that only ask.
CHANGING = ("append", "extend", "pop", "insert", "reverse", "clear", "sort", "remove")
MOVING = ("append", "insert", "pop", "reverse")
KEEPING = ("append", "insert", "reverse", "extend", "sort")
ASKING = ("items", "keys", "values", "copy", "index", "count", "get")


def rearranges(pairing: Any) -> bool:
    """Whether items of lists or dicts of a class are added, replaced or taken away.

    Args:
        pairing: what looks at the names of the class.
    """
    kinds, callees = pairing.typed.kinds, pairing.typed.callees
    in_place = {
        s.target
        for s in walk(pairing.typed.function.node)
        if isinstance(s, gast.AugAssign) and isinstance(kinds.get(s.target), Array)
    }
    for n in walk(pairing.typed.function.node):
        match n:
            case gast.Subscript(ctx=gast.Store() | gast.Del()) if n not in in_place:
                if not isinstance(kinds.get(n.value), Array) and pairing.touches(n):
                    return True
            case gast.AugAssign(target=gast.Name(id=m)) if m in pairing.members:
                if n.target not in in_place:
                    return True
            case gast.Call(func=gast.Attribute(value=base, attr=attr)) if attr not in ASKING:
                callee = callees.get(n)
                if callee is not None and callee.tag == "method" and pairing.shares(base):
                    return True
    return False


def loses(pairing: Any) -> bool:
    """Whether items of lists or dicts of a class are replaced or taken away.

    Args:
        pairing: what looks at the names of the class.
    """
    kinds = pairing.typed.kinds
    for n in walk(pairing.typed.function.node):
        match n:
            case gast.Subscript(ctx=gast.Store() | gast.Del()):
                lost = not isinstance(kinds.get(n.value), Array) and pairing.touches(n)
                if lost and not is_scalar(kinds.get(n)):
                    return True
            case gast.Call(func=gast.Attribute(value=base, attr=attr)):
                callee = pairing.typed.callees.get(n)
                if (
                    callee is not None
                    and callee.tag == "method"
                    and attr not in (*ASKING, *KEEPING)
                ):
                    if pairing.shares(base):
                        return True
    return False


def is_scalar(kind: Kind | None) -> bool:
    """Whether a value is a number, which nothing else can refer to."""
    return kind is not None and isinstance(numeric(kind), Scalar)
