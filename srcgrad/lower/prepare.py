"""From a parsed function to its normal form with kinds: the passes of `lower`, in order."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from srcgrad.errors import Unsupported
from srcgrad.kinds import Kind
from srcgrad.lower.base.program import Function, Typed, World
from srcgrad.lower.base.webs import split
from srcgrad.lower.containers.changes import Changes
from srcgrad.lower.containers.containers import Containers
from srcgrad.lower.containers.dicts import Dicts
from srcgrad.lower.containers.gathered import Gathered
from srcgrad.lower.containers.keyed import KeyedDicts
from srcgrad.lower.containers.replacing import Replacing
from srcgrad.lower.containers.unpacking import Unpacking
from srcgrad.lower.elaborate import elaborate
from srcgrad.lower.expansions.apart import Apart
from srcgrad.lower.expansions.branches import Branches
from srcgrad.lower.expansions.dissolving import Dissolving
from srcgrad.lower.expansions.entries import Entries
from srcgrad.lower.expansions.inlining import Inlining, Procedures
from srcgrad.lower.expansions.listed import Listed
from srcgrad.lower.expansions.objects import Attributes
from srcgrad.lower.expansions.outputs import Outputs
from srcgrad.lower.expansions.paths import Paths
from srcgrad.lower.expansions.rewrite import rewrite
from srcgrad.lower.inference.interpret import interpret
from srcgrad.lower.inference.marking import changes_keys, with_keyed
from srcgrad.lower.inference.outside import check_globals, with_globals
from srcgrad.lower.inference.short import write_out
from srcgrad.lower.loops.idle import Idle
from srcgrad.lower.loops.second import Seconds
from srcgrad.lower.loops.sequences import Sequences
from srcgrad.lower.loops.splits import Splits
from srcgrad.lower.loops.unroll import Unroll
from srcgrad.lower.memory.outer import check_outside
from srcgrad.lower.memory.stores import check_effects
from srcgrad.lower.memory.views import Views
from srcgrad.lower.raising.attempts import with_attempts
from srcgrad.lower.raising.failing import Fails
from srcgrad.lower.respell.copies import without_copies
from srcgrad.lower.respell.desugar import desugar, plain_statements
from srcgrad.lower.respell.imports import with_imports
from srcgrad.syntax.walk import clone

# The first pass that changes something ends a round, and the function is typed again. So a pass
# runs on code in which those above it have nothing left to do: simple ones first, copies last. The
# order saves rounds; as each pass refuses little of its own, hardly any text depends on it.
EXPANSIONS = (
    # What an expression means.
    Attributes,  # attributes as items, so that no pass below needs to know of objects
    Branches,  # no pass below works on, or refuses, what never runs
    Replacing,  # what inference noted; its comprehensions become loops
    Gathered,  # lists that `Unroll` filled, before `Changes` sees their `append`
    Splits,
    # What a call writes stands in a statement of its own, and in this function.
    Outputs,
    Entries,
    Apart,  # calls that `Inlining` takes stand alone
    Inlining,  # before the passes below: they work on a helper's statements too
    Unpacking,
    Paths,
    Seconds,  # what is written has one name before the passes below ask who writes it
    # Containers, in a few forms of statements.
    Changes,
    KeyedDicts,
    Dicts,
    Containers,
    # Loops, last: what is copied is simple already.
    Unroll,
    Sequences,
)
ROUNDS = 64


def prepare(
    function: Function,
    parameters: dict[str, Kind],
    world: World,
    *,
    single_exit: bool = False,
    mirror: bool = False,
) -> Typed:
    """Bring a function into normal form for the kinds of its parameters.

    Args:
        function: as it was parsed.
        parameters: the kind of each parameter.
        world: what the specialisation knows; callees are added to it.
        single_exit: whether returns are brought together in one at the end.
        mirror: whether written memory may keep several names, for a pass that gives it a twin.

    Returns:
        The function, its lives split, its views named, with the kinds of all expressions.
    """
    passes = (function, parameters, world)
    try:
        return prepared(*passes, single_exit=single_exit, mirror=mirror)
    except Unsupported as refused:
        known = not refused.recursive or refused.recursive in world.unrolled
        if known or len(world.open) > 1:
            raise
        world.unrolled[refused.recursive] = None
        world.failed.clear()
        try:
            return prepare(*passes, single_exit=single_exit, mirror=mirror)
        except Unsupported as e:
            raise (refused if e.recursive is not None else e) from None


def prepared(
    function: Function,
    parameters: dict[str, Kind],
    world: World,
    *,
    single_exit: bool = False,
    mirror: bool = False,
) -> Typed:
    """The normal form of a function, by the passes in order."""
    function, node = with_imports(function, clone(function.node))
    function, node = with_globals(function, node, world)
    node = plain_statements(function, node)
    function = elaborate(replace(function, node=node), parameters, world)
    function = replace(function, foreign=dict(function.foreign), inner=dict(function.inner))
    node = clone(function.node)
    node.body = Procedures(function, node, world).block(node.body)
    node = split(desugar(function, node, world, single_exit=single_exit))
    function = replace(function, node=without_copies(node, function.parameters))
    typed = expanded(function, parameters, world, mirror=mirror)
    if typed.waits:
        return typed
    function = typed.function
    views = Views(typed)
    views.resolve(mirror=mirror)
    function = replace(function, node=split(rewrite(typed, views.found, views.gone)))
    typed = interpret(function, parameters, world)
    if with_attempts(typed, world) or Branches(typed, world).run():
        function = replace(function, node=split(function.node))
        typed = interpret(function, parameters, world)
    if typed.deferred:
        raise typed.deferred[0][1]
    if world.written:
        check_globals(typed, world)
    check_effects(typed)
    check_outside(typed)
    return typed


def prepare_mirrored(function: Function, parameters: dict[str, Kind], world: World) -> Typed:
    """The normal form for forward mode, in which every memory that is written has a twin."""
    return prepare(function, parameters, world, mirror=True)


def expanded(
    function: Function, parameters: dict[str, Kind], world: World, *, mirror: bool = False
) -> Typed:
    """A function after the passes that rewrite statements by the kinds of what they hold.

    `Dissolving` comes behind all of `EXPANSIONS`: it names the parts of what is still held.
    """
    passes = (*EXPANSIONS, partial(Dissolving, mirror=mirror))
    for _ in range(ROUNDS):
        try:
            typed = interpret(function, parameters, world)
        except Unsupported as e:
            if not write_out(function.node, e.loops or []):
                raise
            function = replace(function, node=split(function.node))
            continue
        if typed.waits:
            return typed
        if not settled(typed, world):
            function = replace(function, node=split(function.node))
            continue
        if not any(make(typed, world).run() for make in passes):
            return typed
        function = replace(function, node=split(function.node))
    raise function.refuse(function.node, "the rewriting of this function does not settle")


def settled(typed: Typed, world: World) -> bool:
    """Whether the kinds of a function are final; else what stands in their way is rewritten.

    Raises:
        Unsupported: what stands in their way is not known how to be rewritten.
    """
    if Containers(typed, world).one_name():
        return False
    if not typed.deferred:
        return not Idle(typed, world).run()
    if Listed(typed, world).run():
        return False
    if Fails(typed, world, exact=False).run():
        return False
    node, refused = typed.deferred[0]
    if Unroll(typed, world).around(node):
        return False
    if with_keyed(typed) or Fails(typed, world, exact=True).run():
        return False
    refused.about_keys = changes_keys(typed)
    raise refused
