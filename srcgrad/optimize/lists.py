"""Lists as a person writes them: `list(xs)` for a loop that appends, `v = xs.pop()`, `[a, b]`."""

from __future__ import annotations

import gast

from srcgrad.syntax.flow import Graph
from srcgrad.syntax.lives import is_tape
from srcgrad.syntax.quote import attribute, call, name
from srcgrad.syntax.statements import statements_in
from srcgrad.syntax.walk import change_blocks, nodes


def plain_lists(body: list[gast.stmt], parameters: list[str]) -> list[gast.stmt]:
    """Statements of generated code that act on lists, in fewer words.

    Example:
        >>> from srcgrad.syntax.quote import statements
        >>> body = statements("for v in x: a.append(v)") + statements("w = a[-1]; a.pop(); y = a")
        >>> [type(s.value).__name__ for s in plain_lists(body, ["x"])]
        ['Call', 'Call', 'Name']
    """
    generated = (s for s in statements_in(body) if getattr(s, "end_lineno", None) is None)
    filling = {s: filled for s in generated if (filled := filled_by(s)) is not None}
    if filling:
        graph = Graph(body, tuple(parameters))
        bit, out = graph.live_out()
        read = {s for s in filling if out[graph.at[s.body[0]]] & bit.get(s.target.id, 0)}

    def block(body: list[gast.stmt]) -> list[gast.stmt]:
        """A block in fewer words."""
        new: list[gast.stmt] = []
        for s in body:
            change_blocks(s, block)
            if getattr(s, "end_lineno", None) is not None:
                new.append(s)
                continue
            displays(s)
            if s in filling and s not in read:
                s = extended(s, filling[s], new)
            elif new and is_taken(new[-1], s):
                last = new.pop()
                last.value, last.end_lineno = s.value, None
                s = last
            new.append(s)
        return new

    return block(body)


def displays(s: gast.stmt) -> None:
    """`list((a, b))` as `[a, b]`, in place."""
    found = {n: elts for n in nodes(s) if (elts := made_list(n)) is not None}
    for n in nodes(s) if found else ():
        for field, value in gast.iter_fields(n):
            if isinstance(value, gast.Call) and value in found:
                setattr(n, field, gast.List(elts=found[value], ctx=gast.Load()))


def made_list(n: gast.AST) -> list[gast.expr] | None:
    """The items of `list((a, b))`."""
    match n:
        case gast.Call(
            func=gast.Name(id="list"),
            args=[gast.Tuple(elts=elts) | gast.List(elts=elts)],
            keywords=[],
        ):
            return elts
    return None


def filled_by(s: gast.stmt) -> str | None:
    """The list to which a loop appends what it goes over, and does no more."""
    match s:
        case gast.For(
            target=gast.Name(id=v),
            body=[
                gast.Expr(
                    value=gast.Call(
                        func=gast.Attribute(value=gast.Name(id=filled), attr="append"),
                        args=[gast.Name(id=item)],
                    )
                )
            ],
            orelse=[],
        ) if v == item and not is_tape(filled):
            mentioned = {n.id for n in nodes(s.iter) if isinstance(n, gast.Name)}
            return None if filled in mentioned | {v} else filled
    return None


def extended(s: gast.For, filled: str, before: list[gast.stmt]) -> gast.stmt:
    """A loop that appends as one statement; that which made the list empty goes."""
    new: gast.stmt
    match before[-1:]:
        case [gast.Assign(targets=[gast.Name(id=n)], value=gast.List(elts=[]))] if n == filled:
            new = before.pop()
            new.value = call(name("list"), s.iter)
        case _:
            new = gast.Expr(value=call(attribute(name(filled), "extend"), s.iter))
            gast.copy_location(new, s)
    new.end_lineno = None
    return new


def is_taken(s: gast.stmt, after: gast.stmt) -> bool:
    """Whether two statements are `v = xs[-1]` and `xs.pop()`."""
    match s, after:
        case (
            gast.Assign(
                targets=[gast.Name(id=v)],
                value=gast.Subscript(
                    value=gast.Name(id=a),
                    slice=gast.UnaryOp(op=gast.USub(), operand=gast.Constant(value=1))
                    | gast.Constant(value=-1),
                ),
            ),
            gast.Expr(
                value=gast.Call(
                    func=gast.Attribute(value=gast.Name(id=b), attr="pop"), args=[], keywords=[]
                )
            ),
        ):
            return a == b != v and not is_tape(a)
    return False
