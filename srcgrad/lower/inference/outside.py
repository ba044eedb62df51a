"""`global`: a variable that stands for the global, which gets each new value when it is bound.

Reads and derivatives go through the variable. The global is written by a call of `setattr` on the
module, which the last pass spells as an assignment to its attribute.
"""

from __future__ import annotations

import sys
import types
from dataclasses import replace

import gast

from srcgrad.lower.base.program import Function, Typed, World
from srcgrad.lower.base.trees import placed
from srcgrad.lower.inference.instances import calls_itself
from srcgrad.lower.memory.aliases import sources, summarise
from srcgrad.lower.respell.imports import Imported
from srcgrad.syntax.flow import Graph, stores
from srcgrad.syntax.lives import user_name
from srcgrad.syntax.quote import assign, attribute, call, constant, name
from srcgrad.syntax.walk import change_blocks, walk

Block = list[gast.stmt]


class Globals:
    """Rewrites the blocks of one function, whose tree is the pass's own.

    Args:
        function: the function.
        names: what it declares global.
        label: a name for its module.
    """

    def __init__(self, function: Function, names: set[str], label: str) -> None:
        self.function = function
        self.names = names
        self.label = label

    def block(self, body: Block) -> Block:
        """Rewrite a block."""
        out: Block = []
        for s in body:
            change_blocks(s, self.block)
            out += self.statement(s)
        return out or [placed(gast.Pass(), s) for s in body[:1]]

    def statement(self, s: gast.stmt) -> Block:
        """Rewrite one statement, whose blocks are done."""
        match s:
            case gast.Global():
                return []
            case gast.Assign(targets=targets):
                return [s, *self.writes(stores(*targets), s)]
            case gast.AugAssign(target=t):
                return [s, *self.writes(stores(t), s)]
            case gast.For():
                s.body = [*self.writes(stores(s.target), s), *s.body]
        own = {
            n.id
            for n in walk(s)
            if isinstance(n, gast.Name) and isinstance(n.ctx, (gast.Store, gast.Del))
        }
        bound = stores(s) if not hasattr(s, "body") else frozenset()
        if (bound | own if isinstance(s, gast.Delete) else bound) & self.names:
            raise self.function.refuse(s, "a global is bound here", "Use a plain assignment.")
        if isinstance(s, (gast.With, gast.Try)):
            parts = [i.optional_vars for i in getattr(s, "items", [])]
            parts += [h.name for h in getattr(s, "handlers", [])]
            if stores(*parts) & self.names:
                raise self.function.refuse(s, "a global is bound here", "Use a plain assignment.")
        return [s]

    def writes(self, bound: frozenset[str], s: gast.stmt) -> Block:
        """Writes of the globals among names that a statement has bound."""
        return [
            placed(gast.Expr(value=written(self.label, n)), s) for n in sorted(bound & self.names)
        ]


def written(label: str, n: str) -> gast.Call:
    """The call that writes a global of a module."""
    return call(name("setattr"), name(label), constant(n), name(n))


def with_globals(
    function: Function, node: gast.FunctionDef, world: World
) -> tuple[Function, gast.FunctionDef]:
    """A function without `global`, rewritten in place."""
    if function.generated:
        node.body = respelled(function, node.body)
    found = [n for n in walk(node) if isinstance(n, gast.Global)]
    if not found:
        return function, node
    names = {n for s in found for n in s.names}
    home = sys.modules.get(function.object.__module__)
    if home is None or vars(home) is not function.object.__globals__:
        what = "`global` is supported in functions of a module only"
        raise function.refuse(found[0], what, "Put the function into a module.")
    label = home.__name__.rpartition(".")[2]
    taken = {n.id for n in walk(node) if isinstance(n, gast.Name)}
    while label in taken or (label in vars(home) and vars(home)[label] is not home):
        label += "_"
    node.body = Globals(function, names, label).block(node.body)
    graph = Graph(node.body, function.parameters)
    bit, missing = graph.unassigned()
    early = {n for i, p in enumerate(graph.points) for n in p.uses & names if missing[i] & bit[n]}
    opening = [
        placed(assign(n, attribute(name(label), n)), node.body[0])
        for n in sorted(early)
        if hasattr(home, n)
    ]
    first = is_text(node.body[0])
    node.body = [*node.body[:first], *opening, *node.body[first:]]
    for n in sorted(names):
        world.written.setdefault((id(function.object.__globals__), n), (function, found[0]))
    imports = function.imports | {label: Imported(home, home.__name__, home=True)}
    return replace(function, imports=imports), node


def is_text(s: gast.stmt) -> int:
    """1 for a docstring, 0 for any other statement."""
    return int(isinstance(s, gast.Expr) and isinstance(s.value, gast.Constant))


def respelled(function: Function, body: Block) -> Block:
    """A block of a generated function in which writes of globals are calls again."""
    for i, s in enumerate(body):
        change_blocks(s, lambda b: respelled(function, b))
        match s:
            case gast.Assign(
                targets=[gast.Attribute(value=gast.Name(id=label), attr=n)], value=gast.Name() as v
            ) if function.binds(label) and isinstance(function.lookup(label), types.ModuleType):
                new = gast.Expr(value=call(name("setattr"), name(label), constant(n), v))
                body[i] = placed(new, s)
    return body


def writes_global(typed: Typed, node: gast.expr) -> bool:
    """Whether a call writes a global of a module."""
    match node:
        case gast.Call(
            func=gast.Name(id="setattr"), args=[gast.Name(id=label), gast.Constant(), _]
        ):
            found = typed.function.imports.get(label)
            home = found is not None and found.home
            return home or typed.function.generated
    return False


def check_globals(typed: Typed, world: World) -> None:
    """Refuse globals whose memory is written, and such as other functions read."""
    aliases = summarise(typed)
    for s in walk(typed.function.node):
        if not (isinstance(s, gast.Expr) and writes_global(typed, s.value)):
            continue
        value = s.value.args[2]
        if calls_itself(typed):
            what = "a function that calls itself writes a global"
            raise typed.function.refuse(s, what, "Return the value instead.")
        if any(n in aliases.parent and aliases.is_written(n) for n in sources(typed, value)):
            what = f"the global `{user_name(value.id)}` is changed in place as well"
            raise typed.function.refuse(s, what, "Assign a new value to it.")
    for (_, label), (owner, _, _) in world.reads.items():
        found = world.written.get((id(owner.object.__globals__), label))
        if found is not None:
            function, node = found
            what = f"`{label}` is written here, and read in `{owner.object.__name__}`"
            raise function.refuse(node, what, "Pass it as an argument and return it.")
