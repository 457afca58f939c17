"""One tube as the assay reads it: stored values, compensated values, each detector's full scale.

Stored values are those of the file on a linear scale. Compensation takes out the light that one
dye sends into another's detector, by the matrix the file carries; nothing else is changed. Without
it, CD45-FITC that spills 13 % into PE would add a third to HLA-DR.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from immunosep.cytometry.density import Array
from immunosep.cytometry.fcs import FcsFile

STORED_COMPENSATED = "comp"  # how programs begin the name of a channel they have compensated


@dataclass(frozen=True, kw_only=True, eq=False)
class Tube:
    """The events of one data set. A channel is made whenever it is asked for, and not kept: all of
    them in double precision would be several times the file."""

    file: FcsFile
    compensate: bool = True

    @property
    def events(self) -> int:
        return len(self.file.raw)

    def stored(self, name: str) -> Array:
        """A channel's values as the file holds them, on a linear scale."""
        return self.file.values(name)

    def values(self, name: str) -> Array:
        """A channel's values, compensated where the file says how."""
        shares = self._shares.get(name)
        if shares is None:
            return self.stored(name)
        found = np.zeros(self.events)
        for dye, share in shares.items():
            light = self.file.values(dye)
            light *= share
            found += light
        return found

    def detectors(self, name: str) -> tuple[str, ...]:
        """The channels that a channel's values are made of."""
        return tuple(self._shares.get(name, (name,)))

    @cached_property
    def _shares(self) -> dict[str, dict[str, float]]:
        """For each compensated channel, how much of every channel makes it up."""
        spillover = self.file.spillover
        if spillover is None or not self.compensate:
            return {}
        inverse = np.linalg.inv(np.asarray(spillover.matrix, dtype=np.float64))
        return {
            name: {
                dye: float(share)
                for dye, share in zip(spillover.names, column, strict=True)
                if share
            }
            for name, column in zip(spillover.names, inverse.T, strict=True)
        }

    def full_scale(self, name: str) -> float:
        """The brightest value a channel's detector can give."""
        return self.file.channels[self.file.index(name)].top


def is_compensated(name: str) -> bool:
    """Whether the program that wrote the file says it has compensated the channel of this name."""
    return name.lower().startswith(STORED_COMPENSATED)
