"""Lists that other passes filled item by item, as the displays that they are."""

from __future__ import annotations

import gast

from srcgrad.lower.base.trees import is_path
from srcgrad.lower.inference.expand import Expansion
from srcgrad.syntax.flow import loads
from srcgrad.syntax.quote import assign
from srcgrad.syntax.walk import nodes


class Gathered(Expansion):
    """Puts items that are appended to a new list into its display.

    A comprehension over a display becomes a loop, and the loop one `append` for each item:

        items = []
        v = x
        items.append(v * v)        ->    v = x
        v|2 = y                          v|2 = y
        items.append(v|2 * v|2)          items = [v * v, v|2 * v|2]

    A list that the user fills so stays as it is.
    """

    def block(self, body: list[gast.stmt]) -> list[gast.stmt]:
        """Rewrite a block."""
        out: list[gast.stmt] = []
        rest = list(body)
        while rest:
            s = rest.pop(0)
            if (filled := made_empty(s)) is not None:
                bound, items = self.taken(filled, rest)
                if items:
                    display = gast.List(elts=items, ctx=gast.Load())
                    first = next(a for a in rest if a not in bound)
                    out += [*bound, *self.replaced(first, [assign(filled, display)])]
                    del rest[: len(bound) + len(items)]
                    continue
            out += super().block([s])
        return out

    def taken(self, filled: str, body: list[gast.stmt]) -> tuple[list[gast.stmt], list[gast.expr]]:
        """The items that the first statements of a block append, and what these bind in between.

        What is bound is a name, a constant or an item that no call can change, and nothing that
        comes before reads the variable: so it may as well be bound before the items.

        Args:
            filled: the list.
            body: what follows the statement that makes it.
        """
        bound: list[gast.stmt] = []
        items: list[gast.expr] = []
        done = 0
        for s in body:
            match s:
                case gast.Expr(
                    value=gast.Call(
                        func=gast.Attribute(value=gast.Name(id=n), attr="append"), args=[item]
                    )
                ) if n == filled and filled not in loads(item):
                    items.append(item)
                    done = len(bound)
                case gast.Assign(targets=[gast.Name(id=n)], value=value) if (
                    n not in {filled}.union(*map(loads, items))
                    and filled not in loads(value)
                    and self.stays(value, items)
                ):
                    bound.append(s)
                case _:
                    break
        return bound[:done], items

    def stays(self, value: gast.expr, items: list[gast.expr]) -> bool:
        """Whether an expression is the same before and after others, and does not raise."""
        if isinstance(value, (gast.Name, gast.Constant)):
            return True
        calls = (n for item in items for n in nodes(item) if isinstance(n, gast.Call))
        return is_path(value) and all(
            n in self.typed.callees and self.typed.callees[n].tag == "rule" for n in calls
        )


def made_empty(s: gast.stmt) -> str | None:
    """The variable that a statement, which no user wrote, binds to an empty list."""
    match s:
        case gast.Assign(targets=[gast.Name(id=variable)], value=gast.List(elts=[])):
            return variable if getattr(s, "end_lineno", None) is None else None
    return None
