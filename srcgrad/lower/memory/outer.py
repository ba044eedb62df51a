"""Lists and dicts from outside of a function that it changes: globals, and what cells hold.

The caller sees such changes, so the reverse sweep takes them back in a copy. What they are is told
by the names from outside alone, so a second name for one of them is refused.
"""

from __future__ import annotations

import gast

from srcgrad.kinds import Array, Kind, List, Record, is_tuple
from srcgrad.lower.base.program import Typed
from srcgrad.lower.memory.aliases import has_container, summarise
from srcgrad.lower.memory.tangles import is_memory
from srcgrad.syntax.flow import stores
from srcgrad.syntax.lives import user_name
from srcgrad.syntax.walk import walk


def changed_outside(typed: Typed) -> dict[str, Kind]:
    """Names from outside through which lists and dicts are changed, with their kinds."""
    written = summarise(typed).written
    return {n: kind for n, kind in outer_containers(typed).items() if n in written}


def outer_containers(typed: Typed) -> dict[str, Kind]:
    """Names from outside that stand for lists, dicts or objects, with their kinds."""
    local = stores(typed.function.node) | set(typed.parameters)
    return {
        n.id: typed.kinds[n]
        for n in walk(typed.function.node)
        if isinstance(n, gast.Name)
        and n.id not in local
        and not is_memory(n.id)
        and is_container(typed.kinds.get(n))
    }


def is_container(kind: object) -> bool:
    """Whether a value has parts that can be replaced, other than an array."""
    return isinstance(kind, List) or (isinstance(kind, Record) and not is_tuple(kind))


def check_outside(typed: Typed) -> None:
    """Refuse changes of lists and dicts from outside that cannot be followed."""
    aliases = summarise(typed)
    for node, callee in typed.callees.items():
        for outer in changed_outside(callee.target) if callee.tag == "user" else ():
            f = callee.target.function.object.__name__
            hint = "Write its code here, or pass what it changes as an argument."
            raise typed.function.refuse(node, f"`{f}` changes `{outer}`", hint)
    for outer in sorted(outer_containers(typed)):
        alike = [
            n
            for n in (*typed.variables, *aliases.written)
            if aliases.container(n) == aliases.container(outer)
            and (n == outer or has_container(typed.variables.get(n)))
        ]
        for n in alike:
            for s in aliases.written.get(n, ()):
                others = [m for m in (*alike, outer) if m != n]
                if others:
                    raise refused(typed, s, f"`{user_name(others[0])}` and `{user_name(n)}`")
    for outer in changed_outside(typed):
        for s in aliases.changed().get(aliases.find(outer), ()):
            if writes_array(typed, s):
                raise refused(typed, s, f"`{outer}` and a name of an array")


def writes_array(typed: Typed, s: gast.stmt) -> bool:
    """Whether a statement writes into an array."""
    found = s.targets if isinstance(s, gast.Assign) else [getattr(s, "target", None)]
    return any(
        isinstance(t, gast.Subscript) and isinstance(typed.kinds.get(t.value), Array) for t in found
    )


def refused(typed: Typed, s: gast.stmt, names: str) -> Exception:
    """The error for a change whose effect outside is not known."""
    what = f"this changes memory that {names} may share, in a way that cannot be followed"
    hint = "Change it through its own name, or pass it as an argument."
    return typed.function.refuse(s, what, hint)
