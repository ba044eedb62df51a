"""START HERE: the passes of each mode, in order.

source -> parse -> (lower) desugar, split, interpret and expand to a fixed point, views, rewrite
       -> (transform) reverse or forward -> (optimize) eliminate, inline, tidy, name -> emit

`lower.prepare` brings a function into normal form and finds the kinds of its expressions;
`transform` turns it into a gradient that is correct but wordy; `assemble.module` runs the passes of
`optimize`, which make it lean, and `assemble.printing` prints it. Names with a bar, which passes
make, are explained in `syntax.lives`.
"""

from __future__ import annotations

import ast
import copy
import inspect
import itertools
import textwrap
import types
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gast

from srcgrad.assemble.module import Half, Module
from srcgrad.assemble.names import copies_in, copy_body, is_constant, is_docstring, mentioned
from srcgrad.assemble.printing import printed
from srcgrad.kinds import Array, Kind, List, Opaque, Record, Scalar, Static, may_be_active
from srcgrad.lower.base.program import Typed, World, load
from srcgrad.lower.inference.instances import typed_for
from srcgrad.lower.prepare import prepare, prepare_mirrored
from srcgrad.optimize.eliminate import eliminate
from srcgrad.syntax.lives import is_tape, readable
from srcgrad.syntax.quote import constant, statements
from srcgrad.syntax.walk import nodes
from srcgrad.transform.forward import Forward
from srcgrad.transform.function import Reverse
from srcgrad.transform.generated import Generated, Pair
from srcgrad.transform.unbound import binding_first

MOST_ATTEMPTS = 6


def typed_function(
    function: types.FunctionType, kinds: dict[str, Kind], world: World, *, mirror: bool = False
) -> Typed:
    """A function in normal form; `mirror` if all memory will have a twin of the same structure."""
    world.prepare = prepare_mirrored if mirror else prepare
    world.functions[function] = replace(load(function, variadic=True), guarded=True)
    return typed_for(world.functions[function], kinds, world)


@binding_first
def reverse_module(
    function: types.FunctionType,
    kinds: dict[str, Kind],
    wanted: list[str],
    world: World,
    *,
    value: bool,
    single: bool,
    title: str,
    again: bool = False,
) -> tuple[Module, Half, Typed]:
    """The gradient of a function: the passes of reverse mode."""
    typed = typed_function(function, kinds, world)
    module = Module(world, single=single, again=again)
    reserve(module, typed)
    made = leanest(typed, world, wanted, module, value=value)
    made.name = module.free_name(title)
    half = module.finish(
        made, typed, docstring_of(function, wanted, kinds, value=value, single=single)
    )
    half.node.body[1:1] = layout_tests(world)
    keep_keywords(half.node, function)
    return module, half, typed


def keep_keywords(node: gast.FunctionDef, function: types.FunctionType) -> None:
    """Let a gradient take those parameters by keyword only that its function takes so."""
    given = inspect.signature(function).parameters
    named = {n for n, p in given.items() if p.kind is p.KEYWORD_ONLY}
    args = node.args
    args.kwonlyargs = [a for a in args.args if a.id in named]
    if not args.kwonlyargs:
        return
    args.args = [a for a in args.args if a.id not in named]
    defaults = [p.default for p in given.values()]
    args.kw_defaults = [
        constant(d) if is_constant(d := given[a.id].default) else None for a in args.kwonlyargs
    ]
    kept = list(itertools.takewhile(is_constant, reversed(defaults[: len(args.args)])))
    args.defaults = [constant(d) for d in reversed(kept)]


def layout_tests(world: World) -> list[gast.stmt]:
    """What raises where arguments do not lie in memory as the text relies on."""
    return [
        s
        for p in world.facts.relied_on()
        for s in statements(
            f"if not {p}.flags.c_contiguous:\n    raise ValueError('{p} must be contiguous')\n"
        )
    ]


def leanest(
    typed: Typed, world: World, wanted: list[str], module: Module, *, value: bool
) -> Generated:
    """The joint gradient that records least: values in loops are recorded or computed again."""
    reverse = Reverse(typed, world, wanted, module)
    best = reverse.joint(value=value)
    candidates = [
        n
        for n in reverse.hoisted
        if isinstance(n, gast.BinOp) and reverse.loops_of[reverse.owner[n]]
    ]
    if not candidates or not world.switches.recording:
        return best
    cost = recorded(module, best, typed)
    again: set[gast.AST] = set()
    for n in candidates[:MOST_ATTEMPTS]:
        reverse = Reverse(typed, world, wanted, module)
        reverse.again = again | {n}
        attempt = reverse.joint(value=value)
        attempt_cost = recorded(module, attempt, typed)
        if attempt_cost < cost:
            best, cost, again = attempt, attempt_cost, again | {n}
    return best


def recorded(module: Module, made: Generated, typed: Typed) -> tuple[int, int]:
    """How many values a gradient records in loops, and how many operations it has."""
    body, pinned = copy_body(made.body, made.pinned)
    found = mentioned(body)
    visible = module.visible(typed, found) - copies_in(found.bound)
    groups = module.groups(typed, body, found, made.plain, made.groups)
    pushes = operations = 0
    shaped = module.shaped(typed, found)
    for n in nodes(eliminate(body, made.parameters, pinned, visible, groups, shaped=shaped)):
        if isinstance(n, gast.Attribute):
            pushes += n.attr == "append" and is_tape(getattr(n.value, "id", ""))
        operations += isinstance(n, (gast.BinOp, gast.Call))
    return pushes, operations


def reserve(module: Module, typed: Typed) -> None:
    """Tie the names that the user's function reads, those of inlined helpers too, before others."""
    module.bind_globals(typed.function, typed.function.node.body, list(typed.function.parameters))
    seen = {(owner.object, label) for owner, label in module.origins.values()}
    for owner, label, kind in module.world.reads.values():
        inlined = isinstance(kind, Static) and isinstance(kind.value, types.FunctionType)
        if inlined and (owner.object, label) not in seen:
            module.origins[f"{owner.object.__qualname__}.{label}"] = (owner, label)


def docstring_of(
    function: Callable[..., Any],
    wanted: list[str],
    kinds: dict[str, Kind],
    *,
    value: bool,
    single: bool,
) -> str:
    """The docstring of a gradient."""
    names = (
        wanted[0] if single else f"({', '.join(wanted)})" if len(wanted) > 1 else f"({wanted[0]},)"
    )
    label = getattr(function, "__name__", "f")
    first = f"Value and gradient of `{label}`" if value else f"Gradient of `{label}`"
    meaning = "`v_bar` is the adjoint of `v`: the derivative of the result with respect to `v`."
    return f"{first} with respect to {names}.\n\n{meaning}\n{specialised_for(kinds)}"


def specialised_for(kinds: dict[str, Kind]) -> str:
    """What a text takes for granted about its arguments, for its docstring."""
    parts = [f"{p}: {short(k)}" for p, k in kinds.items()]
    if any(isinstance(k, Array) and k.dims is None for k in kinds.values()):
        return ""
    lines = textwrap.wrap(f"Specialised for {', '.join(parts)}.", 90)
    if any(
        isinstance(k, Array) and any(not isinstance(d, int) for d in k.dims or ())
        for k in kinds.values()
    ):
        lines.append("Axes of arrays are longer than 1 unless given.")
    return "\n".join(lines) + "\n"


def short(kind: Kind) -> str:
    """A kind in a word or two."""
    match kind:
        case Array(dims=dims) if dims is not None:
            known = any(isinstance(d, int) for d in dims)
            shape = ", ".join(str(d) if isinstance(d, int) else ":" for d in dims)
            return f"{kind.dtype}[{shape}]" if known else f"{kind.dtype}[{len(dims)}d]"
        case Scalar(python=True):
            return {"f": "float", "i": "int", "b": "bool"}.get(kind.dtype.kind, str(kind.dtype))
        case Static(value=None | bool() | str() as v):
            return f"{v!r}"
        case Record(type=made) if made not in (tuple, list, dict):
            inner = [f"{k.label}: {short(i)}" for k, i in zip(kind.keys, kind.items, strict=True)]
            return f"{made.__name__}({', '.join(inner)})"
        case Record(type=made):
            inner = [
                f"{k!r}: {short(i)}" if made is dict else short(i)
                for k, i in zip(kind.keys, kind.items, strict=True)
            ]
            return "{" + ", ".join(inner) + "}" if made is dict else f"({', '.join(inner)})"
        case List(item=item):
            return f"list of {short(item)}" if item is not None else "an empty list"
        case Scalar():
            return str(kind.dtype)
        case Opaque(why=why) if why:
            return why
    return type(getattr(kind, "value", kind)).__name__


def forward_module(
    function: types.FunctionType,
    kinds: dict[str, Kind],
    wanted: list[str],
    world: World,
    *,
    title: str,
) -> tuple[Module, Half, Typed]:
    """Value and tangent of a function: the passes of forward mode."""
    typed = typed_function(function, kinds, world, mirror=True)
    module = Module(world)
    reserve(module, typed)
    made = Forward(typed, world, wanted, module).joint()
    made.name = module.free_name(title)
    return module, module.finish(made, typed), typed


def seeded_module(
    function: types.FunctionType,
    kinds: dict[str, Kind],
    wanted: str,
    world: World,
    *,
    title: str,
    value: bool,
) -> tuple[Module, Half, Typed]:
    """The derivative of a function by one float: forward mode with the tangent 1.0."""
    typed = typed_function(function, kinds, world, mirror=True)
    module = Module(world)
    reserve(module, typed)
    made = Forward(typed, world, [wanted], module).joint()
    made.name = module.free_name(title)
    seed = Seed(made.parameters.pop(), value=value)
    made.body = [seed.visit(s) for s in made.body if not is_docstring(s)]
    label = function.__name__.strip("<>")
    what = "Value and derivative" if value else "Derivative"
    half = module.finish(made, typed, f"{what} of `{label}` with respect to {wanted}.")
    keep_keywords(half.node, function)
    return module, half, typed


class Seed(gast.NodeTransformer):
    """Puts 1.0 for a tangent, and drops products with it.

    Args:
        tangent: the name of the tangent.
        value: whether the value is returned too.
    """

    def __init__(self, tangent: str, *, value: bool) -> None:
        self.tangent = tangent
        self.value = value

    def visit_Name(self, node: gast.Name) -> gast.expr:
        """The tangent becomes 1.0."""
        return (
            constant(1.0) if node.id == self.tangent and isinstance(node.ctx, gast.Load) else node
        )

    def visit_BinOp(self, node: gast.BinOp) -> gast.expr:
        """`1.0 * e` and `e * 1.0` become `e`."""
        self.generic_visit(node)
        if isinstance(node.op, gast.Mult):
            if is_one(node.left):
                return node.right
            if is_one(node.right):
                return node.left
        return node

    def visit_Return(self, node: gast.Return) -> gast.Return:
        """The tangent alone is returned, unless the value is wanted."""
        self.generic_visit(node)
        if not self.value:
            node.value = node.value.elts[1]
        return node


def is_one(node: gast.expr) -> bool:
    """Whether an expression is the constant 1.0."""
    return isinstance(node, gast.Constant) and type(node.value) is float and node.value == 1.0


@binding_first
def vjp_module(
    function: types.FunctionType, kinds: dict[str, Kind], wanted: list[str], world: World
) -> tuple[Module, Pair, Typed]:
    """The halves of a function's gradient, of which the backward one may run again and again."""
    typed = typed_function(function, kinds, world)
    module = Module(world, repeatable=True)
    reserve(module, typed)
    assert typed.returns is not None
    return module, module.make_pair(typed, tuple(wanted), whole(typed.returns)), typed


def whole(kind: Kind) -> Any:
    """The structure of a cotangent of which all parts are there."""
    if isinstance(kind, Record):
        parts = tuple(
            (k, w)
            for k, i in zip(kind.keys, kind.items, strict=True)
            if (w := whole(i)) is not None
        )
        return parts or None
    return "full" if may_be_active(kind) else None


@binding_first
def stages(
    function: types.FunctionType,
    kinds: dict[str, Kind],
    wanted: list[str],
    world: World,
    *,
    single: bool,
) -> list[tuple[str, str]]:
    """The source of a function after each pass of reverse mode, with the name of the pass."""
    out = [("parsed", shown(load(function, variadic=True).node.body))]
    typed = typed_function(function, kinds, world)
    out.append(("lower: lives split, views named", shown(typed.function.node.body)))
    module = Module(world, single=single)
    reserve(module, typed)
    made = leanest(typed, world, wanted, module, value=False)
    out.append(("transform: statements and their adjoints", shown(made.body)))
    made.name = module.free_name(f"{function.__name__.strip('<>')}_grad")
    half = module.finish(
        made, typed, docstring_of(function, wanted, kinds, value=False, single=single)
    )
    out.append(("optimize and print", printed(module, half).source.rstrip()))
    return out


def shown(body: list[gast.stmt]) -> str:
    """Statements between two passes as text: a life `x|2` is shown as `x__2`."""
    copied = copy.deepcopy(body)
    for s in copied:
        for n in gast.walk(s):
            if isinstance(n, gast.Name):
                n.id = readable(n.id)
    lines = [
        f"# {s.value.value}"
        if isinstance(getattr(s, "value", None), gast.Constant) and s.value.value
        else ""
        if isinstance(s, gast.Expr) and isinstance(s.value, gast.Constant)
        else ast.unparse(ast.fix_missing_locations(gast.gast_to_ast(s)))
        for s in copied
    ]
    return "\n".join(line for line in lines if line)
