"""Whether acting on a marker does more good than acting on all or on none: the decision curve.

At a threshold t one would treat (or enrol) whoever has a risk of t or more, so that one wrongly
treated is worth t / (1 - t) of one rightly treated. The net benefit is the share rightly treated
less the share wrongly treated at that rate of exchange (Vickers & Elkin Med Decis Making
2006;26:565).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from immunosep.analysis.biomarker.risk import check_risks
from immunosep.analysis.biomarker.roc import as_outcome
from immunosep.errors import AnalysisError

THRESHOLDS = tuple(hundredth / 100 for hundredth in (1, 2, 3, 4, 5, 7.5, 10, 15, 20, 30, 40, 50))


@dataclass(frozen=True, kw_only=True)
class NetBenefit:
    """The net benefit, per person, of acting on the marker or on everyone; of acting never it is 0.

    `avoided` is how many fewer of 100 are treated than if all were, without missing anyone more.
    """

    threshold: float
    by_risk: float
    by_all: float
    avoided: float


def estimate_net_benefit(
    risk: ArrayLike, outcome: ArrayLike, *, thresholds: Sequence[float] = THRESHOLDS
) -> tuple[NetBenefit, ...]:
    """One point of the decision curve for each threshold."""
    risks, ill = np.asarray(risk, dtype=np.float64), as_outcome(outcome)
    check_risks(risks, ill)
    if not all(0 < threshold < 1 for threshold in thresholds):
        raise AnalysisError(
            "decision curve", ["a threshold is not a risk between 0 and 1, these left out"]
        )
    return tuple(_at(risks >= threshold, ill, threshold) for threshold in thresholds)


def _at(
    treated: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
    ill: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
    threshold: float,
) -> NetBenefit:
    price = threshold / (1 - threshold)
    by_risk = float((treated & ill).mean() - price * (treated & ~ill).mean())
    by_all = float(ill.mean() - price * (~ill).mean())
    return NetBenefit(
        threshold=threshold,
        by_risk=by_risk,
        by_all=by_all,
        avoided=100 * (by_risk - by_all) / price,
    )
