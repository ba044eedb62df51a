"""START HERE: the passes of each mode, in order.

source -> parse -> (lower) desugar, split, interpret, views, rewrite -> reverse or forward
       -> (optimize) eliminate, inline, name, polish -> emit -> function

`lower` brings a function into normal form and finds the kinds of its expressions; `transform`
turns it into a gradient that is correct but wordy; `optimize` makes it lean; `syntax` prints it.
"""

from __future__ import annotations

import builtins
import copy
import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gast

from srcgrad.errors import Unsupported
from srcgrad.kinds import Array, Kind, List, Record, may_be_active
from srcgrad.lower.prepare import prepare
from srcgrad.lower.program import Function, Typed, World, load
from srcgrad.optimize.eliminate import eliminate
from srcgrad.optimize.inline import inline
from srcgrad.optimize.naming import choose_names, rename
from srcgrad.optimize.tidy import count_by_tape, dead_targets, declare_tapes, polish
from srcgrad.rules.expr import leaf
from srcgrad.syntax.emit import Emitted, emit_function
from srcgrad.syntax.flow import Graph
from srcgrad.syntax.quote import name
from srcgrad.transform.forward import Forward
from srcgrad.transform.function import Generated, Pair, Reverse
from srcgrad.transform.saves import UNSAVED
from srcgrad.transform.values import user_name


MOST_ATTEMPTS = 6


@dataclass(eq=False)
class Half:
    """A finished function of the generated module."""

    name: str
    node: gast.FunctionDef
    function: Function


@dataclass(eq=False)
class Module:
    """The module that one specialisation generates.

    Attributes:
        world: what is known of the user's functions.
        globals: names that the text reads, with their values.
        origins: names that stand for globals or cells of the user's, which are read live.
        halves: the finished functions, callees first.
    """

    world: World
    globals: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, tuple[Function, str]] = field(default_factory=dict)
    halves: list[Half] = field(default_factory=list)
    pairs: dict[Any, Pair] = field(default_factory=dict)
    tangents: dict[Any, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    single: bool = True
    optimise: bool = True

    def pack_results(self, found: list[gast.expr]) -> gast.expr:
        """One gradient alone, several as a tuple."""
        return found[0] if self.single else gast.Tuple(elts=found, ctx=gast.Load())

    def free_name(self, wanted: str) -> str:
        """A name for a generated function."""
        label, n = wanted, 2
        while label in self.used or label in self.globals:
            label, n = f"{wanted}_{n}", n + 1
        self.used.add(label)
        return label

    def pair(self, typed: Typed, wanted: tuple[str, ...], cotangent: Any) -> Pair:
        """The forward and backward halves of a callee, for the cotangents that are at hand."""
        k = (typed, wanted, cotangent)
        if k not in self.pairs:
            self.pairs[k] = self.make_pair(typed, wanted, cotangent)
        return self.pairs[k]

    def make_pair(self, typed: Typed, wanted: tuple[str, ...], cotangent: Any, *, again: bool = False) -> Pair:
        """Make the halves of a callee; `again` if the backward one may run more than once."""
        single = typed.single or prepare(load(typed.function.object), typed.parameters, self.world, single_exit=True)
        typed.single = single
        reverse = Reverse(single, self.world, list(wanted), self)
        seeds, seed_ids = seed_tree(reverse, single, cotangent)
        body, boundary, places = reverse.halves(seeds)
        plain = user_name(typed.function.object.__name__).strip("<>")
        names = set(typed.function.parameters)
        visible = self.visible(typed, body)
        without_value = copy_body(body, reverse.pinned)
        without_value[0][-1].value = gast.Tuple(elts=without_value[0][-1].value.elts[1:], ctx=gast.Load())
        lean = eliminate(without_value[0], [*names, *seed_ids], without_value[1], visible)
        self.check_saved(lean, reverse)
        cut = next(i for i, s in enumerate(lean) if isinstance(s, gast.Pass))
        backward = lean[cut + 1 :]
        bound = bound_names(body[: body.index(boundary)])
        reads = live_at_start(backward)
        recorded = [n for n in reads if n in bound or "|p" in n]
        arguments = [p for p in single.function.parameters if p in reads and p not in bound]
        forward = None
        if recorded:
            half = body[: body.index(boundary)]
            value = body[-1].value.elts[0]
            half.append(gast.Return(value=gast.Tuple(elts=[value, *map(name, recorded)], ctx=gast.Load())))
            half = [*self.unassigned(half, recorded, single), *half]
            forward = self.free_name(f"{plain}_fwd")
            self.finish(Generated(forward, list(single.function.parameters), half, reverse.pinned), single)
        backward_name = self.free_name(f"{plain}_bwd")
        tail = backward[-1].value.elts
        backward[-1].value = tail[0] if len(tail) == 1 else gast.Tuple(elts=tail, ctx=gast.Load())
        if again:
            backward = [*self.own_copies(recorded, backward), *backward]
        self.finish(Generated(backward_name, [*arguments, *recorded, *seed_ids], backward, without_value[1]), single)
        return Pair(forward, backward_name, arguments, recorded, places)

    def unassigned(self, half: list[gast.stmt], recorded: list[str], typed: Typed) -> list[gast.stmt]:
        """`x = None` for what is recorded but not bound on every path (then nothing reads it)."""
        graph = Graph(half, typed.function.parameters)
        sure = graph.assigned()[graph.at[half[-1]]]
        missing = [n for n in recorded if n not in sure and "|p" not in n]
        return [gast.Assign(targets=[store(n)], value=gast.Constant(value=None, kind=None), type_comment=None) for n in missing]

    def own_copies(self, recorded: list[str], body: list[gast.stmt]) -> list[gast.stmt]:
        """Copies of what a backward half uses up, so that it can run again."""
        out = []
        changed = changed_names(body)
        for n in recorded:
            if n in changed or "|p" in n:
                make = "list" if "|p" in n else None
                value = (
                    gast.Call(func=name("list"), args=[name(n)], keywords=[])
                    if make
                    else gast.Call(func=gast.Attribute(value=name(n), attr="copy", ctx=gast.Load()), args=[], keywords=[])
                )
                to = gast.Name(id=n, ctx=gast.Store(), annotation=None, type_comment=None)
                out.append(gast.Assign(targets=[to], value=value, type_comment=None))
        return out

    def tangent(self, typed: Typed, wanted: tuple[str, ...]) -> str:
        """The forward-mode function of a callee."""
        k = (typed, wanted)
        if k not in self.tangents:
            plain = typed.function.object.__name__.strip("<>")
            self.tangents[k] = self.free_name(f"{plain}_jvp")
            made = Forward(typed, self.world, list(wanted), self).joint()
            made.name = self.tangents[k]
            self.finish(made, typed)
        return self.tangents[k]

    def visible(self, typed: Typed, body: list[gast.stmt]) -> frozenset[str]:
        """Names whose memory is seen from outside: parameters that can be changed, and globals."""
        bound = bound_names(body)
        outside = {n for n in read_names(body) if n not in bound and "|" not in n}
        changeable = {p for p, k in typed.parameters.items() if isinstance(k, (Array, List, Record))}
        return frozenset(outside | changeable)

    def finish(self, made: Generated, typed: Typed, docstring: str = "") -> Half:
        """From a correct function to a lean one, with final names; it joins the module."""
        body = made.body
        visible = self.visible(typed, body) | frozenset(p for p in made.parameters if "|p" not in p and "|" in p)
        body = eliminate(body, made.parameters, made.pinned, visible - private_names(body))
        self.check_saved(body, typed)
        body = without_copies(body)
        if self.optimise:
            body = inline(body)
            body = eliminate(body, made.parameters, made.pinned, visible)
        dead_targets(body, made.parameters)
        if not any("|p" in p for p in made.parameters):
            count_by_tape(body)
        body = with_tapes(body, made.parameters)
        self.bind_globals(typed.function, body, made.parameters)
        reserved = self.reserved(body, made.parameters)
        final = choose_names(body, made.parameters, reserved)
        rename(body, final)
        body = polish(body, typed.function.augmented)
        if docstring:
            text = gast.Expr(value=gast.Constant(value=docstring, kind=None))
            body = [text, *body]
        node = copy.copy(typed.function.node)
        node.name = made.name
        node.body = body
        node.args = arguments_of(made.parameters, final)
        for a in ("lineno", "end_lineno", "col_offset", "end_col_offset"):
            setattr(node, a, None)
        half = Half(made.name, node, typed.function)
        self.halves.append(half)
        return half

    def check_saved(self, body: list[gast.stmt], where: Any) -> None:
        """Refuse a function whose derivative needs a value that could not be saved."""
        function: Function = where.function
        for s in body:
            for n in gast.walk(s):
                if isinstance(n, gast.Assign) and getattr(n.value, "id", "") == UNSAVED:
                    variable = user_name(n.targets[0].id)
                    raise function.refuse(
                        n,
                        f"the derivative needs the value that `{variable}` has before this line, where it may be unbound",
                        f"Give `{variable}` a value before the loop.",
                    )

    def bind_globals(self, function: Function, body: list[gast.stmt], parameters: list[str]) -> None:
        """Tie global names of the user's function to names of the generated module."""
        bound = bound_names(body) | set(parameters)
        table: dict[str, str] = {}
        for n in sorted(read_names(body)):
            if n in bound or "|" in n or n in self.used:
                continue
            if n in self.globals and n not in function_names(function):
                continue
            if not function.binds(n) or is_builtin(function, n):
                continue
            value = function.lookup(n)
            label, k = n, 2
            while label in self.used or (label in self.globals and self.globals[label] is not value):
                stem = function.object.__module__.rpartition(".")[2]
                label = f"{stem}_{n}" if k == 2 else f"{stem}_{n}_{k}"
                k += 1
            self.globals[label] = value
            self.origins[label] = (function, n)
            if label != n:
                table[n] = label
        if table:
            rename(body, table)

    def reserved(self, body: list[gast.stmt], parameters: list[str]) -> set[str]:
        """Names that locals must not take: globals, builtins and functions that the text reads."""
        bound = bound_names(body) | set(parameters)
        return {n for n in read_names(body) if n not in bound and "|" not in n} | self.used


def seed_tree(reverse: Reverse, typed: Typed, cotangent: Any) -> tuple[Any, list[str]]:
    """Names for the cotangents of a result, in its structure."""
    ids: list[str] = []
    last = typed.function.node.body[-1]
    label = user_name(last.value.id) if isinstance(last.value, gast.Name) else "out"

    def build(part: Any, kind: Kind | None, hint: str) -> Any:
        if part is None:
            return None
        if isinstance(part, tuple):
            assert isinstance(kind, Record)
            items = dict(zip(kind.keys, kind.items, strict=True))
            return {k: build(p, items[k], k if isinstance(k, str) and k.isidentifier() else f"{hint}_{k}") for k, p in part}
        ids.append(f"{hint}_bar|b{len(ids)}seed")
        assert kind is not None
        return leaf(name(ids[-1]), kind)

    return build(cotangent, typed.returns, label), ids


def copy_body(body: list[gast.stmt], pinned: set[gast.stmt]) -> tuple[list[gast.stmt], set[gast.stmt]]:
    """A copy of a body, and the pinned statements of the copy."""
    memo: dict[int, Any] = {}
    new = copy.deepcopy(body, memo)
    return new, {memo[id(s)] for s in pinned if id(s) in memo}


def bound_names(body: list[gast.stmt]) -> set[str]:
    """Names that a body binds."""
    return {n.id for s in body for n in gast.walk(s) if isinstance(n, gast.Name) and isinstance(n.ctx, gast.Store)}


def read_names(body: list[gast.stmt]) -> list[str]:
    """Names that a body reads, in order."""
    seen: dict[str, None] = {}
    for s in body:
        for n in gast.walk(s):
            if isinstance(n, gast.AugAssign) and isinstance(n.target, gast.Name):
                seen[n.target.id] = None
            if isinstance(n, gast.Name) and isinstance(n.ctx, gast.Load):
                seen[n.id] = None
    return list(seen)


def store(n: str) -> gast.Name:
    """A name that is bound."""
    return gast.Name(id=n, ctx=gast.Store(), annotation=None, type_comment=None)


def live_at_start(body: list[gast.stmt]) -> list[str]:
    """Names whose values a body needs from before it, in order."""
    bit, out = Graph(body).live_out()
    return [n for n in read_names(body) if out[0] & bit.get(n, 0)]


def changed_names(body: list[gast.stmt]) -> set[str]:
    """Names whose objects a body changes."""
    from_body: set[str] = set()
    for s in body:
        for n in gast.walk(s):
            match n:
                case gast.Assign(targets=targets):
                    for t in targets:
                        while isinstance(t, (gast.Subscript, gast.Attribute)):
                            t = t.value
                            if isinstance(t, gast.Name):
                                from_body.add(t.id)
                case gast.AugAssign(target=t):
                    while isinstance(t, (gast.Subscript, gast.Attribute)):
                        t = t.value
                    if isinstance(t, gast.Name):
                        from_body.add(t.id)
                case gast.Call(func=gast.Attribute(value=gast.Name(id=n_), attr="append" | "pop" | "reverse")):
                    from_body.add(n_)
    return from_body


def private_names(body: list[gast.stmt]) -> frozenset[str]:
    """Names of copies that the reverse sweep made for itself."""
    return frozenset(n for n in bound_names(body) if "|c" in n)


def without_copies(body: list[gast.stmt]) -> list[gast.stmt]:
    """Drop copies of arguments that nothing writes to."""
    changed = changed_names(body)
    copies = {n for n in bound_names(body) if n.partition("|")[2].startswith("c") and n not in changed}

    def clean(block: list[gast.stmt]) -> list[gast.stmt]:
        out = []
        for s in block:
            match s:
                case gast.Assign(targets=[gast.Name(id=n)]) if n in copies:
                    continue
            for part in ("body", "orelse"):
                if isinstance(s, (gast.If, gast.For, gast.While)):
                    setattr(s, part, clean(getattr(s, part)))
            out.append(s)
        return out

    body = clean(body)
    rename(body, {n: n.partition("|")[0] for n in copies})
    return body


def with_tapes(body: list[gast.stmt], parameters: list[str]) -> list[gast.stmt]:
    """Declare the tapes of a body that it is not given."""
    given = {p for p in parameters if "|p" in p}
    rename(body, {p: p.replace("|p", "|q") for p in given})
    for i, p in enumerate(parameters):
        parameters[i] = p.replace("|p", "|q")
    return declare_tapes(body)


def arguments_of(parameters: list[str], final: dict[str, str]) -> gast.arguments:
    """The parameters of a generated function."""
    args = [gast.Name(id=final.get(p, p), ctx=gast.Param(), annotation=None, type_comment=None) for p in parameters]
    return gast.arguments(
        args=args, posonlyargs=[], vararg=None, kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[]
    )


def function_names(function: Function) -> set[str]:
    """Names that the user's function itself reads from outside."""
    code = function.object.__code__
    return {*code.co_names, *code.co_freevars}


def is_builtin(function: Function, n: str) -> bool:
    """Whether a name means what Python's own means."""
    return hasattr(builtins, n) and function.lookup(n) is getattr(builtins, n)


@dataclass(frozen=True)
class Text:
    """The printed module: its source, and for each line where in the user's files it came from."""

    source: str
    line_map: tuple[tuple[str, int, int] | None, ...]
    globals: dict[str, Any]
    name: str


def printed(module: Module, main: Half) -> Text:
    """Print a module: imports, then its functions, callees first."""
    lines: list[str] = []
    places: list[tuple[str, int, int] | None] = []
    imports = import_lines(module)
    parts: list[str] = []
    if imports:
        parts.append("\n".join(imports) + "\n")
        places += [None] * (len(imports) + 2)
    for half in [h for h in module.halves if h is not main] + [main]:
        emitted: Emitted = emit_function(half.node, half.function.source)
        parts.append(emitted.text.rstrip("\n") + "\n")
        file = half.function.source.file
        places += [None if at is None else (file, *at) for at in emitted.line_map[: emitted.text.rstrip("\n").count("\n") + 1]]
        places += [None, None]
    del lines
    source = "\n\n".join(parts)
    return Text(source, tuple(places[: source.count("\n")]), module.globals, main.name)


def import_lines(module: Module) -> list[str]:
    """Imports for the modules and helpers that the text reads."""
    read = {n for h in module.halves for n in read_names(h.node.body)}
    out, helpers = [], []
    for label, value in sorted(module.globals.items()):
        if label not in read:
            continue
        if inspect.ismodule(value):
            out.append(f"import {value.__name__}" if value.__name__ == label else f"import {value.__name__} as {label}")
        elif getattr(value, "__module__", "") == "srcgrad.runtime":
            own = value.__name__
            helpers.append(own if own == label else f"{own} as {label}")
    if helpers:
        out += ["", f"from srcgrad.runtime import {', '.join(helpers)}"] if out else [f"from srcgrad.runtime import {', '.join(helpers)}"]
    return out


def typed_function(function: types.FunctionType, kinds: dict[str, Kind], world: World) -> Typed:
    """A function in normal form."""
    world.prepare = prepare
    return prepare(load(function), kinds, world)


def reverse_module(
    function: types.FunctionType,
    kinds: dict[str, Kind],
    wanted: list[str],
    world: World,
    *,
    value: bool,
    single: bool,
    title: str,
    optimise: bool = True,
) -> tuple[Module, Half, Typed]:
    """The gradient of a function: the passes of reverse mode."""
    typed = typed_function(function, kinds, world)
    module = Module(world, single=single, optimise=optimise)
    reserve(module, typed)
    made = leanest(typed, world, wanted, module, value=value)
    made.name = module.free_name(title)
    half = module.finish(made, typed, docstring_of(function, wanted, value=value, single=single))
    return module, half, typed


def leanest(typed: Typed, world: World, wanted: list[str], module: Module, *, value: bool) -> Generated:
    """The joint gradient that records least: values of arrays in loops are recorded or computed again."""
    reverse = Reverse(typed, world, wanted, module)
    best = reverse.joint(value=value)
    candidates = [n for n in reverse.hoisted if isinstance(n, gast.BinOp) and reverse.loops_of[reverse.owner[n]]]
    if not candidates or not module.optimise:
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
    body = eliminate(body, made.parameters, pinned, module.visible(typed, body) - private_names(body))
    nodes = [n for s in body for n in gast.walk(s)]
    pushes = sum(isinstance(n, gast.Attribute) and n.attr == "append" and "|p" in getattr(n.value, "id", "") for n in nodes)
    return pushes, sum(isinstance(n, (gast.BinOp, gast.Call)) for n in nodes)


def reserve(module: Module, typed: Typed) -> None:
    """Tie the names that the user's function reads before new ones are chosen."""
    module.bind_globals(typed.function, typed.function.node.body, list(typed.function.parameters))


def docstring_of(function: Callable[..., Any], wanted: list[str], *, value: bool, single: bool) -> str:
    """The docstring of a gradient."""
    names = wanted[0] if single else f"({', '.join(wanted)})" if len(wanted) > 1 else f"({wanted[0]},)"
    label = getattr(function, "__name__", "f")
    first = f"Value and gradient of `{label}`" if value else f"Gradient of `{label}`"
    return f"{first} with respect to {names}.\n\n`v_bar` is the adjoint of `v`: the derivative of the result with respect to `v`.\n"


__all__ = ["Module", "Text", "Unsupported", "may_be_active", "printed", "reverse_module", "typed_function"]
