"""Overt disseminated intravascular coagulation (DIC), the ISTH score of 0 to 8.

Source: Taylor FB Jr et al. Thromb Haemost 2001;86:1327-1330. It is meant for a patient with an
illness known to cause DIC, such as sepsis.

=========================================  =============================================
test                                       points
=========================================  =============================================
platelets, 10^3/uL                         < 50: 2; < 100: 1; else 0
fibrin marker (D-dimer, degradation        strong rise: 3; moderate rise: 2; none: 0
products), graded by the laboratory
prothrombin time, seconds longer           6 or more: 2; 3 to 6: 1; < 3: 0
fibrinogen, g/L                            < 1: 1; else 0
=========================================  =============================================

Five points or more are overt DIC. The paper prints "> 1" and "< 1" for fibrinogen and "> 3",
"< 6", "> 6" for the prothrombin time: here 1.0 g/L scores 0, 3 s scores 1 and 6 s scores 2.
"""

import ibis
from ibis.expr import types as ir

from immunosep.concepts.bounds import bounds_of, sum_of_bounds
from immunosep.concepts.steps import points_below, points_from
from immunosep.tables.columns import Column, Kind, Missing, Range
from immunosep.tables.dictionary import COLUMNS

OVERT_FROM = 5  # Taylor Thromb Haemost 2001;86:1327

INPUTS = (
    COLUMNS["platelets_10e3_ul"],
    Column(name="fibrin_marker", label="Rise of a fibrin-related marker", kind=Kind.CATEGORY,
           choices=("none", "moderate", "strong"), missing=Missing.NOT_MEASURED,
           note="Each laboratory grades its own D-dimer or degradation products."),
    Column(name="pt_prolongation_s", label="Prothrombin time beyond the upper limit of normal",
           kind=Kind.NUMBER, unit="s", possible=Range(-20, 300), missing=Missing.NOT_MEASURED),
    Column(name="fibrinogen_g_l", label="Fibrinogen", kind=Kind.NUMBER, unit="g/L",
           possible=Range(0, 30), missing=Missing.NOT_MEASURED, loinc="3255-7"),
)  # fmt: skip

PATIENTS = ibis.table(
    {column.name: column.kind.engine_type for column in INPUTS}, name="dic_patients"
)

MOST = {"platelets": 2, "fibrin_marker": 3, "pt": 2, "fibrinogen": 1}
"""The parts in the paper's order, with the most points each can give."""


def platelets(platelets_10e3_ul: ir.NumericValue) -> ir.IntegerValue:
    """Points for platelets, in 10^3 per microlitre."""
    return points_below(platelets_10e3_ul, (50, 2), (100, 1))


def fibrin_marker(rise: ir.StringValue) -> ir.IntegerValue:
    """Points for the rise of a fibrin-related marker: none, moderate or strong."""
    return ibis.cases(
        (rise == "none", 0),
        (rise == "moderate", 2),
        (rise == "strong", 3),
        else_=ibis.null("int64"),
    )


def pt(pt_prolongation_s: ir.NumericValue) -> ir.IntegerValue:
    """Points for the prothrombin time, in seconds beyond the upper limit of normal."""
    return points_from(pt_prolongation_s, (6, 2), (3, 1))


def fibrinogen(fibrinogen_g_l: ir.NumericValue) -> ir.IntegerValue:
    """Points for fibrinogen, in g/L."""
    return points_below(fibrinogen_g_l, (1, 1))


def derive_isth_dic(patients: ir.Table) -> ir.Table:
    """One row per row of `patients`: its columns, the four parts, the bounds, whether DIC is overt.

    `dic` is NULL unless every part is known; `dic_overt` is NULL while the bounds cannot decide.
    """
    points = {
        "platelets": platelets(patients.platelets_10e3_ul),
        "fibrin_marker": fibrin_marker(patients.fibrin_marker),
        "pt": pt(patients.pt_prolongation_s),
        "fibrinogen": fibrinogen(patients.fibrinogen_g_l),
    }
    score = sum_of_bounds([bounds_of(points[part], most=most) for part, most in MOST.items()])
    return patients.mutate(
        **{f"dic_{part}": value for part, value in points.items()},
        dic=score.known,
        dic_lowest=score.lowest,
        dic_highest=score.highest,
        dic_overt=score.at_least(OVERT_FROM),
    )
