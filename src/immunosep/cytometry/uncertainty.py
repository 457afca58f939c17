"""How sure a number is: the beads, the sampling of cells and the assay, added as variances of ln.

The interval is the number times exp(±1.96 u); the chance that the true value lies below a limit is
that of a normal distribution of ln. A result is grey when its interval holds the limit.
"""

from dataclasses import dataclass
from math import erf, exp, log, sqrt

from immunosep.cytometry.calibration import Z_975


@dataclass(frozen=True, kw_only=True)
class Uncertainty:
    """The parts of the standard error of ln(antibodies bound per cell)."""

    beads: float
    sampling: float
    assay: float

    @property
    def total(self) -> float:
        return sqrt(self.beads**2 + self.sampling**2 + self.assay**2)


def sampling_error(log10_deviation: float, count: int) -> float:
    """The standard error of ln of a geometric mean of so many cells."""
    return log(10) * log10_deviation / sqrt(count)


def estimate_interval(value: float, uncertainty: Uncertainty) -> tuple[float, float]:
    """The 95 % interval."""
    factor = exp(Z_975 * uncertainty.total)
    return value / factor, value * factor


def probability_below(value: float, limit: float, uncertainty: Uncertainty) -> float:
    """The probability that the true value is below the limit."""
    return 0.5 * (1 + erf(log(limit / value) / uncertainty.total / sqrt(2)))


def is_grey(value: float, limit: float, uncertainty: Uncertainty) -> bool:
    """Whether the interval holds the limit."""
    low, high = estimate_interval(value, uncertainty)
    return low <= limit <= high
