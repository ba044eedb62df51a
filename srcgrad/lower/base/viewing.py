"""Functions whose result may share memory with an argument, and some whose result never does."""

from __future__ import annotations

import numpy as np

from srcgrad import runtime

VIEWING = (
    np.reshape,
    np.ravel,
    np.transpose,
    np.swapaxes,
    np.moveaxis,
    np.squeeze,
    np.expand_dims,
    np.broadcast_to,
    np.asarray,
    np.ascontiguousarray,
    np.atleast_1d,
    np.atleast_2d,
    np.atleast_3d,
    np.diag,
    np.diagonal,
    np.flip,
    np.fliplr,
    np.flipud,
    np.rot90,
    np.real,
    np.imag,
    np.nan_to_num,
    np.array_split,
    np.split,
)

FRESH = (runtime.zeros_like, runtime.last_written)

# Their results are views that cannot be written into; but `np.diag` makes a matrix of a vector.
READ_ONLY = (np.diag, np.diagonal, np.broadcast_to)
