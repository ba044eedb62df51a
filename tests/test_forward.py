"""Forward mode as it leaves its pass: every statement beside its tangent, against differences."""

import ast
import builtins
import copy
import inspect
import zlib

import gast
import numpy as np
import pytest

from srcgrad.assemble.objects import spell
from srcgrad.errors import Unsupported
from srcgrad.lower.base.facts import observe_argument
from srcgrad.lower.base.program import World, load
from srcgrad.lower.prepare import prepare_mirrored
from srcgrad.optimize.stated import with_stated
from srcgrad.syntax.trees import to_ast
from srcgrad.transform.forward import Forward
from tests.differences import directional, leaves
from tests.programs import PROGRAMS
from tests.trees import random_like, zeros_like


class Module:
    """A program of generated functions that are neither made lean nor renamed."""

    def __init__(self, world):
        self.world = world
        self.globals = {}
        self.names = {}
        self.texts = []

    def tangent(self, typed, wanted):
        key = (typed, wanted)
        if key not in self.names:
            self.names[key] = f"{typed.function.object.__name__.strip('<>')}_jvp_{len(self.names)}"
            self.add(typed, list(wanted), self.names[key])
        return self.names[key]

    def add(self, typed, wanted, label):
        made = Forward(typed, self.world, wanted, self).joint()
        for s in made.body:
            for n in gast.walk(s):
                if isinstance(n, gast.Name):
                    n.id = plain(n.id)
                if isinstance(n, gast.stmt):
                    assert n.lineno is not None, ast.unparse(gast.gast_to_ast(n))
        spell(made.body, self.globals, set())
        body = list(map(to_ast, with_stated(made.body)))
        text = "\n".join(ast.unparse(ast.fix_missing_locations(s)) for s in body)
        bound = {n.id for s in body for n in ast.walk(s) if isinstance(n, ast.Name)}
        for n in sorted(bound - set(dir(builtins))):
            if typed.function.binds(n):
                self.globals.setdefault(n, typed.function.lookup(n))
        lines = "\n".join("    " + line for line in text.splitlines())
        parameters = ", ".join(map(plain, made.parameters))
        self.texts.append(f"def {label}({parameters}):\n{lines}\n")


def plain(identifier):
    """An internal name as an identifier."""
    return identifier.replace("|", "__")


def tangent_function(function, args, wrt):
    """The tangent of a function for example arguments, and its text."""
    world = World(prepare=prepare_mirrored)
    bound = inspect.signature(function).bind(*args)
    bound.apply_defaults()
    kinds = {p: observe_argument(v, p, world.facts) for p, v in bound.arguments.items()}
    module = Module(world)
    module.add(prepare_mirrored(load(function), kinds, world), list(wrt), "f_jvp")
    text = "\n".join(module.texts)
    namespace = dict(module.globals)
    exec(compile(text, "<forward>", "exec"), namespace)
    names = list(kinds)
    defaults = [bound.arguments[p] for p in names[len(args) :]]

    def called(*given):
        first, dots = given[: len(args)], given[len(args) :]
        return namespace["f_jvp"](*first, *defaults, *dots)

    return called, text


def bits(tree):
    """Path, type and bytes of every leaf."""
    return [(path, type(leaf), np.asarray(leaf).tobytes()) for path, leaf in leaves(tree)]


def check(function, args, wrt, seed=0):
    """Compare value and tangent with the function and with differences; the text is returned."""
    rng = np.random.default_rng(seed)
    names = list(inspect.signature(function).parameters)
    random = [random_like(a, rng) for a in args]
    along = [t if n in wrt else zeros_like(t) for n, t in zip(names, random, strict=False)]
    called, text = tangent_function(function, args, wrt)
    dots = [copy.deepcopy(along[names.index(n)]) for n in wrt]
    mine, theirs = copy.deepcopy(args), copy.deepcopy(args)
    value, dot = called(*mine, *dots)
    assert bits(value) == bits(function(*theirs))
    assert bits(mine) == bits(theirs)
    table = dict(leaves(dot))
    for path, want, error in directional(function, args, tuple(along)):
        assert np.shape(table[path]) == np.shape(want)
        gap = np.abs(np.asarray(table[path], float) - want)
        assert np.all(gap <= error + 1e-8 * (1.0 + np.abs(want))), path
    return text


SMOOTH = [name for name, p in PROGRAMS.items() if p.refused is None and p.smooth]
REFUSED = {"diagonal_by_a_strided_view", "ravel_is_a_copy", "ravel_is_a_view", "reshape_written"}
SHARE = [n for n in SMOOTH if zlib.crc32(n.encode()) % 10 == 0 and n not in REFUSED]


@pytest.mark.parametrize("name", SHARE)
def test_share_of_the_corpus(name):
    program = PROGRAMS[name]
    check(program.function, program.arguments(), program.wrt)


X = np.array([0.7, 1.3, -0.4, 0.9])


def fresh_where_the_primal_is(x):
    y = x * 1.0
    z = y + 0.0
    y += x
    rows = [x * 1.0, z]
    for row in rows:
        row += x
    rows[0][0] = rows[1][1]
    x *= 2.0
    return np.sum(y * z) + np.sum(rows[0] * rows[1] * x)


def two_buffers_by_turns(x):
    u, v = np.zeros(4), np.zeros(4)
    c = u
    for i in range(4):
        c[i] = x[i] * x[i]
        c = u if i % 2 else v
    return np.sum(u * v * x) + np.sum(u) + 2.0 * np.sum(v)


def views_of_one_array(x):
    y = x.copy()
    left, right = y[:2], y[2:]
    left += right
    right *= left
    return np.sum(y * y)


def pops_in_one_line(x):
    stack = [x[0]]
    for v in x:
        stack.append(v * stack[-1])
    r = stack.pop() - stack.pop() * x[0]
    return r + stack.pop() * len(stack)


def tape(x):
    u, steps = x.copy(), []
    for i in range(3):
        steps.append(u[1:-1].copy())
        u[1:-1] = u[1:-1] * u[2:] + i
    s = np.sum(u)
    while steps:
        u[1:-1] = steps.pop()
        s = s * 0.5 + np.sum(u * u)
    return s


def lists_turned_round(x):
    h, hs = x, [x]
    for _ in range(3):
        h = np.sin(h) * x
        hs.append(h)
    hs.reverse()
    both = hs[1:]
    both += [x]
    s = 0.0
    for i, (p, q) in enumerate(zip(hs, reversed(both), strict=True)):
        s = s + np.sum(p * q) * (i + 1)
    for p in both[::-1]:
        s = s * np.sum(p)
    return s


def parts_without_tangent(x):
    d = {"n": 0, "name": "a", "x": x}
    for v in x:
        d["n"] += v * v
    t = (x[0], 2)
    if x[0] < 0.0:
        t = (x[0], x[1])
    return d["n"] * t[0] * t[1], [d["x"], "s", 3, None]


def scatter(x):
    out = np.zeros(3)
    np.add.at(out, np.array([0, 0, 2, 1]), x * x)
    np.subtract.at(out, [0, 1], x[:2])
    return np.sum(out * out)


def bump(a, by=2.0, *, factor=3.0):
    a += by * factor
    return a * 1.0


def callee_that_writes(x):
    y = x * x
    z = bump(y, factor=x[0])
    bump(y[1:], factor=0.5)
    z *= 2.0
    return np.sum(y * z)


def variable_of_a_loop(x):
    s = 0.0
    t = 1.0
    for t in x:
        s = s + t
        t = t * x[0]
    for i in range(3):
        i = i * 2
    for v in x[:0]:
        t = v
    return s * t * i


def zero_by_turns(x):
    y = np.ones(4)
    z = 3.0
    for i in range(3):
        y = z * y
        z = x[i] if i else 2.0
    return y * z


def views_not_read_again(x):
    b = x[None] * 1.0
    c = np.squeeze(b)
    c[0] *= 2.0
    d = np.expand_dims(b, 0)
    d *= x[1]
    v = b if x[0] < 100.0 else d[0]
    v[0, 1] *= x[2]
    return np.sum(b * x)


def one_array_in_a_list(x):
    r = [x * x] * 3
    r[0][1] = x[0]
    r[1] *= x
    y = x * 2.0
    parts = [y[:2], y[1:3], y]
    parts[0] *= x[0]
    parts[1][0] = x[2]
    return np.sum(r[2] * x) + np.sum(y * x)


def dict_under_two_names(x):
    p = {"w": {"a": x * 1.0, "b": x[0]}, "s": x[1]}
    q = p["w"]
    q["a"] *= p["s"]
    q["b"] += p["s"]
    return np.sum(p["w"]["a"]) * p["w"]["b"]


@pytest.mark.parametrize(
    "function",
    [
        views_not_read_again,
        one_array_in_a_list,
        dict_under_two_names,
        fresh_where_the_primal_is,
        two_buffers_by_turns,
        views_of_one_array,
        pops_in_one_line,
        tape,
        lists_turned_round,
        parts_without_tangent,
        scatter,
        callee_that_writes,
        variable_of_a_loop,
        zero_by_turns,
    ],
)
def test_memory_and_containers_have_twins(function):
    check(function, (X,), ["x"])


def test_text_stands_beside_the_primal():
    def f(x, w):
        h = x @ w
        h = np.tanh(h)
        return np.sum(h * x)

    text = check(f, (X, np.eye(4) + 0.1), ["x", "w"])
    assert text.splitlines()[1:] == [
        "    h_dot__d = x_dot__d @ w + x @ w_dot__d",
        "    h = x @ w",
        "    h__1 = np.tanh(h)",
        "    h_dot__d1 = h_dot__d * (1.0 - h__1 ** 2)",
        "    return (np.sum(h__1 * x), np.sum(h_dot__d1 * x + x_dot__d * h__1))",
    ]


def writes_into_ints(x):
    n = np.zeros(3, dtype=int)
    n[0] = x[0]
    return n[0] * x[1]


def none_on_one_path(x):
    y = None
    if x[0] > 0.0:
        y = x * x
        z = y * 2.0
    else:
        z = x
    return z if y is None else np.sum(z)


def reshaped_and_written(x):
    y = np.outer(x, x).T * 2.0
    z = y.reshape(-1)
    z[0] = 1.0
    return np.sum(y)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (writes_into_ints, "a value that varies is written into an array of int64"),
        (none_on_one_path, "`y` varies, but is None on one path"),
        (reshaped_and_written, "memory that `y` and `z` may share"),
    ],
)
def test_refused_rather_than_wrong(function, message):
    with pytest.raises(Unsupported) as caught:
        tangent_function(function, (X,), ["x"])
    assert message in str(caught.value)
    assert caught.value.location is not None
