"""What a positive and a negative test mean: sensitivity, specificity and the predictive values.

Intervals are Clopper and Pearson's. Predictive values of the cohort are proportions like any other;
at another prevalence they follow from sensitivity and specificity by Bayes' theorem, and their
interval is exact too: both proportions are within their exact intervals at the square root of the
level, independently, and a predictive value rises with each, so that its ends are at theirs.
"""

from dataclasses import dataclass
from math import exp, log, sqrt

from numpy.typing import ArrayLike
from scipy.stats import norm

from immunosep.analysis.biomarker.roc import Direction, as_outcome, oriented
from immunosep.analysis.estimates import LEVEL, Estimate
from immunosep.analysis.proportions import estimate_clopper_pearson
from immunosep.errors import AnalysisError

EXACT_BAYES = "Bayes, exact"
LOG = "log, Simel J Clin Epidemiol 1991;44:763"


@dataclass(frozen=True, kw_only=True)
class Fourfold:
    """Those with the condition that test positive and negative, then those without."""

    true_positive: int
    false_negative: int
    false_positive: int
    true_negative: int

    @property
    def ill(self) -> int:
        """Those with the condition."""
        return self.true_positive + self.false_negative

    @property
    def well(self) -> int:
        """Those without it."""
        return self.false_positive + self.true_negative

    @property
    def positive(self) -> int:
        """Those who test positive."""
        return self.true_positive + self.false_positive

    @property
    def negative(self) -> int:
        """Those who test negative."""
        return self.false_negative + self.true_negative


@dataclass(frozen=True, kw_only=True)
class Accuracy:
    """What a test is worth in one cohort; predictive values are those of the cohort itself."""

    counts: Fourfold
    sensitivity: Estimate
    specificity: Estimate
    positive_predictive_value: Estimate
    negative_predictive_value: Estimate
    likelihood_ratio_positive: Estimate
    likelihood_ratio_negative: Estimate


@dataclass(frozen=True, kw_only=True)
class PredictiveValues:
    """What a test means where the condition has this prevalence."""

    prevalence: float
    positive: Estimate
    negative: Estimate


def count_fourfold(
    marker: ArrayLike, outcome: ArrayLike, *, cut_off: float, direction: Direction = "high"
) -> Fourfold:
    """Count a cohort; beyond the cut-off is positive, the cut-off itself is not."""
    beyond = oriented(marker, direction) > (cut_off if direction == "high" else -cut_off)
    ill = as_outcome(outcome)
    return Fourfold(
        true_positive=int((beyond & ill).sum()),
        false_negative=int((~beyond & ill).sum()),
        false_positive=int((beyond & ~ill).sum()),
        true_negative=int((~beyond & ~ill).sum()),
    )


def estimate_accuracy(counts: Fourfold, *, level: float = LEVEL) -> Accuracy:
    """Every figure of a fourfold table, with its interval."""
    exact = estimate_clopper_pearson
    return Accuracy(
        counts=counts,
        sensitivity=exact(counts.true_positive, counts.ill, level=level),
        specificity=exact(counts.true_negative, counts.well, level=level),
        positive_predictive_value=exact(counts.true_positive, counts.positive, level=level),
        negative_predictive_value=exact(counts.true_negative, counts.negative, level=level),
        likelihood_ratio_positive=_likelihood_ratio(
            (counts.true_positive, counts.ill), (counts.false_positive, counts.well), level
        ),
        likelihood_ratio_negative=_likelihood_ratio(
            (counts.false_negative, counts.ill), (counts.true_negative, counts.well), level
        ),
    )


def estimate_predictive_values(
    counts: Fourfold, *, prevalence: float, level: float = LEVEL
) -> PredictiveValues:
    """The predictive values where the condition has another prevalence than in the cohort."""
    if not 0 < prevalence < 1:
        raise AnalysisError(
            "predictive values",
            [f"the prevalence is {prevalence:g}, expected a proportion between 0 and 1"],
        )
    inner = sqrt(level)
    sensitivity = estimate_clopper_pearson(counts.true_positive, counts.ill, level=inner)
    specificity = estimate_clopper_pearson(counts.true_negative, counts.well, level=inner)
    return PredictiveValues(
        prevalence=prevalence,
        positive=_by_bayes(sensitivity, specificity, prevalence, level),
        negative=_by_bayes(specificity, sensitivity, 1 - prevalence, level),
    )


def bayes(hit: float, reject: float, share: float) -> float | None:
    """The share of those called so that are so: called rightly `hit`, wrongly 1 - `reject`.

    None if nobody is called so.
    """
    right, wrong = hit * share, (1 - reject) * (1 - share)
    return right / (right + wrong) if right + wrong > 0 else None


def _by_bayes(hit: Estimate, reject: Estimate, share: float, level: float) -> Estimate:
    ends = [
        None if h is None or r is None else bayes(h, r, share)
        for h, r in ((hit.value, reject.value), (hit.low, reject.low), (hit.high, reject.high))
    ]
    value, low, high = ends
    return Estimate(value=value, low=low, high=high, method=EXACT_BAYES, level=level)


def _likelihood_ratio(ill: tuple[int, int], well: tuple[int, int], level: float) -> Estimate:
    """How much likelier a result is with the condition than without."""
    (a, n), (b, m) = ill, well
    if not (n and m and b):
        return Estimate(value=None, low=None, high=None, method=LOG, level=level)
    ratio = (a / n) / (b / m)
    if not a:
        return Estimate(value=ratio, low=None, high=None, method=LOG, level=level)
    half = float(norm.ppf((1 + level) / 2)) * sqrt(1 / a - 1 / n + 1 / b - 1 / m)
    return Estimate(
        value=ratio,
        low=exp(log(ratio) - half),
        high=exp(log(ratio) + half),
        method=LOG,
        level=level,
    )
