"""Forward mode as it leaves its pass: every statement beside its tangent, against differences."""

import ast
import builtins
import copy
import inspect
import zlib

import gast
import numpy as np
import pytest

from srcgrad.errors import SrcgradError
from srcgrad.lower.facts import observe
from srcgrad.lower.prepare import prepare_mirrored
from srcgrad.lower.program import World, load
from srcgrad.transform.forward import Forward
from tests.differences import directional, is_float, leaves
from tests.programs import PROGRAMS


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
        body = gast.gast_to_ast(gast.Module(body=made.body, type_ignores=[])).body
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
    kinds = {p: observe(v, p, world.facts) for p, v in bound.arguments.items()}
    module = Module(world)
    module.add(prepare_mirrored(load(function), kinds, world), list(wrt), "f_jvp")
    text = "\n".join(module.texts)
    namespace = dict(module.globals)
    exec(compile(text, "<forward>", "exec"), namespace)
    names = list(kinds)
    defaults = [kinds[p] and bound.arguments[p] for p in names[len(args) :]]

    def called(*given):
        first, dots = given[: len(args)], given[len(args) :]
        return namespace["f_jvp"](*first, *defaults, *dots)

    return called, text


def random_like(tree, rng):
    """A random float for every float of a tree, and None for every other leaf."""
    if isinstance(tree, dict):
        return {k: random_like(v, rng) for k, v in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree)(random_like(v, rng) for v in tree)
    if not is_float(tree):
        return None
    values = rng.normal(size=np.shape(tree))
    return values.astype(tree.dtype) if isinstance(tree, np.ndarray) else type(tree)(values)
