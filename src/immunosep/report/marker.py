"""A marker's study as a page: the cut-off, each cohort's figures, the curves, the claims they bear.

The same data and version make the same bytes: the page has no date.
"""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from immunosep import __version__
from immunosep.analysis.biomarker.study import CohortResult, Study
from immunosep.analysis.estimates import Estimate
from immunosep.report.document import render_plain, write_whole
from immunosep.report.marker_plots import (
    Curves,
    calibration_figure,
    decision_figure,
    roc_figure,
)

NONE = "not estimable"


def write_marker_report(
    path: Path, study: Study, *, outcome: str, curves: Curves, source: str, left_out: int
) -> None:
    """Write the page."""
    figures = [roc_figure(study, curves), calibration_figure(study), decision_figure(study)]
    beyond = "above" if study.question.direction == "high" else "below"
    page = render_plain(
        "marker.html.j2",
        marker=study.question.markers[0],
        headline=f"{study.question.markers[0]} {beyond} {study.cut_off:,.10g} for {outcome}",
        rule="given" if study.question.rule.rule == "given"
        else f"that of the test cohort by {study.question.rule}",
        source=source,
        left_out=left_out,
        sure=f"{100 * study.question.level:g} %",
        cohorts=[one.cohort.value.capitalize() for one in study.cohorts],
        rows=list(_rows(study)),
        figures=[one for one in figures if one is not None],
        version=__version__,
        style="\n".join(
            files("immunosep.report").joinpath(name).read_text(encoding="utf-8")
            for name in ("style.css", "trial.css")
        ),
    )  # fmt: skip
    write_whole(path, page)


def _rows(study: Study) -> Iterator[tuple[str, list[str]]]:
    def row(name: str, *cells: str) -> tuple[str, list[str]]:
        return name, list(cells)

    cohorts = study.cohorts
    yield row("People; with the condition", *(f"{one.people:,}; {one.ill:,}" for one in cohorts))
    yield row("Area under the curve", *(_plain(one.area) for one in cohorts))
    for name, which in (
        ("Sensitivity", "sensitivity"),
        ("Specificity", "specificity"),
        ("Positive predictive value", "positive_predictive_value"),
        ("Negative predictive value", "negative_predictive_value"),
    ):
        yield row(name, *(_per_cent(getattr(one.accuracy, which)) for one in cohorts))
    for at, share in enumerate(study.question.prevalences):
        for name, which in (("Positive", "positive"), ("Negative", "negative")):
            cells = (_per_cent(getattr(one.predictive_values[at], which)) for one in cohorts)
            yield row(f"{name} predictive value where {100 * share:g} % have it", *cells)
    yield row("Calibration in the large", *(_calibration(one, "intercept") for one in cohorts))
    yield row("Calibration slope", *(_calibration(one, "slope") for one in cohorts))


def _calibration(result: CohortResult, which: str) -> str:
    return NONE if result.calibration is None else _plain(getattr(result.calibration, which))


def _per_cent(estimate: Estimate) -> str:
    return _said(estimate, 100, 1, " %")


def _plain(estimate: Estimate) -> str:
    return _said(estimate, 1, 3, "")


def _said(estimate: Estimate, factor: float, digits: int, unit: str) -> str:
    if estimate.value is None:
        return NONE
    value = f"{factor * estimate.value:.{digits}f}{unit}"
    if estimate.low is None or estimate.high is None:
        return f"{value} (no interval)"
    ends = f"{factor * estimate.low:.{digits}f} to {factor * estimate.high:.{digits}f}"
    return f"{value} ({ends})".replace("-", "−")
