"""Changes of dicts whose keys are known, as assignments to items and deletions of them."""

from __future__ import annotations

from typing import Any

import gast

from srcgrad.errors import Unsupported
from srcgrad.kinds import Iteration, Kind, List, Opaque, Record, Static, is_object
from srcgrad.lower.displays import dict_display, is_path
from srcgrad.lower.expand import Expansion, clean
from srcgrad.lower.instances import Failing
from srcgrad.lower.instead import Instead
from srcgrad.lower.join import join
from srcgrad.lower.members import DICT_VIEWS
from srcgrad.lower.program import Callee
from srcgrad.syntax.flow import loads
from srcgrad.syntax.quote import assign, constant, name, subscript
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


class Dicts(Expansion):
    """Rewrites statements that change dicts."""

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Rewrite one statement."""
        match s:
            case gast.Assign(targets=[t], value=gast.Call() as node) if self.is_change(node):
                return self.changed_by(s, t, node) or [s]
            case gast.Expr(value=gast.Call() as node) if self.is_change(node):
                return self.changed_by(s, None, node) or [s]
            case gast.AugAssign(target=gast.Name() as t, op=gast.BitOr()) if self.is_dict(t):
                kind = self.kind(s.value)
                if isinstance(kind, Record) and kind.type is dict:
                    value = s.value if is_path(s.value) else name(self.named(s.value, "items", s))
                    items = {k: subscript(clean(value), constant(k)) for k in kind.keys}
                    return self.assigned(s, name(t.id), items) or [s]
            case gast.Delete(targets=[gast.Subscript(value=gast.Name(id=d)) as t]):
                kind = self.kind(t.value)
                key = self.kind(t.slice)
                if isinstance(kind, Record) and kind.type is dict and isinstance(key, Static):
                    if self.private(d):
                        rest = {
                            k: subscript(name(d), constant(k)) for k in kind.keys if k != key.value
                        }
                        return self.replaced(s, [assign(d, dict_display(rest))])
        return super().statement(s)

    def private(self, d: str) -> bool:
        """Whether a dict has one name only, which stands for no argument of the function."""
        root = self.aliases.container(d)
        alone = sum(self.aliases.container(n) == root for n in self.aliases.parent) <= 1
        return alone and d not in self.function.parameters

    def is_dict(self, node: gast.expr) -> bool:
        """Whether an expression is a dict whose keys are known."""
        kind = self.kind(node)
        return isinstance(kind, Record) and kind.type is dict

    def is_change(self, node: gast.Call) -> bool:
        """Whether a call is one of a method that changes a dict."""
        f = node.func
        if not isinstance(f, gast.Attribute) or f.attr not in CHANGES:
            return False
        return self.is_dict(f.value) and is_path(f.value)

    def changed_by(
        self, s: gast.stmt, t: gast.expr | None, node: gast.Call
    ) -> list[gast.stmt] | None:
        """Statements for a method that changes a dict."""
        d = node.func.value
        kind = self.kind(d)
        assert isinstance(kind, Record)
        match node.func.attr:
            case "pop":
                return self.popped(s, t, node, kind)
            case "setdefault":
                return self.defaulted(s, t, node, kind)
            case "popitem" if t is not None:
                last = kind.keys[-1]
                pair = gast.Tuple(
                    elts=[constant(last), subscript(clean(d), constant(last))], ctx=gast.Load()
                )
                return self.replaced(s, [self.bound(t, pair), deletion(d, last)])
            case "clear":
                return self.replaced(s, [deletion(d, k) for k in kind.keys] or [gast.Pass()])
            case "update":
                found = self.updates(s, node)
                return None if found is None else self.assigned(s, d, found)
        return None

    def bound(self, t: gast.expr, value: gast.expr) -> gast.stmt:
        """`t = value`."""
        return gast.Assign(targets=[t], value=value, type_comment=None)

    def popped(
        self, s: gast.stmt, t: gast.expr | None, node: gast.Call, kind: Record
    ) -> list[gast.stmt]:
        """`v = d.pop(k, default)`."""
        d, key = node.func.value, self.kind(node.args[0])
        assert isinstance(key, Static)
        if key.value not in kind.keys:
            out = [self.bound(t, node.args[1])] if t is not None else []
            return self.replaced(s, out or [gast.Pass()])
        default = node.args[1] if len(node.args) > 1 else None
        if default is not None and not isinstance(default, (gast.Name, gast.Constant)):
            self.named(default, "default", s)
        item = subscript(clean(d), constant(key.value))
        out = [deletion(d, key.value)]
        if t is not None and loads(t) | stored_in(t) & loads(d):
            label = self.named(item, "item", s)
            return self.replaced(s, [*out, self.bound(t, name(label))])
        return self.replaced(s, [self.bound(t, item), *out] if t is not None else out)

    def defaulted(
        self, s: gast.stmt, t: gast.expr | None, node: gast.Call, kind: Record
    ) -> list[gast.stmt]:
        """`v = d.setdefault(k, default)`."""
        d, key = node.func.value, self.kind(node.args[0])
        assert isinstance(key, Static)
        default = node.args[1] if len(node.args) > 1 else constant(None)
        item = subscript(clean(d), constant(key.value))
        out: list[gast.stmt] = []
        if key.value not in kind.keys:
            to = subscript(clean(d), constant(key.value), store=True)
            out.append(self.bound(to, default))
        elif not isinstance(default, (gast.Name, gast.Constant)):
            self.named(default, "default", s)
        if t is not None:
            out.append(self.bound(t, item))
        return self.replaced(s, out or [gast.Pass()])

    def updates(self, s: gast.stmt, node: gast.Call) -> dict[Any, gast.expr] | None:
        """The items that `d.update(...)` assigns, by key."""
        out: dict[Any, gast.expr] = {}
        for a in node.args:
            kind = self.kind(a)
            if not isinstance(kind, Record) or kind.type is not dict:
                return None
            if isinstance(a, gast.Dict):
                out |= dict(zip(kind.keys, a.values, strict=True))
                continue
            value = a if is_path(a) else name(self.named(a, "items", s))
            out |= {k: subscript(clean(value), constant(k)) for k in kind.keys}
        return out | {k.arg: k.value for k in node.keywords}

    def assigned(self, s: gast.stmt, d: gast.expr, items: dict[Any, gast.expr]) -> list[gast.stmt]:
        """Items of a dict that get new values, all of which are computed first."""
        values = list(items.values())
        if len(values) > 1 and any(loads(v) & loads(d) for v in values[1:]):
            values = [name(self.named(v, "item", s)) for v in values]
        out = [
            self.bound(subscript(clean(d), constant(k), store=True), v)
            for k, v in zip(items, values, strict=True)
        ]
        return self.replaced(s, out or [gast.Pass()])


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


def deletion(d: gast.expr, key: Any) -> gast.stmt:
    """`del d[key]`."""
    part = gast.Subscript(value=clean(d), slice=constant(key), ctx=gast.Del())
    return gast.Delete(targets=[part])


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


__all__ = ["DictMethods", "Dicts", "Opaque"]
