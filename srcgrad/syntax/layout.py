"""Breaks a line that is too long inside its brackets, the way `ruff format` does.

Works on the text of one statement, or the header of one. Whoever calls parses the result back.
"""

from __future__ import annotations

import io
import keyword
import re
import tokenize
from dataclasses import dataclass

WIDTH = 99
INDENT = "    "

_OPEN, _CLOSE = "([{", ")]}"
_ASSIGN = re.compile(r"(//|\*\*|>>|<<|[-+*/%@&|^])?=")
_HEADS = (
    "return",
    "if",
    "elif",
    "while",
    "for",
    "async",
    "with",
    "def",
    "raise",
    "except",
    "await",
)
_NEVER = ("assert", "del", "import", "from", "global", "nonlocal")
# Loosest first; a line is broken at the loosest operators that it has.
_LEVELS = (
    ("if", "else"),
    ("or",),
    ("and",),
    ("in", "not", "is", "<", ">", "<=", ">=", "==", "!="),
    ("|",),
    ("^",),
    ("&",),
    ("<<", ">>"),
    ("+", "-"),
    ("*", "/", "//", "%", "@"),
)


@dataclass(frozen=True)
class _Token:
    text: str
    start: int
    end: int
    depth: int
    operand: bool  # whether an operand ends here: a name, a number, a string, a closing bracket


def fold(text: str, room: int) -> list[str]:
    r"""The lines of a statement that is one line, or of the header of one.

    Args:
        text: The statement, without indentation.
        room: The number of columns that a line may take.

    Example:
        >>> print("\n".join(fold("total = first_part(a, b) + second_part(c, d)", 30)))
        total = (
            first_part(a, b)
            + second_part(c, d)
        )
    """
    if len(text) <= room or "\n" in text:
        return [text]
    tokens = _scan(text)
    if not tokens or tokens[0].text in _NEVER:
        return [text]
    start, end = _expression_span(tokens, text)
    lines = _fold(text[:start], text[start:end], text[end:], room, wrapped=False)
    targets, _, rest = text[:start].partition(" = ")
    names = [piece for _, piece in _pieces(targets, _scan(targets))[0]]
    if len(lines[0]) > room and not rest and len(names) > 1:
        items = _items(names, room - len(INDENT))
        last = _fold(") = ", text[start:end], text[end:], room, wrapped=False)
        return ["(", *_indented(items), *last]
    if max(map(len, lines)) > room and tokens[0].text not in _HEADS:
        target = next((t.start for t in tokens if not t.depth and _ASSIGN.fullmatch(t.text)), 0)
        inside = _fold_bracket("", text[:target], text[target:], room, _scan(text[:target]))
        return inside if max(map(len, inside)) <= room else lines
    return lines


def _expression_span(tokens: list[_Token], text: str) -> tuple[int, int]:
    """Where the expression of a statement starts and ends."""
    start, end = 0, len(text)
    if tokens[-1].text == ":":
        end = tokens[-1].start
    if tokens[0].text in _HEADS:
        start = tokens[0].end + 1
        if tokens[0].text == "for":
            start = next((t.end + 1 for t in tokens if t.text == "in" and t.depth == 0), start)
        return min(start, end), end
    for token in tokens:
        if token.depth == 0 and _ASSIGN.fullmatch(token.text):
            start = token.end + 1
    return start, end


def _fold(head: str, text: str, tail: str, room: int, *, wrapped: bool) -> list[str]:
    """The lines of `head + text + tail`; `wrapped` if brackets around it allow breaks anywhere."""
    if len(head) + len(text) + len(tail) <= room:
        return [head + text + tail]
    tokens = _scan(text)
    pieces, comma = _pieces(text, tokens)
    if len(pieces) > 1 and wrapped:
        lines: list[str] = []
        for number, (operator, piece) in enumerate(pieces):
            before = head if number == 0 else ""
            after = tail if number == len(pieces) - 1 else ""
            start = _clause_head(piece) if operator == "for " else 0
            before += operator + piece[:start]
            lines += _fold(before, piece[start:], after, room, wrapped=True)
        return lines
    if len(pieces) > 1:
        inner = room - len(INDENT)
        if comma:
            body = _items([piece for _, piece in pieces], inner)
        else:
            body = _fold("", text, "", inner, wrapped=True)
        return [f"{head}(", *_indented(body), f"){tail}"]
    return _fold_bracket(head, text, tail, room, tokens)


def _fold_bracket(head: str, text: str, tail: str, room: int, tokens: list[_Token]) -> list[str]:
    """Breaks inside the last brackets of an expression without operators outside of brackets."""
    pair = _last_pair(tokens, room - len(head))
    if pair is None:
        return [head + text + tail]
    opening, closing = tokens[pair[0]], tokens[pair[1]]
    content = text[opening.end : closing.start].strip()
    before, after = head + text[: opening.end], text[closing.start :] + tail
    inner = room - len(INDENT)
    inside = _scan(content)
    pieces, comma = _pieces(content, inside)
    trails = pair[0] > 0 and tokens[pair[0] - 1].operand
    call = trails and opening.text == "("
    generator = any(token.depth == 0 and token.text == "for" for token in inside)
    if trails and len(content) <= inner:
        body = [content]
    elif (
        comma
        or ((call or opening.text != "(") and not generator and not trails)
        or (call and not generator)
    ):
        body = _items([piece for _, piece in pieces] if comma else [content], inner)
    else:
        body = _fold("", content.rstrip(","), "", inner, wrapped=True)
    return [before, *_indented(body), after]


def _items(items: list[str], room: int) -> list[str]:
    """One item a line, each with a comma."""
    lines: list[str] = []
    for item in items:
        head = _item_head(item)
        lines += _fold(head, item[len(head) :], ",", room, wrapped=False)
    return lines


def _item_head(item: str) -> str:
    """What stands before the expression of an argument or an entry of a dict."""
    match = re.match(r"\w+=(?!=)|\*\*?", item)
    if match:
        return match[0]
    for token in _scan(item):
        if token.depth == 0 and token.text == "lambda":
            break
        if token.depth == 0 and token.text == ":":
            return item[: token.end + 1]
    return ""


def _pieces(text: str, tokens: list[_Token]) -> tuple[list[tuple[str, str]], bool]:
    """Cuts at the loosest operators outside of brackets: [(operator, operand)], by commas?"""
    top = [(number, token) for number, token in enumerate(tokens) if token.depth == 0]
    names = [token.text for _, token in top]
    commas = _commas([token for _, token in top])
    if commas:
        pieces = _cut(text, commas)
        return [("", piece) for _, piece in pieces if piece], True
    if "lambda" in names or ":=" in names or ":" in names:
        return [("", text)], False
    if "for" in names:
        return _cut(text, _clauses(top)), False
    for level in _LEVELS:
        cuts = [
            token for number, token in top if token.text in level and _is_binary(tokens, number)
        ]
        if cuts:
            return _cut(text, cuts), False
    return [("", text)], False


def _commas(top: list[_Token]) -> list[_Token]:
    """The commas that separate elements: not those between the parameters of a lambda."""
    found, lambdas, comprehension = [], 0, False
    for token in top:
        comprehension = comprehension or token.text == "for"
        lambdas += token.text == "lambda"
        if token.text == ":" and lambdas:
            lambdas -= 1
        elif token.text == "," and not lambdas and not comprehension:
            found.append(token)
    return found


def _clauses(top: list[tuple[int, _Token]]) -> list[_Token]:
    """The tokens that open the clauses of a comprehension."""
    found: list[_Token] = []
    for place, (_, token) in enumerate(top):
        if token.text == "for":
            before = top[place - 1][1] if place else token
            found.append(before if before.text == "async" else token)
        elif token.text == "if" and found:
            found.append(token)
    return found


def _clause_head(clause: str) -> int:
    """Where the iterable of `x in xs` starts."""
    return next((t.end + 1 for t in _scan(clause) if t.text == "in" and t.depth == 0), 0)


def _is_binary(tokens: list[_Token], number: int) -> bool:
    """Whether an operator stands between two operands, and starts there."""
    token = tokens[number]
    if token.text in ("if", "else"):
        return True
    if token.text == "not":
        return tokens[number - 1].text != "is" and _text_at(tokens, number + 1) == "in"
    return number > 0 and tokens[number - 1].operand


def _text_at(tokens: list[_Token], number: int) -> str:
    return tokens[number].text if number < len(tokens) else ""


def _cut(text: str, cuts: list[_Token]) -> list[tuple[str, str]]:
    """The text between tokens, each piece with the token before it."""
    pieces, operator, start = [], "", 0
    for token in cuts:
        pieces.append((operator, text[start : token.start].strip()))
        operator, start = token.text + " ", token.end
    pieces.append((operator, text[start:].strip()))
    return pieces


def _last_pair(tokens: list[_Token], room: int) -> tuple[int, int] | None:
    """The last brackets that hold something, and whose opening one fits on the line."""
    found, opening = None, 0
    for number, token in enumerate(tokens):
        if token.depth == 0 and token.text in tuple(_OPEN):
            opening = number
        elif token.depth == 0 and token.text in tuple(_CLOSE) and number > opening + 1:
            if found is None or tokens[opening].end <= room:
                found = opening, number
    return found


def _indented(lines: list[str]) -> list[str]:
    return [INDENT + line for line in lines]


def _scan(text: str) -> list[_Token]:
    """The tokens of one line, with the number of brackets that are open around each."""
    tokens: list[_Token] = []
    depth = fstring = start = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            kind, string = tokenize.tok_name[token.type], token.string
            if kind == "FSTRING_START":
                start = start if fstring else token.start[1]
                fstring += 1
            if kind == "FSTRING_END":
                fstring -= 1
                if not fstring:
                    tokens.append(_Token('f""', start, token.end[1], depth, operand=True))
            elif string and not string.isspace() and not fstring:
                depth -= string in _CLOSE
                tokens.append(_Token(string, *_span(token), depth, _ends_operand(kind, string)))
                depth += string in _OPEN
    except (tokenize.TokenError, SyntaxError):
        return []  # not a whole line: it is left as it is
    return tokens


def _span(token: tokenize.TokenInfo) -> tuple[int, int]:
    return token.start[1], token.end[1]


def _ends_operand(kind: str, text: str) -> bool:
    if kind == "NAME":
        return not keyword.iskeyword(text) or text in ("None", "True", "False")
    return kind in ("NUMBER", "STRING") or text in (")", "]", "}", "...")
