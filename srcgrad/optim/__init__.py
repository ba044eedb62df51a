"""Optimizers: small pure functions over any tree of parameters, each with its in-place form."""

from srcgrad.optim.adam import adam, adamax, adamw, amsgrad, nadam
from srcgrad.optim.adaptive import adadelta, adagrad, ftrl, rmsprop
from srcgrad.optim.base import Optimizer, apply_updates, chain, from_update, identity
from srcgrad.optim.belief import adabelief, radam, yogi
from srcgrad.optim.clipping import (
    adaptive_clip,
    clip,
    clip_by_global_norm,
    clip_by_norm,
    clip_by_rms,
)
from srcgrad.optim.composed import join, one_cycle, piecewise, warm_up, warm_up_cosine
from srcgrad.optim.descent import lion, rprop, sgd, sign_sgd
from srcgrad.optim.factored import adafactor
from srcgrad.optim.layerwise import lamb, lars, scale_by_rms, trust_ratio
from srcgrad.optim.lbfgs import lbfgs
from srcgrad.optim.parts import freeze, masked, separate
from srcgrad.optim.pieces import ema, noise, scale, trace, weight_decay
from srcgrad.optim.plateau import plot_plateau, reduce_on_plateau
from srcgrad.optim.proximal import Prox, ball, box, elastic_net, group, l1, l2, proximal
from srcgrad.optim.schedules import (
    Schedule,
    constant,
    cosine,
    cosine_restarts,
    exponential,
    inverse_sqrt,
    linear,
    polynomial,
    step_decay,
)
from srcgrad.optim.wrappers import accumulate, average_of, averaged, lookahead
from srcgrad.optim.zoom import Search

__all__ = [
    "Optimizer",
    "Prox",
    "Schedule",
    "Search",
    "accumulate",
    "adabelief",
    "adadelta",
    "adafactor",
    "adagrad",
    "adam",
    "adamax",
    "adamw",
    "adaptive_clip",
    "amsgrad",
    "apply_updates",
    "average_of",
    "averaged",
    "ball",
    "box",
    "chain",
    "clip",
    "clip_by_global_norm",
    "clip_by_norm",
    "clip_by_rms",
    "constant",
    "cosine",
    "cosine_restarts",
    "elastic_net",
    "ema",
    "exponential",
    "freeze",
    "from_update",
    "ftrl",
    "group",
    "identity",
    "inverse_sqrt",
    "join",
    "l1",
    "l2",
    "lamb",
    "lars",
    "lbfgs",
    "linear",
    "lion",
    "lookahead",
    "masked",
    "nadam",
    "noise",
    "one_cycle",
    "piecewise",
    "plot_plateau",
    "polynomial",
    "proximal",
    "radam",
    "reduce_on_plateau",
    "rmsprop",
    "rprop",
    "scale",
    "scale_by_rms",
    "separate",
    "sgd",
    "sign_sgd",
    "step_decay",
    "trace",
    "trust_ratio",
    "warm_up",
    "warm_up_cosine",
    "weight_decay",
    "yogi",
]
