"""What comes of one program: right, wrong, refused, crashed, or discarded because it is no test."""

import builtins
import contextlib
import copy
import importlib.util
import inspect
import keyword
import linecache
import re
import signal
import sys
import tempfile
import traceback
import warnings
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from srcgrad import grad, jvp, value_and_grad, vjp
from srcgrad.errors import InternalError, SrcgradError
from tests import balance
from tests.differences import Path as Place
from tests.differences import directional, gradient, is_float, leaves
from tests.trees import bits, random_like, zeros_like

KNOWN = ("np", "numpy", "math", "functools", "itertools")  # names that a message keeps
LARGEST = 1e4
ROUGHEST = 1e-7
SLOWEST = 1.0
LIMIT = 20.0


class Discarded(Exception):
    """The program itself is no test: it raises, is not smooth, or its values are too large."""


class Wrong(Exception):
    """A number that differs from what it must be."""


class TooSlow(BaseException):
    """The time of a step is over; no `except Exception` of a program catches it."""


@dataclass(frozen=True)
class Outcome:
    """What came of a program.

    Attributes:
        status: `right`, `wrong`, `refused`, `crashed` or `discarded`.
        stage: What was being checked: `value`, `reverse`, `forward`, `second`, `text`.
        message: Why, in a line, with no name or number of this one program.
        detail: Why, in full.
    """

    status: str
    stage: str = ""
    message: str = ""
    detail: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Return what a shrunk program must share: a wrong number is as good as another."""
        return self.status, "" if self.status == "wrong" else self.message


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise `TooSlow` in the body when its time is over."""

    def over(*_: Any) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)


@contextlib.contextmanager
def loaded(text: str) -> Iterator[Any]:
    """Import a program from a file that is gone afterwards."""
    label = f"fuzz_{zlib.crc32(text.encode()):08x}"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"{label}.py")
        file.write_text(text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(label, file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[label] = module
        linecache.cache[str(file)] = (len(text), None, text.splitlines(keepends=True), str(file))
        try:
            exec(compile(text, str(file), "exec"), module.__dict__)
            yield module
        finally:
            del sys.modules[label]
            linecache.cache.pop(str(file), None)


class Case:
    """A program that runs, with its derivatives by differences.

    Args:
        module: The module of the program.
    """

    def __init__(self, module: Any) -> None:
        self.function = module.f
        self.wrt: tuple[str, ...] = module.WRT
        self.examples: tuple[Any, ...] = module.ARGUMENTS
        names = list(inspect.signature(self.function).parameters)
        self.positions = [names.index(name) for name in self.wrt]
        self.left = self.arguments()
        self.value = self.function(*self.left)
        again = self.function(*self.arguments())
        if not np.ndim(self.value) == 0 or not isinstance(self.value, float):
            raise Discarded("the result is no float")
        if bits(self.value) != bits(again) or not abs(self.value) < LARGEST:
            raise Discarded("the value is large, or not the same twice")
        self.want = {
            (position, *path): self.smooth(value, error)
            for position in self.positions
            for path, value, error in gradient(self.function, self.examples, position)
        }
        if not any(np.any(np.abs(value) > error) for value, error in self.want.values()):
            raise Discarded("the derivative is zero")

    def arguments(self) -> tuple[Any, ...]:
        """Return fresh arguments."""
        return copy.deepcopy(self.examples)

    def smooth(self, value: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return a derivative and the bound of its error, if the function is smooth there."""
        if not np.all(np.abs(value) < LARGEST) or not np.all(
            error < ROUGHEST * (1.0 + np.abs(value))
        ):
            raise Discarded("not smooth, or too steep")
        return value, error

    def tangents(self) -> tuple[Any, ...]:
        """Return random tangents for what the program is differentiated by, zeros for the rest."""
        rng = np.random.default_rng(1)
        return tuple(
            random_like(value, rng) if i in self.positions else zeros_like(value)
            for i, value in enumerate(self.examples)
        )


def compared(what: str, have: dict[Place, Any], want: dict[Place, Any], slack: float) -> None:
    """Raise `Wrong` unless all derivatives lie within the bounds of the differences."""
    for place, (value, error) in want.items():
        found = have.get(place)
        if found is None or np.shape(found) != np.shape(value):
            raise Wrong(f"{what} at {place}: {found!r} where the shape is {np.shape(value)}")
        gap = np.abs(np.asarray(found, float) - value)
        if not np.all(gap <= error + slack * (1.0 + np.abs(value))):
            raise Wrong(f"{what} at {place}: {found!r} must be {value!r}")


def same(what: str, have: Any, want: Any) -> None:
    """Raise `Wrong` unless two trees agree to the last bit."""
    if bits(have) != bits(want):
        raise Wrong(f"{what}: {have!r} must be {want!r}")


def reverse(case: Case) -> None:
    """Check value, arguments and gradient of reverse mode."""
    args = case.arguments()
    with balance.checked():
        value, found = value_and_grad(case.function, wrt=case.wrt)(*args)
    same("value of value_and_grad", value, case.value)
    same("arguments after value_and_grad", args, case.left)
    pairs = zip(case.positions, found, strict=True)
    have = {(i, *path): leaf for i, tree in pairs for path, leaf in leaves(tree)}
    compared("gradient", have, case.want, 1e-8)


def forward(case: Case) -> None:
    """Check value, arguments and tangent of forward mode."""
    args, tangents = case.arguments(), case.tangents()
    value, tangent = jvp(case.function, args, tangents)
    same("value of jvp", value, case.value)
    same("arguments after jvp", args, case.left)
    want = {p: (v, e) for p, v, e in directional(case.function, case.examples, tangents)}
    compared("tangent", {(): tangent}, want, 1e-8)


def pullback(case: Case) -> None:
    """Check that a pullback gives the gradient, each time that it is called."""
    _, pull = vjp(case.function, *case.arguments())
    for _ in range(2):
        found = pull(1.0)
        have = {(i, *path): leaf for i in case.positions for path, leaf in leaves(found[i])}
        compared("pullback", have, case.want, 1e-8)


def second(case: Case) -> None:
    """Check the derivative of the gradient along the tangents."""
    function, tangents = grad(case.function, wrt=case.wrt), case.tangents()
    _, found = jvp(function, case.arguments(), tangents)
    want = {
        path: (value, error)
        for path, value, error in directional(function, case.examples, tangents)
        if np.all(error < 1e-4 * (1.0 + np.abs(value)))
    }
    compared("second derivative", dict(leaves(found)), want, 1e-5)


def text(case: Case) -> None:
    """Check that the text of the gradient is the same twice."""
    first, other = (
        grad(case.function, wrt=case.wrt).source_for(*case.arguments()) for _ in range(2)
    )
    if first != other:
        raise Wrong("the text differs when it is made again")


STAGES: dict[str, Callable[[Case], None]] = {
    "reverse": reverse,
    "forward": forward,
    "pullback": pullback,
    "second": second,
    "text": text,
}
FIRST = ("reverse", "forward")


def examine(source: str, stages: tuple[str, ...] = tuple(STAGES)) -> Outcome:
    """Return what comes of a program.

    Args:
        source: The text of its module.
        stages: What to check, in this order.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(np.errstate(all="ignore"))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        try:
            with limited(SLOWEST):
                module = stack.enter_context(loaded(source))
                case = Case(module)
        except (Exception, TooSlow) as error:  # noqa: BLE001  (whatever a random program raises)
            return Outcome("discarded", "value", type(error).__name__, str(error))
        for stage in stages:
            outcome = staged(stage, case, module.__file__)
            if outcome is not None:
                return outcome
    return Outcome("right")


def staged(stage: str, case: Case, file: str) -> Outcome | None:
    """Return what is the matter at one stage, or None."""
    try:
        with limited(LIMIT):
            STAGES[stage](case)
    except Wrong as error:
        if kinked(case):
            return Outcome("discarded", stage, "kink", str(error))
        if "nan" in str(error) and singular(case):
            return Outcome("discarded", stage, "no derivative", str(error))
        return Outcome("wrong", stage, str(error).split(":")[0].split(" at ")[0], str(error))
    except TooSlow:
        return Outcome("crashed", stage, "time limit")
    except SrcgradError as error:
        located = error.location is not None and (stage == "second" or error.location.file == file)
        if isinstance(error, InternalError) or not located:
            return Outcome(
                "crashed", stage, f"{type(error).__name__}: {plain(error.message)}", str(error)
            )
        return Outcome("refused", stage, plain(error.message), str(error))
    except Exception as error:  # noqa: BLE001  (any other exception is a fault)
        return Outcome(
            "crashed", stage, blamed(error), "".join(traceback.format_exception(error)[-6:])
        )
    return None


def blamed(error: Exception) -> str:
    """Return a line on an exception that escaped: its type, and where srcgrad raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "/srcgrad/" in f.filename and "api.py" not in f.filename]
    place = f" in {Path(ours[-1].filename).name}, {ours[-1].name}" if ours else ""
    return f"{type(error).__name__}: {plain(str(error))}{place}"


def plain(message: str) -> str:
    """Return a message without the names and numbers of one program."""

    def kept(found: re.Match[str]) -> str:
        name = found[0][1:-1]
        head = name.split(".")[0]
        known = head in KNOWN or keyword.iskeyword(name.split(" ")[0]) or hasattr(builtins, name)
        return f"`{name}`" if known else "`…`"

    line = re.sub(r"`[^`]*`|'[^']*'", kept, message.split("\n", 1)[0])
    return re.sub(r"<gast.*?>", "<node>", re.sub(r"\d+", "0", line))[:110]


def kinked(case: Case) -> bool:
    """Tell whether the function has a kink at its arguments, which central differences miss.

    The second difference shrinks fourfold with half the step where a function is smooth, and
    twofold at a kink.
    """
    rng = np.random.default_rng(2)
    for _ in range(3):
        sizes = []
        direction = random_like(case.examples, rng)
        for step in (1e-4, 5e-5):
            ends = [case.function(*shifted(case, direction, t)) for t in (-step, 0.0, step)]
            sizes.append(abs(ends[0] - 2.0 * ends[1] + ends[2]))
        if sizes[0] > 1e-9 and sizes[1] > 0.35 * sizes[0]:
            return True
    return False


def singular(case: Case) -> bool:
    """Tell whether a step of a program has no derivative, such as the root of x - x.

    Forward mode divides by zero there, whatever comes of it, or the program itself overflows or
    makes nan on its way; the differences see the whole alone.
    """
    met: list[str] = []
    noted = np.errstate(divide="call", invalid="call", over="call")
    before = np.seterrcall(lambda kind, _: met.append(kind))
    try:
        with noted, contextlib.suppress(SrcgradError):
            case.function(*case.arguments())
            jvp(case.function, case.arguments(), case.tangents())
    finally:
        np.seterrcall(before)
    return bool(met)


def shifted(case: Case, direction: Any, t: float) -> Any:
    """Return the arguments, moved along a direction."""
    table = dict(leaves(direction))

    def at(tree: Any, path: tuple[Any, ...]) -> Any:
        if isinstance(tree, dict):
            return {k: at(item, (*path, k)) for k, item in tree.items()}
        if isinstance(tree, list | tuple):
            return type(tree)(at(item, (*path, i)) for i, item in enumerate(tree))
        return tree + t * table[path] if is_float(tree) else tree

    return at(case.arguments(), ())
