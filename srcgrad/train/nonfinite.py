"""The error for a loss or gradient that is not finite: it names the line where that began."""

from __future__ import annotations

import linecache
import math
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

from srcgrad.errors import Location, SrcgradError
from srcgrad.train.run import Run
from srcgrad.train.tracing import Origin, kinds_in, origin_of
from srcgrad.tree import walk

PACKAGE = str(Path(__file__).parent.parent)
LIBRARIES = tuple(
    path for name, path in sysconfig.get_paths().items() if name in ("stdlib", "purelib", "platlib")
)


class NotFinite(SrcgradError, FloatingPointError):
    """A loss or a gradient that is nan or infinite.

    Attributes:
        params: the parameters before the step.
        history: what was measured until then.
        step: the steps that were taken.
    """

    params: Any = None
    history: Any = None
    step = 0


def not_finite(
    run: Run, loss: Callable[..., Any], arguments: list[Any], value: Any, grads: Any
) -> NotFinite:
    """The error for a step.

    Args:
        run: the run before the step.
        loss: the user's function.
        arguments: the arguments of this step after the parameters, made anew.
        value: the loss.
        grads: its gradient.
    """
    if math.isfinite(value):
        path = next(p for p, g in walk(grads, "") if any(kinds_in(g)))
        label = f"the gradient by {path.removeprefix('.')}" if path else "the gradient"
        bad = next(g for p, g in walk(grads, "") if p == path)
    else:
        label, bad = "the loss", value
    word = "nan" if kinds_in(bad)[0] else "infinite"
    message = f"{label} became {word} at step {run.step} (epoch {run.epoch}, batch {run.batch})"
    if broken := broken_parameter(run.params):
        error = NotFinite(
            f"{message}: {broken}",
            hint="The update before made it so: try a lower rate, or clip gradients."
            if run.step
            else "The first parameters are not finite.",
        )
    elif math.isfinite(value):
        error = in_gradient(run, arguments, message)
    else:
        error = in_loss(run, loss, arguments, message)
    error.params, error.history, error.step = run.params, run.history, run.step
    return error


def broken_parameter(params: Any) -> str:
    """The first parameter that is not finite; empty if there is none."""
    for path, leaf in walk(params, ""):
        nan, inf = kinds_in(leaf)
        if nan or inf:
            name = path.removeprefix(".")
            return f"the parameter {name or 'itself'} is {'nan' if nan else 'infinite'}"
    return ""


def in_loss(run: Run, loss: Callable[..., Any], arguments: list[Any], message: str) -> NotFinite:
    """The error for a loss: its lines are run one by one."""
    origins = origin_of(loss, (run.params, *arguments), is_users)
    origin = origins[0] or origins[1]
    if origin is None:
        return NotFinite(message, hint="Run again with the same values, it was finite.")
    if origin.argument:
        return NotFinite(
            f"{message}: the argument `{origin.argument}` holds "
            f"{'nan' if origins[0] else 'infinity'} from the start",
            location(origin),
            "Look at the data, or leave such entries out in the loss.",
        )
    return NotFinite(message, location(origin), cause_of(origin, location))


def in_gradient(run: Run, arguments: list[Any], message: str) -> NotFinite:
    """The error for a gradient: the generated lines are run, and mapped to the user's."""
    args = (run.params, *arguments)
    found = run.loss_and_grad._find(args, {})  # type: ignore[attr-defined]
    file, line_map = found.namespace["__file__"], found.text.line_map

    def place(origin: Origin) -> Location | None:
        if origin.file != file:
            return location(origin)
        at = line_map[origin.line - 1] if origin.line <= len(line_map) else None
        if at is None:
            return None
        text = linecache.getline(at[0], at[1]).rstrip("\n")
        return Location(at[0], at[1], at[2], len(text), text)

    origins = origin_of(found.function, args, lambda name: name == file or is_users(name))
    origin = origins[0] or origins[1]
    if origin is None:
        return NotFinite(message)
    generated = linecache.getline(file, origin.line).strip() if origin.file == file else ""
    hint = "The derivative is not finite there; the code generated for it is\n" + (
        f"    {generated}" if generated else ""
    )
    return NotFinite(
        f"{message}: the loss is finite, and this line has no finite derivative",
        place(origin),
        hint if generated else cause_of(origin, place),
    )


def cause_of(origin: Origin, place: Callable[[Origin], Location | None]) -> str:
    """A hint at the infinity that a nan was made of."""
    cause = origin.cause
    if cause is None:
        return ""
    if cause.argument:
        return f"The argument `{cause.argument}` holds infinity from the start."
    where = place(cause)
    if where is None or where.line == origin.line:
        return ""
    return f"An infinity arose before, in line {where.line}: {where.text.strip()}"


def location(origin: Origin) -> Location:
    """The place of an origin, with its line."""
    text = linecache.getline(origin.file, origin.line).rstrip("\n")
    start = len(text) - len(text.lstrip())
    first, last = origin.columns or (start, len(text))
    # Columns of code count bytes.
    raw = text.encode()
    first, last = len(raw[:first].decode(errors="ignore")), len(raw[:last].decode(errors="ignore"))
    return Location(origin.file, origin.line, first, max(last, first + 1), text)


def is_users(file: str) -> bool:
    """Whether a file is the user's own, and not one of a library.

    Example:
        >>> is_users(linecache.__file__), is_users("model.py")
        (False, True)
    """
    return not file.startswith((PACKAGE, *LIBRARIES, "<frozen", "<__array_function__"))
