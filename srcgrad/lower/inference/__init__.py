"""Kinds of all expressions and callees of all calls; the base of the passes that need them.

`interpret.Interpreter` is one class, a file for each sort of syntax. A layer knows those above it
in this list, and reaches what is below it by `self`: the kind of an operand by `self.eval`, say.

    typer                                   what is noted about one function
    effects, draws                          what acts on the world; random numbers
    members, displays, instead              containers: their items, displays, builtins on them
    dictmethods, inert, methods             methods: of dicts, of strings and sets, of the rest
    ruled, writing, callees                 calls: with a rule, that write, of any other function
    operators, choices, evaluate            expressions; `evaluate` has the table of them
    tries, targets, interpret               statements; `interpret` has the table of them

`expand.Expansion` is the base of the passes that rewrite statements by what was found here.
"""
