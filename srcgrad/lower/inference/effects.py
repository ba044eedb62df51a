"""What acts on the world and gives no number: messages, logs, locks, files, context managers."""

from __future__ import annotations

import contextlib
import decimal
import io
import logging
import threading
import time
import types
import warnings
from typing import Any

import gast
import numpy as np

from srcgrad.kinds import FLOAT, INT, Kind, Opaque, Static, may_be_active
from srcgrad.lower.base.join import describe
from srcgrad.lower.base.program import Callee
from srcgrad.lower.inference.outside import writes_global
from srcgrad.lower.inference.typer import Typer

MESSAGES = (
    logging.debug,
    logging.info,
    logging.warning,
    logging.error,
    logging.critical,
    logging.exception,
    logging.log,
    warnings.warn,
    warnings.simplefilter,
    warnings.filterwarnings,
    time.sleep,
)
CLOCKS: dict[Any, Kind] = {
    time.time: FLOAT,
    time.perf_counter: FLOAT,
    time.monotonic: FLOAT,
    time.process_time: FLOAT,
    time.perf_counter_ns: INT,
    time.time_ns: INT,
    time.monotonic_ns: INT,
}
LOCKS = (type(threading.Lock()), type(threading.RLock()), threading.Condition, threading.Semaphore)
MANAGERS: tuple[Any, ...] = (
    np.errstate,
    np.printoptions,
    warnings.catch_warnings,
    contextlib.nullcontext,
    contextlib.redirect_stdout,
    contextlib.redirect_stderr,
    decimal.localcontext,
    open,
    *LOCKS,
)
METHODS: dict[Any, tuple[str, ...]] = {
    logging.Logger: (
        "debug",
        "info",
        "warning",
        "error",
        "critical",
        "exception",
        "log",
    ),
    logging.LoggerAdapter: ("debug", "info", "warning", "error", "critical", "log"),
    io.IOBase: ("write", "writelines", "flush"),
    **dict.fromkeys(LOCKS, ("acquire", "release")),
    threading.Event: ("set", "clear"),
}
HELD = "what a `with` gives"


class Effects(Typer):
    """Types calls and context managers that act on the world."""

    def effect(self, node: gast.Call) -> bool:
        """Type a call that stands alone and only acts on the world; False if it is none."""
        value: Any = None
        if self.writes_global(node):
            return True
        if isinstance(node.func, gast.Attribute) and self.reads_only_names(node.func.value):
            base = self.eval(node.func.value)
            if isinstance(base, Opaque) and base.why == HELD:
                known = node.func.attr in METHODS[io.IOBase]
            elif isinstance(base, Static) and not isinstance(base.value, types.ModuleType):
                known = any(
                    isinstance(base.value, c) and node.func.attr in m for c, m in METHODS.items()
                )
            else:
                known = False
            if known:
                value = node.func.attr
                if isinstance(base, Static):
                    self.typed.kinds[node.func] = Static(getattr(base.value, value))
        if value is None:
            kind = self.eval(node.func) if isinstance(node.func, gast.Name) else None
            if isinstance(node.func, gast.Attribute) and self.reads_only_names(node.func.value):
                base = self.eval(node.func.value)
                if isinstance(base, Static) and isinstance(base.value, types.ModuleType):
                    kind = self.eval(node.func)
            if not isinstance(kind, Static) or not among(kind.value, MESSAGES):
                return False
            value = kind.value
        for a in (*node.args, *(k.value for k in node.keywords)):
            self.message(a)
        self.record(node, self.callee(node, Callee("effect", value), Static(None)))
        return True

    def writes_global(self, node: gast.Call) -> bool:
        """Type a call that writes a global; False if it is none."""
        if not writes_global(self.typed, node):
            return False
        _, _, value = node.args
        kind = self.eval(value)
        if len(self.world.open) > 1 and may_be_active(kind):
            raise self.function.refuse(
                node,
                f"the global `{node.args[1].value}` is written in a function that is called",
                "Return the value, and assign it in the outermost function.",
            )
        self.eval(node.args[0])
        self.record(node, self.callee(node, Callee("effect", setattr), Static(None)))
        return True

    def clock(self, node: gast.Call, value: Any) -> Kind | None:
        """The kind of what a clock shows, or of a log; None for any other function."""
        if value is logging.getLogger and not node.keywords:
            kinds = [self.eval(a) for a in node.args]
            names = [k.value for k in kinds if isinstance(k, Static)]
            if len(names) == len(kinds) < 2 and all(isinstance(n, str) for n in names):
                found = Static(logging.getLogger(*names))
                return self.callee(node, Callee("effect", value), found)
        if not among(value, tuple(CLOCKS)) or node.args or node.keywords:
            return None
        return self.callee(node, Callee("effect", value), CLOCKS[value])

    def reads_only_names(self, node: gast.expr) -> bool:
        """Whether an expression is a name, or an attribute of one."""
        while isinstance(node, gast.Attribute):
            node = node.value
        return isinstance(node, gast.Name)

    def manager(self, item: gast.withitem) -> None:
        """Type one context manager, which must be one that is known to pass exceptions on."""
        node = item.context_expr
        made = node.func if isinstance(node, gast.Call) else node
        kind = self.eval(made)
        value = kind.value if isinstance(kind, Static) else None
        if isinstance(node, gast.Call):
            if not among(value, MANAGERS) or any(isinstance(a, gast.Starred) for a in node.args):
                raise self.unmanaged(node, kind)
            for a in (*node.args, *(k.value for k in node.keywords)):
                self.message(a)
            self.record(node, self.callee(node, Callee("effect", value), Opaque(HELD)))
        elif not isinstance(value, MANAGING):
            raise self.unmanaged(node, kind)
        if item.optional_vars is not None:
            if not isinstance(item.optional_vars, gast.Name):
                raise self.function.refuse(
                    item.optional_vars, "this target of a `with` is not supported", "Use a name."
                )
            if value is contextlib.nullcontext:
                raise self.function.refuse(
                    item.optional_vars, "a value from `nullcontext` is not supported", "Assign it."
                )
            self.bind(item.optional_vars, Opaque(HELD))

    def unmanaged(self, node: gast.expr, kind: Kind) -> Exception:
        """The error for a context manager that nothing is known of."""
        name = getattr(getattr(kind, "value", None), "__name__", describe(kind))
        return self.function.refuse(
            node,
            f"`with` of {name} is not supported",
            "Write out what it does before and after the block.",
        )

    def bind(self, t: gast.expr, kind: Kind) -> None:
        """Assign to a target."""
        raise NotImplementedError

    def message(self, node: gast.expr) -> None:
        """An expression whose value is only shown."""
        raise NotImplementedError


MANAGING = tuple(c for c in (*LOCKS, io.IOBase) if isinstance(c, type))


def among(value: Any, known: tuple[Any, ...]) -> bool:
    """Whether a value is one of those that are known."""
    return any(value is k for k in known)
