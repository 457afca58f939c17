"""Macrophage activation syndrome (MAS), the EULAR/ACR/PRINTO classification of 2016.

Source: Ravelli A et al. Ann Rheum Dis 2016;75:481-489. A febrile patient has MAS if ferritin is
above 684 ng/mL and any two of these hold: platelets 181 x 10^9/L or fewer, AST above 48 U/L,
triglycerides above 156 mg/dL, fibrinogen 360 mg/dL or less.

It was made for known or suspected systemic juvenile idiopathic arthritis. It is not how ImmunoSep
defines macrophage activation-like syndrome.
"""

import ibis
from ibis.expr import types as ir

from immunosep.concepts.bounds import Bounds, bounds_of_count
from immunosep.tables.columns import Column, Kind, Missing, Range
from immunosep.tables.dictionary import COLUMNS

FINDINGS_NEEDED = 2  # Ravelli Ann Rheum Dis 2016;75:481

INPUTS = (
    Column(name="febrile", label="Fever", kind=Kind.YES_NO, missing=Missing.NOT_ASKED),
    COLUMNS["ferritin_ng_ml"],
    COLUMNS["platelets_10e3_ul"],
    Column(name="ast_u_l", label="Aspartate aminotransferase", kind=Kind.NUMBER, unit="U/L",
           possible=Range(0, 100_000), missing=Missing.NOT_MEASURED, loinc="1920-8"),
    Column(name="triglycerides_mg_dl", label="Triglycerides", kind=Kind.NUMBER, unit="mg/dL",
           possible=Range(0, 20_000), missing=Missing.NOT_MEASURED, loinc="2571-8"),
    Column(name="fibrinogen_mg_dl", label="Fibrinogen", kind=Kind.NUMBER, unit="mg/dL",
           possible=Range(0, 3000), missing=Missing.NOT_MEASURED, loinc="3255-7"),
)  # fmt: skip

PATIENTS = ibis.table(
    {column.name: column.kind.engine_type for column in INPUTS}, name="mas_patients"
)


def findings(
    *,
    platelets_10e3_ul: ir.NumericValue,
    ast_u_l: ir.NumericValue,
    triglycerides_mg_dl: ir.NumericValue,
    fibrinogen_mg_dl: ir.NumericValue,
) -> Bounds:
    """How many of the four findings hold."""
    return bounds_of_count(
        [
            platelets_10e3_ul <= 181,  # all four: Ravelli Ann Rheum Dis 2016;75:481
            ast_u_l > 48,
            triglycerides_mg_dl > 156,
            fibrinogen_mg_dl <= 360,
        ]
    )


def mas_2016(
    *, febrile: ir.BooleanValue, ferritin_ng_ml: ir.NumericValue, findings: Bounds
) -> ir.BooleanValue:
    """Whether the criteria classify a patient as MAS; NULL while what is known cannot decide."""
    return febrile & (ferritin_ng_ml > 684) & findings.at_least(FINDINGS_NEEDED)


def derive_mas_2016(patients: ir.Table) -> ir.Table:
    """One row per row of `patients`: its columns, the bounds of the findings, whether it is MAS."""
    found = findings(
        platelets_10e3_ul=patients.platelets_10e3_ul,
        ast_u_l=patients.ast_u_l,
        triglycerides_mg_dl=patients.triglycerides_mg_dl,
        fibrinogen_mg_dl=patients.fibrinogen_mg_dl,
    )
    return patients.mutate(
        mas_findings_lowest=found.lowest,
        mas_findings_highest=found.highest,
        mas_2016=mas_2016(
            febrile=patients.febrile, ferritin_ng_ml=patients.ferritin_ng_ml, findings=found
        ),
    )
