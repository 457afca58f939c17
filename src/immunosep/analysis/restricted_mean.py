"""Restricted mean survival time: the mean time lived within the first tau days.

The area under Kaplan-Meier up to tau, its variance after Greenwood (Irwin 1949; Klein &
Moeschberger 2003, 4.5), compared between arms as a difference and a ratio (Uno et al., J Clin Oncol
2014;32:2380; Royston & Parmar, BMC Med Res Methodol 2013;13:152). Unlike a hazard ratio it asks for
no proportionality.

It exists only where tau lies within the curve. lifelines 0.30 answers the variance of a
participant's restricted time, not of the mean; own code, checked against R's survival.
"""

from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
from numpy.typing import ArrayLike

from immunosep.analysis.coefficients import normal_interval, not_estimable, quantile
from immunosep.analysis.design import Array, as_mask, as_numbers
from immunosep.analysis.estimates import LEVEL, Estimate
from immunosep.analysis.kaplan_meier import SurvivalCurve, estimate_survival

_METHOD = "Restricted mean survival time"


@dataclass(frozen=True, kw_only=True)
class RestrictedMean:
    """The mean time lived up to `tau`, with its standard error."""

    tau: float
    mean: float
    standard_error: float

    def estimate(self, *, level: float = LEVEL) -> Estimate:
        """The mean with its interval."""
        return normal_interval(self.mean, self.standard_error, method=_METHOD, level=level)


@dataclass(frozen=True, kw_only=True)
class RestrictedMeans:
    """Two arms' restricted means compared: treated less control, treated over control."""

    treated: RestrictedMean | None
    control: RestrictedMean | None
    difference: Estimate
    ratio: Estimate


def estimate_restricted_mean(
    time: ArrayLike, event: ArrayLike, *, tau: float
) -> RestrictedMean | None:
    """The restricted mean of one group; None where nobody's follow-up tells S up to `tau`."""
    if not len(as_numbers(time)):
        return None
    curve = estimate_survival(time, event)
    if tau > curve.times[-1] and curve.survival[-1] > 0:
        return None
    return _restricted(curve, tau)


def compare_restricted_means(
    time: ArrayLike,
    event: ArrayLike,
    *,
    treated: ArrayLike,
    tau: float,
    level: float = LEVEL,
) -> RestrictedMeans:
    """Difference and ratio of the arms' restricted means; the ratio's interval is on its log."""
    times, events, of = as_numbers(time), as_mask(event), as_mask(treated)
    one = estimate_restricted_mean(times[of], events[of], tau=tau)
    two = estimate_restricted_mean(times[~of], events[~of], tau=tau)
    difference = ratio = not_estimable(_METHOD, level=level)
    if one is not None and two is not None:
        error = sqrt(one.standard_error**2 + two.standard_error**2)
        difference = normal_interval(
            one.mean - two.mean, error, method=f"{_METHOD}, difference", level=level
        )
        ratio = _ratio(one, two, level=level)
    return RestrictedMeans(treated=one, control=two, difference=difference, ratio=ratio)


def _restricted(curve: SurvivalCurve, tau: float) -> RestrictedMean:
    within = curve.times < tau
    starts = np.concatenate([[0.0], curve.times[within]])
    widths = np.diff(np.append(starts, tau))
    areas = widths * np.concatenate([[1.0], curve.survival[within]])
    beyond = areas[::-1].cumsum()[::-1][1:]  # the area from each time on
    return RestrictedMean(
        tau=tau,
        mean=float(areas.sum()),
        standard_error=sqrt(_variance(beyond, curve.events[within], curve.at_risk[within])),
    )


def _variance(beyond: Array, events: Array, at_risk: Array) -> float:
    left = at_risk - events
    telling = (events > 0) & (left > 0)  # where all die nothing lies beyond
    parts = beyond[telling] ** 2 * events[telling] / (at_risk[telling] * left[telling])
    return float(parts.sum())


def _ratio(one: RestrictedMean, two: RestrictedMean, *, level: float) -> Estimate:
    method = f"{_METHOD}, ratio"
    if min(one.mean, two.mean) <= 0:
        return not_estimable(method, level=level)
    error = sqrt((one.standard_error / one.mean) ** 2 + (two.standard_error / two.mean) ** 2)
    value = log(one.mean / two.mean)
    half = quantile(level) * error
    return Estimate(
        value=exp(value), low=exp(value - half), high=exp(value + half), method=method, level=level
    )
