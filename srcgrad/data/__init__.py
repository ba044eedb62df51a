"""Data sets: rows from arrays and files, in an order that a seed gives, cut into batches.

Everything is made of small steps, each of which gives a new data set:

    >>> import numpy as np
    >>> x, y = np.arange(8.0).reshape(4, 2), np.arange(4)
    >>> data = arrays(x, y).shuffle(seed=0).batch(2).map(lambda b: (b[0] / 7, b[1])).prefetch(2)
    >>> for inputs, labels in data.epoch(0):
    ...     print(inputs.shape, labels)
    (2, 2) [3 0]
    (2, 2) [1 2]

The rows of an epoch and their order follow from the seeds and the number of the epoch alone, and
so does each batch. Where a run was stopped is therefore two integers, `data.stream().position`.
"""

from srcgrad.data.batches import Batches, Stream
from srcgrad.data.columns import stacked
from srcgrad.data.folders import sharded
from srcgrad.data.idx import idx
from srcgrad.data.npy import npy, npz
from srcgrad.data.parquet import parquet
from srcgrad.data.rows import Rows, arrays
from srcgrad.data.tables import csv

__all__ = [
    "Batches",
    "Rows",
    "Stream",
    "arrays",
    "csv",
    "idx",
    "npy",
    "npz",
    "parquet",
    "sharded",
    "stacked",
]
