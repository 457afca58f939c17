"""What a trial that stopped at a look has shown: P value, estimate and interval that allow for it.

A trial that stops when its limits are crossed overestimates its effect. Results are ordered by the
look at which the trial stopped and, within a look, by z (Tsiatis, Rosner & Mehta Biometrics
1984;40:797; Jennison & Turnbull 2000, chapter 8). The P value is the chance of a result at least as
extreme; the median-unbiased estimate is the effect at which that chance is a half, and the interval
holds the effects at which it is neither small nor large.

Own code: no Python library has it. Checked against the worked example of Wassmer & Brannath (2016),
4.1 (tests/validation/test_interim_adjusted_wassmer_2016.py), simulation and, for the P value,
SciPy's multivariate normal distribution (tests/unit/test_interim_adjusted.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from scipy.optimize import brentq

from immunosep.analysis.estimates import LEVEL, Estimate, TestResult
from immunosep.analysis.interim.boundaries import Boundaries
from immunosep.analysis.interim.recursion import begin, find_crossing
from immunosep.errors import AnalysisError

METHOD = "stage-wise ordering"
FIRST_STEP = 1.0
MOST_DOUBLINGS = 60


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """Where a trial stopped: z at each look made, the last of them where it did.

    `information` is that of each look made, on the scale of the effect: 1 / standard error squared.
    """

    z: tuple[float, ...]
    information: tuple[float, ...]

    @property
    def naive(self) -> float:
        """The estimate that does not allow for the looks."""
        return self.z[-1] / sqrt(self.information[-1])


@dataclass(frozen=True, kw_only=True)
class Adjusted:
    """What is to be reported of a trial that was looked at, beside the naive estimate."""

    p_value: TestResult
    estimate: Estimate
    naive: float


def estimate_adjusted(
    boundaries: Boundaries, stopped: Stopped, *, level: float = LEVEL
) -> Adjusted:
    """P value, median-unbiased estimate and interval of the effect."""
    _check(boundaries, stopped)
    one_sided = chance_of_more(boundaries, stopped, effect=0.0)
    p_value = one_sided if boundaries.sided == 1 else min(1.0, 2 * min(one_sided, 1 - one_sided))

    def effect_at(chance: float) -> float:
        return _solve(
            lambda effect: chance_of_more(boundaries, stopped, effect=effect) - chance,
            start=stopped.naive,
            step=FIRST_STEP / sqrt(stopped.information[-1]),
        )

    return Adjusted(
        p_value=TestResult(p_value=p_value, method=METHOD, statistic=stopped.z[-1]),
        estimate=Estimate(
            value=effect_at(0.5),
            low=effect_at((1 - level) / 2),
            high=effect_at((1 + level) / 2),
            method=f"median-unbiased, {METHOD}",
            level=level,
        ),
        naive=stopped.naive,
    )


def chance_of_more(boundaries: Boundaries, stopped: Stopped, *, effect: float) -> float:
    """The chance of a result at least as good as the one seen: it rises with the effect.

    Limits of futility count only where they are binding; otherwise the trial might have gone on.
    """
    at = len(stopped.z) - 1
    below = boundaries.stops_below(obeyed=boundaries.binding)
    found = find_crossing(
        begin(drift=effect),
        information=stopped.information,
        upper=[*boundaries.upper[:at], stopped.z[-1]],
        lower=None if below is None else [*below[:at], stopped.z[-1]],
    )
    return float(found.upper.sum())


def _solve(excess: Callable[[float], float], *, start: float, step: float) -> float:
    """Where a rising function is zero, looked for from `start` outwards."""
    low, high = start - step, start + step
    for _ in range(MOST_DOUBLINGS):
        if excess(low) > 0:
            low -= high - low
        elif excess(high) < 0:
            high += high - low
        else:
            break
    return float(brentq(excess, low, high, xtol=1e-12 * max(1.0, abs(start))))


def _check(boundaries: Boundaries, stopped: Stopped) -> None:
    problems = [*_misshapen(boundaries, stopped)] or [*_went_on(boundaries, stopped)]
    if problems:
        raise AnalysisError("estimate after a look", problems)


def _misshapen(boundaries: Boundaries, stopped: Stopped) -> Sequence[str]:
    made, planned = len(stopped.z), len(boundaries.upper)
    problems = []
    if len(stopped.information) != made or not 1 <= made <= planned:
        problems.append(
            f"{made} values of z and {len(stopped.information)} of information were given; "
            f"expected one of each for every look made, of {planned} planned"
        )
    told = (0.0, *stopped.information)
    if any(later <= earlier for earlier, later in pairwise(told)):
        problems.append("the information must rise from look to look, from above 0")
    return problems


def _went_on(boundaries: Boundaries, stopped: Stopped) -> list[str]:
    """A trial that had crossed a limit before would have stopped there."""
    below = boundaries.stops_below(obeyed=boundaries.binding)
    return [
        f"z at look {at + 1} had crossed a limit already, where the trial stops; "
        "give the looks up to that one"
        for at, z in enumerate(stopped.z[:-1])
        if z >= boundaries.upper[at] or (below is not None and z <= below[at])
    ]
