"""Kinds of all expressions and callees of all calls; the base of the passes that need them."""
