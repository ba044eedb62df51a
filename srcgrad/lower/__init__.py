"""Python to normal form: lives of variables split, kinds and callees known, views named.

`prepare` runs the passes in order. A folder imports from those above it in this list:

    base         programs, facts about arguments, small tools for trees
    respell      syntax that is short for other syntax, before any kind is known
    memory       which names share memory, and which of it is written
    inference    kinds of all expressions, and what each call calls
    containers   lists, tuples and dicts in the statements that later passes know
    loops        loops over what is known, and over arrays and lists that vary
    raising      what raises, may raise, or is caught
    expansions   other statements, rewritten by the kinds of what they hold
    elaborate    functions, objects and closures that only their structure decides
"""
