"""A marker's whole study: the cut-off found in a test cohort and tried in the others, unchanged.

The risk of each person is that of a logistic regression on the marker, fitted to the test cohort.
Further markers are compared with the first one: their areas, and what each adds to its risk.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from immunosep.analysis.biomarker.accuracy import (
    Accuracy,
    PredictiveValues,
    count_fourfold,
    estimate_accuracy,
    estimate_predictive_values,
)
from immunosep.analysis.biomarker.cohorts import Cohort
from immunosep.analysis.biomarker.cut_offs import CutOffRule, choose_cut_off
from immunosep.analysis.biomarker.decision import THRESHOLDS, NetBenefit, estimate_net_benefit
from immunosep.analysis.biomarker.reclassification import (
    Reclassification,
    estimate_reclassification,
)
from immunosep.analysis.biomarker.risk import (
    Calibration,
    RiskModel,
    estimate_calibration,
    fit_risk,
)
from immunosep.analysis.biomarker.roc import (
    AreaDifference,
    Direction,
    compare_areas,
    compare_areas_of_cohorts,
    estimate_area,
)
from immunosep.analysis.estimates import LEVEL, Estimate
from immunosep.errors import AnalysisError

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of the data.

    The first of `markers` is the one whose cut-off is sought. `direction` says on which side of it
    people are positive. `logarithm` takes the logarithm of every marker for its risk.
    """

    markers: tuple[str, ...]
    direction: Direction = "high"
    rule: CutOffRule = field(default_factory=CutOffRule)
    prevalences: tuple[float, ...] = ()
    limits: tuple[float, ...] = ()
    thresholds: tuple[float, ...] = THRESHOLDS
    logarithm: bool = False
    level: float = LEVEL


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A further marker beside the first: its area, and what it adds to the first one's risk."""

    marker: str
    area: Estimate
    difference: AreaDifference
    added: Reclassification | None


@dataclass(frozen=True, kw_only=True)
class CohortResult:
    """One cohort. `calibration` and `decision` are None where no risk could be fitted.

    `shift` is how much larger the area is than in the test cohort, None in the test cohort itself.
    """

    cohort: Cohort
    people: int
    ill: int
    area: Estimate
    accuracy: Accuracy
    predictive_values: tuple[PredictiveValues, ...]
    shift: AreaDifference | None
    calibration: Calibration | None
    decision: tuple[NetBenefit, ...] | None
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, kw_only=True)
class Study:
    """The cut-off, the risk and the results in each cohort, the test cohort first."""

    question: Question
    cut_off: float
    risk: RiskModel | None
    cohorts: tuple[CohortResult, ...]


@dataclass(frozen=True, eq=False)
class _Data:
    markers: Mapping[str, Array]
    outcome: Mask

    def of(self, members: Mask) -> "_Data":
        return _Data({n: v[members] for n, v in self.markers.items()}, self.outcome[members])

    def scaled(self, question: Question, names: Sequence[str]) -> dict[str, Array]:
        """The markers as the regression takes them."""
        scale = np.log if question.logarithm else np.asarray
        return {name: scale(self.markers[name]) for name in names}


def study_marker(
    markers: Mapping[str, Array], outcome: Mask, cohorts: Sequence[Cohort], question: Question
) -> Study:
    """Find the cut-off in the test cohort and try it in every cohort there is."""
    labels = np.array([cohort.value for cohort in cohorts])
    whole = _Data({name: markers[name] for name in question.markers}, outcome)
    _check(whole, labels, question)
    parts = {c: whole.of(labels == c.value) for c in Cohort if (labels == c.value).any()}
    test, first = parts[Cohort.TEST], question.markers[0]
    cut_off = choose_cut_off(
        test.markers[first], test.outcome, question.rule, direction=question.direction
    )
    risks = {
        names: _fit(test, question, names)
        for names in [(first,), *((first, name) for name in question.markers[1:])]
    }
    return Study(
        question=question,
        cut_off=cut_off,
        risk=risks[first,],
        cohorts=tuple(
            _result(cohort, part, test, question, cut_off, risks) for cohort, part in parts.items()
        ),
    )


_Risks = Mapping[tuple[str, ...], RiskModel | None]


def _fit(data: _Data, question: Question, names: tuple[str, ...]) -> RiskModel | None:
    return fit_risk(data.scaled(question, names), data.outcome)


def _result(
    cohort: Cohort, data: _Data, test: _Data, question: Question, cut_off: float, risks: _Risks
) -> CohortResult:
    first, direction, level = question.markers[0], question.direction, question.level
    marker = data.markers[first]
    counts = count_fourfold(marker, data.outcome, cut_off=cut_off, direction=direction)
    risk = _risk(risks, data, question, (first,))
    shift = compare_areas_of_cohorts(
        (marker, data.outcome), (test.markers[first], test.outcome), direction=direction
    )
    return CohortResult(
        cohort=cohort,
        people=len(data.outcome),
        ill=int(data.outcome.sum()),
        area=estimate_area(marker, data.outcome, direction=direction, level=level),
        accuracy=estimate_accuracy(counts, level=level),
        predictive_values=tuple(
            estimate_predictive_values(counts, prevalence=share, level=level)
            for share in question.prevalences
        ),
        shift=None if cohort is Cohort.TEST else shift,
        calibration=None if risk is None else estimate_calibration(risk, data.outcome, level=level),
        decision=None
        if risk is None
        else estimate_net_benefit(risk, data.outcome, thresholds=question.thresholds),
        comparisons=tuple(_compare(name, data, question, risks) for name in question.markers[1:]),
    )


def _compare(name: str, data: _Data, question: Question, risks: _Risks) -> Comparison:
    first, direction, level = question.markers[0], question.direction, question.level
    old = _risk(risks, data, question, (first,))
    new = _risk(risks, data, question, (first, name))
    added = (
        None
        if old is None or new is None
        else estimate_reclassification(old, new, data.outcome, limits=question.limits, level=level)
    )
    return Comparison(
        marker=name,
        area=estimate_area(data.markers[name], data.outcome, direction=direction, level=level),
        difference=compare_areas(
            data.markers[name],
            data.markers[first],
            data.outcome,
            directions=(direction, direction),
            level=level,
        ),
        added=added,
    )


def _risk(risks: _Risks, data: _Data, question: Question, names: tuple[str, ...]) -> Array | None:
    model = risks[names]
    return None if model is None else model.risks(data.scaled(question, names))


def _check(data: _Data, labels: np.ndarray[Any, Any], question: Question) -> None:
    problems = []
    for cohort in Cohort:
        ill = data.outcome[labels == cohort.value]
        if len(ill) and (ill.sum() < 2 or (~ill).sum() < 2):
            problems.append(
                f"the {cohort.value} cohort has {int(ill.sum())} with the condition of {len(ill)}; "
                "expected at least 2 with it and 2 without"
            )
    if not (labels == Cohort.TEST.value).any():
        problems.append("nobody is in the test cohort, in which the cut-off is found")
    problems += [
        f"{name} is 0 or less in {int((values <= 0).sum())} rows and has no logarithm there; "
        "leave --log out"
        for name, values in data.markers.items()
        if question.logarithm and (values <= 0).any()
    ]
    problems += [
        f"{name} has the same value for everyone in the test cohort"
        for name, values in data.markers.items()
        if len(np.unique(values[labels == Cohort.TEST.value])) == 1
    ]
    if problems:
        raise AnalysisError("marker", problems)
