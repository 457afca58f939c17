"""The chance that a statistic watched over time crosses a limit, and at which look.

The score S(I) of a test has independent normal increments with mean `drift` times, and variance,
the information gained; z = S / sqrt(I). The density of S among the trials still running is carried
from look to look by Gauss-Legendre quadrature: Armitage, McPherson & Rowe JRSS A 1969;132:235;
Jennison & Turnbull, Group Sequential Methods (2000), chapter 19.

Own code: neither SciPy nor statsmodels has it, and SciPy's multivariate normal distribution is
integrated by randomised lattice rules, which leave an error of about 1e-5. Checked against rpact
and gsDesign (tests/validation/test_interim_boundaries_r.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import inf, sqrt
from typing import Any

import numpy as np
from scipy.special import ndtr

Array = np.ndarray[Any, np.dtype[np.float64]]

NODES = 256  # errors below 1e-9 where a look adds 2 % of the information or more
REACH = 9.0  # standard deviations; what lies beyond is less than 1e-18


@dataclass(frozen=True, kw_only=True)
class Running:
    """The trials still running at some information: where their scores are, with what mass."""

    information: float
    scores: Array
    mass: Array
    drift: float
    low: float
    high: float

    def above(self, z: float, *, information: float) -> float:
        """The chance to be running still, and above z at the next look."""
        return float(self.mass @ ndtr(-self._steps_to(z, information)))

    def below(self, z: float, *, information: float) -> float:
        """The chance to be running still, and below z at the next look."""
        return float(self.mass @ ndtr(self._steps_to(z, information)))

    def _steps_to(self, z: float, information: float) -> Array:
        gained = information - self.information
        steps: Array = (z * sqrt(information) - self.scores - self.drift * gained) / sqrt(gained)
        return steps

    def between(self, lower: float, upper: float, *, information: float) -> "Running":
        """Those who go on after the next look, between its limits."""
        gained = information - self.information
        mean, spread = self.drift * gained, sqrt(gained)
        root = sqrt(information)
        reach = REACH * spread
        low = max(lower * root, self.low + mean - reach)
        high = min(upper * root, self.high + mean + reach)
        if high <= low:
            return _nobody(information, self.drift)
        nodes, weights = _gauss_legendre()
        scores = (high + low) / 2 + (high - low) / 2 * nodes
        steps = (scores[:, None] - self.scores[None, :] - mean) / spread
        density = np.exp(-0.5 * steps**2) @ self.mass / (spread * sqrt(2 * np.pi))
        return Running(
            information=information,
            scores=scores,
            mass=density * weights * (high - low) / 2,
            drift=self.drift,
            low=low,
            high=high,
        )


def begin(*, drift: float, information: float = 0.0, score: float = 0.0) -> Running:
    """One trial at a known score: at the start, or at a look that was made."""
    return Running(
        information=information,
        scores=np.array([score]),
        mass=np.array([1.0]),
        drift=drift,
        low=score,
        high=score,
    )


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """The chance of leaving by the upper and by the lower limit, at each look."""

    upper: Array
    lower: Array


def find_crossing(
    start: Running,
    *,
    information: Sequence[float],
    upper: Sequence[float],
    lower: Sequence[float] | None = None,
) -> Crossing:
    """How a trial leaves its limits; at the last look of `information` too."""
    below = [-inf] * len(upper) if lower is None else lower
    running, ups, downs = start, [], []
    for at, low, high in zip(information, below, upper, strict=True):
        ups.append(running.above(high, information=at))
        downs.append(running.below(min(low, high), information=at))
        running = running.between(low, high, information=at)
    return Crossing(upper=np.array(ups), lower=np.array(downs))


def _nobody(information: float, drift: float) -> Running:
    nothing = np.array([0.0])
    return Running(
        information=information, scores=nothing, mass=nothing, drift=drift, low=0.0, high=0.0
    )


@cache
def _gauss_legendre() -> tuple[Array, Array]:
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return nodes, weights
