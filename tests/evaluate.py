"""The value of an expression that rules wrote, worked out with numpy."""

from typing import Any

from srcgrad.rules.expr import OPERATORS, Expr


def evaluate(e: Expr, env: dict[str, Any]) -> Any:
    match e.op:
        case "leaf":
            return env[e.data.id]
        case "const":
            return e.data
        case "pack":
            return e.data(evaluate(a, env) for a in e.args)
    values = [evaluate(a, env) for a in e.args]
    match e.op:
        case "neg":
            return -values[0]
        case "call":
            function, count, options, dynamic = e.data
            keywords = dict(options) | dict(zip(dynamic, values[count:], strict=True))
            return function(*values[:count], **keywords)
        case "attr":
            return getattr(values[0], e.data)
        case "astype":
            value = values[0]
            return value.astype(e.data) if hasattr(value, "astype") else e.data.type(value)
        case "length":
            return values[0].shape[e.data]
        case "item":
            return values[0][e.data]
        case "index":
            return values[0][filled(e.data, values[1:])]
        case _:
            return OPERATORS[e.op](*values)


def filled(index: Any, values: list[Any]) -> Any:
    """An index whose expressions are replaced by their values, in order."""
    rest = iter(values)

    def fill(item: Any) -> Any:
        if isinstance(item, slice):
            return slice(*map(fill, (item.start, item.stop, item.step)))
        return next(rest) if isinstance(item, Expr) else item

    return tuple(map(fill, index)) if isinstance(index, tuple) else fill(index)


def calls(e: Expr) -> set:
    """The functions that an expression calls."""
    inner = set().union(*map(calls, e.args)) if e.args else set()
    return inner | {e.data[0]} if e.op == "call" else inner
