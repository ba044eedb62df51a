"""From a syntax tree to text that a person would have written.

The user's statements come out as the user wrote them, comments included, wherever nothing in
them has changed; the rest is printed in the style of `ruff format`. All text is parsed back.
"""

from __future__ import annotations

import ast
import itertools

from srcgrad.errors import InternalError
from srcgrad.syntax.layout import fold
from srcgrad.syntax.printer import flat, precedence
from srcgrad.syntax.source import Node, Source, parse_text
from srcgrad.syntax.trees import Comment, same, strip_comments, to_ast
from srcgrad.syntax.writer import Emitted, Writer

__all__ = ["Comment", "Emitted", "emit_expr", "emit_function", "emit_statement"]

_ONE_LINE = 1_000_000


def emit_function(node: Node, source: Source | None) -> Emitted:
    """The text of a function.

    A statement that is unchanged is the user's own text, with its comments and the blank line
    before it. Unchanged means that it has an `end_lineno` and that its tree is the one that its
    place in `source` holds; of a compound statement the header alone is compared. A changed
    statement that still has an `end_lineno` is printed, and keeps its comments. Any other is
    printed without them.

    Args:
        node: A `gast.FunctionDef`; it is not changed.
        source: Where its positions point to; None if everything is to be printed.

    Raises:
        InternalError: A tree that no Python text stands for.

    Example:
        >>> from srcgrad.syntax.trees import to_gast
        >>> source = Source("m.py", ("def f(x):", "    return  x*x  # squared"))
        >>> print(emit_function(to_gast(source.tree().body[0]), source).text, end="")
        def f(x):
            return  x*x  # squared
    """
    emitted = Writer(source, _print_statement).function(node)
    meant = strip_comments(to_ast(node))
    try:
        found = parse_text(emitted.text).body
    except (SyntaxError, MemoryError) as error:
        raise InternalError(f"the text of `{node.name}` is not valid Python: {error}") from error
    except RecursionError:
        return emitted  # deeper than CPython compiles; each statement has been compared
    # The second comparison is for constants that the user writes in another way: 1e1000.
    if len(found) != 1 or not (same(found[0], meant) or same(to_ast(found[0]), meant)):
        raise InternalError(f"the text of `{node.name}` is not the tree that was meant")
    return emitted


def emit_expr(node: Node) -> str:
    """The text of an expression, on one line; a tuple has its parentheses.

    Raises:
        InternalError: A tree that no Python text stands for.

    Example:
        >>> import gast
        >>> emit_expr(gast.parse("u [1 : -1]*( x.T ** 2 )").body[0].value)
        'u[1:-1] * x.T**2'
    """
    tree = to_ast(node)
    if isinstance(tree, ast.Slice) or (
        isinstance(tree, ast.Tuple) and any(isinstance(item, ast.Slice) for item in tree.elts)
    ):
        name = ast.Name(id="_", ctx=ast.Load())
        tree = ast.Subscript(value=name, slice=tree, ctx=ast.Load())
        return _checked(ast.Expr(value=tree))[2:-1]
    return _checked(ast.Expr(value=ast.List(elts=[tree], ctx=ast.Load())))[1:-1]


def emit_statement(node: Node) -> str:
    """The text of a statement as srcgrad prints it, without the user's text and comments.

    A simple statement is one line, however long; so is each header of a compound one.

    Example:
        >>> import gast
        >>> emit_statement(gast.parse("y=x [ 0 ]").body[0])
        'y = x[0]'
    """
    return Writer(None, _print_statement, width=_ONE_LINE).statements([node])


def _print_statement(node: Node, room: int) -> list[str]:
    """The lines of a statement, broken where they are too long for the room there is."""
    tree = strip_comments(to_ast(node))
    text = _checked(tree)
    first, newline, rest = text.partition("\n")
    if newline and rest != "    pass":
        return text.split("\n")
    lines = fold(first, room)
    if len(lines) > 1 and not _reads_back("\n".join([*lines, rest]).rstrip("\n"), tree):
        lines = [first]
    return lines + rest.split("\n") if newline else lines


def _checked(tree: Node) -> str:
    """The text of a statement on one line, proved to be that statement by parsing it."""
    for write in (flat, ast.unparse):
        try:
            text = write(tree)
        except (AttributeError, RecursionError, ValueError):
            continue  # what astor does not know, and what `unparse` cannot quote
        if _reads_back(text, tree):
            return text
    kinds = " ".join(type(node).__name__ for node in itertools.islice(ast.walk(tree), 30))
    raise InternalError(f"no Python text stands for this tree: {kinds}")


def _reads_back(text: str, tree: Node) -> bool:
    try:
        found = ast.parse(text).body
    except RecursionError:
        return _reads_back_deep(text, tree)
    except (SyntaxError, MemoryError):
        return False
    return len(found) == 1 and same(found[0], tree)


def _reads_back_deep(text: str, tree: Node) -> bool:
    """The same for a sum that is too long for CPython's parser, here or at all: by halves."""
    try:
        found = parse_text(text).body
        return len(found) == 1 and same(found[0], tree)
    except RecursionError:
        pass
    spine = max((_spine(item) for item in _tops(tree)), key=len, default=[])
    for upper, lower in zip(spine[len(spine) // 2 :], spine[len(spine) // 2 + 1 :], strict=False):
        if precedence(lower.op) < precedence(upper.op):
            continue
        upper.left = ast.Name(id="_cut_here_", ctx=ast.Load())
        whole, part = flat(tree), flat(lower)
        proved = (
            whole.replace("_cut_here_", part, 1) == text
            and _reads_back(whole, tree)
            and _reads_back(part, ast.Expr(value=lower))
        )
        upper.left = lower
        return proved
    return False


def _tops(tree: Node) -> list[ast.BinOp]:
    inner = {id(item.left) for item in ast.walk(tree) if isinstance(item, ast.BinOp)}
    return [
        item for item in ast.walk(tree) if isinstance(item, ast.BinOp) and id(item) not in inner
    ]


def _spine(node: ast.BinOp) -> list[ast.BinOp]:
    spine = [node]
    while isinstance(spine[-1].left, ast.BinOp):
        spine.append(spine[-1].left)
    return spine
