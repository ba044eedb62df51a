"""Reading a function: always the tree of what Python runs, or an error that says why not."""

import __future__

import ast
import contextlib
import functools
import importlib.util
import linecache
import math
import sys
import textwrap
import threading

import gast
import pytest

from srcgrad.errors import BadArgument, SourceNotFound, Unsupported
from srcgrad.syntax.emit import emit_function
from srcgrad.syntax.parse import Source, parse
from srcgrad.syntax.trees import same, to_ast, to_gast


def twice(fn):
    @functools.wraps(fn)
    def wrapper(x):
        return fn(fn(x))

    return wrapper


def keep(*_):
    return lambda fn: fn


@keep(
    "a decorator on several lines",
)
@keep()
def decorated(x):
    return x + 1


@twice
def wrapped(x):
    return x + 2


class Model:
    __scale = 3.0

    def scale(self, x):
        return self.__scale * x

    @staticmethod
    def half(x):
        return x / 2

    @classmethod
    def make(cls, x):
        return cls, x


def again(x):
    return x * 1


first_again = again


def again(x):
    return x * 2


def outer(k):
    def inner(x):
        return k * x

    return inner


def defaults(a, /, b: int = 1, *args, c, d=2, **kwargs) -> float:
    """Text."""
    return a, b, args, c, d, kwargs


add, sub = (lambda x: x + 1), (lambda x: x - 1)
one, two = (lambda x: x * 1.0), (lambda x: x * 2.0)
same_left, same_right = (lambda x: x), (lambda x: x)
by_attribute = [lambda x: x.real, lambda x: x.imag]
curried = lambda a: lambda b: a - b  # noqa: E731
pair = [make(k) for make in (lambda a: lambda b: a + b,) for k in (1, 2)]
spread = (lambda x:
          x + 1), (lambda x:
                   x + 2)  # fmt: skip
with_defaults = [lambda x, k=1: x + k, lambda x, k=2: x + k]
unicode = ["ä ö ü", lambda x: x * 2, "é", lambda x: x * 3]


def text_of(fn):
    return emit_function(parse(fn).node, None).text


def body(fn):
    return text_of(fn).split("\n", 1)[1].strip()


def load(path, name="loaded"):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def from_text(text, file, **namespace):
    lines = text.splitlines(keepends=True)
    linecache.cache[file] = (len(text), None, lines, file)
    exec(compile(text, file, "exec"), namespace)
    return namespace


@pytest.mark.parametrize(
    ("fn", "expected"),
    [
        (decorated, "return x + 1"),
        (wrapped, "return fn(fn(x))"),
        (wrapped.__wrapped__, "return x + 2"),
        (Model.scale, "return self.__scale * x"),
        (Model().scale, "return self.__scale * x"),
        (Model.half, "return x / 2"),
        (Model.__dict__["half"], "return x / 2"),
        (Model.make, "return cls, x"),
        (first_again, "return x * 1"),
        (again, "return x * 2"),
        (outer(1), "return k * x"),
        (add, "return x + 1"),
        (sub, "return x - 1"),
        (one, "return x * 1.0"),
        (two, "return x * 2.0"),
        (same_left, "return x"),
        (by_attribute[0], "return x.real"),
        (by_attribute[1], "return x.imag"),
        (curried, "return lambda b: a - b"),
        (curried(1), "return a - b"),
        (pair[1], "return a + b"),
        (spread[0], "return x + 1"),
        (spread[1], "return x + 2"),
        (unicode[1], "return x * 2"),
        (unicode[3], "return x * 3"),
    ],
)
def test_finds_the_function(fn, expected):
    assert body(fn) == expected


def test_same_lambdas_are_told_apart_by_column():
    left, right = parse(same_left).node, parse(same_right).node
    assert left.col_offset < right.col_offset
    assert parse(with_defaults[0]).node.args.defaults[0].value == 1
    assert parse(with_defaults[1]).node.args.defaults[0].value == 2


def test_a_function_keeps_everything_but_decorators():
    assert parse(decorated).node.decorator_list == []
    header = "def defaults(a, /, b: int = 1, *args, c, d=2, **kwargs) -> float:"
    assert text_of(defaults).splitlines()[:2] == [header, '    """Text."""']


def test_parameters_are_gast_names():
    args = parse(defaults).node.args
    assert all(isinstance(arg, gast.Name) for arg in [*args.args, *args.kwonlyargs, args.vararg])
    assert isinstance(args.args[0].ctx, gast.Param)


def test_positions_are_those_in_the_file():
    parsed = parse(Model.scale)
    lines = parsed.source.lines
    result = parsed.node.body[0]
    assert lines[parsed.node.lineno - 1].strip() == "def scale(self, x):"
    assert lines[result.lineno - 1][result.col_offset : result.end_col_offset] == (
        "return self.__scale * x"
    )
    assert parsed.source.file == __file__
    assert parse(decorated).node.lineno == parse(decorated).node.body[0].lineno - 1


def test_a_lambda_is_a_function_of_one_return():
    node = parse(add).node
    assert isinstance(node, gast.FunctionDef)
    assert node.name == "lambda_"
    assert isinstance(node.body[0], gast.Return)
    assert node.body[0].lineno == node.body[0].value.lineno


def test_location_counts_characters():
    parsed = parse(unicode[3])
    location = parsed.source.location(parsed.node.body[0])
    assert location.text[location.column : location.end_column] == "x * 3"
    assert parsed.source.segment(parsed.node.body[0].value) == "x * 3"


def test_location_of_several_lines_ends_with_the_first():
    source = Source("m.py", ("x = f(", "    1,", ")", "if x:", "    y = (a +", "         b)"))
    call, test = source.tree().body
    assert source.location(call).end_column == 6
    assert source.segment(call) == "x = f(\n    1,\n)"
    assert source.segment(test.body[0]) == "y = (a +\nb)"
    assert source.segment(gast.Pass()) == ""
    assert source.location(gast.Pass()).line == 0
    assert source.location(gast.Pass(lineno=2, col_offset=4)).end_column == 5


def test_exec_with_linecache():
    text = "\n\ndef f(x):\n    return x + 7\n\ng = lambda x: x + 8\n"
    names = from_text(text, "<cell 1>")
    assert body(names["f"]) == "return x + 7"
    assert body(names["g"]) == "return x + 8"
    assert parse(names["f"]).node.lineno == 3


def test_notebook_cell_with_top_level_await_and_futures():
    file = "<cell 2>"
    text = "async def load():\n    return 1\n\ndef f(x: 'int'):\n    return x + 7\n\nawait load()\n"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | __future__.annotations.compiler_flag
    tree = ast.parse(text)
    names = {}
    exec(compile(ast.Module(tree.body[:2], []), file, "exec", flags=flags), names)
    assert body(names["f"]) == "return x + 7"


def test_line_ends_tabs_and_form_feeds(tmp_path):
    path = tmp_path / "windows.py"
    path.write_bytes(
        b"def f(x):\r\n\tif x:\r\n\t\treturn (x +\r\n\t\t\t1)\r\n\x0c\r\n\treturn x\r\n"
    )
    parsed = parse(load(path).f)
    expected = "def f(x):\n    if x:\n        return (x +\n        \t1)\n\n    return x\n"
    assert emit_function(parsed.node, parsed.source).text == expected


def test_other_encodings(tmp_path):
    path = tmp_path / "latin.py"
    path.write_bytes(
        "# -*- coding: latin-1 -*-\ndef f(x):\n    é = 'ü'; return é\n".encode("latin-1")
    )
    parsed = parse(load(path).f)
    assert parsed.source.segment(parsed.node.body[1]) == "return é"


STALE = [
    ("def f(x):\n    return 2.0 * x\n", "def f(x):\n    return 3.0 * x\n"),
    ("def f(x):\n    return x + 1\n", "def f(x):\n    return x - 1\n"),
    ("def f(x):\n    return x + 1\n", "def f(x):\n    return x + True\n"),
    ("def f(x):\n    return 0.0 * x\n", "def f(x):\n    return -0.0 * x\n"),
    ("def f(x):\n    return x + 1\n", "def f(x, y):\n    return x + 1\n"),
    ("def f(x):\n    return sin(x)\n", "def f(x):\n    return cos(x)\n"),
    ("def f(x):\n    return x.sin\n", "def f(x):\n    return x.cos\n"),
    ("def f(x):\n    return [lambda: 1]\n", "def f(x):\n    return [lambda: 2]\n"),
    ("def f(x):\n    return x\n", "y = 1\ndef f(x):\n    return x\n"),
    ("def f(x):\n    return x\n", "def g(x):\n    return x\n"),
    ("def f(x):\n    return x\n", "def f(x):\n    return (\n"),
    ("def f(x):\n    return x\n", "return 1\n"),
    ("f = lambda x: x + 1\n", "f = lambda x: x + 2\n"),
    ("f, g = lambda x: 1, lambda x: 2\n", "f, g = lambda x: 2, lambda x: 3\n"),
    ("def f(x):\n    return x in {1, 2}\n", "def f(x):\n    return x in {1, 3}\n"),
]


@pytest.mark.parametrize(("before", "after"), STALE)
def test_a_file_that_has_changed_is_noticed(before, after):
    names = from_text(before, "<stale>")
    assert parse(names["f"]).node.name in ("f", "lambda_")
    linecache.cache["<stale>"] = (1, None, after.splitlines(keepends=True), "<stale>")
    with pytest.raises(SourceNotFound, match=r"changed since it was imported"):
        parse(names["f"])


def test_a_file_that_has_changed_on_disk_is_noticed(tmp_path):
    path = tmp_path / "module.py"
    path.write_text("def f(x):\n    return x + 1\n")
    fn = load(path).f
    assert body(fn) == "return x + 1"
    path.write_text("def f(x):\n    return x + 100\n")
    with pytest.raises(SourceNotFound, match="Import the module again"):
        parse(fn)


def test_moved_but_equal_comments_do_not_matter():
    names = from_text("def f(x):\n    return x  # one\n", "<stale>")
    new = "def f(x):\n    return x  # two\n"
    linecache.cache["<stale>"] = (1, None, new.splitlines(keepends=True), "<stale>")
    assert body(names["f"]) == "return x"


def test_same_lambdas_without_columns():
    text = "f, g = (lambda x: x + 1), (lambda x: x + 1)\nh, k = (lambda x: x), (lambda y: y)\n"
    names = from_text(text, "<lambdas>")
    for name, expected in {"f": "x + 1", "g": "x + 1", "h": "x", "k": "y"}.items():
        fn = names[name]
        fn.__code__ = fn.__code__.replace(co_linetable=without_columns(fn.__code__))
        assert all(column is None for _, _, column, _ in fn.__code__.co_positions())
        assert body(fn) == f"return {expected}"


def without_columns(code):
    """A table that gives the first line for every instruction, as without debug ranges."""
    units, table = len(code.co_code) // 2, bytearray()
    while units:
        step = min(units, 8)
        table += bytes([0x80 | 13 << 3 | step - 1, 0])
        units -= step
    return bytes(table)


def test_a_function_under_test_with_assert():
    def checked(x):
        assert x > 0, "positive"
        return x + 1

    assert "assert x > 0" in body(checked)  # pytest has rewritten the code object


@pytest.mark.parametrize(
    ("fn", "name"),
    [
        (math.sin, "sin"),
        (len, "len"),
        (int, "int"),
        ("".join, "join"),
        (functools.partial(add, 1), "partial"),
        (type("C", (), {"__call__": len})(), "C"),
    ],
)
def test_functions_without_source(fn, name):
    with pytest.raises(SourceNotFound, match=name) as caught:
        parse(fn)
    assert "of your own" in caught.value.hint


def test_functions_of_a_prompt():
    names = {}
    exec("def typed(x):\n    return x", names)
    with pytest.raises(SourceNotFound, match=r"`typed` cannot be read from '<string>'") as caught:
        parse(names["typed"])
    assert caught.value.hint == "Put `typed` into a file or a notebook cell."


@pytest.mark.parametrize("value", [3, None, [add], "add"])
def test_not_a_function(value):
    with pytest.raises(BadArgument, match="expected a Python function"):
        parse(value)


def test_async_functions_are_refused():
    names = from_text("async def f(x):\n    return x\n", "<async>")
    with pytest.raises(Unsupported, match=r"(?s)`async def` .*line 1\n    async def f\(x\):\n"):
        parse(names["f"])


def test_warnings_of_the_source_are_not_repeated(recwarn):
    text = "def f(x):\n    return x\n\ny = '\\d', 1 is 1\n"
    with contextlib.suppress(Warning):
        linecache.cache["<warns>"] = (1, None, text.splitlines(keepends=True), "<warns>")
        names = {}
        exec(compile(ast.parse("def f(x):\n    return x\n"), "<warns>", "exec"), names)
    assert body(names["f"]) == "return x"
    assert not recwarn.list


def test_deep_stacks_and_deep_sums():
    text = "def f(a):\n    return " + " + ".join(["a"] * 2500) + "\n"
    names = from_text(text, "<deep>")
    results = []

    def descend(depth):
        if depth:
            descend(depth - 1)
        else:
            results.append(parse(names["f"]).node)

    descend(400)
    assert sum(isinstance(node, gast.BinOp) for node in ast.walk(results[0])) == 2499


def test_threads_at_once():
    functions = [add, sub, one, two, again, decorated, Model.scale, wrapped]
    expected = [body(fn) for fn in functions]
    found = {}

    def work(number):
        found[number] = [body(fn) for fn in functions]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(found[number] == expected for number in range(8))


@pytest.mark.parametrize("name", ["ast", "dataclasses", "typing", "statistics", "contextlib"])
def test_trees_are_those_of_gast(name):
    source = importlib.util.find_spec(name).loader.get_source(name)
    tree = ast.parse(source)
    ours, theirs = to_gast(tree), gast.ast_to_gast(ast.parse(source))
    assert gast.dump(ours) == gast.dump(theirs)
    assert same(to_ast(ours), tree)


def test_every_function_of_the_library_is_found():
    modules = [sys.modules[name] for name in ("textwrap", "functools", "contextlib", "linecache")]
    for module in modules:
        for fn in vars(module).values():
            plain = getattr(fn, "__code__", None) is not None
            if plain and fn.__module__ == module.__name__ and not hasattr(fn, "__wrapped__"):
                assert parse(fn).node.name == fn.__code__.co_name
    assert textwrap.dedent("x") == "x"
