"""Trees back from JSON and tensors: every claim is checked, and nothing is half restored."""

from __future__ import annotations

import contextlib
import copy
import math
import struct
from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np

from srcgrad.errors import CheckpointError
from srcgrad.runtime.objects import attributes, instance
from srcgrad.train.saving_format import Header, refusal
from srcgrad.train.saving_tree import DEEPEST, GENERATORS, bytes_of, checksum, wire

CODE_POINTS = 0x110000


@dataclass
class Restorer:
    """Makes a tree of a file that is open.

    Attributes:
        header: its header.
        stream: the file.
        used: the tensors that the tree took.
    """

    header: Header
    stream: IO[bytes]
    used: set[str] = field(default_factory=set)

    def tree(self, node: Any, like: Any) -> Any:
        """The whole tree; every tensor of the file belongs to it.

        Args:
            node: its JSON.
            like: an example of its structure, or None for plain dicts, lists and tuples.

        Raises:
            CheckpointError: if it is malformed, or is not like the example.
        """
        made = self._node(node, like, "", 0)
        for name in self.header.entries:
            if name not in self.used:
                raise self._refusal(f"the entry of {name[:200]!r}", "the tree has no such part")
        return made

    def _refusal(self, path: str, reason: str) -> CheckpointError:
        return refusal(self.header.file, path or "the tree", reason)

    def _node(self, node: Any, like: Any, path: str, depth: int) -> Any:
        """One part of the tree."""
        if depth > DEEPEST:
            raise self._refusal(path[:200], f"nested more than {DEEPEST} deep")
        if type(node) is not dict:
            return self._plain(node, like, path)
        if len(node) != 1:
            raise self._refusal(path, "a part has one kind")
        ((kind, body),) = node.items()
        if kind == "dict":
            return self._dict(body, like, path, depth)
        if kind in ("list", "tuple"):
            return self._sequence(kind, body, like, path, depth)
        if kind in ("namedtuple", "object"):
            return self._object(kind, body, like, path, depth)
        if kind in ("array", "scalar"):
            return self._leaf(kind, body, like, path)
        if kind == "generator":
            return self._generator(body, like, path, depth)
        if kind == "function":
            return self._function(body, like, path)
        return self._plain(node, like, path)

    def _pairs(self, body: Any, path: str) -> list[tuple[Any, Any]]:
        """Names and parts, no name twice."""
        if type(body) is not list or any(type(p) is not list or len(p) != 2 for p in body):
            raise self._refusal(path, "expected a list of names and parts")
        names = [self._value(name, path) for name, _ in body]
        if any(isinstance(name, (float, complex)) for name in names):
            raise self._refusal(path, "a key is no string or integer")
        if len(set(names)) != len(names):
            raise self._refusal(path, "a key is there twice")
        return [(name, part) for name, (_, part) in zip(names, body, strict=True)]

    def _dict(self, body: Any, like: Any, path: str, depth: int) -> Any:
        pairs = self._pairs(body, path)
        if like is not None:
            self._expect(isinstance(like, dict), "a dict", like, path)
            self._same_names([k for k, _ in pairs], list(like), path)
        made = {
            k: self._node(v, None if like is None else like[k], f"{path}[{k!r}]", depth + 1)
            for k, v in pairs
        }
        if like is None or type(like) is dict:
            return made
        other = copy.copy(like)
        other.clear()
        other.update(made)
        return other

    def _sequence(self, kind: str, body: Any, like: Any, path: str, depth: int) -> Any:
        cls = {"list": list, "tuple": tuple}[kind]
        self._expect(like is None or type(like) is cls, f"a {kind}", like, path)
        if type(body) is dict and body.keys() == {"floats"}:
            items = self._array(body["floats"], path, None)
            if items.ndim != 1 or items.dtype != np.float64:
                raise self._refusal(path, "expected floats along one axis")
            self._same_length(len(items), like, path)
            return cls(items.tolist())
        if type(body) is not list:
            raise self._refusal(path, "expected a list of parts")
        self._same_length(len(body), like, path)
        likes = [None] * len(body) if like is None else like
        parts = enumerate(zip(body, likes, strict=True))
        return cls(self._node(v, x, f"{path}[{i}]", depth + 1) for i, (v, x) in parts)

    def _object(self, kind: str, body: Any, like: Any, path: str, depth: int) -> Any:
        if type(body) is not list or len(body) != 2 or type(body[0]) is not str:
            raise self._refusal(path, "expected the name of a class, and its parts")
        pairs = self._pairs(body[1], path)
        if any(type(name) is not str for name, _ in pairs):
            raise self._refusal(path, "the name of an attribute is no string")
        held: dict[str, Any] | None = None
        if like is not None:
            named = isinstance(like, tuple) and hasattr(like, "_fields")
            if kind == "namedtuple":
                held = dict(zip(like._fields, like, strict=True)) if named else None
            else:
                held = attributes(like)
            self._expect(held is not None, f"a {kind} ({body[0][:80]})", like, path)
            self._same_names([name for name, _ in pairs], list(held or ()), path)
        made = {
            name: self._node(v, None if held is None else held[name], f"{path}.{name}", depth + 1)
            for name, v in pairs
        }
        if held is None:
            return made
        return instance(type(like), **{name: made[name] for name in held})

    def _leaf(self, kind: str, body: Any, like: Any, path: str) -> Any:
        if kind == "array":
            self._expect(like is None or isinstance(like, np.ndarray), "an array", like, path)
            return self._array(body, path, like)
        self._expect(not _nested(like), "a number", like, path)
        array = self._array(body, path, None)
        if array.ndim:
            raise self._refusal(path, f"the shape {array.shape}, expected a single number")
        return array[()]

    def _array(self, body: Any, path: str, like: np.ndarray | None) -> np.ndarray:
        """Read one tensor, and check it against its entry, its checksum and the example."""
        if type(body) is not list or len(body) != 3 or type(body[0]) is not str:
            raise self._refusal(path, "expected a dtype, an order of axes, and a checksum")
        text, axes, said = body
        dtype, how = _dtype(text)
        if how is None:
            raise self._refusal(path, f"the dtype {text[:80]!r} is not known")
        entry = self.header.entries.get(path)
        if entry is None or path in self.used:
            raise self._refusal(path, "there is no tensor of that name")
        self.used.add(path)
        name, raw, appended = how
        shape = entry.shape if appended is None else entry.shape[:-1]
        if entry.dtype != name or (appended is not None and entry.shape[-1:] != (appended,)):
            raise self._refusal(
                path, f"stored as {entry.dtype} of shape {entry.shape}, which is no {dtype.name}"
            )
        if like is not None and (like.shape != shape or like.dtype != dtype):
            raise self._refusal(
                path, f"{dtype} of shape {shape}, expected {like.dtype} of shape {like.shape}"
            )
        if axes is not None and (
            type(axes) is not list
            or any(type(a) is not int for a in axes)
            or sorted(axes) != list(range(len(shape)))
        ):
            raise self._refusal(path, "the order of the axes is no order")
        stored = self._bytes(path, entry.begin, entry.shape, raw, said)
        self._check_entries(path, stored, dtype)
        array = stored.reshape(-1).view(dtype.newbyteorder("<")).reshape(shape)
        if axes is not None:
            array = np.ascontiguousarray(array.transpose(axes)).transpose(np.argsort(axes))
        return array.astype(dtype, copy=False)

    def _bytes(
        self, path: str, begin: int, shape: tuple[int, ...], raw: np.dtype[Any], said: Any
    ) -> np.ndarray:
        """The bytes of a tensor, which are in the file."""
        try:
            stored = np.empty(shape, raw)
        except (MemoryError, ValueError) as error:
            raise self._refusal(path, f"it does not fit into memory: {error}") from None
        self.stream.seek(self.header.start + begin)
        target = bytes_of(stored)
        if self.stream.readinto(target) != len(target):  # type: ignore[attr-defined]
            raise self._refusal(path, "the file was cut")
        if checksum(target) != said:
            raise self._refusal(path, "its checksum differs: the file was damaged or changed")
        return stored

    def _check_entries(self, path: str, stored: np.ndarray, dtype: np.dtype[Any]) -> None:
        """Refuse bools that are neither 0 nor 1, and strings of what is no character."""
        if dtype.kind == "b" and stored.size and stored.view(np.uint8).max() > 1:
            raise self._refusal(path, "a bool that is neither 0 nor 1")
        if dtype.kind == "U" and stored.size and stored.max() >= CODE_POINTS:
            raise self._refusal(path, "a string with a code that is no character")

    def _generator(self, body: Any, like: Any, path: str, depth: int) -> np.random.Generator:
        right = like is None or isinstance(like, np.random.Generator)
        self._expect(right, "a random generator", like, path)
        if type(body) is not list or len(body) != 2 or body[0] not in GENERATORS:
            raise self._refusal(path, "expected the name of a random generator, and its state")
        state = self._node(body[1], None, f"{path}.state", depth + 1)
        made = getattr(np.random, body[0])(0)
        try:
            # numpy does not check these two, and reads its buffers there.
            inside = {"MT19937": ("state", "pos", 624), "Philox": ("", "buffer_pos", 4)}
            if body[0] in inside:
                part, name, most = inside[body[0]]
                if not 0 <= (state[part] if part else state)[name] <= most:
                    raise self._refusal(path, f"its {name} is out of range")
            made.state = state
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            if isinstance(error, CheckpointError):
                raise
            raise self._refusal(path, f"no state of {body[0]}: {error}") from None
        return np.random.Generator(made)

    def _function(self, body: Any, like: Any, path: str) -> Any:
        if type(body) is not str:
            raise self._refusal(path, "expected the name of a function")
        if not callable(like):
            raise self._refusal(
                path, f"the function {body[:80]} is not saved: give an example, like=..., with it"
            )
        return like

    def _plain(self, node: Any, like: Any, path: str) -> Any:
        """A value that is no array; the example does not matter, except that it is none either."""
        value = self._value(node, path)
        self._expect(not _nested(like), f"the value {str(value)[:80]!r}", like, path)
        return value

    def _value(self, node: Any, path: str) -> Any:
        """A string, a number, a bool or None."""
        if node is None or type(node) in (bool, str, int):
            return node
        with contextlib.suppress(ValueError, struct.error):
            if type(node) is not dict or len(node) != 1:
                return _float(node)
            ((kind, body),) = node.items()
            if kind == "complex" and type(body) is list and len(body) == 2:
                return complex(_float(body[0]), _float(body[1]))
            if kind == "int" and type(body) is str and hex(int(body, 16)) == body:
                return int(body, 16)
            return _float(node)
        raise self._refusal(path, f"{str(node)[:80]!r} is no part of a tree")

    def _expect(self, right: bool, what: str, like: Any, path: str) -> None:
        """Refuse a part that the example has otherwise."""
        if not right:
            raise self._refusal(path, f"{what}, expected a {type(like).__name__} as in the example")

    def _same_names(self, names: list[Any], expected: list[Any], path: str) -> None:
        there, wanted = set(names), set(expected)
        for name in names:
            if name not in wanted:
                raise self._refusal(path, f"it has {str(name)[:80]!r}, and the example has not")
        for name in expected:
            if name not in there:
                raise self._refusal(path, f"{name!r} of the example is missing")

    def _same_length(self, length: int, like: Any, path: str) -> None:
        if like is not None and len(like) != length:
            raise self._refusal(path, f"{length} parts, expected {len(like)} as in the example")


def _float(node: Any) -> float:
    """A float: as JSON has it, or by its bits if it is infinite or nan."""
    if type(node) is float and math.isfinite(node):
        return node
    if type(node) is dict and node.keys() == {"float"} and len(text := str(node["float"])) == 16:
        return struct.unpack(">d", bytes.fromhex(text))[0]
    raise ValueError


def _dtype(text: str) -> tuple[np.dtype[Any], Any]:
    """A dtype by its text, and how it is stored; None for the latter where it is unknown."""
    try:
        dtype = np.dtype(text)
    except (TypeError, ValueError, SyntaxError, OverflowError, MemoryError):
        return np.dtype("f8"), None
    return dtype, wire(dtype) if dtype.str == text else None


def _nested(like: Any) -> bool:
    """Whether an example has parts, or is an array."""
    if isinstance(like, (dict, list, tuple, np.ndarray, np.random.Generator)):
        return True
    return attributes(like) is not None
