"""The limits of z at each look that follow from a trial's `Looks`.

Efficacy: limits of one shape, c * t^(exponent - 1/2), for O'Brien & Fleming (exponent 0), Pocock
(1/2) and Wang & Tsiatis (between); a fixed limit before the last look (Haybittle & Peto); or limits
that spend the error by a function of the information (`spending.py`). Futility: fixed, or by
spending the type II error (Pampallona, Tsiatis & Kim Drug Inf J 2001;35:1113), where the drift with
that power is found at the same time.

Own code on our own recursion: no Python library has it. Checked against rpact 4.5 and gsDesign 3.11
(tests/validation/test_interim_boundaries_r.py): 264 designs to 1e-6, 162 with futility to 1e-5.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf

from scipy.optimize import brentq

from immunosep.analysis.interim.recursion import Crossing, Running, begin, find_crossing
from immunosep.analysis.interim.spending import spent
from immunosep.errors import AnalysisError
from immunosep.protocol.interim import SPENDING_FUNCTIONS, Futility, Looks, Spending

FARTHEST = 40.0  # z beyond which no probability is a number other than 0
HAYBITTLE_PETO_Z = 3.0  # Haybittle BJR 1971;44:793
EXPONENTS = {Spending.OBRIEN_FLEMING: 0.0, Spending.POCOCK: 0.5}
TOLERANCE = 1e-12


@dataclass(frozen=True, kw_only=True)
class Boundaries:
    """Limits of z at each look: efficacy is shown from `upper` on, below `lower` it is hopeless.

    Of a two-sided test the limits are `upper` and its mirror image, and `lower` is None. `drift` is
    the mean of z at the last look with which type II errors were spent, None where none were.
    """

    information: tuple[float, ...]
    upper: tuple[float, ...]
    lower: tuple[float, ...] | None
    alpha: float
    sided: int
    binding: bool = False
    drift: float | None = None

    def crossing(self, *, drift: float, obeyed: bool = True) -> Crossing:
        """How a trial of a given drift leaves its limits; of futility too if that is `obeyed`."""
        return find_crossing(
            begin(drift=drift),
            information=self.information,
            upper=self.upper,
            lower=self.stops_below(obeyed=obeyed),
        )

    def stops_below(self, *, obeyed: bool) -> tuple[float, ...] | None:
        """Below what a trial stops: the mirror image, or the limits of futility, or nothing."""
        if self.sided == 2:
            return tuple(-z for z in self.upper)
        return self.lower if obeyed else None


def find_boundaries(looks: Looks) -> Boundaries:
    """The limits of a plan."""
    futility = looks.futility
    if futility and futility.spending:
        return _with_beta_spent(looks, futility)
    lower = (*futility.z, -inf) if futility else None
    found = Boundaries(
        information=tuple(looks.information),
        upper=_efficacy(looks, lower if futility and futility.binding else None),
        lower=lower,
        alpha=looks.alpha,
        sided=looks.sided,
        binding=bool(futility and futility.binding),
    )
    return replace(found, lower=(*lower[:-1], found.upper[-1]) if lower else None)


def find_boundaries_at(looks: Looks, made: Sequence[float], *, final: bool) -> Boundaries:
    """The limits of efficacy at the looks as they were made, earlier or later than planned.

    `made` are shares of the planned information; the last may be above 1. At a `final` look all
    that is left of alpha is spent, whatever the information (Lan & DeMets 1983). Limits that are no
    function of the information cannot be moved so, nor can those that count on futility.
    """
    problems = []
    if looks.spending not in SPENDING_FUNCTIONS:
        problems.append(
            f"{looks.spending.value} fixes its limits by the planned looks; plan a spending "
            "function, such as Lan & DeMets', to look at other times"
        )
    if looks.futility and looks.futility.binding:
        problems.append("futility is binding, so the limits count on the planned looks")
    if not made or any(later <= earlier for earlier, later in pairwise((0.0, *made))):
        problems.append("the information of the looks made must rise from above 0")
    if problems:
        raise AnalysisError("limits at the looks made", problems)
    return Boundaries(
        information=tuple(made),
        upper=_spending_bounds(replace(looks, information=tuple(made)), None, final=final),
        lower=None,
        alpha=looks.alpha,
        sided=looks.sided,
    )


def _efficacy(looks: Looks, lower: Sequence[float] | None) -> tuple[float, ...]:
    if looks.spending in SPENDING_FUNCTIONS:
        return _spending_bounds(looks, lower)
    if looks.spending is Spending.HAYBITTLE_PETO:
        return _haybittle_peto(looks, lower)
    exponent = EXPONENTS.get(looks.spending, looks.parameter)
    assert exponent is not None
    shape = [share ** (exponent - 0.5) for share in looks.information]
    return _scaled(looks, shape, lower)


def _rejecting(looks: Looks, upper: Sequence[float], lower: Sequence[float] | None) -> float:
    """The chance to show efficacy where there is none, on one side."""
    below = [-z for z in upper] if looks.sided == 2 else lower
    start = begin(drift=0.0)
    found = find_crossing(start, information=looks.information, upper=upper, lower=below)
    return float(found.upper.sum())


def _scaled(
    looks: Looks, shape: Sequence[float], lower: Sequence[float] | None
) -> tuple[float, ...]:
    error = looks.alpha / looks.sided

    def excess(scale: float) -> float:
        return _rejecting(looks, [scale * each for each in shape], lower) - error

    scale = brentq(excess, 0.1, FARTHEST, xtol=TOLERANCE)
    return tuple(scale * each for each in shape)


def _haybittle_peto(looks: Looks, lower: Sequence[float] | None) -> tuple[float, ...]:
    early = [HAYBITTLE_PETO_Z if looks.parameter is None else looks.parameter]
    early *= len(looks.information) - 1
    error = looks.alpha / looks.sided

    def excess(last: float) -> float:
        return _rejecting(looks, [*early, last], lower) - error

    return (*early, brentq(excess, 0.1, FARTHEST, xtol=TOLERANCE))


def _spending_bounds(
    looks: Looks, lower: Sequence[float] | None, *, final: bool = True
) -> tuple[float, ...]:
    running, upper, before = begin(drift=0.0), list[float](), 0.0
    last = len(looks.information) - 1 if final else None
    for at, share in enumerate(looks.information):
        now = looks.alpha / looks.sided if at == last else _alpha_spent(looks, share)
        z = find_limit_above(running, now - before, information=share)
        upper.append(z)
        low = -z if looks.sided == 2 else lower[at] if lower else -inf
        running, before = running.between(low, z, information=share), now
    return tuple(upper)


def _alpha_spent(looks: Looks, share: float) -> float:
    """On one side."""
    error = looks.alpha / looks.sided
    return spent(looks.spending, error=error, share=share, parameter=looks.parameter)


def find_limit_above(running: Running, chance: float, *, information: float) -> float:
    """The z that trials still running are above with a given chance; at most all are."""
    return _root(lambda z: running.above(z, information=information) - chance)


def find_limit_below(running: Running, chance: float, *, information: float) -> float:
    """The z that trials still running are below with a given chance; at most all are."""
    return -_root(lambda z: running.below(-z, information=information) - chance)


def _root(excess: Callable[[float], float]) -> float:
    """Where a falling function is zero, or the end it does not reach zero before."""
    if excess(-FARTHEST) <= 0:
        return -FARTHEST
    if excess(FARTHEST) >= 0:
        return inf
    return float(brentq(excess, -FARTHEST, FARTHEST, xtol=TOLERANCE))


def _with_beta_spent(looks: Looks, futility: Futility) -> Boundaries:
    """The drift at which the type II error is `beta` in all, with the limits that belong to it."""
    fixed = None if futility.binding else _efficacy(looks, None)

    def excess(drift: float) -> float:
        return _limits_at(drift, looks, futility, fixed).missed - (futility.beta or 0)

    drift = float(brentq(excess, 0.1, 20.0, xtol=TOLERANCE))
    limits = _limits_at(drift, looks, futility, fixed)
    return Boundaries(
        information=tuple(looks.information),
        upper=limits.upper,
        lower=limits.lower,
        alpha=looks.alpha,
        sided=looks.sided,
        binding=futility.binding,
        drift=drift,
    )


@dataclass(frozen=True)
class _Limits:
    upper: tuple[float, ...]
    lower: tuple[float, ...]
    missed: float


def _limits_at(
    drift: float, looks: Looks, futility: Futility, fixed: Sequence[float] | None
) -> _Limits:
    """Both limits, look by look, for one drift, and the chance to miss an effect of that size."""
    null, real = begin(drift=0.0), begin(drift=drift)
    upper, lower, alpha, missed = list[float](), list[float](), 0.0, 0.0
    for at, share in enumerate(looks.information):
        last = at == len(looks.information) - 1
        if fixed is None:
            now = _alpha_spent(looks, share)
            high = find_limit_above(null, now - alpha, information=share)
            alpha = now
        else:
            high = fixed[at]
        low = high
        if not last:
            to_spend = _beta_spent(futility, share) - missed
            low = min(find_limit_below(real, to_spend, information=share), high)
        missed += real.below(low, information=share)
        null = null.between(low, high, information=share)
        real = real.between(low, high, information=share)
        upper.append(high)
        lower.append(low)
    return _Limits(tuple(upper), tuple(lower), missed)


def _beta_spent(futility: Futility, share: float) -> float:
    assert futility.spending is not None
    assert futility.beta is not None
    return spent(futility.spending, error=futility.beta, share=share, parameter=futility.parameter)
