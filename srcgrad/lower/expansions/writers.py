"""What functions and methods write that change an array: `fill`, `copyto`, `put`, `sort`, ..."""

from __future__ import annotations

from typing import Any

import gast
import numpy as np

from srcgrad.kinds import Array, Kind, Record, Scalar, Static, dims_of, numeric
from srcgrad.lower.base.dotted import numpy_call
from srcgrad.lower.base.join import describe
from srcgrad.lower.base.trees import clean, placed
from srcgrad.lower.base.writers import WRITERS, WRITING_METHODS
from srcgrad.lower.inference.expand import Expansion
from srcgrad.lower.memory.aliases import is_copy
from srcgrad.syntax.quote import attribute, call, constant, name, subscript
from srcgrad.syntax.walk import clone, walk


class Writers(Expansion):
    """Spells out what is written.

    Attributes:
        written: the present statement as it was, if it is a call that writes and nothing else.
    """

    written: gast.stmt | None = None

    def operands(self, node: gast.Call, target: Any) -> dict[str, gast.expr]:
        """The arguments of a call that writes, by name."""
        if isinstance(target, str):
            names: tuple[str, ...] = ("a", *WRITING_METHODS[target])
            args = [node.func.value, *node.args]
        else:
            names, args = WRITERS[target], node.args
        found = dict(zip(names, args, strict=False))
        return found | {k.arg: k.value for k in node.keywords}

    def write(self, node: gast.Call, target: Any, given: dict[str, Any], s: gast.stmt) -> None:
        """Put what a call writes before the statement."""
        label = target if isinstance(target, str) else target.__name__
        first = self.destination(next(iter(given.values())), s)
        missing = [n for n, v in given.items() if n in ("mode", "order", "wrap") and not idle(v)]
        if missing:
            raise self.function.refuse(
                node, f"the argument `{missing[0]}` of `{label}` is not supported", "Leave it out."
            )
        try:
            getattr(self, f"write_{label}")(node, first, given, s)
        except KeyError as e:
            raise self.function.refuse(node, f"`{label}` lacks the argument {e}") from None

    def write_fill(self, node: gast.Call, y: gast.expr, given: Any, s: gast.stmt) -> None:
        """`y.fill(v)`."""
        self.need_scalar(node, given["value"], "fill")
        self.assign(self.whole(y), given["value"], s)

    def write_sort(self, node: gast.Call, y: gast.expr, given: Any, s: gast.stmt) -> None:
        """`y.sort()`."""
        options = {k: v for k, v in given.items() if k in ("axis", "kind")}
        if "stable" in given:
            raise self.function.refuse(node, "the argument `stable` of `sort` is not supported")
        self.assign(self.whole(y), self.numpy(node, "sort", clean(y), **options), s)

    def write_copyto(self, node: gast.Call, y: gast.expr, given: Any, s: gast.stmt) -> None:
        """`np.copyto(y, v)`, also of the entries alone that a mask chooses."""
        value, kind = given["src"], self.kind(given["src"])
        number, place = numeric(kind) if kind is not None else None, self.kind(y)
        assert isinstance(place, Array)
        casting = given.get("casting", constant("same_kind"))
        if not isinstance(casting, gast.Constant):
            raise self.function.refuse(node, "`casting` of `np.copyto` must be a constant")
        if number is None:
            self.named_value(node, kind, "np.copyto")
        elif not fits_dtype(number, place.dtype, casting.value):
            what = f"`np.copyto` cannot cast {describe(number)} to {place.dtype}"
            raise self.function.refuse(node, what, "Make the array one of floats.")
        where = given.get("where")
        if where is None or (isinstance(where, gast.Constant) and where.value is True):
            self.assign(self.whole(y), value, s)
            return
        mask = self.mask(where, y, s)
        self.assign(part(y, mask), self.chosen(value, number, mask, y, s), s)

    def write_putmask(self, node: gast.Call, y: gast.expr, given: Any, s: gast.stmt) -> None:
        """`np.putmask(y, mask, values)`: one value for all, or one for each entry of y."""
        value = given["values"]
        number = numeric(self.kind(value))  # type: ignore[arg-type]
        mask = self.mask(given["mask"], y, s)
        if number is None or (dims_of(number) != () and not self.same_shape(number, self.kind(y))):
            self.named_value(node, self.kind(value), "np.putmask")
        self.assign(part(y, mask), self.chosen(value, number, mask, y, s), s)

    def write_place(self, node: gast.Call, y: gast.expr, given: Any, s: gast.stmt) -> None:
        """`np.place(y, mask, value)`."""
        self.need_scalar(node, given["vals"], "np.place")
        self.assign(part(y, self.mask(given["mask"], y, s)), given["vals"], s)

    def write_put(self, node: gast.Call, y: gast.expr, given: Any, s: gast.stmt) -> None:
        """`np.put(y, i, v)`, which counts entries in the order of rows."""
        at, value = (
            (given["indices"], given["values"])
            if "indices" in given
            else (
                given["ind"],
                given["v"],
            )
        )
        target = self.entry(y, at, s)
        number, index = numeric(self.kind(value)), self.kind(at)  # type: ignore[arg-type]
        if isinstance(index, Record) and index.type is list:
            index = Array(np.dtype(int), (len(index.items),))
        scalar = number is not None and dims_of(number) == ()
        if not scalar and not self.same_shape(number, index):
            self.named_value(node, self.kind(value), "np.put")
        self.assign(target, value, s)

    def write_put_along_axis(self, node: gast.Call, y: gast.expr, given: Any, s: gast.stmt) -> None:
        """`np.put_along_axis(y, i, v, axis)`."""
        rank = len(dims_of(self.kind(y)) or ())  # type: ignore[arg-type]
        axis = self.constant_int(node, given["axis"], "axis") % max(rank, 1)
        items: list[gast.expr] = []
        for i in range(rank):
            if i == axis:
                items.append(given["indices"])
                continue
            count = self.numpy(node, "arange", subscript(attribute(clean(y), "shape"), constant(i)))
            shape = tuple(-1 if j == i else 1 for j in range(rank))
            after = rank - i - 1
            items.append(call(attribute(count, "reshape"), constant(shape)) if after else count)
        index = items[0] if rank == 1 else gast.Tuple(elts=items, ctx=gast.Load())
        self.assign(part(y, index), given["values"], s)

    def write_fill_diagonal(self, node: gast.Call, y: gast.expr, given: Any, s: gast.stmt) -> None:
        """`np.fill_diagonal(y, v)` of a matrix."""
        self.need_scalar(node, given["val"], "np.fill_diagonal")
        dims = dims_of(self.kind(y)) or ()  # type: ignore[arg-type]
        if len(dims) != 2:
            raise self.function.refuse(node, "`np.fill_diagonal` applies to a matrix here")
        shape = attribute(clean(y), "shape")
        if self.world.facts.equal(dims[0], dims[1]):
            count = subscript(shape, constant(0))
        else:
            count = call(name("min"), *(subscript(clean(shape), constant(i)) for i in (0, 1)))
        label = self.named(self.numpy(node, "arange", count), "diagonal", s)
        index = gast.Tuple(elts=[name(label), name(label)], ctx=gast.Load())
        self.assign(part(y, index), given["val"], s)

    def need_scalar(self, node: gast.Call, value: gast.expr, label: str) -> None:
        """Refuse a value that is no single number."""
        kind = self.kind(value)
        number = None if kind is None else numeric(kind)
        if number is None or dims_of(number) != ():
            self.named_value(node, kind, label)

    def named_value(self, node: gast.Call, kind: Kind | None, label: str) -> None:
        """Refuse a value that numpy would repeat or cut to fit."""
        what = f"`{label}` with {describe(kind) if kind is not None else 'this value'}"
        raise self.function.refuse(
            node, f"{what} is not supported", "Write y[indices] = values, of one shape."
        )

    def constant_int(self, node: gast.Call, value: gast.expr, label: str) -> int:
        """An int that must be known."""
        kind = self.kind(value)
        if not isinstance(kind, Static) or not isinstance(kind.value, int):
            raise self.function.refuse(node, f"`{label}` must be a constant int here")
        return kind.value

    def same_shape(self, a: Kind | None, b: Kind | None) -> bool:
        """Whether two arrays are known to have one shape."""
        left, right = (dims_of(k) if isinstance(k, Array) else None for k in (a, b))
        if left is None or right is None or len(left) != len(right):
            return False
        return all(map(self.world.facts.equal, left, right))

    def entry(self, y: gast.expr, at: gast.expr, s: gast.stmt) -> gast.Subscript:
        """The entries of an array that positions in the order of rows mean, as a target."""
        rank = len(dims_of(self.kind(y)) or ())  # type: ignore[arg-type]
        if rank < 2:
            return part(y, at)
        if isinstance(at, (gast.List, gast.Tuple)):
            at = self.numpy(at, "array", gast.List(elts=at.elts, ctx=gast.Load()))
        if not isinstance(at, (gast.Name, gast.Constant)):
            label = self.named(at, "index", s)
            at = name(label)
        shape = attribute(clean(y), "shape")
        items: list[gast.expr] = []
        for axis in range(rank):
            item = clean(at)
            for later in range(axis + 1, rank):
                count = subscript(clean(shape), constant(later))
                item = gast.BinOp(left=item, op=gast.FloorDiv(), right=count)
            if axis:
                count = subscript(clean(shape), constant(axis))
                item = gast.BinOp(left=item, op=gast.Mod(), right=count)
            items.append(item)
        return part(y, gast.Tuple(elts=items, ctx=gast.Load()))

    def mask(self, node: gast.expr, y: gast.expr, s: gast.stmt) -> gast.expr:
        """A mask of the shape of an array, under a name."""
        kind, place = self.kind(node), self.kind(y)
        number = numeric(kind) if kind is not None else None
        if not isinstance(number, Array) or number.dtype.kind != "b" or not number.dims:
            raise self.function.refuse(node, "a mask here must be an array of bools")
        if not self.same_shape(number, place):
            node = self.numpy(node, "broadcast_to", node, attribute(clean(y), "shape"))
        if isinstance(node, gast.Name):
            return node
        return name(self.named(node, "mask", s))

    def chosen(
        self, node: gast.expr, number: Any, mask: gast.expr, y: gast.expr, s: gast.stmt
    ) -> gast.expr:
        """The entries of an operand that a mask of the result chooses."""
        if not isinstance(number, Array) or number.dims == ():
            return node
        if not self.same_shape(number, self.kind(y)):
            node = self.numpy(node, "broadcast_to", node, attribute(clean(y), "shape"))
        if not isinstance(node, (gast.Name, gast.Subscript)):
            node = name(self.named(node, "values", s))
        return subscript(node, clean(mask))

    def destination(self, node: gast.expr, s: gast.stmt) -> gast.expr:
        """What is written, as an expression that can be read again."""
        if self.is_place(node):
            return node
        label = name(self.named(node, "buffer", s))
        kind = self.kind(node)
        if kind is not None:
            self.typed.kinds[label] = kind
        return label

    def is_place(self, node: gast.expr) -> bool:
        """Whether an expression is a name, or a part of one that is no copy."""
        match node:
            case gast.Name():
                return True
            case gast.Attribute(attr="T"):
                return self.is_place(node.value)
            case gast.Subscript():
                simple = all(
                    isinstance(n, (gast.Name, gast.Constant, gast.Slice, gast.Tuple, gast.UnaryOp))
                    for n in walk(node.slice)
                    if isinstance(n, gast.expr)
                )
                return simple and not is_copy(self.typed, node) and self.is_place(node.value)
        return False

    def whole(self, y: gast.expr) -> gast.Subscript:
        """All of an array, as a target."""
        if isinstance(y, gast.Subscript) and isinstance(self.kind(y.value), Array):
            new = clean(y)
            new.ctx = gast.Store()
            return new
        return part(y, constant(Ellipsis))

    def assign(self, to: gast.expr, value: gast.expr, s: gast.stmt) -> None:
        """Put an assignment before the present statement."""
        new = gast.Assign(targets=[to], value=value, type_comment=None)
        self.changed = True
        self.before.append(placed(new, s))
        if self.written is not None and len(self.before) == 1:
            gast.copy_location(new, s)
            self.function.spelled[s.lineno, s.col_offset] = clone(new), self.written

    def numpy(self, node: gast.AST, function: str, *args: gast.expr, **kwargs: Any) -> gast.Call:
        """A call of a numpy function."""
        return numpy_call(self.function, node, function, *args, **kwargs)


def part(y: gast.expr, index: gast.expr) -> gast.Subscript:
    """A part of an array, as a target."""
    return subscript(clean(y), clean(index), store=True)


def idle(node: gast.expr) -> bool:
    """Whether an option is given its default."""
    return isinstance(node, gast.Constant) and node.value in (None, False, "raise")


def fits_dtype(number: Scalar | Array, dtype: np.dtype, casting: Any) -> bool:
    """Whether numpy casts a number to a dtype; numbers of Python's own are weak."""
    if isinstance(number, Scalar) and number.python:
        return "biufc".index(number.dtype.kind) <= "biufc".index(dtype.kind) + (dtype.kind == "u")
    return np.can_cast(number.dtype, dtype, casting)
