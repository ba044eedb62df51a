"""Kinds of methods of dicts whose keys are known."""

from __future__ import annotations

from typing import Any

import gast

from srcgrad.errors import Unsupported
from srcgrad.kinds import Iteration, Kind, List, Record, Static, is_object
from srcgrad.lower.base.join import join
from srcgrad.lower.base.program import Callee
from srcgrad.lower.base.trees import clean
from srcgrad.lower.inference.displays import dict_display
from srcgrad.lower.inference.instances import Failing
from srcgrad.lower.inference.instead import Instead
from srcgrad.lower.inference.members import DICT_VIEWS
from srcgrad.syntax.quote import constant, subscript
from srcgrad.syntax.walk import walk

CHANGES = ("pop", "popitem", "setdefault", "update", "clear")


class DictMethods(Instead):
    """Types methods of dicts."""

    def dict_method(self, node: gast.Call, base: Record, label: str) -> Kind:
        """A method of a dict."""
        assert isinstance(node.func, gast.Attribute)
        d = node.func.value
        kept = Callee("method", label, (("dict", d),))
        if label in DICT_VIEWS and not node.args:
            return self.callee(node, kept, Iteration(label, (base,)))
        if label == "copy" and not node.args:
            pairs = self.pairs(d)
            assert pairs is not None
            return self.stands(node, dict_display(pairs))
        if label == "get" and len(node.args) in (1, 2):
            return self.got(node, base)
        if label in CHANGES:
            return self.changed_dict(node, base, label, kept)
        hint = "Read and write d[key] with constant keys."
        raise self.no_rule(node, f"{label}() of a dict", hint)

    def got(self, node: gast.Call, base: Record) -> Kind:
        """`d.get(k, default)`."""
        key = self.eval(node.args[0])
        if not isinstance(key, Static):
            self.typed.deferred.append((node, self.computed(node)))
            kinds = [*base.items, *(self.eval(a) for a in node.args[1:])]
            return joined(kinds)
        if key.value in base.keys:
            return self.stands(node, subscript(clean(node.func.value), constant(key.value)))
        return self.stands(node, node.args[1] if len(node.args) > 1 else constant(None))

    def computed(self, node: gast.AST) -> Unsupported:
        """The error for a key that is not known."""
        what = "a dict is read or changed at a key that is not constant"
        return self.function.refuse(node, what, "Use constant keys.")

    def changed_dict(self, node: gast.Call, base: Record, label: str, kept: Callee) -> Kind:
        """A method that changes a dict, which stands alone or is all of a right-hand side."""
        kinds = [self.eval(a) for a in node.args]
        table = dict(zip(base.keys, base.items, strict=True))
        result: Kind = Static(None)
        if label in ("pop", "setdefault"):
            default = kinds[1] if len(kinds) > 1 else Static(None)
            if not kinds:
                raise self.computed(node)
            if not isinstance(kinds[0], Static):
                self.typed.deferred.append((node, self.computed(node)))
                return self.callee(node, kept, joined([*base.items, default]))
            key = kinds[0].value
            if label == "pop":
                if key not in table and len(kinds) < 2:
                    what = f"this reads no item {key!r}: there is none"
                    raise Failing(node, what, KeyError, "", node.func.value)
                result = table.pop(key, default)
            else:
                result = table.setdefault(key, default)
        elif label == "popitem":
            if not table:
                what = "this reads an item of an empty dict"
                raise Failing(node, what, KeyError, "", node.func.value)
            key, item = table.popitem()
            result = Record(tuple, (0, 1), (Static(key), item))
        elif label == "clear":
            table = {}
        else:
            found = self.updates(node)
            if found is None:
                self.typed.deferred.append((node, self.computed(node)))
                return self.callee(node, kept, result)
            table |= {k: self.eval(v) for k, v in found.items()}
        self.put_record(node.func.value, Record(dict, tuple(table), tuple(table.values())))
        return self.callee(node, kept, result)

    def updates(self, node: gast.Call) -> dict[Any, gast.expr] | None:
        """The items that `d.update(...)` assigns, by key."""
        new = self.built_dict(node)
        if not isinstance(new, gast.Dict):
            return None
        return dict(zip((key_of(k) for k in new.keys), new.values, strict=True))

    def has_key(self, node: gast.Compare, kinds: list[Kind]) -> bool | None:
        """Whether a test of a key is true, for a dict with known keys and one name."""
        if len(kinds) != 2 or not isinstance(node.ops[0], (gast.In, gast.NotIn)):
            return None
        key, d = kinds
        base = node.comparators[0]
        if isinstance(d, Iteration) and d.name == "keys" and isinstance(base, gast.Call):
            base, d = base.func.value, d.parts[0]
        if not isinstance(key, Static) or not isinstance(key.value, (str, int)):
            return None
        inner = isinstance(base, gast.Subscript)
        while isinstance(base, gast.Subscript):
            base = base.value
        if not isinstance(d, Record) or d.type is not dict or not isinstance(base, gast.Name):
            return None
        if base.id in self.shared_names() or self.typed.deferred:
            return None
        if inner and (self.changed or self.deep):
            return None
        return (key.value in d.keys) is isinstance(node.ops[0], gast.In)

    def shared_names(self) -> set[str]:
        """Names of which another name, or a container, may get what they refer to."""
        if self.handed_on is None:
            node = self.function.node
            plain = {id(n) for m in walk(node) for n in only_read(m)}
            self.handed_on = {
                n.id
                for n in walk(node)
                if isinstance(n, gast.Name) and isinstance(n.ctx, gast.Load) and id(n) not in plain
            }
        return self.handed_on

    def put_record(self, path: gast.expr, new: Record) -> None:
        """Note the new kind of a dict; its variable has all keys that it ever has."""
        match path:
            case gast.Name(id=variable):
                self.env[variable] = new
                old = self.typed.variables.get(variable)
                self.typed.variables[variable] = wider(old, new)
                return None
            case gast.Subscript():
                base = self.typed.kinds[path.value]
                key = self.typed.kinds.get(path.slice)
                if isinstance(base, Record) and base.type is dict and isinstance(key, Static):
                    items = dict(zip(base.keys, base.items, strict=True)) | {key.value: new}
                    return self.put_record(
                        path.value, Record(dict, tuple(items), tuple(items.values()))
                    )
                held = self.holding(base, key, new)
                if held is not None:
                    return self.change(path.value, held)
        raise self.function.refuse(
            path, "a dict that has no name of its own is changed", "Assign it to a name first."
        )

    def holding(self, base: Kind, key: Kind | None, new: Record) -> Kind | None:
        """A list or tuple in which a dict has items of other kinds, by the same keys."""
        if isinstance(base, List) and isinstance(base.item, Record):
            same = base.item.type is dict and base.item.keys == new.keys
            return List(join(base.item, new), base.length) if same else None
        if not isinstance(base, Record) or is_object(base) or not isinstance(key, Static):
            return None
        if type(key.value) is not int or not -len(base.keys) <= key.value < len(base.keys):
            return None
        items = list(base.items)
        items[key.value] = new
        return Record(base.type, base.keys, tuple(items))


def joined(kinds: list[Kind]) -> Kind:
    """The join of all kinds."""
    out: Kind = kinds[0] if kinds else Static(None)
    for k in kinds[1:]:
        out = join(out, k)
    return out


def only_read(m: gast.AST) -> list[gast.expr]:
    """The expressions below a node that it reads from, without handing them on."""
    match m:
        case gast.Subscript(value=base):
            return [base]
        case gast.Compare(comparators=comparators):
            return comparators
        case gast.Attribute(value=base):
            return [base]
        case gast.For(iter=over):
            return [over]
        case gast.Call(
            func=gast.Name(id="len" | "sorted" | "list" | "dict" | "sum" | "isinstance"), args=args
        ):
            return args
        case gast.Dict(keys=keys, values=values):
            return [v for k, v in zip(keys, values, strict=True) if k is None]
    return []


def stored_in(t: gast.expr) -> frozenset[str]:
    """The names in a target."""
    return frozenset(n.id for n in walk(t) if isinstance(n, gast.Name))


def key_of(node: gast.expr) -> Any:
    """The value of a constant key."""
    if isinstance(node, gast.UnaryOp):
        return -node.operand.value
    return node.value


def wider(a: Kind | None, b: Kind) -> Kind:
    """The kind of a variable that is a dict with other keys at other times: all of them."""
    if not (isinstance(a, Record) and isinstance(b, Record) and a.type is b.type is dict):
        return b if a is None else join(a, b)
    out = dict(zip(a.keys, a.items, strict=True))
    for k, item in zip(b.keys, b.items, strict=True):
        out[k] = wider(out.get(k), item)
    return Record(dict, tuple(out), tuple(out.values()))
