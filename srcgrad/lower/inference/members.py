"""Methods of lists and dicts, and writes into containers inside of others."""

from __future__ import annotations

import gast

from srcgrad.kinds import INT, Dict, Kind, List, Opaque, Record, Static, is_tuple
from srcgrad.lower.base.join import as_list, describe, join
from srcgrad.lower.base.program import Callee
from srcgrad.lower.inference.instances import Empty, Failing
from srcgrad.lower.inference.mappings import named
from srcgrad.lower.inference.typer import Typer

DICT_VIEWS = ("items", "keys", "values")
SAME_ITEMS = ("reverse", "clear", "remove", "sort")


class Members(Typer):
    """Types methods that read or change containers."""

    def item_or_none(self, node: gast.expr, kind: Kind) -> Kind | None:
        """What a loop over a value gives; None where it is empty."""
        try:
            return self.item_of(node, kind)
        except Empty:
            return None

    def list_method(self, node: gast.Call, base: List, name: str) -> Kind:
        """A method of a list; changes are made to the kind of the variable."""
        assert isinstance(node.func, gast.Attribute)
        if name == "index":
            self.inner_calls |= set(node.args)
        args = [self.eval(a) for a in node.args]
        for k in node.keywords:
            self.eval(k.value)
        if name == "pop" and base.item is None:
            what = "this reads an item of an empty list"
            raise Failing(node, what, IndexError, "", node.func.value)
        kept = Callee("method", name, (("list", node.func.value),))
        if name in ("index", "count"):
            return self.callee(node, kept, INT)
        if name == "copy":
            return self.callee(node, kept, base)
        new = List(self.item_after(node, base, name, args))
        self.change(node.func.value, new)
        result = (base.item or Opaque()) if name == "pop" else Static(None)
        return self.callee(node, kept, result)

    def item_after(self, node: gast.Call, base: List, name: str, args: list[Kind]) -> Kind | None:
        """The kind of the items of a list after a method has changed it."""
        added: Kind | None = None
        if name == "append" and len(args) == 1:
            added = self.filled(node.args[0], args[0])
        elif name == "insert" and len(args) == 2:
            added = args[1]
        elif name == "extend" and len(args) == 1:
            added = self.item_or_none(node, args[0])
        elif name not in ("pop", *SAME_ITEMS):
            raise self.no_rule(node, f"{name}() of a list", "Build a new list with append().")
        if added is None or base.item is None:
            return added or base.item
        return join(base.item, added)

    def filled(self, node: gast.expr, kind: Kind) -> Kind:
        """The kind of a list that is put into another while it is empty, and filled afterwards."""
        if isinstance(node, gast.Name) and isinstance(kind, List) and kind.item is None:
            return self.typed.variables.get(node.id, kind)
        return kind

    def put_record(self, path: gast.expr, new: Record) -> None:
        """Note the new kind of a dict."""
        raise NotImplementedError

    def change(self, path: gast.expr, new: Kind) -> None:
        """Note that a container has another kind: that of a variable, or of a part of one."""
        match path:
            case gast.Name(id=variable):
                self.env[variable] = new
                old = self.typed.variables.get(variable)
                self.typed.variables[variable] = new if old is None else join(old, new)
                return None
            case gast.Subscript():
                base = self.typed.kinds[path.value]
                key = self.typed.kinds.get(path.slice)
                if isinstance(base, List):
                    item = new if base.item is None else join(base.item, new)
                    return self.change(path.value, List(item))
                if (
                    isinstance(base, Record)
                    and isinstance(key, Static)
                    and not is_tuple(base)
                    and key.value in base.keys
                ):
                    items = list(base.items)
                    items[base.keys.index(key.value)] = new
                    changed = Record(base.type, base.keys, tuple(items))
                    return self.change(path.value, changed)
        raise self.function.refuse(
            path, "a list that has no name of its own is changed", "Assign it to a name first."
        )

    def deleted(self, t: gast.expr) -> None:
        """`del d[k]` and `del xs[i]`."""
        base = self.eval(t.value) if isinstance(t, gast.Subscript) else None
        key = self.eval(t.slice) if isinstance(t, gast.Subscript) else None
        self.record(t, Static(None))
        if isinstance(base, Record) and base.type is dict and isinstance(key, Static):
            if key.value not in base.keys:
                what = f"this reads no item {key.value!r}: there is none to delete"
                raise Failing(t, what, KeyError, "", t.value)
            items = {k: i for k, i in zip(base.keys, base.items, strict=True) if k != key.value}
            return self.put_record(t.value, Record(dict, tuple(items), tuple(items.values())))
        if isinstance(base, Dict):
            self.typed.unproven.add(t)
            named(self, t, t.value)
            return None
        if isinstance(base, Record) and base.type is dict and isinstance(t.value, gast.Name):
            what = "a dict loses an item whose key is not constant"
            self.typed.deferred.append((t, self.function.refuse(t, what, "Use constant keys.")))
            return None
        if isinstance(base, (List, Record)) and base.type is list:
            self.typed.unproven.add(t)
            return self.change(t.value, as_list(base))
        what = "`del` of a part of this value is not supported"
        raise self.function.refuse(t, what, "Leave the statement out.")


def deep_lists(kind: Kind) -> Kind:
    """A kind in which displays of lists, at any depth, are lists that may change."""
    match kind:
        case Record() if kind.type is list:
            return as_list(Record(list, kind.keys, tuple(map(deep_lists, kind.items))))
        case Record():
            return Record(kind.type, kind.keys, tuple(map(deep_lists, kind.items)))
        case List(item=item) if item is not None:
            return List(deep_lists(item), kind.length)
    return kind


__all__ = ["Members", "deep_lists", "describe"]
