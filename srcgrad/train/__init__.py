"""Training: the loop, what can be watched and saved while it runs, and going on from there.

>>> import numpy as np
>>> from srcgrad import data, optim
>>> def loss(params, x, y):
...     return np.mean((x @ params["w"] + params["b"] - y) ** 2)
>>> x = np.random.default_rng(0).normal(size=(256, 2))
>>> y = x @ np.array([1.0, -2.0]) + 3.0
>>> batches = data.arrays(x, y).shuffle(seed=0).batch(32)
>>> params, history = fit(
...     loss, {"w": np.zeros(2), "b": 0.0}, batches, optim.adam(0.05), epochs=60,
...     callbacks=[early_stopping(monitor="loss", patience=10)])
>>> np.round(params["w"], 3) + 0.0
array([ 1., -2.])
"""

from srcgrad.train.callbacks import (
    Callback,
    before_update,
    early_stopping,
    every,
    every_epoch,
    keep_best,
    log_rate,
)
from srcgrad.train.checkpoints import Checkpoint, Checkpoints, CheckpointWarning
from srcgrad.train.curves import curves, plot_curves
from srcgrad.train.estimator import Classifier, Estimator, Regressor
from srcgrad.train.growing import grow, widened
from srcgrad.train.history import History
from srcgrad.train.logs import csv_log, json_log
from srcgrad.train.loop import fit
from srcgrad.train.nonfinite import NotFinite
from srcgrad.train.progress import progress_bar
from srcgrad.train.run import Run
from srcgrad.train.saving import load, load_safetensors, save
from srcgrad.train.tensorboard import tensorboard

__all__ = [
    "Callback",
    "Checkpoint",
    "CheckpointWarning",
    "Checkpoints",
    "Classifier",
    "Estimator",
    "History",
    "NotFinite",
    "Regressor",
    "Run",
    "before_update",
    "csv_log",
    "curves",
    "early_stopping",
    "every",
    "every_epoch",
    "fit",
    "grow",
    "json_log",
    "keep_best",
    "load",
    "load_safetensors",
    "log_rate",
    "plot_curves",
    "progress_bar",
    "save",
    "tensorboard",
    "widened",
]
