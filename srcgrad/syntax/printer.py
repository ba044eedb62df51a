"""One statement or expression as text, in the style of `ruff format`, however long the line."""

from __future__ import annotations

import ast
import warnings
from typing import Any

with warnings.catch_warnings():
    # astor looks up node classes that Python has deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    from astor.code_gen import SourceGenerator, set_precedence
    from astor.op_util import Precedence, get_op_precedence, get_op_symbol


def flat(tree: ast.AST) -> str:
    """The text of a tree of `ast`, each statement and header on one line.

    The tree is annotated by astor, and so must not be shared. A construct that astor does not
    know raises an AttributeError; one that it prints wrongly has to be noticed by parsing.

    Example:
        >>> flat(ast.parse("f(x) [ 'a' ]**-2"))
        'f(x)["a"] ** -2'
    """
    printer = _Printer("    ")
    printer.visit(tree)
    return "".join(printer.result).strip("\n")


def precedence(operator: ast.AST) -> int:
    """How tightly an operator binds."""
    return get_op_precedence(operator)


class _Printer(SourceGenerator):
    """astor's printer, in the style of `ruff format`, one line a statement.

    Chains that grow deep (sums, powers, signs, conditional expressions, method calls) are
    printed in a loop.
    """

    def get__pp(self, node: ast.AST) -> int:
        """The precedence around a node: that between commas, where astor has set none."""
        return getattr(node, "_pp", Precedence.Comma)

    # Operators

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """`a + b - c`, from the left."""
        if isinstance(node.op, ast.Pow):
            self._power(node)
            return
        with self.delimit(node, node.op):
            spine = [node]
            while isinstance(node.left, ast.BinOp) and not isinstance(node.left.op, ast.Pow):
                if get_op_precedence(node.left.op) < get_op_precedence(node.op):
                    break
                node = node.left
                spine.append(node)
            set_precedence(get_op_precedence(node.op), node.left)
            self.visit(node.left)
            for item in reversed(spine):
                set_precedence(get_op_precedence(item.op) + 1, item.right)
                self.write(get_op_symbol(item.op, " %s "), item.right)

    def _power(self, node: ast.BinOp) -> None:
        """`a**b**c`, from the right; without spaces between simple operands."""
        with self.delimit(node, node.op):
            while True:
                right: Any = node.right
                chain = isinstance(right, ast.BinOp) and isinstance(right.op, ast.Pow)
                near = right.left if chain else right
                hug = _is_simple(node.left, left=True) and _is_simple(near, left=chain)
                set_precedence(Precedence.Pow + 1, node.left)
                self.write(node.left, "**" if hug else " ** ")
                if not chain:
                    break
                node = right
            set_precedence(Precedence.PowRHS, right)
            self.visit(right)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """`-x`, and `-(x**2)` with the parentheses that ruff puts there."""
        with self.delimit(node, node.op):
            while True:
                symbol = get_op_symbol(node.op)
                self.write(symbol, " " if symbol == "not" else "")
                inner = node.operand
                if not isinstance(inner, ast.UnaryOp):
                    break
                if get_op_precedence(inner.op) < get_op_precedence(node.op):
                    break
                node = inner
            power = isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Pow)
            tight = power and not isinstance(node.op, ast.Not)
            set_precedence(Precedence.highest if tight else get_op_precedence(node.op), inner)
            self.visit(inner)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        """`a if b else c if d else e`."""
        with self.delimit(node) as delimiters:
            inner: ast.expr = node
            while isinstance(inner, ast.IfExp):
                set_precedence(delimiters.p + 1, inner.body, inner.test)
                self.write(inner.body, " if ", inner.test, " else ")
                inner = inner.orelse
            set_precedence(delimiters.p, inner)
            self.visit(inner)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        """`(y := f(x))`, bare where it is the whole test of a statement."""
        bare = self.get__pp(node) == Precedence.If  # that of `while` too
        set_precedence(Precedence.Comma, node.value)
        self.write("" if bare else "(", node.target, " := ", node.value, "" if bare else ")")

    # Trailers

    def visit_Attribute(self, node: ast.AST) -> None:
        """`f(x).y[z]`, from the left."""
        spine = []
        while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
            spine.append(node)
            node = node.func if isinstance(node, ast.Call) else node.value
        set_precedence(Precedence.highest, node)
        self.visit(node)
        for item in reversed(spine):
            if isinstance(item, ast.Attribute):
                self.write(".", item.attr)
            elif isinstance(item, ast.Call):
                self._arguments(item)
            else:
                set_precedence(item, item.slice)
                self.write("[", item.slice, "]")

    def visit_Call(self, node: ast.Call) -> None:
        """A trailer like an attribute."""
        self.visit_Attribute(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """A trailer like an attribute."""
        self.visit_Attribute(node)

    def _arguments(self, node: ast.Call) -> None:
        many = len(node.args) + len(node.keywords) > 1
        set_precedence(Precedence.Comma if many else Precedence.call_one_arg, *node.args)
        self.write("(")
        for number, item in enumerate([*node.args, *node.keywords]):
            self.write(", " if number else "")
            if isinstance(item, ast.keyword):
                set_precedence(Precedence.Comma, item.value)
                self.write(f"{item.arg}=" if item.arg else "**", item.value)
            else:
                self.visit(item)
        self.write(")")

    def visit_Slice(self, node: ast.Slice) -> None:
        """`u[1:-1]`, and `u[i + 1 :]` where a bound is not simple."""
        bounds = [item for item in (node.lower, node.upper, node.step) if item is not None]
        set_precedence(Precedence.comprehension, *bounds)
        space = "" if all(_is_simple(item, bound=True) for item in bounds) else " "
        self.write(node.lower or "", space if node.lower else "", ":")
        if node.upper:
            self.write(space, node.upper)
        if node.step:
            self.write(space if node.upper else "", ":", space, node.step)

    def visit_Await(self, node: ast.Await) -> None:
        """`await f(x)`."""
        with self.delimit(node):
            set_precedence(Precedence.highest, node.value)
            self.write("await ", node.value)

    # Displays and literals

    def visit_Tuple(self, node: ast.Tuple) -> None:
        """`a, b`, with parentheses where it has to have them, or has one element."""
        with self.delimit(node) as delimiters:
            sliced = any(isinstance(item, ast.Slice) for item in node.elts)
            delimiters.discard = delimiters.discard and (len(node.elts) > 1 or sliced)
            self.comma_list(node.elts, len(node.elts) == 1)

    def visit_Dict(self, node: ast.Dict) -> None:
        """`{"a": b, **c}`."""
        with self.delimit("{}"):
            for number, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
                set_precedence(Precedence.Comma if key else Precedence.BitOr, value)
                self.write(", " if number else "")
                self.write(*((key, ": ", value) if key else ("**", value)))

    def visit_Starred(self, node: ast.Starred) -> None:
        """`*a`."""
        set_precedence(Precedence.BitOr, node.value)
        self.write("*", node.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Strings have double quotes, numbers parentheses before a dot."""
        if isinstance(node.value, str | bytes):
            self.write(_quoted(node.value))
        elif node.value is Ellipsis:
            self.write("...")
        else:
            text = repr(node.value).replace("e+", "e")
            number = isinstance(node.value, int | float | complex)
            attribute = number and self.get__pp(node) == Precedence.highest
            self.write(f"({text})" if attribute else text)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Left to the standard library, but for the quotes."""
        text = ast.unparse(node)
        if text.startswith("f'") and text[:4] != "f'''" and '"' not in text:
            text = f'f"{text[2:-1]}"'
        self.write(text)

    # Functions and headers

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """`lambda x: y`."""
        with self.delimit(node) as delimiters:
            set_precedence(delimiters.p, node.body)
            empty = not any(getattr(node.args, name) for name in node.args._fields)
            self.write("lambda" if empty else "lambda ")
            self.visit_arguments(node.args)
            self.write(": ", node.body)

    def visit_FunctionDef(self, node: ast.FunctionDef, is_async: bool = False) -> None:
        """The header in one line, its decorators above."""
        for decorator in node.decorator_list:
            self.statement(decorator, "@", decorator)
        self.statement(node, "async def " if is_async else "def ", node.name, "(")
        self.visit_arguments(node.args)
        self.write(")")
        if node.returns:
            self.write(" -> ", node.returns)
        self.write(":")
        self.body(node.body)

    def visit_arguments(self, node: ast.arguments) -> None:
        """`a, /, b: int = 1, *args, c, **kwargs`."""
        named = [*node.posonlyargs, *node.args]
        defaults = [None] * (len(named) - len(node.defaults)) + node.defaults
        parts: list[tuple[Any, ...]] = [
            (arg, _assigns(arg), default) for arg, default in zip(named, defaults, strict=True)
        ]
        if node.posonlyargs:
            parts.insert(len(node.posonlyargs), ("/", "", None))
        if node.vararg or node.kwonlyargs:
            parts.append(("*", node.vararg or "", None))
        for arg, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
            parts.append((arg, _assigns(arg), default))
        if node.kwarg:
            parts.append(("**", node.kwarg, None))
        for number, (first, second, default) in enumerate(parts):
            set_precedence(Precedence.Comma, default)
            self.write(", " if number else "", first)
            if default is not None:
                self.write(second, default)
            elif first in ("*", "**"):
                self.write(second)


def _assigns(argument: ast.arg) -> str:
    return " = " if argument.annotation else "="


def _is_simple(node: ast.expr, *, left: bool = False, bound: bool = False) -> bool:
    """Whether ruff sets no spaces around `**` or `:` beside this operand."""
    if isinstance(node, ast.UnaryOp) and not left:
        return not isinstance(node.op, ast.Not) and _is_simple(node.operand, bound=bound)
    while isinstance(node, ast.Attribute) and not bound:
        node = node.value
    if isinstance(node, ast.Constant):
        return bound or not isinstance(node.value, str | bytes)
    return isinstance(node, ast.Name)


def _quoted(value: str | bytes) -> str:
    """A literal with double quotes, unless single ones save backslashes."""
    text = repr(value)
    prefix = "b" if isinstance(value, bytes) else ""
    body = text[len(prefix) + 1 : -1]
    if text[-1] == '"' or body.count('"') > body.count("\\'"):
        return text
    return prefix + '"' + body.replace("\\'", "'").replace('"', '\\"') + '"'
