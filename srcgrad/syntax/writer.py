"""Writes the blocks of a function, line by line: the user's text where it still holds."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from srcgrad.syntax.layout import INDENT, WIDTH
from srcgrad.syntax.source import Node, Source, to_column
from srcgrad.syntax.trees import copied, dedented, docstring, is_comment, same, to_gast
from srcgrad.syntax.verbatim import (
    Text,
    closing,
    comment_behind,
    first_line,
    header_text,
    inside_strings,
    keyword_line,
    leading,
    originals,
    starts_line,
    statement_text,
)

Place = tuple[int, int] | None
Print = Callable[[Node, int], list[str]]

_FUNCTIONS = ("FunctionDef", "AsyncFunctionDef")
_COMPOUND = (*_FUNCTIONS, "If", "For", "AsyncFor", "While", "With", "AsyncWith", "Try", "TryStar")


@dataclass(frozen=True)
class Emitted:
    """The text of a function, and where each of its lines comes from.

    Attributes:
        text: The text; it ends with a newline.
        line_map: For each line, the (line, column) in the user's file of the statement that it
            comes from; None if there is none.
    """

    text: str
    line_map: tuple[tuple[int, int] | None, ...]


class Writer:
    """Collects the lines of one function.

    Args:
        source: The user's text, or None.
        print_statement: Prints a statement, or the header of one with the body `pass`.
        width: The number of columns that a printed line may take.
    """

    def __init__(self, source: Source | None, print_statement: Print, width: int = WIDTH) -> None:
        self._source = source or Source("", ())
        self._print = print_statement
        self._width = width
        self._originals = originals(self._source)
        self._lines: list[str] = []
        self._places: list[Place] = []
        self._written: set[int] = set()  # the user's comments: each is written once
        self._opened = True  # no blank line may follow
        self._wants_blank = False

    def function(self, node: Node) -> Emitted:
        """The text of a whole function."""
        self._head(node, 0, "def", comments=False)
        self._block(node.body, 1, documented=True)
        while self._lines and not self._lines[-1].strip():
            self._lines.pop()
            self._places.pop()
        return Emitted("\n".join(self._lines) + "\n", tuple(self._places))

    def statements(self, nodes: Sequence[Node]) -> str:
        """The text of statements, without a newline at the end."""
        self._block(nodes, 0)
        return "\n".join(self._lines)

    def _block(self, nodes: Sequence[Node], depth: int, *, documented: bool = False) -> None:
        for number, node in enumerate(nodes):
            text = docstring([node]) if documented and number == 0 else None
            if text is not None:
                self._docstring(node, text, depth)
            else:
                self._statement(node, depth)
        if all(is_comment(node) for node in nodes) and depth:
            self._put(["pass"], depth, None)
        original = self._original(nodes[-1]) if nodes else None
        if original is not None and starts_line(self._source, original):
            self._comments(closing(self._source, original), depth)

    def _statement(self, node: Node, depth: int) -> None:
        kind = type(node).__name__
        if is_comment(node):
            self._comment(node, depth)
        elif kind == "If":
            self._if(node, depth)
        elif kind in _COMPOUND:
            self._compound(node, depth)
        else:
            self._simple(node, depth)

    def _simple(self, node: Node, depth: int) -> None:
        original = self._original(node)
        self._leading(original, depth)
        if original is not None and same(node, to_gast(original)):
            self._text(statement_text(self._source, original), depth, self._place(node))
            return
        self._printed(self._print(node, self._room(depth)), depth, self._place(node))
        if original is not None:
            line = self._source.lines[original.end_lineno - 1]
            column = to_column(line, original.end_col_offset)
            comment = comment_behind(self._source, original.end_lineno, column)
            self._behind(Text((), comment=comment), original)

    def _compound(self, node: Node, depth: int) -> None:
        kind = type(node).__name__
        nested = kind in _FUNCTIONS
        generated = kind in _FUNCTIONS and self._original(node) is None
        if generated and not (self._lines and self._lines[-1].lstrip().startswith("#")):
            self._blank()
        self._head(node, depth, kind)
        self._block(node.body, depth + 1, documented=nested)
        for handler in getattr(node, "handlers", ()):
            self._handler(handler, depth, "except*" if kind == "TryStar" else "except")
            self._block(handler.body, depth + 1)
        self._branch("else", getattr(node, "orelse", ()), depth)
        self._branch("finally", getattr(node, "finalbody", ()), depth)
        self._wants_blank = generated

    def _if(self, node: Node, depth: int) -> None:
        self._head(node, depth, "if")
        self._block(node.body, depth + 1)
        while len(node.orelse) == 1 and self._is_elif(node.orelse[0]):
            node = node.orelse[0]
            self._head(node, depth, "elif")
            self._block(node.body, depth + 1)
        self._branch("else", node.orelse, depth)

    def _is_elif(self, node: Node) -> bool:
        """Whether the only statement of an `else` is to be joined to it."""
        if type(node).__name__ != "If":
            return False
        original = self._original(node)
        if original is None or type(original).__name__ != "If":
            return True
        line = self._source.lines[original.lineno - 1]
        return line[to_column(line, original.col_offset) :].startswith("elif")

    def _head(self, node: Node, depth: int, word: str, *, comments: bool = True) -> None:
        """The header of a compound statement."""
        original = self._original(node)
        joined = word == "elif"
        if comments:
            self._leading(original, depth, blanks=not joined)
        text = self._header_text(node, original)
        if text is not None and text.lines:
            lines = list(text.lines)
            if word in ("if", "elif"):
                lines[0] = word + lines[0].removeprefix("el").removeprefix("if")
            self._text(replace(text, lines=tuple(lines)), depth, self._place(node))
        else:
            lines = self._printed_header(node, self._room(depth) - 2 * joined)
            lines[0] = "el" * joined + lines[0]
            self._printed(lines, depth, self._place(node))
            self._behind(text, original)
        self._opened = True

    def _printed_header(self, node: Node, room: int) -> list[str]:
        if type(node).__name__ in ("Try", "TryStar"):
            return ["try:"]
        return self._print(_hollow(node, ast.Pass()), room)[:-1]

    def _header_text(self, node: Node, original: Node) -> Text | None:
        """The user's header; no more than the comment behind it where the header has changed."""
        if original is None or not hasattr(original, "body"):
            return None
        if not getattr(node, "decorator_list", ()):  # `parse` has removed them
            original = copied(type(original), original, decorator_list=[])
        text = header_text(self._source, original)
        if text is None:
            return None
        kind = type(node).__name__
        if kind == type(original).__name__ and same(_hollow(node), to_gast(_hollow(original))):
            return text
        return replace(text, lines=())

    def _handler(self, node: Node, depth: int, word: str) -> None:
        original = self._original(node)
        self._leading(original, depth, blanks=False)
        text = self._header_text(node, original)
        if text is not None and text.lines:
            self._text(text, depth, self._place(node))
        else:
            lines = self._except(node, word)
            if original is None and getattr(node.type, "id", "") == "BaseException":
                lines[-1] += _meant(node)
            self._printed(lines, depth, self._place(node))
            self._behind(text, original)
        self._opened = True

    def _except(self, node: Node, word: str) -> list[str]:
        """The header of an exception handler that cannot be the user's."""
        stand_in = copied(ast.Try, node, body=[ast.Pass()])
        stand_in.handlers = [_hollow(node, ast.Pass())]
        stand_in.orelse, stand_in.finalbody = [], []
        line = self._print(stand_in, 10**6)[2]
        return [word + line.removeprefix("except")]

    def _branch(self, word: str, nodes: Sequence[Node], depth: int) -> None:
        """`else:` or `finally:` with its block."""
        if not nodes:
            return
        first = next((item for item in nodes if not is_comment(item)), None)
        original = self._original(first) if first is not None else None
        comment = ""
        if original is not None:
            line = keyword_line(self._source, original, word)
            if line is not None:
                text = self._source.lines[line - 1]
                margin = len(text) - len(text.lstrip())
                above = leading(self._source, line, margin)
                self._comments([item for item in above if item[1]], depth)
                comment = comment_behind(self._source, line, text.index(":") + 1)
        self._printed([f"{word}:{comment}"], depth, None)
        self._opened = True
        self._block(nodes, depth + 1)

    def _docstring(self, node: Node, text: str, depth: int) -> None:
        original = self._original(node)
        if original is not None and same(node, to_gast(original)):
            line = self._source.lines[original.lineno - 1]
            if line.startswith(INDENT * depth + line.strip()):
                self._simple(node, depth)
                return
            found = statement_text(self._source, original, docstring=True)
            if _means(found.lines, depth, text):
                self._leading(original, depth)
                self._text(found, depth, self._place(node))
                return
        lines = _docstring_lines(text)
        if not _means(lines, depth, text):
            lines = self._print(node, self._room(depth))
        self._put(lines, depth, self._place(node))

    # Comments

    def _comment(self, node: Node, depth: int) -> None:
        text = " ".join(line.strip() for line in node.value.value.splitlines())
        if not text:
            self._blank()
            return
        room = self._room(depth) - len("# ")
        if len(text) > room:
            text = text[: room - len(" ...")].rstrip() + " ..."
        self._put([f"# {text}"], depth, self._place(node))

    def _leading(self, original: Node, depth: int, *, blanks: bool = True) -> None:
        """The user's comments and blank line above a statement."""
        if original is None or not starts_line(self._source, original):
            return
        text = self._source.lines[original.lineno - 1]
        column = to_column(text, original.col_offset)
        above = leading(self._source, first_line(original), column)
        self._comments([item for item in above if blanks or item[1]], depth)

    def _comments(self, found: list[tuple[int, str]], depth: int) -> None:
        for number, text in found:
            if number in self._written:
                continue
            self._written.add(number)
            if text:
                column = self._source.lines[number - 1].index("#")
                self._put([text], depth, (number, column))
            else:
                self._blank()

    def _behind(self, text: Text | None, original: Node) -> None:
        """The user's comment behind a statement that has been printed anew."""
        if text is not None and text.comment and -original.lineno not in self._written:
            self._written.add(-original.lineno)
            self._lines[-1] += f"  {text.comment.strip()}"

    # Lines

    def _text(self, text: Text, depth: int, place: Place) -> None:
        self._put(text.lines, depth, place, text.fixed)
        self._lines[-1] += text.comment

    def _printed(self, lines: Sequence[str], depth: int, place: Place) -> None:
        """Printed lines; those that start inside a string are not indented."""
        quotes = any('"""' in line or "'''" in line for line in lines)
        self._put(lines, depth, place, inside_strings(lines) if quotes else frozenset())

    def _put(
        self,
        lines: Sequence[str],
        depth: int,
        place: Place,
        fixed: frozenset[int] = frozenset(),
    ) -> None:
        if self._wants_blank:
            self._blank()
        margin = INDENT * depth
        for number, line in enumerate(lines):
            self._lines.append(line if number in fixed or not line else margin + line)
            self._places.append(place)
        self._opened = False

    def _blank(self) -> None:
        """An empty line, unless one stands there already, or a block begins."""
        self._wants_blank = False
        if not self._opened and self._lines and self._lines[-1]:
            self._lines.append("")
            self._places.append(None)

    def _room(self, depth: int) -> int:
        return self._width - len(INDENT) * depth

    def _place(self, node: Node) -> Place:
        line, offset = getattr(node, "lineno", None), getattr(node, "col_offset", None)
        if line is None or offset is None:
            return None
        if not 1 <= line <= len(self._source.lines):
            return line, offset
        return line, to_column(self._source.lines[line - 1], offset)

    def _original(self, node: Any) -> Any:
        """The user's statement at the place of a node that claims to be one."""
        if getattr(node, "end_lineno", None) is None:
            return None
        return self._originals.get((node.lineno, node.col_offset))


def _hollow(node: Node, *body: Node) -> Any:
    """A compound statement without what is in it: its header."""
    hollow = copied(type(node), node, body=list(body))
    for name in ("orelse", "finalbody", "handlers"):
        if name in hollow._fields:
            setattr(hollow, name, [])
    return hollow


def _docstring_lines(text: str) -> list[str]:
    """A docstring between triple quotes, not yet indented."""
    lines = dedented(text).replace("\\", "\\\\").replace('"""', '\\"\\"\\"').split("\n")
    if len(lines) > 1:
        return ['"""' + lines[0], *lines[1:], '"""']
    line = lines[0].removesuffix('"') + '\\"' if lines[0].endswith('"') else lines[0]
    return [f'"""{line}"""']


def _means(lines: Sequence[str], depth: int, text: str) -> bool:
    """Whether the lines of a docstring, once indented, stand for a text."""
    if not all(line.replace("\t", "").isprintable() for line in lines):
        return False
    margin = INDENT * depth
    literal = "\n".join(line and margin + line for line in lines)
    return dedented(ast.literal_eval(f"({literal})")) == dedented(text)


def _meant(node: Node) -> str:
    """What tells a linter that a handler is to take every exception."""
    if _raises_again(node.body):
        return ""
    alone = type(node.body[0]).__name__ == "Pass"
    return "  # noqa: BLE001" + ", S110" * alone


def _raises_again(body: Sequence[Node]) -> bool:
    """Whether a `raise` stands in a block, outside of any `try` in it."""
    for s in body:
        kind = type(s).__name__
        if kind == "Raise" and s.exc is None:
            return True
        inner = [] if kind in (*_FUNCTIONS, "Try", "TryStar") else ("body", "orelse")
        if any(_raises_again(getattr(s, field, None) or ()) for field in inner):
            return True
    return False
