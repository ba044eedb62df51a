"""What the forward sweep saves before it is overwritten, and how the reverse sweep puts it back.

Every overwrite is paired with a restore; which pairs are needed is left to elimination, which
drops a restore that nothing reads together with its save. A restore that cannot be made is a
statement of its own (`UNSAVED`): if it outlives elimination, the function is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gast

from srcgrad.kinds import Array, List, Record, Static
from srcgrad.lower.memory.sharing import sharing
from srcgrad.syntax.flow import Graph, stores
from srcgrad.syntax.lives import SAVED, TAPE, made, retaken, tape_for, user_name
from srcgrad.syntax.quote import assign, attribute, call, name, subscript, target
from srcgrad.syntax.walk import heads, walk
from srcgrad.transform.blocks import LEAVING, Block, Item, jumps, raises
from srcgrad.transform.group import Group
from srcgrad.transform.text import copied

UNSAVED = "unsaved|u"


class Saves(Group):
    """Pairs of saves and restores of one function."""

    def prepare_saves(self) -> None:
        """Find out what is bound where."""
        node = self.function.node
        self.sharing = sharing(self.typed)
        self.inserted: dict[tuple[gast.stmt, str], list[gast.stmt]] = {}
        self.slots: dict[tuple[Any, ...], str] = {}
        self.blank: set[str] = set()
        self.graph = Graph(node.body, self.function.parameters)
        self.attempted = {
            n.body[0]
            for n in walk(node)
            if isinstance(n, gast.Try) and n.handlers and not n.finalbody
        }
        self.name_bit, self.missing = self.graph.unassigned()
        self.bindings: dict[str, int] = dict.fromkeys(self.function.parameters, 1)
        for p in self.graph.points[1:]:
            for n in p.defs:
                self.bindings[n] = self.bindings.get(n, 0) + 1
        defs, come = self.graph.reaching()
        self.reach: list[frozenset[str]] | None = None
        self._defs, self._come = defs, come
        self._masks: dict[str, int] = {}
        for k, (_, n) in enumerate(defs):
            self._masks[n] = self._masks.get(n, 0) | 1 << k

    def point(self, s: gast.AST) -> int | None:
        """The point of a statement (or a loop's target); None if control cannot get there."""
        return self.graph.at.get(s)

    def is_assigned(self, s: gast.AST, variable: str) -> bool:
        """Whether a variable is bound whenever control gets to a statement."""
        at = self.point(s)
        if at is None:
            return False
        return not self.missing[at] & self.name_bit.get(variable, -1) or (
            isinstance(s, gast.Assign) and surely_reads(s.value, variable)
        )

    def may_be_assigned(self, s: gast.AST, variable: str) -> bool:
        """Whether a variable may be bound when control gets to a statement."""
        at = self.point(s)
        if at is not None and variable in self.blank:
            return True
        return at is not None and bool(self._come[at] & self._masks.get(variable, 0))

    def insert(self, s: gast.stmt, where: str, new: gast.stmt) -> None:
        """Put a statement before or after one of the user's in the forward sweep."""
        self.inserted.setdefault((s, where), []).append(new)

    def save(
        self, s: gast.stmt, variable: str, value: gast.expr, tag: Any, where: str
    ) -> gast.expr:
        """Save a value at a statement; gives the expression that takes it back."""
        k = (s, variable, tag, where)
        looped = bool(self.loops_of[s])
        if k not in self.slots:
            part = getattr(getattr(value, "slice", None), "value", None)
            named = isinstance(part, str) and part.isidentifier()
            hint = f"{part if named else user_name(variable)}_{'tape' if looped else 'old'}"
            self.count += 1
            slot = made(hint, TAPE if looped else SAVED, self.count)
            self.slots[k] = slot
            if looped:
                push = call(attribute(name(slot), "append"), value)
                self.insert(s, where, gast.Expr(value=push))
            else:
                self.insert(s, where, assign(slot, value))
        slot = self.slots[k]
        return call(attribute(name(slot), "pop")) if looped else name(slot)

    def plain_names(self) -> frozenset[str]:
        """Names of numbers, and of copies that were saved, with tapes of them."""
        out = {
            slot
            for k, slot in self.slots.items()
            if len(k) == 4 and k[3] in ("before", "after") and not is_reference(k[2])
        }
        for n, identifier in self.hoisted.items():
            memory = isinstance(self.kind(n), (Array, List, Record))
            if not memory or not any(n is part for part in given(self.owner[n])):
                out |= {identifier, retaken(identifier), tape_for(identifier)}
        return frozenset(out)

    def restore_name(self, s: gast.stmt, variable: str) -> list[gast.stmt]:
        """What puts back the value that a statement takes from a name by binding it again."""
        if s in self.attempted:
            return []
        if not self.may_be_assigned(s, variable):
            return []
        if not self.is_assigned(s, variable):
            return [self.unsaved(s, variable)]
        value: gast.expr = name(variable)
        if self.is_callers(variable):
            value = call(attribute(value, "copy"))
        return [assign(variable, self.save(s, variable, value, "name", "before"))]

    def is_callers(self, variable: str) -> bool:
        """Whether a name may hold an array of the caller's whose contents are put back."""
        return (
            variable in self.function.parameters
            and isinstance(self.typed.variables[variable], Array)
            and variable not in self.sharing.moved | self.together
            and self.is_changed(variable)
            and not self.is_given(variable)
        )

    def is_given(self, p: str) -> bool:
        """Whether a function of the user's is given what may be an array that an argument was."""
        raise NotImplementedError

    def restore_rotation(self, s: gast.Assign) -> list[gast.stmt]:
        """`a, b = b, a` backwards: names get back what they had."""
        targets, values = s.targets[0].elts, s.value.elts
        both = zip(targets, values, strict=True)
        back = {v.id: t.id for t, v in both}
        to = [target(t.id) for t in targets]
        new = gast.Assign(
            targets=[gast.Tuple(elts=to, ctx=gast.Store())],
            value=gast.Tuple(elts=[name(back[t.id]) for t in targets], ctx=gast.Load()),
            type_comment=None,
        )
        return [new]

    def unsaved(self, s: gast.stmt, variable: str) -> gast.stmt:
        """A restore that cannot be made."""
        new = assign(variable, name(UNSAVED))
        new.lineno, new.col_offset, new.end_lineno = s.lineno, s.col_offset, None
        return new

    def restore_part(self, s: gast.stmt, t: gast.Subscript) -> list[gast.stmt]:
        """What puts back the part of an array or list that a statement overwrites."""
        base = self.root_name(t)
        if s in self.sharing.unread:
            return []
        at = self.primal_part(t)
        whole = isinstance(self.kind(t), Array)
        read = self.primal_part(t)
        read.ctx = gast.Load()
        value = call(attribute(read, "copy")) if whole else read
        saved = self.save(s, base, value, gast.dump(copied(t)), "before")
        self.unstable_index(s, t)
        return [gast.Assign(targets=[at], value=saved, type_comment=None)]

    def restore_item(self, s: gast.stmt, t: gast.Subscript, kind: Record) -> list[gast.stmt]:
        """What puts back the item of a dict that a statement replaces."""
        key = self.kind(t.slice)
        if not isinstance(key, Static) or key.value not in kind.keys:
            return []
        read = copied(t)
        read.ctx = gast.Load()
        at = copied(t)
        at.ctx = gast.Store()
        saved = self.save(s, self.root_name(t), read, gast.dump(read), "before")
        return [gast.Assign(targets=[at], value=saved, type_comment=None)]

    def primal_part(self, t: gast.Subscript) -> gast.Subscript:
        """The target of a write, as an adjoint reads or writes it."""
        new = self.part_tree(t, self.root_name(t), primal=True)
        new.ctx = gast.Store()
        return new

    def unstable_index(self, s: gast.stmt, t: gast.Subscript) -> None:
        """Refuse a target whose index the statement itself changes."""
        base = self.root_name(t)
        for n in walk(t.slice):
            if isinstance(n, gast.Name) and n.id == base:
                raise self.function.refuse(
                    s, "an array is written at an index that is read from itself", "Name the index."
                )

    def root_name(self, t: gast.expr) -> str:
        """The variable that a target is part of."""
        while isinstance(t, (gast.Subscript, gast.Attribute)):
            t = t.value
        if not isinstance(t, gast.Name):
            raise self.function.refuse(
                t, "this value is written but has no name", "Assign it to a name first."
            )
        return t.id

    def restore_whole(self, s: gast.stmt, variable: str) -> list[gast.stmt]:
        """What puts back the contents of an array that an in-place operator changes."""
        if s in self.sharing.unread:
            return []
        value = call(attribute(name(variable), "copy"))
        saved = self.save(s, variable, value, "contents", "before")
        if isinstance(self.typed.variables.get(variable), List):
            whole = subscript(name(variable), gast.Slice(lower=None, upper=None, step=None))
            whole.ctx = gast.Store()
            return [gast.Assign(targets=[whole], value=saved, type_comment=None)]
        return [gast.Assign(targets=[ellipsis_of(variable)], value=saved, type_comment=None)]

    def body_saves(self, block: Block) -> dict[Block, list[gast.stmt]]:
        """Restores, at the start of reversed blocks, of what an iteration binds for itself."""
        out: dict[Block, list[gast.stmt]] = {}
        for variable in sorted(self.bound_in(block)):
            if self.needs_body_save(block, variable):
                where, index = self.lowest(block, variable)
                restore = self.body_restore(where, index, variable)
                out.setdefault(where, []).append(restore)
                if variable in self.shadowed:
                    restore = self.body_restore(where, index, variable, self.shadow_id(variable))
                    out.setdefault(where, []).append(restore)
        return out

    def body_restore(
        self, block: Block, index: int, variable: str, shadow: str | None = None
    ) -> gast.stmt:
        """Save a variable (or its shadow) behind an item of a block; gives the restore."""
        item = block.items[index]
        safe = definitely(block.items[: index + 1], variable) and not (
            item.blocks and jumps(item.node, LEAVING)
        )
        held = variable if shadow is None else shadow
        if not safe:
            return self.unsaved(item.node, held)
        return assign(held, self.save(item.node, held, name(held), "body", "after"))

    def needs_body_save(self, block: Block, variable: str) -> bool:
        """Whether the first binding of an iteration may find the name unbound."""
        return any(
            not self.is_assigned(point, variable) for point in binding_points(block, variable)
        )

    def bound_in(self, block: Block) -> set[str]:
        """Names that a block binds."""
        out: set[str] = set()
        for item in block.items:
            if isinstance(item.node, gast.Assign):
                out |= stores(*item.node.targets)
            elif isinstance(item.node, (gast.AugAssign, gast.For)):
                out |= stores(item.node.target)
            for b in item.blocks:
                out |= self.bound_in(b)
        return out

    def lowest(self, block: Block, variable: str) -> tuple[Block, int]:
        """The lowest block with all occurrences of a variable, and the last item that binds it."""
        while True:
            found = [i for i, item in enumerate(block.items) if occurs(item, variable)]
            binding = [i for i in found if binds(block.items[i], variable)]
            item = block.items[found[0]]
            if (
                len(found) == 1
                and isinstance(item.node, (gast.If, gast.With, gast.Try))
                and not any(mentions(h, variable) for h in heads(item.node))
            ):
                inside = [b for b in item.blocks if any(occurs(i, variable) for i in b.items)]
                if len(inside) == 1:
                    block = inside[0]
                    continue
            return block, binding[-1]


def is_reference(tag: Any) -> bool:
    """Whether what was saved is a reference, not a number or the copy of a part."""
    return tag in ("name", "body") or isinstance(tag, tuple)


def ellipsis_of(variable: str) -> gast.Subscript:
    """`variable[...]`, written."""
    dots = gast.Constant(value=Ellipsis, kind=None)
    return gast.Subscript(value=name(variable), slice=dots, ctx=gast.Store())


def surely_reads(node: gast.expr, variable: str) -> bool:
    """Whether evaluating an expression reads a name, and so raises where that is unbound."""
    match node:
        case gast.Name(id=n):
            return n == variable
        case gast.BinOp():
            return surely_reads(node.left, variable) or surely_reads(node.right, variable)
        case gast.UnaryOp():
            return surely_reads(node.operand, variable)
        case gast.Call():
            return any(surely_reads(a, variable) for a in node.args)
    return False


def mentions(node: gast.AST, variable: str) -> bool:
    """Whether a name occurs in a tree."""
    return any(isinstance(n, gast.Name) and n.id == variable for n in walk(node))


def occurs(item: Item, variable: str) -> bool:
    """Whether a name occurs in an item."""
    if not item.blocks:
        return mentions(item.node, variable)
    return any(mentions(h, variable) for h in heads(item.node)) or any(
        occurs(i, variable) for b in item.blocks for i in b.items
    )


def binds(item: Item, variable: str) -> bool:
    """Whether an item binds a name."""
    match item.node:
        case gast.Assign(targets=targets):
            return variable in stores(*targets)
        case gast.AugAssign(target=t):
            return variable in stores(t)
        case gast.For(target=t) if variable in stores(t):
            return True
    return any(binds(i, variable) for b in item.blocks for i in b.items)


def binding_points(block: Block, variable: str) -> list[gast.AST]:
    """The statements (or loop targets) of a block that bind a name."""
    out: list[gast.AST] = []
    for item in block.items:
        match item.node:
            case gast.For(target=t) if variable in stores(t):
                out.append(t)
            case gast.Assign() | gast.AugAssign() if binds(item, variable):
                out.append(item.node)
        for b in item.blocks:
            out += binding_points(b, variable)
    return out


def definitely(items: list[Item], variable: str) -> bool:
    """Whether items bind a name on every path through them."""
    for item in items:
        if not item.blocks and binds(item, variable):
            return True
        one = isinstance(item.node, gast.With) or getattr(item.node, "finalbody", None)
        if one and definitely(item.blocks[0].items, variable):
            return True
        if isinstance(item.node, (gast.If, gast.Try)) and all(
            definitely(b.items, variable) or ends(b) for b in item.blocks
        ):
            return True
    return False


def ends(block: Block) -> bool:
    """Whether a block ends in a jump."""
    last = block.items[-1].node if block.items else gast.Pass()
    return isinstance(last, (gast.Break, gast.Continue, gast.Return)) or raises([last])


def once(restore: list[gast.stmt], new: list[gast.stmt]) -> list[gast.stmt]:
    """Restores without those that a statement has already: one part may be its target twice."""
    known = {gast.dump(s.value) for s in restore if isinstance(s, gast.Assign)}
    return [s for s in new if gast.dump(s.value) not in known]


def given(s: gast.stmt) -> Iterator[gast.expr]:
    """The expressions of a statement whose values a variable, container or function may get."""
    stack = [getattr(s, "iter", None) or getattr(s, "value", None)]
    while stack:
        node = stack.pop()
        if node is None:
            continue
        yield node
        match node:
            case gast.Tuple(elts=parts) | gast.List(elts=parts) | gast.BoolOp(values=parts):
                stack += parts
            case gast.Dict(values=parts):
                stack += parts
            case gast.Starred(value=part) | gast.Subscript(value=part) | gast.Attribute(value=part):
                stack.append(part)
            case gast.IfExp():
                stack += [node.body, node.orelse]
            case gast.Call():
                stack += [node.func, *node.args, *(k.value for k in node.keywords)]
