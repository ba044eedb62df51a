"""The registry of what is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from srcgrad.errors import Unsupported

REFUSALS: dict[str, "Refusal"] = {}


@dataclass(frozen=True)
class Refusal:
    """A function that has no gradient here.

    Attributes:
        function: The function.
        args: Arguments that it runs on.
        error: The exact class of the error.
        fragment: A part of the first line of the message.
        code: The text that the caret stands below starts with this, on the line it stands in.
    """

    function: Callable[..., Any]
    args: tuple[Any, ...]
    error: type[Exception]
    fragment: str
    code: str


def refused(*args: Any, error: type[Exception] = Unsupported, says: str, code: str) -> Callable:
    """Register the decorated function as one that is refused."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        REFUSALS[function.__name__] = Refusal(function, args, error, says, code)
        return function

    return register
