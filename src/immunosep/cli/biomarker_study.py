"""`immunosep biomarker FILE`: a marker's cut-off found, tried and confirmed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import typer

from immunosep.analysis.biomarker.cohorts import Cohort, assign_cohorts
from immunosep.analysis.biomarker.cut_offs import CutOffRule
from immunosep.analysis.biomarker.reading import MarkerTable, read_markers
from immunosep.analysis.biomarker.roc import draw_curve
from immunosep.analysis.biomarker.study import CohortResult, Question, Study, study_marker
from immunosep.analysis.estimates import Estimate
from immunosep.cli.options import Format
from immunosep.cli.output import (
    check_report_extras,
    check_target,
    note,
    print_csv,
    print_json,
    print_page,
    progress,
    warn,
)
from immunosep.cli.pages.marker import marker_page
from immunosep.errors import AnalysisError


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the command was given."""

    path: Path
    markers: tuple[str, ...]
    outcome: str
    cohort: str | None
    low: bool
    cut_off: str
    prevalences: tuple[float, ...]
    limits: tuple[float, ...]
    log: bool
    share: float
    seed: int
    report: Path | None = None


def run(asked: Asked, format_: Format) -> None:
    """Study the marker and print what was found."""
    question = _question(asked)
    if asked.report:
        _check_report(asked.report, asked.path)
    table = read_markers(
        asked.path, markers=asked.markers, outcome=asked.outcome, cohort=asked.cohort
    )
    rng = np.random.default_rng(asked.seed)
    cohorts = assign_cohorts(table.cohorts, table.outcome, rng=rng, share=asked.share)
    with progress("Studying the marker"):
        found = study_marker(table.markers, table.outcome, cohorts, question)
    if table.left_out:
        warn(f"{table.left_out} rows without a marker or the outcome were left out")
    match format_:
        case Format.JSON:
            print_json(_answer(asked, table.left_out, found))
        case Format.CSV:
            rows = [_row(result, found) for result in found.cohorts]
            print_csv(rows, list(rows[0]))
        case Format.TABLE:
            print_page(marker_page(found, outcome=asked.outcome))
    if asked.report:
        _write_report(asked, asked.report, found, table, cohorts)


def _check_report(report: Path, read: Path) -> None:
    check_target(report, inputs=[read])
    if report.suffix.lower() not in (".html", ".htm"):
        raise typer.BadParameter(f"--report {report.name}: expected a name in .html")
    check_report_extras()


def _write_report(
    asked: Asked, report: Path, found: Study, table: MarkerTable, cohorts: Sequence[Cohort]
) -> None:
    from immunosep.report.marker import write_marker_report

    marker = table.markers[found.question.markers[0]]
    labels = np.array([cohort.value for cohort in cohorts])
    curves = {
        one.cohort: draw_curve(
            marker[labels == one.cohort.value],
            table.outcome[labels == one.cohort.value],
            direction=found.question.direction,
        )
        for one in found.cohorts
    }
    write_marker_report(
        report,
        found,
        outcome=asked.outcome,
        curves=curves,
        source="standard input" if str(asked.path) == "-" else asked.path.name,
        left_out=table.left_out,
    )
    note(f"The report is {report}")


def _question(asked: Asked) -> Question:
    problems = [
        f"the {what} is {value:g}, expected a proportion between 0 and 1"
        for what, values in (
            ("prevalence", asked.prevalences),
            ("limit of risk", asked.limits),
            ("share of the test cohort", (asked.share,)),
        )
        for value in values
        if not 0 < value < 1
    ]
    if problems:
        raise AnalysisError("biomarker", problems)
    if asked.limits and len(asked.markers) < 2:
        raise typer.BadParameter("--limit compares markers: give a second --marker")
    return Question(
        markers=asked.markers,
        direction="low" if asked.low else "high",
        rule=parse_rule(asked.cut_off),
        prevalences=asked.prevalences,
        limits=tuple(sorted(set(asked.limits))),
        logarithm=asked.log,
    )


def parse_rule(text: str) -> CutOffRule:
    """A rule as typed: youden, specificity=0.97, sensitivity=0.95 or a number."""
    name, _, value = text.strip().partition("=")
    try:
        match name:
            case "youden" if not value:
                return CutOffRule()
            case "specificity":
                return CutOffRule(rule="specificity", value=float(value))
            case "sensitivity":
                return CutOffRule(rule="sensitivity", value=float(value))
            case _:
                return CutOffRule(rule="given", value=float(text))
    except ValueError:
        raise typer.BadParameter(
            f"--cut-off {text}: expected youden, specificity=0.97, sensitivity=0.95 or a number"
        ) from None


def _answer(asked: Asked, left_out: int, found: Study) -> dict[str, Any]:
    return {
        "markers": list(asked.markers),
        "outcome": asked.outcome,
        "seed": asked.seed,
        "left_out": left_out,
        **plain(found),
    }


def plain(value: Any) -> Any:
    """A result in the values JSON knows, field by field."""
    match value:
        case Enum():
            return value.value
        case Mapping():
            return {str(name): plain(held) for name, held in value.items()}
        case tuple() | list():
            return [plain(held) for held in value]
        case _ if is_dataclass(value):
            return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        case _:
            return value


def _row(result: CohortResult, found: Study) -> dict[str, Any]:
    """A cohort as one row: each estimate with its ends."""
    accuracy = result.accuracy
    estimates: dict[str, Estimate] = {
        "area": result.area,
        "sensitivity": accuracy.sensitivity,
        "specificity": accuracy.specificity,
        "ppv": accuracy.positive_predictive_value,
        "npv": accuracy.negative_predictive_value,
    }
    for values in result.predictive_values:
        estimates |= {
            f"ppv_at_{values.prevalence:g}": values.positive,
            f"npv_at_{values.prevalence:g}": values.negative,
        }
    return {
        "cohort": result.cohort.value,
        "people": result.people,
        "ill": result.ill,
        "cut_off": found.cut_off,
        **{
            f"{name}{end}": value
            for name, each in estimates.items()
            for end, value in (("", each.value), ("_low", each.low), ("_high", each.high))
        },
    }
