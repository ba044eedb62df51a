"""Between `ast` and `gast`, and comparing trees, without recursion.

A sum of a few thousand terms is a tree as deep, and Python compiles it; so nothing here recurses.
"""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Callable, Iterator
from typing import Any

import gast

from srcgrad.errors import InternalError, Unsupported
from srcgrad.syntax.source import Node

_IGNORED = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
_LISTS = frozenset({"type_params", "decorator_list", "keywords", "type_ignores"})
_DOCUMENTED = frozenset({"FunctionDef", "AsyncFunctionDef", "ClassDef"})


class _Compared(dict[type, tuple[str, ...]]):
    """The fields of each class of nodes in which two trees of one program are the same."""

    def __missing__(self, kind: Any) -> tuple[str, ...]:
        """Find the fields of one class, once; bodies with docstrings are compared apart."""
        apart = {"body"} if kind.__name__ in _DOCUMENTED else set()
        self[kind] = tuple(f for f in kind._fields if f not in _IGNORED | apart)
        return self[kind]


_COMPARED = _Compared()


class Comment(str):
    """The text of a comment; as a constant that is a statement, it prints as `# text`.

    An empty one prints an empty line.

    Example:
        >>> statement = gast.Expr(value=gast.Constant(value=Comment("why"), kind=None))
        >>> is_comment(statement)
        True
    """

    __slots__ = ()


def is_comment(node: Node) -> bool:
    """Whether a statement is a `Comment`."""
    return type(node).__name__ == "Expr" and isinstance(getattr(node.value, "value", None), Comment)


def to_gast(node: Node) -> Node:
    """Converts a tree of `ast` to one of `gast`, like `gast.ast_to_gast` but to any depth.

    Raises:
        Unsupported: A kind of node that gast does not know.
    """
    return _rebuild(node, _gast_shell)


def to_ast(node: Node) -> Node:
    """Converts a tree of `gast` to one of `ast`, sharing no node with it.

    Constants take the form that Python's own parser gives them: a negative number is a unary
    minus, infinity is `float("inf")`, and a numpy scalar is a Python number.

    Raises:
        InternalError: A constant that has no literal, such as an array.
    """
    return _rebuild(node, _ast_shell)


def same(left: Any, right: Any) -> bool:
    """Whether two trees, both of `ast` or both of `gast`, are the same program.

    Positions, contexts (load, store), comments and the indentation of docstrings do not count.

    Example:
        >>> same(ast.parse("a + b"), ast.parse("( a+b )"))
        True
    """
    todo: list[tuple[Any, Any]] = [(left, right)]
    while todo:
        a, b = todo.pop()
        if hasattr(a, "_fields"):
            kind = a.__class__
            if kind is not b.__class__:
                return False
            if kind.__name__ == "Constant":
                if not _same_constant(a.value, b.value):
                    return False
                continue
            if kind.__name__ in _DOCUMENTED:
                pair = _without_docstrings(a, b)
                if pair is None:
                    return False
                todo.append(pair)
            todo += [(field(a, name), field(b, name)) for name in _COMPARED[kind]]
        elif isinstance(a, list):
            if not isinstance(b, list):
                return False
            a, b = _significant(a), _significant(b)
            if len(a) != len(b):
                return False
            todo += zip(a, b, strict=True)
        elif a != b:
            return False
    return True


def field(node: Node, name: str) -> Any:
    """A field of a node; what an optional one stands for where it was left out."""
    return getattr(node, name, None if name not in _LISTS else [])


def strip_comments(node: Node) -> Node:
    """Removes the comments from a tree of `ast`, in place; an empty body becomes `pass`."""
    for block, owner, name in list(_blocks(node)):
        kept = [statement for statement in block if not is_comment(statement)]
        must = name == "body" and not isinstance(owner, ast.Module)
        setattr(owner, name, kept or ([ast.Pass()] if must else []))
    return node


def _blocks(root: Node) -> Iterator[tuple[list[Node], Node, str]]:
    """Every list of statements below a node, with its owner."""
    todo = [root]
    while todo:
        owner = todo.pop()
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            block = getattr(owner, name, None)
            if isinstance(block, list):
                if name in ("body", "orelse", "finalbody"):
                    yield block, owner, name
                todo += block


def docstring(body: list[Any]) -> str | None:
    """The docstring that a body starts with, as it stands in the source."""
    if body and type(body[0]).__name__ == "Expr" and not is_comment(body[0]):
        value = getattr(body[0].value, "value", None)
        return value if isinstance(value, str) else None
    return None


def dedented(text: str) -> str:
    """A docstring without its indentation, and the white space around it."""
    return inspect.cleandoc(text).strip()


def _without_docstrings(a: Any, b: Any) -> tuple[list[Any], list[Any]] | None:
    """The bodies of two functions but for their docstrings; None if those differ."""
    left, right = _significant(a.body), _significant(b.body)
    texts = docstring(left), docstring(right)
    if texts[0] is None or texts[1] is None:
        return left, right
    if dedented(texts[0]) != dedented(texts[1]):
        return None
    return left[1:], right[1:]


def _significant(items: list[Any]) -> list[Any]:
    """A list of nodes without the comments in it."""
    if not (items and isinstance(items[0], ast.stmt)):
        return items
    return [item for item in items if not is_comment(item)]


def _same_constant(a: Any, b: Any) -> bool:
    return type(a) is type(b) and repr(a) == repr(b)


def _rebuild(root: Node, shell: Callable[[Node, Any], Node]) -> Any:
    """Copies a tree; `shell(node, parent)` makes the new node, its children still the old ones."""
    top: list[Any] = [None]
    todo: list[tuple[Any, Any, Any, Any]] = [(root, None, top, 0)]
    while todo:
        old, parent, place, key = todo.pop()
        new = shell(old, parent)
        if isinstance(place, list):
            place[key] = new
        else:
            setattr(place, key, new)
        for name in new._fields:
            value = getattr(new, name)
            if isinstance(value, list):
                fresh = list(value)
                setattr(new, name, fresh)
                todo += [
                    (item, old, fresh, index)
                    for index, item in enumerate(value)
                    if isinstance(item, ast.AST)
                ]
            elif isinstance(value, ast.AST):
                if value._fields:
                    todo.append((value, old, new, name))
                else:
                    setattr(new, name, shell(value, old))
    return top[0]


def copied(kind: type, node: Node, **fields: Any) -> Any:
    """A node of a class, with the fields and the position of another node, but for `fields`."""
    new: Node = ast.AST.__new__(kind)
    values = new.__dict__
    values.update(node.__dict__)
    values.update(fields)
    for name in kind._fields:  # type: ignore[attr-defined]
        if name not in values:
            values[name] = field(node, name)
    return new


def _gast_shell(node: Node, _parent: Node) -> Node:
    if isinstance(node, gast.AST) and type(node).__module__ == "gast.gast":
        return node  # made by this function a moment ago: the name of an exception handler
    if isinstance(node, ast.arg):
        return copied(gast.Name, node, id=node.arg, ctx=gast.Param())
    if isinstance(node, ast.ExceptHandler) and node.name:
        name = copied(gast.Name, node, id=node.name, ctx=gast.Store())
        name.annotation = name.type_comment = None
        return copied(gast.ExceptHandler, node, name=name)
    kind = getattr(gast, type(node).__name__, None)
    if kind is None:
        raise Unsupported(f"the syntax node `{type(node).__name__}` is not supported")
    return copied(kind, node)


def _ast_shell(node: Node, parent: Node) -> Node:
    kind = type(node).__name__
    if kind == "Constant":
        return _literal(node)
    if kind == "Subscript" and hasattr(getattr(node.slice, "value", None), "label"):
        new = copied(ast.Attribute, node, attr=node.slice.value.label)
        del new.__dict__["slice"]
        return new
    if kind == "Name" and type(parent).__name__ == "arguments" and _is_parameter(node, parent):
        return copied(ast.arg, node, arg=node.id)
    if kind == "ExceptHandler":
        return copied(ast.ExceptHandler, node, name=getattr(node.name, "id", node.name))
    return copied(getattr(ast, kind), node)


def _is_parameter(node: Node, arguments: Any) -> bool:
    """Whether a name among the arguments is a parameter, and not a default."""
    lists = [field(arguments, name) or [] for name in ("posonlyargs", "args", "kwonlyargs")]
    single = [field(arguments, "vararg"), field(arguments, "kwarg")]
    return any(node is item for item in [*lists[0], *lists[1], *lists[2], *single])


def _literal(node: Node) -> Any:
    """The expression that Python's parser gives for the value of a constant."""
    value = node.value
    if isinstance(value, Comment) or value is None or value is Ellipsis:
        return copied(ast.Constant, node)
    plain: Any
    for plain in (bool, int, float, complex, str, bytes):
        if isinstance(value, plain):
            return _number(node, plain(value))
    if getattr(value, "shape", None) == () and type(value.item()) is not type(value):
        return _literal(copied(ast.Constant, node, value=value.item()))
    if isinstance(value, tuple):
        elements = [ast.Constant(value=element) for element in value]
        return copied(ast.Tuple, node, elts=elements, ctx=ast.Load())
    raise InternalError(f"a constant of type {type(value).__name__} has no literal")


def _number(node: Node, value: Any) -> Any:
    def constant(value: Any) -> Any:
        return copied(ast.Constant, node, value=value)

    if isinstance(value, float):
        if not math.isfinite(value):
            return _call(node, "float", [ast.Constant(value=repr(value))])
        negative = math.copysign(1.0, value) < 0
    elif isinstance(value, complex):
        parts = (value.real, value.imag)
        if repr(parts[0]) == "0.0" and math.isfinite(parts[1]) and repr(parts[1])[0] != "-":
            return constant(value)
        return _call(node, "complex", [ast.Constant(value=part) for part in parts])
    else:
        negative = isinstance(value, int) and value < 0
    if negative:
        return copied(ast.UnaryOp, node, op=ast.USub(), operand=constant(-value))
    return constant(value)


def _call(node: Node, name: str, arguments: list[Node]) -> Any:
    func = copied(ast.Name, node, id=name, ctx=ast.Load())
    return copied(ast.Call, node, func=func, args=arguments, keywords=[])
