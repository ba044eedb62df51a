"""The user's own text: statements, headers and comments, found by position."""

from __future__ import annotations

import functools
import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from srcgrad.syntax.source import Node, Source, to_column

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


@dataclass(frozen=True)
class Text:
    """Lines of the user's, ready to be indented.

    Attributes:
        lines: The lines; the first one starts with the first character of the statement.
        fixed: Numbers of the lines that start inside a string, and so keep their indentation.
        comment: The comment behind the last line, with the blanks before it, or "".
    """

    lines: tuple[str, ...]
    fixed: frozenset[int] = frozenset()
    comment: str = ""


@functools.lru_cache(maxsize=16)
def originals(source: Source) -> Mapping[tuple[int, int], Node]:
    """Every statement and exception handler of a source, by its line and byte offset."""
    found: dict[tuple[int, int], Node] = {}
    todo: list[Node] = [source.tree()]
    while todo:
        node = todo.pop()
        if hasattr(node, "lineno"):
            found[node.lineno, node.col_offset] = node
        for name in _BLOCKS:
            todo += getattr(node, name, [])
    return found


def first_line(node: Node) -> int:
    """The line that a statement starts on, its decorators included."""
    return min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", []))])


def statement_text(source: Source, node: Node, *, docstring: bool = False) -> Text:
    """The text of a statement, from its first to its last character.

    The lines of a docstring move with it; those of any other string are part of its value.
    """
    last = source.lines[node.end_lineno - 1]
    end = to_column(last, node.end_col_offset)
    return _cut(source, node, first_line(node), node.end_lineno, end, strings_move=docstring)


def header_text(source: Source, node: Node) -> Text | None:
    """The text of a compound statement up to its colon; None if it cannot be found."""
    first = first_line(node)
    line = source.lines[first - 1]
    column = to_column(line, node.col_offset)
    lines = iter([line[column:], *source.lines[first:]])
    depth = lambdas = 0
    try:
        for token in tokenize.generate_tokens(lambda: next(lines, "") + "\n"):
            if token.type != tokenize.OP and token.string != "lambda":
                continue
            depth += token.string in ("(", "[", "{")
            depth -= token.string in (")", "]", "}")
            lambdas += token.string == "lambda" and depth == 0
            if token.string == ":" and depth == 0:
                if not lambdas:
                    row = first + token.end[0] - 1
                    shift = column if row == first else 0
                    return _cut(source, node, first, row, token.end[1] + shift)
                lambdas -= 1
    except (tokenize.TokenError, SyntaxError):
        pass  # e.g. a form feed: the caller prints the header itself
    return None


def leading(source: Source, line: int, column: int) -> list[tuple[int, str]]:
    """The comments and blank lines directly above a line: [(line number, text or "")].

    Comments further to the right than `column` belong to the block that ends there.
    """
    found: list[tuple[int, str]] = []
    while line > 1:
        line -= 1
        text = source.lines[line - 1]
        stripped = text.strip()
        if stripped and not stripped.startswith("#"):
            break
        if stripped and _margin(text) > column:
            break
        if stripped or not (found and not found[-1][1]):
            found.append((line, stripped))
    return found[::-1]


def closing(source: Source, node: Node) -> list[tuple[int, str]]:
    """The comments that stand between the last statement of a block and the end of the block."""
    column = to_column(source.lines[node.lineno - 1], node.col_offset)
    found: list[tuple[int, str]] = []
    for number in range(node.end_lineno + 1, len(source.lines) + 1):
        text = source.lines[number - 1]
        stripped = text.strip()
        if stripped and not stripped.startswith("#"):
            return found if _margin(text) < column else []
        if stripped and _margin(text) < column:
            return found
        if stripped or (found and found[-1][1]):
            found.append((number, stripped))
    return found


def keyword_line(source: Source, first: Node, word: str) -> int | None:
    """The line of the `else:` or `finally:` above the first statement of its block."""
    line = first_line(first)
    while line > 1:
        line -= 1
        stripped = source.lines[line - 1].strip()
        if stripped and not stripped.startswith("#"):
            return line if stripped.startswith(word) else None
    return None


def comment_behind(source: Source, line: int, column: int) -> str:
    """The comment that follows a place on its line, with the blanks before it, or ""."""
    rest = source.lines[line - 1][column:].rstrip()
    return rest if rest.lstrip().startswith("#") else ""


def starts_line(source: Source, node: Node) -> bool:
    """Whether nothing stands before a statement on its line."""
    line = source.lines[node.lineno - 1]
    return not line[: to_column(line, node.col_offset)].strip()


def _margin(text: str) -> int:
    return len(text) - len(text.lstrip())


def _cut(
    source: Source, node: Node, first: int, last: int, end: int, *, strings_move: bool = False
) -> Text:
    """Lines `first` to `last`, the last one up to column `end`, without their indentation."""
    lines = list(source.lines[first - 1 : last])
    comment = comment_behind(source, last, end)
    lines[-1] = lines[-1][:end]
    opening = source.lines[first - 1]
    margin = opening[: _margin(opening)]
    lines[0] = lines[0][to_column(opening, node.col_offset) :]
    fixed = frozenset() if strings_move else inside_strings(lines)
    for number in range(1, len(lines)):
        if number not in fixed:
            text = lines[number]
            lines[number] = text[len(margin) :] if text.startswith(margin) else text.lstrip()
    return Text(tuple(lines), fixed, comment)


def inside_strings(lines: Sequence[str]) -> frozenset[int]:
    """The lines of a statement that start inside a string, counted from 0."""
    found: set[int] = set()
    if len(lines) == 1:
        return frozenset()
    fstrings: list[int] = []
    rest = iter(lines)
    try:
        for token in tokenize.generate_tokens(lambda: next(rest, "") + "\n"):
            kind = tokenize.tok_name[token.type]
            first, last = token.start[0], token.end[0]
            if kind == "FSTRING_START":
                fstrings.append(first)
            elif kind == "FSTRING_END":
                first = fstrings.pop()
            if kind in ("STRING", "FSTRING_END"):
                found.update(range(first, last))
            if last >= len(lines) and kind in ("NEWLINE", "ENDMARKER"):
                break
    except (tokenize.TokenError, SyntaxError):
        pass  # a header has no body: the lines that there are have been read
    return frozenset(found)
