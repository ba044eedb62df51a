"""Reverse and forward mode, over functions in normal form.

`function.Reverse` and `forward.Forward` are one class each, a file for each of its concerns. A
layer knows those above it in this list, and declares what it needs of one below.

Both modes:

    values                                  values of the primal that adjoints and tangents read

Reverse mode:

    parts, push                             a cotangent goes down one expression
    shadows, repeats, buffers               where it is added to what an expression reads
    group, saves                            the adjoint of a statement, and what has to be restored
    paired, moved, targets                  what an assignment binds or writes
    mappings, lists                         dicts by keys of run time, and lists that change
    reverse                                 the table of statements
    headers, items, loops, guarded          blocks: loops, branches, `with` and `try`
    calls, sweep                            callees, and the forward sweep
    again, left, function                   whole functions: one gradient, or two halves

Forward mode:

    zeros, tangents, forward_calls          the tangent of an expression
    forward_targets, forward_statements     that of a simple statement
    forward                                 blocks and whole functions
"""
