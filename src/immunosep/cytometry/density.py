"""How many events lie where along one axis: a smoothed histogram, its peaks and its valleys."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
STEPS = 6  # grid points to a bandwidth
REACH = 4  # bandwidths a kernel reaches


@dataclass(frozen=True, kw_only=True, eq=False)
class Density:
    """Heights on an even grid, in events: an event alone is a bump one high."""

    grid: Array
    height: Array

    @property
    def mode(self) -> float:
        """Where it is highest."""
        return float(self.grid[self.height.argmax()])

    def at(self, places: Array) -> Array:
        """The height at other places; nothing beyond the grid."""
        found: Array = np.interp(places, self.grid, self.height, left=0.0, right=0.0)
        return found

    def peaks(self, *, share: float, events: float = 0.0, dip: float) -> list[int]:
        """Grid positions of the peaks that stand apart.

        A peak has at least this share of the highest's height and this many events; between two
        the density falls to `dip` of the smaller or lower, or the smaller is part of the other.
        """
        inner = self.height[1:-1]
        tops = (inner > self.height[:-2]) & (inner >= self.height[2:])
        least = max(share * float(self.height.max()), events)
        found = [int(at) for at in np.flatnonzero(tops) + 1 if self.height[at] >= least]
        while merged := self._not_apart(found, dip):
            found.remove(merged)
        return found

    def valleys(self, peaks: list[int]) -> list[int]:
        """The lowest grid position between each peak and the next."""
        return [left + int(self.height[left:right].argmin()) for left, right in pairwise(peaks)]

    def _not_apart(self, peaks: list[int], dip: float) -> int | None:
        for left, right in pairwise(peaks):
            smaller = left if self.height[left] < self.height[right] else right
            if self.height[left:right].min() > dip * self.height[smaller]:
                return smaller
        return None


def estimate_density(values: Array, *, bandwidth: float) -> Density:
    """The density of finite values, smoothed by a Gaussian of this bandwidth."""
    step = bandwidth / STEPS
    low = float(values.min()) - REACH * bandwidth
    cells = np.rint((values - low) / step).astype(np.int64)
    counts = np.bincount(cells, minlength=int(cells.max()) + REACH * STEPS + 1)
    far = np.arange(-REACH * STEPS, REACH * STEPS + 1) / STEPS
    height = np.convolve(counts.astype(np.float64), np.exp(-0.5 * far**2), mode="same")
    grid: Array = low + step * np.arange(len(counts), dtype=np.float64)
    return Density(grid=grid, height=height)


def scaled_mad(values: Array, centre: float) -> float:
    """The median absolute deviation, scaled to the standard deviation of a normal distribution."""
    return 1.4826 * float(np.median(np.abs(values - centre)))
