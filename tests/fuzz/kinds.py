"""What the writer knows of a value: enough to write only programs that run."""

from dataclasses import dataclass


class Kind:
    """A kind of value."""


@dataclass(frozen=True)
class Float(Kind):
    """A float of Python or of numpy."""


@dataclass(frozen=True)
class Int(Kind):
    """An integer from 0 to `bound - 1`."""

    bound: int


@dataclass(frozen=True)
class Flag(Kind):
    """A bool that is no result of active values."""


@dataclass(frozen=True)
class Array(Kind):
    """An array of floats."""

    shape: tuple[int, ...]


@dataclass(frozen=True)
class Seq(Kind):
    """A list of at least `length` items of one kind."""

    item: Kind
    length: int


@dataclass(frozen=True)
class Pack(Kind):
    """A tuple."""

    items: tuple[Kind, ...]


@dataclass(frozen=True)
class Table(Kind):
    """A dict with constant keys."""

    items: tuple[tuple[str, Kind], ...]


@dataclass(frozen=True)
class Function(Kind):
    """A function of floats and arrays."""

    parameters: tuple[Kind, ...]
    result: Kind


@dataclass(frozen=True)
class Thing(Kind):
    """An object with attributes, and methods that return numbers."""

    attributes: tuple[tuple[str, Kind], ...]
    methods: tuple[tuple[str, Function], ...]
    frozen: bool = False


FLOAT = Float()
FLAG = Flag()
