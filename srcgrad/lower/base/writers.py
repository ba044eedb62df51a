"""Functions and methods of numpy that write into an array they are given."""

from __future__ import annotations

from typing import Any

import numpy as np

WRITERS: dict[Any, tuple[str, ...]] = {
    np.copyto: ("dst", "src", "casting", "where"),
    np.put: ("a", "ind", "v", "mode"),
    np.place: ("arr", "mask", "vals"),
    np.putmask: ("a", "mask", "values"),
    np.put_along_axis: ("arr", "indices", "values", "axis"),
    np.fill_diagonal: ("a", "val", "wrap"),
}
WRITING_METHODS: dict[str, tuple[str, ...]] = {
    "fill": ("value",),
    "put": ("indices", "values", "mode"),
    "sort": ("axis", "kind", "order", "stable"),
}
