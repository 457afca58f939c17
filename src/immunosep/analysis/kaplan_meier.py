"""Kaplan-Meier (J Am Stat Assoc 1958;53:457): the share still free of an event, with its interval.

The standard error is Greenwood's (1926). Intervals are plain, on log S, or on log(-log S)
(Kalbfleisch & Prentice 1980, 1.3); the first two end at 1 and the plain one at 0. A median is the
first time at which S is 0.5 or less, and the middle of the step where S is 0.5 exactly; its
interval is where the interval of S crosses 0.5 (Brookmeyer & Crowley, Biometrics 1982;38:29).

lifelines 0.30 offers log(-log S) alone and answers a median with the start of its step; own code,
checked against R's survival.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from immunosep.analysis.coefficients import quantile
from immunosep.analysis.design import Array, as_mask, as_numbers
from immunosep.analysis.estimates import LEVEL, Estimate
from immunosep.errors import AnalysisError

_HALF = 0.5
_EXACTLY = 1e-9  # S is a product of fractions: two that are equal may differ in the last bits


class Interval(StrEnum):
    """On which scale an interval of S is symmetric."""

    PLAIN = "plain"
    LOG = "log"
    LOG_LOG = "log-log"


@dataclass(frozen=True, kw_only=True, eq=False)
class SurvivalCurve:
    """One row per time: at risk just before it, events and censorings at it, S after it."""

    times: Array
    at_risk: Array
    events: Array
    censored: Array
    survival: Array
    hazard_variance: Array
    interval: Interval
    level: float

    @property
    def standard_errors(self) -> Array:
        """Greenwood's standard error of S; NaN where S is 0, as it does not exist there."""
        found: Array = np.where(
            self.survival > 0, self.survival * np.sqrt(_finite(self.hazard_variance)), np.nan
        )
        return found

    @property
    def low(self) -> Array:
        """The lower ends; NaN where S is 0."""
        return self._ends()[0]

    @property
    def high(self) -> Array:
        """The upper ends."""
        return self._ends()[1]

    def at(self, time: float) -> Estimate:
        """S at a time, with its interval; not estimable after the last follow-up, unless S is 0."""
        row = int(np.searchsorted(self.times, time, side="right")) - 1
        method = f"Kaplan-Meier, {self.interval} interval"
        if row < 0:
            return Estimate(value=1.0, low=1.0, high=1.0, method=method, level=self.level)
        value = float(self.survival[row])
        if time > self.times[-1] and value > 0:
            return Estimate(value=None, low=None, high=None, method=method, level=self.level)
        low, high = (float(end[row]) for end in self._ends())
        return Estimate(
            value=value, low=_known(low), high=_known(high), method=method, level=self.level
        )

    def at_risk_at(self, times: ArrayLike) -> tuple[int, ...]:
        """How many are still followed just before each of these times."""
        rows = np.searchsorted(self.times, as_numbers(times), side="left")
        counts = np.append(self.at_risk, 0)[rows]
        return tuple(int(count) for count in counts)

    def events_until(self, time: float) -> int:
        """How many events happened by this time."""
        return int(self.events[self.times <= time].sum())

    def median(self) -> Estimate:
        """The median time, with the interval that the interval of S gives."""
        low, high = self._ends()
        return Estimate(
            value=_crossing(self.times, self.survival),
            low=_crossing(self.times, low),
            high=_crossing(self.times, high),
            method=f"Kaplan-Meier median, {self.interval} interval",
            level=self.level,
        )

    def _ends(self) -> tuple[Array, Array]:
        alive = self.survival > 0
        survival = np.where(alive, self.survival, _HALF)
        error = quantile(self.level) * np.sqrt(np.where(alive, _finite(self.hazard_variance), 0.0))
        low, high = _on_scale(self.interval, survival, error)
        nowhere = np.where(alive, 0.0, np.nan)
        return low + nowhere, high + nowhere


def estimate_survival(
    time: ArrayLike,
    event: ArrayLike,
    *,
    interval: Interval = Interval.LOG_LOG,
    level: float = LEVEL,
) -> SurvivalCurve:
    """The Kaplan-Meier curve of one group; `event` is false for who was censored at `time`."""
    times, happened = follow_up(time, event)
    if not len(times):
        raise AnalysisError("Kaplan-Meier", ["nobody is followed: expected at least one"])
    distinct, rows = np.unique(times, return_inverse=True)
    events = as_numbers(np.bincount(rows, weights=happened, minlength=len(distinct)))
    left = np.bincount(rows, minlength=len(distinct)).astype(np.float64)
    at_risk = np.cumsum(left[::-1])[::-1]
    with np.errstate(divide="ignore"):  # all who are at risk die: S is 0, its variance infinite
        variance = np.cumsum(np.where(events > 0, events / (at_risk * (at_risk - events)), 0.0))
    return SurvivalCurve(
        times=distinct,
        at_risk=at_risk,
        events=events,
        censored=left - events,
        survival=as_numbers(np.cumprod(1 - events / at_risk)),
        hazard_variance=variance,
        interval=interval,
        level=level,
    )


def follow_up(time: ArrayLike, event: ArrayLike) -> tuple[Array, Array]:
    """Times, and events as 1 or 0, one of each per participant; AnalysisError if not."""
    times, events = as_numbers(time), as_mask(event).astype(np.float64)
    problems = []
    if times.shape != events.shape or times.ndim != 1:
        problems.append("times and events differ in number: expected one of each per participant")
    if not np.isfinite(times).all():
        problems.append("a time is missing: expected the last day each participant was seen")
    if (times < 0).any():
        problems.append("a time is below 0: expected times since randomisation")
    if problems:
        raise AnalysisError("Follow-up", problems)
    return times, events


def _on_scale(interval: Interval, survival: Array, error: Array) -> tuple[Array, Array]:
    match interval:
        case Interval.PLAIN:
            half = survival * error
            return np.maximum(survival - half, 0.0), np.minimum(survival + half, 1.0)
        case Interval.LOG:
            return survival * np.exp(-error), np.minimum(survival * np.exp(error), 1.0)
        case Interval.LOG_LOG:
            # Before the first event S is 1 and so are both ends: log S is 0 and so is the error.
            log = np.where(survival < 1, np.log(survival), -1.0)
            power = np.exp(error / log)
            whole = survival == 1
            low, high = survival ** (1 / power), survival**power
            return np.where(whole, 1.0, low), np.where(whole, 1.0, high)


def _finite(values: Array) -> Array:
    found: Array = np.where(np.isfinite(values), values, 0.0)
    return found


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


def _crossing(times: Array, curve: Array) -> float | None:
    """Where a falling step function passes one half; None if it never does."""
    reached = np.flatnonzero(curve <= _HALF + _EXACTLY)
    if not len(reached):
        return None
    passed = np.flatnonzero(curve < _HALF - _EXACTLY)
    first = times[reached[0]]
    if not len(passed) or passed[0] == reached[0]:
        return float(first)
    return float((first + times[passed[0]]) / 2)
