"""How many participants a design asks for, and its power, for two arms compared by a proportion.

The drift is the mean of z at the last look. For a fixed sample the usual formula (pooled variance
under no difference, own variances under the difference: Fleiss, Levin & Paik 2003, formula 4.14
without continuity correction) says which drift a number of participants buys; a design with looks
needs that number times the square of its drift over that of the fixed design (Jennison & Turnbull
2000, section 2.3). Checked against rpact 4.5 (tests/validation/test_interim_size_r.py).
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtri

from immunosep.analysis.interim.boundaries import Boundaries

DRIFTS = (0.0, 30.0)


@dataclass(frozen=True, kw_only=True)
class TwoRates:
    """The proportions in the two arms that a design is made for; `ratio` of treated to control."""

    treated: float
    control: float
    ratio: float = 1.0

    @property
    def difference(self) -> float:
        """What is to be found, as an absolute number."""
        return abs(self.treated - self.control)

    @property
    def spread_of_none(self) -> float:
        """The standard deviation of the difference times sqrt(total), were there no difference."""
        both = (self.ratio * self.treated + self.control) / (1 + self.ratio)
        return sqrt(both * (1 - both) * (1 + self.ratio) ** 2 / self.ratio)

    @property
    def spread(self) -> float:
        """The same with the proportions as they are."""
        treated = self.treated * (1 - self.treated) / self.ratio
        return sqrt((treated + self.control * (1 - self.control)) * (1 + self.ratio))


@dataclass(frozen=True, kw_only=True)
class Size:
    """What a design asks for: `largest` if it goes on to the end, and how many on the average.

    All are totals of both arms and not rounded. `expected_midway` is the average if the effect is
    half as large as planned.
    """

    fixed: float
    largest: float
    expected_no_effect: float
    expected_midway: float
    expected_effect: float


@dataclass(frozen=True, kw_only=True)
class Power:
    """The chance to show an effect, of stopping before the end, and how many it takes."""

    power: float
    early_stop: float
    expected: float


def find_drift(boundaries: Boundaries, *, power: float) -> float:
    """The drift at which a design has a given power; a limit of futility is obeyed."""

    def excess(drift: float) -> float:
        return float(boundaries.crossing(drift=drift).upper.sum()) - power

    return float(brentq(excess, *DRIFTS, xtol=1e-12))


def expected_share(boundaries: Boundaries, *, drift: float) -> float:
    """The share of the information there is, on the average, when the trial stops."""
    found = boundaries.crossing(drift=drift)
    stopped = (found.upper + found.lower)[:-1]
    shares = np.array(boundaries.information)
    return float(1 - stopped @ (1 - shares[:-1]))


def find_size(boundaries: Boundaries, rates: TwoRates, *, power: float) -> Size:
    """How many participants it takes to show a difference of proportions with a given power."""
    critical, wanted = critical_z(boundaries), float(ndtri(power))
    fixed = fixed_size(rates, critical=critical, wanted=wanted)
    drift = find_drift(boundaries, power=power)
    largest = fixed * (drift / (critical + wanted)) ** 2
    none, midway, effect = (
        largest * expected_share(boundaries, drift=drift * part) for part in (0.0, 0.5, 1.0)
    )
    return Size(
        fixed=fixed,
        largest=largest,
        expected_no_effect=none,
        expected_midway=midway,
        expected_effect=effect,
    )


def fixed_size(rates: TwoRates, *, critical: float, wanted: float) -> float:
    """The total without looks, at a critical z and with the normal quantile of the power."""
    return ((critical * rates.spread_of_none + wanted * rates.spread) / rates.difference) ** 2


def find_power(boundaries: Boundaries, rates: TwoRates, *, total: float) -> Power:
    """What a design shows with a total of both arms."""
    drift = drift_of(boundaries, rates, total=total)
    found = boundaries.crossing(drift=drift)
    return Power(
        power=float(found.upper.sum()),
        early_stop=float((found.upper + found.lower)[:-1].sum()),
        expected=total * expected_share(boundaries, drift=drift),
    )


def drift_of(boundaries: Boundaries, rates: TwoRates, *, total: float) -> float:
    """The drift that a total of both arms buys: the formula of the fixed sample, solved for it."""
    critical = critical_z(boundaries)
    missing = critical * (1 - rates.spread_of_none / rates.spread)
    return sqrt(total) * rates.difference / rates.spread + missing


def critical_z(boundaries: Boundaries) -> float:
    """The z that a single look would need."""
    return -float(ndtri(boundaries.alpha / boundaries.sided))
