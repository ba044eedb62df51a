"""Lists that are written into arrays: `y[:2] = a, b` becomes `y[:2] = np.array((a, b))`."""

from __future__ import annotations

import gast

from srcgrad.kinds import Array, List, Record
from srcgrad.lower.base.join import listlike
from srcgrad.lower.base.trees import placed
from srcgrad.lower.expansions.writers import Writers


class Listed(Writers):
    """Makes arrays of the lists that are refused as values of parts of arrays."""

    def needed(self) -> bool:
        """Whether an assignment stands in the way."""
        return bool(self.typed.deferred)

    def statement(self, s: gast.stmt) -> list[gast.stmt]:
        """Make an array of the value of one assignment."""
        match s:
            case gast.Assign(targets=[gast.Subscript(value=base)], value=value) if (
                isinstance(self.kind(base), Array)
                and isinstance(kind := self.kind(value), (List, Record))
                and listlike(kind)
            ):
                s.value = placed(self.numpy(value, "array", value), value)
                s.end_lineno = None
                self.changed = True
        return super().statement(s)
