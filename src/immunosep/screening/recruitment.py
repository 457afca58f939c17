"""When a trial will have its participants: a forecast from what its centres have enrolled.

Each centre enrols as a Poisson process; the centres' rates differ as a gamma distribution
(Anisimov & Fedorov Stat Med 2007;26:4958). Its shape and rate are fitted to the counts by maximum
likelihood; what a centre has enrolled then updates its own rate, so that the participants still to
come of each centre are negative binomial, and those of the trial their sum. The distribution of the
sum is exact, from its generating function. Centres still to open have the rate of a new one.

Where centres differ no more than chance would have it, one rate is shared, known as well as the
total allows. The uncertainty of the fitted gamma distribution itself is left out, as in the paper.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import nbinom

from immunosep.errors import AnalysisError

Array = np.ndarray[Any, np.dtype[np.float64]]

LEVEL = 0.95
LONGEST_DAYS = 365 * 20  # a target that is further away is not reached
SHAPES = (-4.0, 8.0)  # of the logarithm: centres of which one enrols all, to centres all alike
ALIKE = 7.5  # a fitted logarithm above which centres differ no more than by chance
FARTHEST = 30  # standard deviations of a sum, beyond which nothing is left
FOLDED = 1e-12  # the share of what lies beyond the points that is counted among them
JEFFREYS = 0.5  # added to a count of events: the prior of a Poisson rate that is not informative


@dataclass(frozen=True, kw_only=True)
class CentreCount:
    """One centre: when it opened or is to open, and how many it has enrolled; `closes` if it does.

    A centre enrols from the day it opens to the day before it closes.
    """

    centre: str
    opened: date
    enrolled: int = 0
    closes: date | None = None

    def open_days(self, start: date, end: date) -> int:
        """How many days it is open from `start` to the day before `end`."""
        last = min(end, self.closes) if self.closes else end
        return max(0, (last - max(start, self.opened)).days)


@dataclass(frozen=True, kw_only=True)
class CentreRates:
    """How the centres' rates a day are distributed: gamma with this shape and rate.

    `alike`: all share one rate, and the gamma distribution is what is known of it.
    """

    shape: float
    rate: float
    alike: bool = False

    @property
    def mean(self) -> float:
        """Participants a day of a centre of which nothing is known yet."""
        return self.shape / self.rate


@dataclass(frozen=True, kw_only=True)
class EnrolledBy:
    """How many will have been enrolled when a day begins: expected, and with which interval."""

    day: date
    expected: float
    low: int
    high: int


@dataclass(frozen=True, kw_only=True)
class RecruitmentForecast:
    """Enrolment to come. `middle`, `early` and `late` are when the target is reached.

    None: not within 20 years, or not at all before the centres close. `level` is the probability of
    each interval.
    """

    as_of: date
    enrolled: int
    target: int
    rates: CentreRates
    curve: tuple[EnrolledBy, ...]
    early: date | None
    middle: date | None
    late: date | None
    level: float


def forecast_recruitment(
    centres: Sequence[CentreCount],
    *,
    as_of: date,
    target: int,
    days: Sequence[date] = (),
    rates: CentreRates | None = None,
    level: float = LEVEL,
) -> RecruitmentForecast:
    """How many will be enrolled on each of `days`, and when the target is reached.

    `rates` are those planned; without, they are fitted to what the centres have enrolled.
    """
    _check(centres, as_of=as_of, target=target, days=days, level=level)
    known = fit_rates(centres, as_of=as_of) if rates is None else rates
    to_come = _ToCome(tuple(centres), as_of, known)
    tail = (1 - level) / 2
    early, middle, late = (to_come.reached(target, chance) for chance in (tail, 0.5, 1 - tail))
    return RecruitmentForecast(
        as_of=as_of,
        enrolled=to_come.enrolled,
        target=target,
        rates=known,
        curve=tuple(to_come.by(day, level) for day in days),
        early=early,
        middle=middle,
        late=late,
        level=level,
    )


def fit_rates(centres: Sequence[CentreCount], *, as_of: date) -> CentreRates:
    """The gamma distribution of the rates under which the counts are likeliest."""
    counts = np.array([centre.enrolled for centre in centres], float)
    exposed = np.array([centre.open_days(date.min, as_of) for centre in centres], float)
    counts, exposed = counts[exposed > 0], exposed[exposed > 0]
    if not len(counts):
        raise AnalysisError(
            "recruitment forecast",
            ["no centre was open before the day of the forecast; give the planned `rates`"],
        )
    found = minimize_scalar(
        lambda log_shape: -_likelihood(float(np.exp(log_shape)), counts, exposed),
        bounds=SHAPES,
        method="bounded",
        options={"xatol": 1e-8},
    )
    if len(counts) < 2 or not counts.any() or found.x > ALIKE:
        return CentreRates(
            shape=float(counts.sum()) + JEFFREYS, rate=float(exposed.sum()), alike=True
        )
    shape = float(np.exp(found.x))
    return CentreRates(shape=shape, rate=_rate_given(shape, counts, exposed))


def _likelihood(shape: float, counts: Array, exposed: Array) -> float:
    """The logarithm of the likelihood of the counts, at the best rate for a shape."""
    rate = _rate_given(shape, counts, exposed)
    return float(np.sum(nbinom.logpmf(counts, shape, rate / (rate + exposed))))


def _rate_given(shape: float, counts: Array, exposed: Array) -> float:
    """The likeliest rate for a shape: sum of shape / rate = sum of (shape + k) / (rate + days)."""
    if not counts.any():
        return shape * float(exposed.sum())
    rate = shape * float(exposed.sum() / counts.sum())
    for _ in range(200):
        better = shape * len(counts) / float(((shape + counts) / (rate + exposed)).sum())
        if abs(better - rate) <= 1e-12 * rate:
            break
        rate = better
    return rate


@dataclass(frozen=True)
class _ToCome:
    """Participants still to come."""

    centres: tuple[CentreCount, ...]
    as_of: date
    rates: CentreRates

    @property
    def enrolled(self) -> int:
        return sum(centre.enrolled for centre in self.centres)

    def by(self, day: date, level: float) -> EnrolledBy:
        """How many there are when a day begins."""
        shapes, odds = self._terms(day)
        chances = distribution_of(shapes, odds)
        sums = np.cumsum(chances)
        tail = (1 - level) / 2
        return EnrolledBy(
            day=day,
            expected=self.enrolled + float(shapes @ odds),
            low=self.enrolled + int(np.searchsorted(sums, tail)),
            high=self.enrolled + int(np.searchsorted(sums, 1 - tail)),
        )

    def reached(self, target: int, chance: float) -> date | None:
        """The first day on whose eve the target has been reached with a given chance."""
        low, high = 0, LONGEST_DAYS
        if self._chance_of(target, high) < chance:
            return None
        while low < high:
            middle = (low + high) // 2
            if self._chance_of(target, middle) >= chance:
                high = middle
            else:
                low = middle + 1
        return self.as_of + timedelta(days=low)

    def _chance_of(self, target: int, days: int) -> float:
        needed = target - self.enrolled
        if needed <= 0:
            return 1.0
        shapes, odds = self._terms(self.as_of + timedelta(days=days))
        return 1 - float(distribution_of(shapes, odds, at_most=needed - 1).sum())

    def _terms(self, day: date) -> tuple[Array, Array]:
        """Of each negative binomial: its shape, and the mean it has for each unit of the shape."""
        ahead = np.array([each.open_days(self.as_of, day) for each in self.centres], float)
        if self.rates.alike:
            return np.array([self.rates.shape]), np.array([ahead.sum() / self.rates.rate])
        exposed = [each.open_days(date.min, self.as_of) for each in self.centres]
        counts = np.array([each.enrolled for each in self.centres], float)
        return self.rates.shape + counts, ahead / (self.rates.rate + np.array(exposed, float))


def distribution_of(shapes: Array, odds: Array, *, at_most: int | None = None) -> Array:
    """The probabilities of 0, 1, 2 ... for a sum of negative binomials of these shapes.

    `odds` are each one's mean divided by its shape. The generating function is inverted on a circle
    a little inside that of radius 1, which leaves an error below 1e-12 (Abate & Whitt Oper Res Lett
    1992;12:245).
    """
    mean, variance = float(shapes @ odds), float(shapes @ (odds * (1 + odds)))
    longest = int(mean + FARTHEST * np.sqrt(variance)) + 30 if at_most is None else at_most
    points = 4 * (longest + 1)
    radius = FOLDED ** (1 / points)
    circle = radius * np.exp(2j * np.pi * np.arange(points) / points)
    logarithm = np.zeros(points, complex)
    for shape, odd in zip(shapes, odds, strict=True):
        logarithm -= shape * np.log(1 + odd * (1 - circle))
    powers = np.arange(longest + 1)
    chances: Array = np.fft.fft(np.exp(logarithm)).real[: longest + 1] / points
    within: Array = np.clip(chances * radius**-powers, 0, 1)
    return within


def _check(
    centres: Sequence[CentreCount],
    *,
    as_of: date,
    target: int,
    days: Sequence[date],
    level: float,
) -> None:
    problems = [problem for centre in centres for problem in _wrong_with(centre, as_of)]
    if not centres:
        problems.append("no centre was given; expected at least one")
    if target < 1:
        problems.append(f"the target is {target}, expected a number of participants, 1 or more")
    if any(day < as_of for day in days):
        problems.append(f"a day of `days` is before {as_of}, the day of the forecast")
    if not 0 < level < 1:
        problems.append(f"the level is {level:g}, expected a probability, such as 0.95")
    if problems:
        raise AnalysisError("recruitment forecast", problems)


def _wrong_with(centre: CentreCount, as_of: date) -> list[str]:
    problems = []
    if centre.enrolled < 0:
        problems.append(f"centre {centre.centre}: enrolled is below 0")
    if centre.enrolled and centre.opened >= as_of:
        problems.append(
            f"centre {centre.centre} has enrolled before it opened; correct the day it opened"
        )
    if centre.closes and centre.closes < centre.opened:
        problems.append(f"centre {centre.centre} closes before it opens")
    return problems
