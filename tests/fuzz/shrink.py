"""A smaller program with the same outcome: statements go first, then parts of expressions."""

import ast
import copy
import time
import warnings
from collections.abc import Callable, Iterator

from .check import STAGES, Outcome, examine

LONGEST = 60.0
MODULES = ("np", "math", "functools", "io")
KEPT = ("f", "ARGUMENTS", "WRT")


def shrink(text: str, outcome: Outcome, seconds: float = LONGEST) -> str:
    """Return a smaller program whose outcome has the same key.

    Args:
        text: A program.
        outcome: What came of it.
        seconds: Stop after this time with what there is.
    """
    stages = (outcome.stage,) if outcome.stage in STAGES else tuple(STAGES)
    end = time.monotonic() + seconds
    best = text
    changed = True
    while changed:
        changed = False
        for make in PASSES:
            position = 0
            while True:
                if time.monotonic() > end:
                    return best
                tree = ast.parse(best)
                candidate = nth(make(tree), position)
                if candidate is None:
                    break
                smaller = printed(candidate)
                if smaller is not None and measure(smaller) < measure(best):
                    if examine(smaller, stages).key == outcome.key:
                        best, changed = smaller, True
                        continue
                position += 1
    return best


def nth(items: Iterator[ast.Module], position: int) -> ast.Module | None:
    """Return one item of an iterator, or None past its end."""
    for i, item in enumerate(items):
        if i == position:
            return item
    return None


def printed(tree: ast.Module) -> str | None:
    """Return the text of a tree that Python accepts, or None."""
    try:
        text = ast.unparse(ast.fix_missing_locations(tree)) + "\n"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "<shrunk>", "exec")
    except (SyntaxError, ValueError, AttributeError, TypeError):
        return None
    return text


def measure(text: str) -> tuple[int, int]:
    """Return what must fall: the nodes of the tree, then the characters."""
    return sum(1 for _ in ast.walk(ast.parse(text))), len(text)


def blocks(tree: ast.AST) -> Iterator[tuple[ast.AST, str, list[ast.stmt]]]:
    """Yield every list of statements with its owner and field."""
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            found = getattr(node, field, None)
            if isinstance(found, list):
                yield node, field, found


def needed(statement: ast.stmt) -> bool:
    """Tell whether a statement belongs to the frame of the module."""
    if isinstance(statement, ast.Assign):
        return isinstance(statement.targets[0], ast.Name) and statement.targets[0].id in KEPT
    return isinstance(statement, ast.FunctionDef) and statement.name in KEPT


def without_statements(tree: ast.Module) -> Iterator[ast.Module]:
    """Yield the program without a run of statements: long runs first."""
    for size in (8, 4, 2, 1):
        for k, (_, _, found) in enumerate(blocks(tree)):
            for start in range(len(found) - size, -1, -1):
                if any(map(needed, found[start : start + size])):
                    continue
                other = copy.deepcopy(tree)
                owner, field, body = list(blocks(other))[k]
                del body[start : start + size]
                if not body and field == "body" and not isinstance(owner, ast.Module):
                    body.append(ast.Pass())
                yield other


def unwrapped(tree: ast.Module) -> Iterator[ast.Module]:
    """Yield the program with a compound statement replaced by one of its blocks."""
    for k, (_, _, found) in enumerate(blocks(tree)):
        for i, s in enumerate(found):
            if isinstance(s, ast.FunctionDef | ast.ClassDef):
                continue
            for field in ("body", "orelse"):
                if getattr(s, field, None) and isinstance(getattr(s, field), list):
                    other = copy.deepcopy(tree)
                    body = list(blocks(other))[k][2]
                    body[i : i + 1] = getattr(body[i], field)
                    yield other


def simpler_expressions(tree: ast.Module) -> Iterator[ast.Module]:
    """Yield the program with an expression replaced by a part of it, or by a constant."""
    for k, (node, field, position) in enumerate(slots(tree)):
        old = child(node, field, position)
        parts = [n for n in ast.walk(old) if isinstance(n, ast.expr) and n is not old]
        parts = [n for n in parts if not (isinstance(n, ast.Name) and n.id in MODULES)]
        parts = [n for n in parts if isinstance(getattr(n, "ctx", ast.Load()), ast.Load)]
        numbers = [ast.Constant(1.0), ast.Constant(2)]
        if isinstance(old, ast.Constant):
            numbers = [ast.Constant(v) for v in smaller_constants(old.value)]
        for new in [*numbers, *sorted(parts, key=lambda n: sum(1 for _ in ast.walk(n)))]:
            other = copy.deepcopy(tree)
            owner, name, place = list(slots(other))[k]
            put(owner, name, place, copy.deepcopy(new))
            yield other


def smaller_constants(value: object) -> list[object]:
    """Return constants to try in the place of one."""
    if type(value) is int and value not in (0, 1):
        return [0, 1, value - 1] if value > 0 else [0, -1]
    return [1.0] if type(value) is float and value not in (1.0, 0.0) else []


def slots(tree: ast.Module) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Yield every place of an expression that is read, but for the examples of the arguments."""
    frames = [n for s in tree.body if isinstance(s, ast.Assign) and needed(s) for n in ast.walk(s)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.arguments | ast.arg) or node in frames:
            continue
        for field, value in ast.iter_fields(node):
            if field in ("func", "annotation"):
                continue
            for i, item in enumerate(value if isinstance(value, list) else [value]):
                read = isinstance(getattr(item, "ctx", ast.Load()), ast.Load)
                if isinstance(item, ast.expr) and read:
                    yield node, field, i if isinstance(value, list) else None


def child(node: ast.AST, field: str, position: int | None) -> ast.expr:
    """Return the expression at a place."""
    held = getattr(node, field)
    return held if position is None else held[position]


def put(node: ast.AST, field: str, position: int | None, new: ast.expr) -> None:
    """Set the expression at a place."""
    if position is None:
        setattr(node, field, new)
    else:
        getattr(node, field)[position] = new


def without_items(tree: ast.Module) -> Iterator[ast.Module]:
    """Yield the program without one item of a call, a display or a comparison."""
    frames = [n for s in tree.body if isinstance(s, ast.Assign) and needed(s) for n in ast.walk(s)]
    for k, node in enumerate(ast.walk(tree)):
        if node in frames:
            continue
        for field in ("args", "keywords", "elts", "decorator_list"):
            found = getattr(node, field, None)
            for i in range(len(found) if isinstance(found, list) else 0):
                other = copy.deepcopy(tree)
                del getattr(list(ast.walk(other))[k], field)[i]
                yield other
        if isinstance(node, ast.Dict):
            for i in range(len(node.keys)):
                other = copy.deepcopy(tree)
                same = list(ast.walk(other))[k]
                assert isinstance(same, ast.Dict)
                del same.keys[i], same.values[i]
                yield other


def without_parameters(tree: ast.Module) -> Iterator[ast.Module]:
    """Yield the program without one parameter of `f` and its example."""
    function = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "f")
    for i in range(len(function.args.args)):
        other = copy.deepcopy(tree)
        for n in other.body:
            if isinstance(n, ast.FunctionDef) and n.name == "f":
                label = n.args.args.pop(i).arg
            elif isinstance(n, ast.Assign) and needed(n) and isinstance(n.value, ast.Tuple):
                if isinstance(n.targets[0], ast.Name) and n.targets[0].id == "ARGUMENTS":
                    del n.value.elts[i]
        for n in other.body:
            if isinstance(n, ast.Assign) and isinstance(n.value, ast.Tuple) and needed(n):
                kept = [
                    e
                    for e in n.value.elts
                    if not (isinstance(e, ast.Constant) and e.value == label)
                ]
                n.value.elts = kept
        yield other


def plain_assignments(tree: ast.Module) -> Iterator[ast.Module]:
    """Yield the program with an augmented or annotated assignment made a plain one."""
    for k, node in enumerate(ast.walk(tree)):
        if isinstance(node, ast.AugAssign) and not isinstance(node.op, ast.Add):
            other = copy.deepcopy(tree)
            same = list(ast.walk(other))[k]
            assert isinstance(same, ast.AugAssign)
            same.op = ast.Add()
            yield other


Pass = Callable[[ast.Module], Iterator[ast.Module]]
PASSES: tuple[Pass, ...] = (
    without_statements,
    unwrapped,
    without_parameters,
    simpler_expressions,
    without_items,
    plain_assignments,
)
