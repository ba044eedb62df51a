"""What generated code may call where numpy has no name for it; imports numpy only."""

from srcgrad.runtime.broadcast import broadcast_to, unbroadcast
from srcgrad.runtime.containers import (
    accumulate,
    add,
    contents,
    first_items,
    folded,
    inside,
    last_items,
    one_item,
    own_copy,
    put_back,
    repeat_for,
    split_like,
    unstack,
    zeros_like,
)
from srcgrad.runtime.decompositions import (
    eigvalsh_bar,
    half_bar,
    inverse_gaps,
    mirrored,
    svdvals_bar,
)
from srcgrad.runtime.indexing import (
    embed_diagonal,
    last_written,
    sort_like,
    unsort,
    untake,
    untake_along,
)
from srcgrad.runtime.objects import instance, shallow
from srcgrad.runtime.products import (
    cofactors,
    cumprod_bar,
    cumprod_dot,
    matmul_bar_x,
    matmul_bar_y,
    power_pairs,
    power_terms,
    prod_others,
    prod_pairs,
)
from srcgrad.runtime.quantiles import quantile_rise, quantile_shares, quantile_slopes
from srcgrad.runtime.sampled import interp_slope, uninterp, uninterp_slope
from srcgrad.runtime.spacings import ungradient
from srcgrad.runtime.special import polygamma
from srcgrad.runtime.spectra import cropped, doubled, padded

__all__ = [
    "accumulate",
    "add",
    "broadcast_to",
    "cofactors",
    "contents",
    "cropped",
    "cumprod_bar",
    "cumprod_dot",
    "doubled",
    "eigvalsh_bar",
    "embed_diagonal",
    "first_items",
    "folded",
    "half_bar",
    "inside",
    "instance",
    "interp_slope",
    "inverse_gaps",
    "last_items",
    "last_written",
    "matmul_bar_x",
    "matmul_bar_y",
    "mirrored",
    "one_item",
    "own_copy",
    "padded",
    "polygamma",
    "power_pairs",
    "power_terms",
    "prod_others",
    "prod_pairs",
    "put_back",
    "quantile_rise",
    "quantile_shares",
    "quantile_slopes",
    "repeat_for",
    "shallow",
    "sort_like",
    "split_like",
    "svdvals_bar",
    "unbroadcast",
    "ungradient",
    "uninterp",
    "uninterp_slope",
    "unsort",
    "unstack",
    "untake",
    "untake_along",
    "zeros_like",
]
