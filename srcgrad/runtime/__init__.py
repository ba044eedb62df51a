"""What generated code may call where numpy has no name for it; imports numpy only."""

from srcgrad.runtime.broadcast import broadcast_to, unbroadcast
from srcgrad.runtime.containers import (
    add,
    first_items,
    last_items,
    repeat_for,
    split_like,
    unstack,
    zeros_like,
)
from srcgrad.runtime.indexing import embed_diagonal, last_written, sort_like, unsort, untake
from srcgrad.runtime.products import (
    cofactors,
    cumprod_bar,
    cumprod_dot,
    matmul_bar_x,
    matmul_bar_y,
    prod_others,
    prod_pairs,
)

__all__ = [
    "add",
    "broadcast_to",
    "cofactors",
    "cumprod_bar",
    "cumprod_dot",
    "embed_diagonal",
    "first_items",
    "last_items",
    "last_written",
    "matmul_bar_x",
    "matmul_bar_y",
    "prod_others",
    "prod_pairs",
    "repeat_for",
    "sort_like",
    "split_like",
    "unbroadcast",
    "unsort",
    "unstack",
    "untake",
    "zeros_like",
]
