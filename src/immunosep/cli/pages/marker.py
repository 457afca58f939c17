"""A marker studied: the cut-off, a column for each cohort, the decision curve, further markers."""

from collections.abc import Callable

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from immunosep.analysis.biomarker.study import CohortResult, Comparison, Study
from immunosep.analysis.estimates import Estimate

NONE = "not estimable"
SMALLEST_P = 0.0001


def marker_page(found: Study, *, outcome: str) -> RenderableType:
    """The page on one marker."""
    marker, rule = found.question.markers[0], found.question.rule
    beyond = "above" if found.question.direction == "high" else "below"
    return Group(
        Text(f"{marker} {beyond} {found.cut_off:,.10g} for {outcome}", style="bold"),
        Text(f"The cut-off is {_found_by(str(rule), found)}."),
        Text(f"In brackets: {100 * found.question.level:g} % intervals."),
        Text(""),
        Padding(_cohorts(found), (0, 0, 0, 2)),
        *_decision(found.cohorts[-1]),
        *[part for at in range(len(found.question.markers) - 1) for part in _beside(found, at)],
    )


def _found_by(rule: str, found: Study) -> str:
    if found.question.rule.rule == "given":
        return rule
    return f"that of the test cohort by {rule}"


def _cohorts(found: Study) -> Table:
    lines = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 3, 0, 0))
    lines.add_column("", no_wrap=True)
    for result in found.cohorts:
        lines.add_column(result.cohort.value.capitalize())
    for name, say in _ROWS.items():
        lines.add_row(name, *(say(result) for result in found.cohorts))
    for at, share in enumerate(found.question.prevalences):
        where = f"at {100 * share:g} %"
        for name, which in (("PPV", "positive"), ("NPV", "negative")):
            cells = [getattr(each.predictive_values[at], which) for each in found.cohorts]
            lines.add_row(f"{name} {where}", *(say_percent(cell) for cell in cells))
    return lines


def say_percent(estimate: Estimate) -> str:
    """A proportion with its interval."""
    return _say(estimate, lambda value: f"{100 * value:.1f}", unit=" %")


def say_plain(estimate: Estimate) -> str:
    """A number with its interval."""
    return _say(estimate, lambda value: f"{value:.3f}", unit="")


def say_ratio(estimate: Estimate) -> str:
    """A ratio with its interval, to three figures."""
    return _say(estimate, lambda value: f"{value:.3g}", unit="")


def _say(estimate: Estimate, write: Callable[[float], str], *, unit: str) -> str:
    if estimate.value is None:
        return NONE
    if estimate.low is None or estimate.high is None:
        return f"{write(estimate.value)}{unit}"
    return f"{write(estimate.value)}{unit} ({write(estimate.low)} to {write(estimate.high)})"


def _of_calibration(result: CohortResult, name: str) -> str:
    if result.calibration is None:
        return NONE
    value = getattr(result.calibration, name)
    return say_plain(value) if isinstance(value, Estimate) else f"{value:.3f}"


_ROWS: dict[str, Callable[[CohortResult], str]] = {
    "People": lambda result: f"{result.people:,}",
    "With condition": lambda result: f"{result.ill:,}",
    "Area under curve": lambda result: say_plain(result.area),
    "Sensitivity": lambda result: say_percent(result.accuracy.sensitivity),
    "Specificity": lambda result: say_percent(result.accuracy.specificity),
    "PPV": lambda result: say_percent(result.accuracy.positive_predictive_value),
    "NPV": lambda result: say_percent(result.accuracy.negative_predictive_value),
    "LR of a positive": lambda r: say_ratio(r.accuracy.likelihood_ratio_positive),
    "LR of a negative": lambda r: say_ratio(r.accuracy.likelihood_ratio_negative),
    "Calibration": lambda result: _of_calibration(result, "intercept"),
    "Its slope": lambda result: _of_calibration(result, "slope"),
    "Scaled Brier score": lambda result: _of_calibration(result, "brier_scaled"),
}


def _decision(result: CohortResult) -> list[RenderableType]:
    if result.decision is None:
        return []
    lines = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 3, 0, 0))
    for name in ("Acting at a risk of", "Net benefit by the marker", "of acting on all"):
        lines.add_column(name, justify="right")
    for point in result.decision:
        lines.add_row(f"{100 * point.threshold:g} %", f"{point.by_risk:.4f}", f"{point.by_all:.4f}")
    title = f"\nDecision curve, {result.cohort.value} cohort"
    return [Text(title, style="bold"), Padding(lines, (0, 0, 0, 2))]


def _beside(found: Study, at: int) -> list[RenderableType]:
    """A further marker beside the first, a column for each cohort."""
    compared = [result.comparisons[at] for result in found.cohorts]
    lines = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 3, 0, 0))
    lines.add_column("", no_wrap=True)
    for result in found.cohorts:
        lines.add_column(result.cohort.value.capitalize())
    for name, say in _BESIDE.items():
        lines.add_row(name, *(say(comparison) for comparison in compared))
    title = f"\n{compared[0].marker} beside {found.question.markers[0]}"
    return [Text(title, style="bold"), Padding(lines, (0, 0, 0, 2))]


def _say_p(comparison: Comparison) -> str:
    p_value = comparison.difference.test.p_value
    if p_value is None:
        return NONE
    return f"{p_value:.4f}" if p_value >= SMALLEST_P else f"<{SMALLEST_P:g}"


def _say_added(comparison: Comparison, name: str) -> str:
    estimate = comparison.added and getattr(comparison.added, name)
    return say_plain(estimate) if estimate else NONE


_BESIDE: dict[str, Callable[[Comparison], str]] = {
    "Area under curve": lambda comparison: say_plain(comparison.area),
    "Difference": lambda comparison: say_plain(comparison.difference.difference),
    "P": _say_p,
    "NRI": lambda comparison: _say_added(comparison, "continuous"),
    "NRI, categories": lambda comparison: _say_added(comparison, "categorical"),
    "IDI": lambda comparison: _say_added(comparison, "discrimination"),
}
