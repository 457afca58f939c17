"""The interval of one proportion: Wilson's score interval and Clopper and Pearson's exact one.

Wilson JASA 1927;22:209. Clopper, Pearson Biometrika 1934;26:404. Both are SciPy's, checked against
the printed intervals of Newcombe Stat Med 1998;17:857.
"""

from typing import Literal

from scipy import stats

from immunosep.analysis.counts import TwoByTwo, check_level
from immunosep.analysis.estimates import LEVEL, Estimate

Method = Literal["wilson", "wilsoncc", "exact"]


def estimate_wilson(
    events: int, total: int, *, level: float = LEVEL, continuity: bool = False
) -> Estimate:
    """A proportion with Wilson's interval, on request with a correction for continuity."""
    if continuity:
        return _estimate(events, total, level, "wilsoncc", "Wilson, continuity-corrected")
    return _estimate(events, total, level, "wilson", "Wilson")


def estimate_clopper_pearson(events: int, total: int, *, level: float = LEVEL) -> Estimate:
    """A proportion with the exact interval, which covers at least `level` whatever the truth."""
    return _estimate(events, total, level, "exact", "Clopper-Pearson")


def _estimate(events: int, total: int, level: float, method: Method, name: str) -> Estimate:
    TwoByTwo.of((events, total), (0, 0))
    check_level(level)
    if total == 0:
        return Estimate(value=None, low=None, high=None, method=name, level=level)
    found = stats.binomtest(events, total).proportion_ci(level, method=method)
    # At 0 and n the ends are exact; elsewhere rounding may put them 1e-17 outside.
    low = 0.0 if events == 0 else max(0.0, float(found.low))
    high = 1.0 if events == total else min(1.0, float(found.high))
    return Estimate(value=events / total, low=low, high=high, method=name, level=level)
