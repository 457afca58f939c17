"""Grades of laboratory values: Common Terminology Criteria for Adverse Events (CTCAE) 5.0.

Source: National Cancer Institute, CTCAE version 5.0, 27 November 2017, system organ class
Investigations. Those terms are here whose value the data dictionary has. One row of `MEASURED` is
one participant and moment: each value in its column's unit, the laboratory's lower and upper limit
of normal, and the value before treatment.

Most grades count from a limit of normal, so a grade is NULL where that limit decides and is not
known: no range of a textbook stands in for the laboratory's own. Grade 0 is within the limits.
Where a value stands on the border of two grades, the source's "<" and ">" decide.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ibis
from ibis.expr import types as ir

GRADED = ("platelets_10e3_ul", "neutrophils_per_mm3", "bilirubin_mg_dl", "creatinine_mg_dl")
LOWER, UPPER, BASELINE = "_lower", "_upper", "_baseline"  # what stands behind a column's name

MEASURED = ibis.table(
    {
        name + limit: "float64"
        for name in GRADED
        for limit in ("", LOWER, UPPER, BASELINE)
    },
    name="measured",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Term:
    """A term of CTCAE, the column it grades, and its grade, 0 to 4, from a table as `MEASURED`."""

    id: str
    label: str
    column: str
    grade: Callable[[ir.Table], ir.IntegerValue]


def grade_below(
    value: ir.NumericValue, lower: ir.NumericValue, *, limits: Sequence[float]
) -> ir.IntegerValue:
    """Of a value that is too low: grade 1 below the lower limit, 2 to 4 below `limits`."""
    second, third, fourth = limits
    return ibis.cases(
        (value.isnull(), ibis.null("int64")),
        (value < fourth, 4),
        (value < third, 3),
        (value < second, 2),
        (lower.isnull(), ibis.null("int64")),
        (value < lower, 1),
        else_=0,
    )


def grade_above(
    value: ir.NumericValue, reference: ir.NumericValue, *, times: Sequence[float]
) -> ir.IntegerValue:
    """Of a value that is too high: grade 1 above the reference, 2 to 4 above `times` of it."""
    second, third, fourth = times
    return ibis.cases(
        (value.isnull() | reference.isnull(), ibis.null("int64")),
        (value > reference * fourth, 4),
        (value > reference * third, 3),
        (value > reference * second, 2),
        (value > reference, 1),
        else_=0,
    )


def bilirubin_increased(
    value: ir.NumericValue, upper: ir.NumericValue, baseline: ir.NumericValue
) -> ir.IntegerValue:
    """By the upper limit; by the value before treatment where that was abnormal already."""
    times = (1.5, 3, 10)
    abnormal = baseline > upper
    return ibis.cases(
        (abnormal, grade_above(value, baseline, times=times)),
        else_=grade_above(value, upper, times=times),
    )


def creatinine_increased(
    value: ir.NumericValue, upper: ir.NumericValue, baseline: ir.NumericValue
) -> ir.IntegerValue:
    """By the upper limit, or by the value before treatment: the worse of those that are known."""
    by_baseline = ibis.cases(
        (value > baseline * 3, 3), (value > baseline * 1.5, 2), else_=ibis.null("int64")
    )
    return ibis.greatest(grade_above(value, upper, times=(1.5, 3, 6)), by_baseline)


TERMS = (
    Term(
        id="platelet_count_decreased",
        label="Platelet count decreased",
        column="platelets_10e3_ul",
        grade=lambda of: grade_below(
            of.platelets_10e3_ul, of.platelets_10e3_ul_lower, limits=(75, 50, 25)
        ),
    ),
    Term(
        id="neutrophil_count_decreased",
        label="Neutrophil count decreased",
        column="neutrophils_per_mm3",
        grade=lambda of: grade_below(
            of.neutrophils_per_mm3, of.neutrophils_per_mm3_lower, limits=(1500, 1000, 500)
        ),
    ),
    Term(
        id="blood_bilirubin_increased",
        label="Blood bilirubin increased",
        column="bilirubin_mg_dl",
        grade=lambda of: bilirubin_increased(
            of.bilirubin_mg_dl, of.bilirubin_mg_dl_upper, of.bilirubin_mg_dl_baseline
        ),
    ),
    Term(
        id="creatinine_increased",
        label="Creatinine increased",
        column="creatinine_mg_dl",
        grade=lambda of: creatinine_increased(
            of.creatinine_mg_dl, of.creatinine_mg_dl_upper, of.creatinine_mg_dl_baseline
        ),
    ),
)


def derive_grades(measured: ir.Table) -> ir.Table:
    """One row per row of `measured`: the grade of each term."""
    return measured.select(**{term.id: term.grade(measured) for term in TERMS})
