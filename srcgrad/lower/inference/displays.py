"""The items of containers where they are known, and dicts that are made of others."""

from __future__ import annotations

import copy
from typing import Any

import gast

from srcgrad.kinds import Iteration, Kind, Record, Static, is_tuple
from srcgrad.lower.base.trees import is_path
from srcgrad.lower.inference.members import DICT_VIEWS, Members
from srcgrad.syntax.quote import constant, subscript
from srcgrad.syntax.walk import walk


class Displays(Members):
    """Finds the items of containers."""

    def stands(self, node: gast.expr, new: gast.expr) -> Kind:
        """Type what stands for an expression, and note it."""
        for n in walk(new):
            if isinstance(n, gast.expr) and getattr(n, "lineno", None) is None:
                n.lineno = getattr(node, "lineno", None)
                n.col_offset = getattr(node, "col_offset", 0)
                n.end_lineno = n.end_col_offset = None
        kind = self.eval(new)
        self.typed.instead[node] = new
        return kind

    def again(self, node: gast.expr) -> gast.expr:
        """An operand, to be read more than once: it gets a name if that is not free."""
        if not is_path(node):
            self.typed.lifted.add(node)
        return copy.deepcopy(node)

    def items(self, node: gast.expr) -> list[gast.expr] | None:
        """Expressions for the items of a container, where these are known."""
        kind = self.eval(node)
        if isinstance(node, (gast.Tuple, gast.List)) and not has_star(node.elts):
            return node.elts
        if isinstance(kind, Record) and (is_tuple(kind) or kind.type is list):
            base = self.again(node)
            return [subscript(copy.deepcopy(base), constant(k)) for k in range(len(kind.items))]
        if isinstance(kind, Record) and kind.type is dict:
            return [constant(k) for k in kind.keys]
        if isinstance(kind, Iteration) and kind.name in DICT_VIEWS:
            return self.items_of_view(node, kind)
        return None

    def items_of_view(self, node: gast.expr, kind: Iteration) -> list[gast.expr] | None:
        """The items of `d.keys()`, `d.values()` or `d.items()`."""
        d = kind.parts[0]
        if not isinstance(d, Record) or not isinstance(node, gast.Call):
            return None
        keys: list[gast.expr] = [constant(k) for k in d.keys]
        if kind.name == "keys":
            return keys
        base = self.again(node.func.value)
        values = [subscript(copy.deepcopy(base), constant(k)) for k in d.keys]
        if kind.name == "values":
            return list(values)
        return [gast.Tuple(elts=[k, v], ctx=gast.Load()) for k, v in zip(keys, values, strict=True)]

    def merged_display(self, node: gast.Dict) -> gast.expr | None:
        """`{**d, "k": v}`."""
        out: dict[Any, gast.expr] = {}
        for k, v in zip(node.keys, node.values, strict=True):
            if k is not None:
                key = self.eval(k)
                if not isinstance(key, Static):
                    return None
                out[key.value] = v
                continue
            found = self.pairs(v)
            if found is None:
                return None
            out |= found
        return dict_display(out)

    def pairs(self, node: gast.expr) -> dict[Any, gast.expr] | None:
        """The items of a dict by key, where the keys are known."""
        kind = self.eval(node)
        if not isinstance(kind, Record) or kind.type is not dict:
            return None
        if isinstance(node, gast.Dict) and None not in node.keys:
            return dict(zip(kind.keys, node.values, strict=True))
        base = self.again(node)
        return {k: subscript(copy.deepcopy(base), constant(k)) for k in kind.keys}

    def built_dict(self, node: gast.Call) -> gast.expr | None:
        """`dict(a=x)`, `dict(d, a=x)`, `dict(pairs)`."""
        out: dict[Any, gast.expr] = {}
        if len(node.args) > 1:
            return None
        for a in node.args:
            found = self.pairs(a)
            if found is None:
                items = self.zipped(a) or self.items(a)
                if items is None or not all(isinstance(i, gast.Tuple) for i in items):
                    return None
                keys = self.constants([i.elts[0] for i in items])
                if keys is None:
                    return None
                found = {k: i.elts[1] for k, i in zip(keys, items, strict=True)}
            out |= found
        return dict_display(out | {k.arg: k.value for k in node.keywords})

    def constants(self, nodes: list[gast.expr]) -> list[Any] | None:
        """The values of expressions; None if one of them is not known."""
        kinds = [self.eval(n) for n in nodes]
        found = [k.value for k in kinds if isinstance(k, Static)]
        return found if len(found) == len(kinds) else None

    def zipped(self, node: gast.expr) -> list[gast.expr] | None:
        """The items of `zip(a, b)` where those of a and b are known."""
        kind = self.eval(node)
        if not isinstance(kind, Iteration) or kind.name != "zip" or not isinstance(node, gast.Call):
            return None
        columns = [self.items(a) for a in node.args]
        if any(c is None for c in columns):
            return None
        rows = zip(*(c for c in columns if c is not None), strict=False)
        return [gast.Tuple(elts=list(row), ctx=gast.Load()) for row in rows]

    def united(self, node: gast.BinOp) -> Kind | None:
        """The kind of `d | e` of dicts."""
        left, right = self.pairs(node.left), self.pairs(node.right)
        if left is None or right is None:
            return None
        return self.stands(node, dict_display(left | right))

    def from_keys(self, node: gast.Call) -> gast.expr | None:
        """`dict.fromkeys(keys, v)`."""
        items = self.items(node.args[0]) if node.args else None
        if items is None or len(node.args) > 2:
            return None
        keys = self.constants(items)
        if keys is None:
            return None
        value = self.again(node.args[1]) if len(node.args) == 2 else constant(None)
        return dict_display({k: copy.deepcopy(value) for k in keys})


def dict_display(items: dict[Any, gast.expr]) -> gast.Dict:
    """`{key: value}`."""
    return gast.Dict(keys=[constant(k) for k in items], values=list(items.values()))


def has_star(nodes: list[gast.expr]) -> bool:
    """Whether there is a star among expressions."""
    return any(isinstance(n, gast.Starred) for n in nodes)
