"""Walking trees: the order of the text, without recursion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import gast

LEAVES = frozenset((gast.Name, gast.Constant, gast.Pass, gast.Break, gast.Continue))
TREELESS = (
    *("arg", "attr", "conversion", "ctx", "id", "is_async", "kind", "kwd_attrs"),
    *("level", "module", "op", "simple", "type_comment"),
)


class Parts(dict[type[gast.AST], tuple[str, ...]]):
    """The fields of each class of nodes that may hold trees, in the order of the text.

    An operator or a context is no tree: it says what kind of node holds it.

    >>> parts = Parts()
    >>> parts[gast.BinOp], parts[gast.Constant]
    (('left', 'right'), ())
    """

    def __missing__(self, of: type[gast.AST]) -> tuple[str, ...]:
        """Find the fields of one class, once."""
        plain = issubclass(of, gast.Constant)
        self[of] = () if plain else tuple(f for f in of._fields if f not in TREELESS)
        return self[of]


class Within(Parts):
    """The same in reverse order, for a stack; none for the leaves of an expression."""

    def __missing__(self, of: type[gast.AST]) -> tuple[str, ...]:
        """Find the fields of one class, once."""
        self[of] = () if of in LEAVES else super().__missing__(of)[::-1]
        return self[of]


PARTS = Parts()
WITHIN = Within()


def walk(root: gast.AST) -> Iterator[Any]:
    """All nodes of a tree, level by level; no contexts, nor the operators of two operands.

    >>> from srcgrad.syntax.quote import expression
    >>> [n.id for n in walk(expression("f(a) + b")) if hasattr(n, "id")]
    ['b', 'f', 'a']
    """
    found: list[Any] = [root]
    for n in found:
        held = n.__dict__
        for f in PARTS[n.__class__]:
            value = held.get(f)
            if value is None:
                continue
            if value.__class__ is list:
                found += [v for v in value if isinstance(v, gast.AST)]
            elif isinstance(value, gast.AST):
                found.append(value)
        yield n


def contents(root: gast.AST) -> dict[type, list[Any]]:
    """The nodes of a tree by their class, those of one class level by level.

    >>> from srcgrad.syntax.quote import expression
    >>> {of.__name__: len(found) for of, found in contents(expression("a + a * 2")).items()}
    {'BinOp': 2, 'Name': 2, 'Constant': 1}
    """
    found: dict[type, list[Any]] = {}
    for n in walk(root):
        found.setdefault(n.__class__, []).append(n)
    return found


def children(node: gast.AST) -> list[Any]:
    """The trees that a node holds directly.

    >>> from srcgrad.syntax.quote import expression
    >>> [n.id for n in children(expression("a + b"))]
    ['a', 'b']
    """
    found: list[Any] = []
    held = node.__dict__
    for f in PARTS[node.__class__]:
        value = held.get(f)
        if value.__class__ is list:
            found += [v for v in value if isinstance(v, gast.AST)]
        elif isinstance(value, gast.AST):
            found.append(value)
    return found


def nodes(*roots: gast.AST | Iterable[gast.AST] | None) -> Iterator[gast.AST]:
    """All nodes of trees (or of lists of trees), parents first, in the order of the text.

    >>> from srcgrad.syntax.quote import expression
    >>> [n.id for n in nodes(expression("a + f(b)")) if hasattr(n, "id")]
    ['a', 'f', 'b']
    """
    stack: list[Any] = [r for root in reversed(roots) for r in spread(root)]
    while stack:
        n = stack.pop()
        yield n
        held = n.__dict__
        for f in WITHIN[n.__class__]:
            value = held.get(f)
            if value is None:
                continue
            if value.__class__ is list:
                stack += [v for v in reversed(value) if isinstance(v, gast.AST)]
            elif isinstance(value, gast.AST):
                stack.append(value)


def names(root: gast.AST | None) -> tuple[set[str], set[str]]:
    """The names that a tree reads, and those that it binds.

    >>> from srcgrad.syntax.quote import statements
    >>> names(statements("a = b + b")[0])
    ({'b'}, {'a'})
    """
    read: set[str] = set()
    bound: set[str] = set()
    stack: list[Any] = [root]
    while stack:
        n = stack.pop()
        if n.__class__ is gast.Name:
            if n.ctx.__class__ is gast.Load:
                read.add(n.id)
            elif n.ctx.__class__ is gast.Store:
                bound.add(n.id)
        elif isinstance(n, gast.AST):
            held = n.__dict__
            for f in WITHIN[n.__class__]:
                value = held.get(f)
                if value.__class__ is list:
                    stack += value
                elif value is not None:
                    stack.append(value)
    return read, bound


def change_children(
    node: gast.AST, change: Callable[[Any], Any], of: type[gast.AST] = gast.AST
) -> None:
    """Put changed trees in the place of those that a node holds directly, in place.

    Args:
        node: whose children are changed; a statement's blocks are children too.
        change: gives what stands for a child.
        of: which children are changed; of expressions, the values of keywords too.

    >>> from srcgrad.syntax.quote import expression
    >>> sum_ = expression("a + f(b)")
    >>> change_children(sum_, lambda e: expression("c"), gast.Name)
    >>> sum_.left.id, sum_.right.args[0].id
    ('c', 'b')
    """
    for field, value in gast.iter_fields(node):
        if isinstance(value, list):
            setattr(node, field, [change(v) if isinstance(v, of) else v for v in value])
            if of is gast.expr and field == "keywords":
                for keyword in value:
                    keyword.value = change(keyword.value)
        elif isinstance(value, of):
            setattr(node, field, change(value))


def spread(root: Any) -> list[gast.AST]:
    """The trees that one argument stands for, last one first."""
    if root is None:
        return []
    return [root] if isinstance(root, gast.AST) else list(reversed(list(root)))


def clone(root: gast.AST) -> Any:
    """A copy of a tree, positions included; faster than `copy.deepcopy`, and without recursion.

    >>> from srcgrad.syntax.quote import expression
    >>> tree = expression("a + b")
    >>> clone(tree) is tree, clone(tree).left.id
    (False, 'a')
    """
    top = bare(root)
    work = [(root, top)]
    while work:
        old, new = work.pop()
        held = new.__dict__
        for field in PARTS[old.__class__]:
            value = held.get(field)
            if value is None:
                continue
            if value.__class__ is list:
                items = []
                for v in value:
                    if isinstance(v, gast.AST):
                        copied = bare(v)
                        work.append((v, copied))
                        v = copied
                    items.append(v)
                held[field] = items
            elif isinstance(value, gast.AST):
                copied = held[field] = bare(value)
                work.append((value, copied))
    return top


def bare(node: gast.AST) -> Any:
    """A node of the same type with the same attributes."""
    new = node.__class__.__new__(node.__class__)
    new.__dict__.update(node.__dict__)
    return new


BLOCKS = ("body", "orelse", "handlers", "finalbody", "cases")


def change_blocks(s: gast.AST, change: Callable[[list[Any]], list[Any]]) -> None:
    """Put changed blocks in the place of those of a compound statement, in place.

    >>> from srcgrad.syntax.quote import statements
    >>> loop = statements("for v in x: a = v; b = v")[0]
    >>> change_blocks(loop, lambda body: body[:1])
    >>> len(loop.body)
    1
    """
    if not isinstance(s, gast.stmt) and not isinstance(s, gast.ExceptHandler):
        return
    for field in ("body", "orelse", "finalbody"):
        block = s.__dict__.get(field)
        if isinstance(block, list) and block:
            setattr(s, field, change(block))
    for part in (*(getattr(s, "handlers", None) or ()), *(getattr(s, "cases", None) or ())):
        part.body = change(part.body)


def blocks_in(s: gast.AST) -> list[list[gast.stmt]]:
    r"""The blocks that a compound statement holds directly; none for a simple one.

    >>> from srcgrad.syntax.quote import statements
    >>> [len(b) for b in blocks_in(statements("if c: a = 1; b = 2\nelse: a = 3")[0])]
    [2, 1]
    """
    fields = (s.__dict__.get(field) for field in ("body", "orelse", "finalbody"))
    out = [b for b in fields if isinstance(b, list) and b]
    parts = (*(s.__dict__.get("handlers") or ()), *(s.__dict__.get("cases") or ()))
    return out[:1] + [p.body for p in parts] + out[1:]


def heads(s: gast.AST) -> list[gast.AST]:
    """The trees of a statement that stand in none of its blocks, in the order of the text."""
    out: list[gast.AST] = []
    for field, value in gast.iter_fields(s):
        if field in BLOCKS and isinstance(value, list):
            if field == "handlers":
                out += [n for h in value for n in (h.type, h.name) if n is not None]
            continue
        out += [
            v for v in (value if isinstance(value, list) else [value]) if isinstance(v, gast.AST)
        ]
    return out
