"""How long a piece of code is: lines and tokens after formatting, without comments."""

import ast
import io
import subprocess
import sys
import tokenize
from collections.abc import Collection
from dataclasses import dataclass

LAYOUT = frozenset(
    {
        tokenize.COMMENT,
        tokenize.DEDENT,
        tokenize.ENCODING,
        tokenize.ENDMARKER,
        tokenize.INDENT,
        tokenize.NEWLINE,
        tokenize.NL,
    }
)


@dataclass(frozen=True)
class Size:
    """Code lines and tokens of a text."""

    lines: int
    tokens: int


def formatted(text: str) -> str:
    """Return `text` as `ruff format` prints it at 100 columns."""
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "100", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return done.stdout


def code_size(text: str, without: Collection[str] = ()) -> Size:
    r"""Count the code of the functions in `text`: no comment, docstring, import or blank line.

    Args:
        text: Python source.
        without: Names of top-level functions that do not count, for instance helpers of the
            user's own that a printed gradient repeats.

    Example:
        >>> code_size("import math\n\ndef f(x):\n    # twice\n    return 2.0 * x\n")
        Size(lines=2, tokens=10)
    """
    text = formatted(text)
    left_out = _lines_left_out(ast.parse(text), without)
    lines, tokens = set(), 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in LAYOUT and token.start[0] not in left_out:
            lines.update(range(token.start[0], token.end[0] + 1))
            tokens += 1
    return Size(len(lines), tokens)


def _lines_left_out(tree: ast.Module, without: Collection[str]) -> set[int]:
    """Lines of docstrings, imports and the functions named in `without`."""
    nodes: list[ast.stmt] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef) and ast.get_docstring(node, False):
            nodes.append(node.body[0])
        if isinstance(node, ast.Import | ast.ImportFrom):
            nodes.append(node)
    nodes += [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name in without]
    return {
        line for node in nodes for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
