"""The chance that a trial succeeds in the end, given what a look has shown.

Conditional power takes an effect as true: the planned one, none, or the one seen so far (Lan &
Wittes Biometrics 1988;44:579). Predictive power averages it over what is believed of the effect:
after a flat or a normal prior (Spiegelhalter, Freedman & Blackburn Control Clin Trials 1986;7:8).
For two proportions the average is over the responders still to come, which are beta-binomial.

Effects are drifts: the mean of z when all the information is there. Own code: no Python library has
it; checked against the closed forms for one remaining look and, for several, against SciPy's
multivariate normal distribution (tests/unit/test_interim_conditional.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import ndtri
from scipy.stats import betabinom

from immunosep.analysis.interim.boundaries import Boundaries
from immunosep.analysis.interim.exact import pooled_z
from immunosep.analysis.interim.recursion import begin, find_crossing
from immunosep.errors import AnalysisError

QUADRATURE = 64  # nodes of Gauss-Hermite; conditional power is smooth in the drift
ALMOST = 1e-9


@dataclass(frozen=True, kw_only=True)
class Interim:
    """What a look has shown: z when a share of the information was there."""

    z: float
    information: float

    @property
    def trend(self) -> float:
        """The drift that fits best."""
        return self.z / sqrt(self.information)


@dataclass(frozen=True, kw_only=True)
class ConditionalPower:
    """The chance to succeed if the effect is as planned, as seen so far, or none.

    `design` is None if the plan names no effect.
    """

    design: float | None
    trend: float
    null: float


@dataclass(frozen=True, kw_only=True)
class NormalPrior:
    """What was believed of the drift before the trial."""

    mean: float
    deviation: float


@dataclass(frozen=True, kw_only=True)
class Responders:
    """One arm of a look: responders among those seen, and how many there are to be at the end.

    The belief before the trial is Beta(`prior_responders`, `prior_others`); 1 and 1 is flat.
    """

    responders: int
    seen: int
    planned: int
    prior_responders: float = 1.0
    prior_others: float = 1.0


def find_conditional_power(
    boundaries: Boundaries, interim: Interim, *, planned_drift: float | None = None
) -> ConditionalPower:
    """Conditional power under the three usual effects."""
    planned = boundaries.drift if planned_drift is None else planned_drift
    return ConditionalPower(
        design=None if planned is None else success_given(boundaries, interim, drift=planned),
        trend=success_given(boundaries, interim, drift=interim.trend),
        null=success_given(boundaries, interim, drift=0.0),
    )


def success_given(boundaries: Boundaries, interim: Interim, *, drift: float) -> float:
    """The chance to cross the upper limit at a look still to come, for one drift.

    Limits of futility still to come are obeyed.
    """
    left = _left(boundaries, interim)
    found = find_crossing(
        begin(
            drift=drift,
            information=interim.information,
            score=interim.z * sqrt(interim.information),
        ),
        information=[boundaries.information[at] for at in left],
        upper=[boundaries.upper[at] for at in left],
        lower=_lower(boundaries, left),
    )
    return float(found.upper.sum())


def find_predictive_power(
    boundaries: Boundaries, interim: Interim, *, prior: NormalPrior | None = None
) -> float:
    """The chance to succeed, averaged over the drift as it is believed after the look.

    Without a prior every drift was equally likely before the trial.
    """
    mean, deviation = posterior_of(interim, prior)
    nodes, weights = np.polynomial.hermite_e.hermegauss(QUADRATURE)
    drifts = mean + deviation * nodes
    chances = [success_given(boundaries, interim, drift=float(drift)) for drift in drifts]
    return float(weights @ chances / weights.sum())


def posterior_of(interim: Interim, prior: NormalPrior | None) -> tuple[float, float]:
    """Mean and standard deviation of the drift after the look: z sqrt(t) has the variance t."""
    if prior is None:
        return interim.trend, 1 / sqrt(interim.information)
    precision = interim.information + prior.deviation**-2
    weighed = interim.z * sqrt(interim.information) + prior.mean * prior.deviation**-2
    return weighed / precision, 1 / sqrt(precision)


def find_predictive_power_of_rates(
    treated: Responders, control: Responders, *, alpha: float, sided: int = 1
) -> float:
    """The chance that the pooled z of two proportions is significant at the end.

    Exact: every number of responders still to come, with its beta-binomial probability. The arms
    must be planned equally large; no further look is counted.
    """
    _check_rates(treated, control)
    z = pooled_z(treated.planned)
    critical = -float(ndtri(alpha / sided))
    wins = (np.abs(z) if sided == 2 else z) >= critical - ALMOST
    return float(_final(treated) @ wins @ _final(control))


def _final(arm: Responders) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The probability of each number of responders at the end."""
    to_come = arm.planned - arm.seen
    more = np.arange(arm.planned + 1) - arm.responders
    return np.asarray(
        betabinom.pmf(
            more,
            to_come,
            arm.prior_responders + arm.responders,
            arm.prior_others + arm.seen - arm.responders,
        )
    )


def _check_rates(treated: Responders, control: Responders) -> None:
    problems = [
        f"the {name} arm has {arm.responders} responders of {arm.seen} seen and {arm.planned} "
        "planned; expected each of these to be at most the next"
        for name, arm in (("treated", treated), ("control", control))
        if not 0 <= arm.responders <= arm.seen <= arm.planned
    ]
    if treated.planned != control.planned:
        problems.append(
            f"{treated.planned} and {control.planned} participants are planned in the arms; "
            "expected the same number in both"
        )
    if problems:
        raise AnalysisError("predictive power", problems)


def _left(boundaries: Boundaries, interim: Interim) -> list[int]:
    """The looks still to come."""
    left = [
        at
        for at, share in enumerate(boundaries.information)
        if share > interim.information + ALMOST
    ]
    if not left or interim.information <= 0:
        raise AnalysisError(
            "conditional power",
            [
                f"the look is at {interim.information:g} of the information; expected more than 0 "
                f"and less than {boundaries.information[-1]:g}, the last look"
            ],
        )
    return left


def _lower(boundaries: Boundaries, left: Sequence[int]) -> list[float] | None:
    """A two-sided trial may yet cross the mirror image; that is no success and ends it."""
    below = boundaries.stops_below(obeyed=True)
    return None if below is None else [below[at] for at in left]
