"""Trees as JSON and tensors: what a tree is made of, and where its arrays are."""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad.errors import BadArgument, BadValue
from srcgrad.runtime.objects import attributes

DEEPEST = 100
LONG = 32
EXACT = 1 << 53
# The generators of numpy, whose states are plain data.
GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")


def wire(dtype: np.dtype[Any]) -> tuple[str, np.dtype[Any], int | None] | None:
    """How an array of a dtype is stored; None if it cannot be.

    Returns:
        The name of the dtype in the file, the dtype of its bytes, and the length of an axis that is
        appended: complex numbers have 2 parts, strings n code points.

    Example:
        >>> wire(np.dtype("complex64"))
        ('F32', dtype('float32'), 2)
    """
    kind, size = dtype.kind, dtype.itemsize
    if kind == "b":
        return "BOOL", np.dtype("?"), None
    if kind in "iuf" and size <= 8:
        return f"{kind.upper()}{8 * size}", np.dtype(f"<{kind}{size}"), None
    if kind == "c" and size <= 16:
        return f"F{4 * size}", np.dtype(f"<f{size // 2}"), 2
    if kind == "U" and size:
        return "U32", np.dtype("<u4"), size // 4
    return None


@dataclass(frozen=True)
class Tensor:
    """An array as it is stored.

    Attributes:
        dtype: the name of the dtype in the file.
        array: its entries, contiguous.
        said: what the tree says of it: the array's dtype; the order of its axes in memory, which
            matters as sums and products may round otherwise in another one; and the CRC-32 of its
            bytes, zeros until `add_checksum`.
    """

    dtype: str
    array: np.ndarray
    said: list[Any]

    def add_checksum(self) -> None:
        """Take the CRC-32, which the description has from then on, in the same number of digits."""
        self.said[2] = checksum(bytes_of(self.array))


def checksum(content: Any) -> str:
    """The CRC-32 of some bytes.

    Example:
        >>> checksum(b"abc")
        '352441c2'
    """
    return f"{zlib.crc32(content):08x}"


def packed(tree: Any) -> tuple[Any, dict[str, Tensor]]:
    """A tree as plain JSON, and its arrays by path, whose checksums are still to be taken.

    Example:
        >>> packed({"lr": 0.1, "w": np.zeros(2)})[0]
        {'dict': [['lr', 0.1], ['w', {'array': ['<f8', None, '00000000']}]]}
    """
    tensors: dict[str, Tensor] = {}
    return _node(tree, "", 0, tensors), tensors


def _node(x: Any, path: str, depth: int, tensors: dict[str, Tensor]) -> Any:
    """The JSON of one part of a tree."""
    if depth > DEEPEST:
        raise BadValue(f"{path[:60]}...: nested more than {DEEPEST} deep, or it contains itself")

    def inside(value: Any, step: str) -> Any:
        return _node(value, path + step, depth + 1, tensors)

    if isinstance(x, dict):
        return {"dict": [[_key(k, path), inside(v, f"[{k!r}]")] for k, v in x.items()]}
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        parts = [[n, inside(v, f".{n}")] for n, v in zip(x._fields, x, strict=True)]
        return {"namedtuple": [type(x).__name__, parts]}
    if type(x) in (list, tuple):
        kind = type(x).__name__
        if len(x) >= LONG and all(type(v) is float for v in x):
            return {kind: {"floats": _tensor(np.array(x), path, tensors)}}
        return {kind: [inside(v, f"[{i}]") for i, v in enumerate(x)]}
    if type(x) in (np.ndarray, np.memmap):
        return {"array": _tensor(x, path, tensors)}
    if isinstance(x, np.generic):
        return {"scalar": _tensor(np.asarray(x), path, tensors)}
    if isinstance(x, np.random.Generator):
        return {"generator": [type(x.bit_generator).__name__, inside(_state(x, path), ".state")]}
    if (held := attributes(x)) is not None:
        return {"object": [type(x).__name__, [[n, inside(v, f".{n}")] for n, v in held.items()]]}
    if callable(x):
        return {"function": getattr(x, "__qualname__", type(x).__name__)}
    return _plain(x, path)


def _plain(x: Any, path: str) -> Any:
    """The JSON of a value that is no array, such that reading it gives the same bits."""
    if x is None or type(x) in (bool, str):
        return x
    if type(x) is int:
        return x if abs(x) < EXACT else {"int": hex(x)}
    if type(x) is float:
        return x if math.isfinite(x) else {"float": struct.pack(">d", x).hex()}
    if type(x) is complex:
        return {"complex": [_plain(x.real, path), _plain(x.imag, path)]}
    raise BadArgument(
        f"a {type(x).__name__} cannot be saved, at {path or 'the tree itself'}",
        hint="Trees of dicts, lists, tuples and objects are saved, with arrays, numbers, strings, "
        "None and random generators in them.",
    )


def _key(key: Any, path: str) -> Any:
    """The JSON of a key of a dict."""
    if key is not None and type(key) not in (str, int, bool):
        raise BadArgument(
            f"the key {key!r} cannot be saved, at {path or 'the tree itself'}",
            hint="Keys are strings or integers.",
        )
    return _plain(key, path)


def _state(generator: np.random.Generator, path: str) -> Any:
    """The state of a generator, if it is one of numpy's."""
    if type(generator.bit_generator).__name__ not in GENERATORS:
        raise BadArgument(f"the random generator cannot be saved, at {path}: {generator}")
    return generator.bit_generator.state


def _tensor(x: np.ndarray, path: str, tensors: dict[str, Tensor]) -> list[Any]:
    """Store an array, and say what it was."""
    if path in tensors:
        raise BadValue(f"two parts of the tree are both called {path}")
    how = wire(x.dtype)
    if how is None:
        raise BadArgument(f"an array of {x.dtype} cannot be saved, at {path or 'the tree itself'}")
    name, raw, appended = how
    stored = np.ascontiguousarray(x, x.dtype.newbyteorder("<")).reshape(x.shape)
    if appended is not None:
        stored = stored.reshape(-1).view(raw).reshape(*x.shape, appended)
    tensors[path] = Tensor(name, stored, [x.dtype.str, axes_of(x), "0" * 8])
    return tensors[path].said


def axes_of(x: np.ndarray) -> list[int] | None:
    """The axes from the one that strides most to the one that strides least; None if in order.

    Example:
        >>> axes_of(np.zeros((2, 3), order="F")), axes_of(np.zeros((2, 3)))
        ([1, 0], None)
    """
    if x.flags.c_contiguous:
        return None
    axes = sorted(range(x.ndim), key=lambda axis: (-abs(x.strides[axis]), axis))
    return None if axes == list(range(x.ndim)) else axes


def bytes_of(x: np.ndarray) -> memoryview:
    """The memory of a contiguous array, writable if the array is."""
    return x.reshape(-1).view(np.uint8).data
