"""The axes of a plot of two measurements: what they span, and where along them a value lies."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10

from immunosep.tables.columns import Column
from immunosep.tables.units import UNIT_SIGNS

DECADES_FOR_LOG = 2  # a measurement that plausibly spans a hundredfold is read on a log axis
ROOM = 4  # a log axis reaches so many times beyond the limits, for the regions to be seen
FEW_DECADES = 3  # up to here 2 and 5 are marked as well as 1 and 10
Stretch = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Scale:
    """One axis: its measurement, where the trial draws its limits, and what it spans."""

    column: Column
    limits: tuple[float, ...]
    log: bool
    low: float
    high: float

    @property
    def label(self) -> str:
        sign = UNIT_SIGNS.get(self.column.unit, self.column.unit)
        return self.column.label if "molecules" in sign else f"{self.column.label}, {sign}"

    def share(self, value: float) -> float:
        """How far along the axis a value lies, 0 to 1; beyond its ends, at the end."""
        low, high, at = self.low, self.high, min(max(value, self.low), self.high)
        if self.log:
            low, high, at = log10(low), log10(high), log10(at)
        return (at - low) / (high - low)

    def value(self, share: float) -> float:
        """The value so far along the axis."""
        if self.log:
            return float(self.low * (self.high / self.low) ** share)
        return self.low + share * (self.high - self.low)

    @property
    def short_label(self) -> str:
        """The measurement's name without what it counts."""
        return self.column.label.split(" molecules")[0]

    @property
    def stretches(self) -> list[Stretch]:
        """What the limits divide the axis into, as shares."""
        return list(pairwise([0.0, *(self.share(limit) for limit in self.limits), 1.0]))

    def stretch(self, share: float) -> Stretch:
        """Where a mark may be moved to without crossing a limit; a mark on one stays there."""
        if any(share == self.share(limit) for limit in self.limits):
            return share, share
        return next(s for s in self.stretches if s[0] <= share <= s[1])

    def round_values(self, *, sparse: bool) -> list[float]:
        """The values to mark along the axis; sparse where there is room for few."""
        if not self.log:
            return [self.low + step * (self.high - self.low) / 4 for step in range(5)]
        first, last = log10(self.low), log10(self.high)
        steps = (1, 2, 5) if last - first <= FEW_DECADES else (1,)
        values = [
            step * 10.0**power for power in range(floor(first), ceil(last) + 1) for step in steps
        ]
        return [value for value in values if self.low <= value <= self.high]


def scale_of(column: Column, limits: tuple[float, ...], values: Sequence[float | None]) -> Scale:
    """An axis that holds the limits and the values, log where the measurement calls for it."""
    span = column.plausible
    log = bool(span and span.low > 0 and log10(span.high / span.low) >= DECADES_FOR_LOG)
    known = [v for v in values if v is not None and (v > 0 or not log)]
    least, most = min([*limits, *known]), max([*limits, *known])
    if log:
        low = _round_number(min(least / 1.3, limits[0] / ROOM), up=False)
        high = _round_number(max(most * 1.3, limits[-1] * ROOM), up=True)
        return Scale(column=column, limits=limits, log=True, low=low, high=high)
    margin = (most - least) * 0.1 or 1
    return Scale(column=column, limits=limits, log=False, low=least - margin, high=most + margin)


def _round_number(value: float, *, up: bool) -> float:
    """The nearest 1, 2 or 5 times a power of ten, above or below."""
    power = 10.0 ** floor(log10(value))
    steps = [power, 2 * power, 5 * power, 10 * power]
    return min(s for s in steps if s >= value) if up else max(s for s in steps if s <= value)


def brief_number(value: float) -> str:
    """A number beside an axis: 20k for 20,000."""
    for size, sign in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{sign}"
    return f"{value:g}"
