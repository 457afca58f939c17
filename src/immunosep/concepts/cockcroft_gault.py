"""Creatinine clearance estimated by Cockcroft and Gault, in mL/min.

Source: Cockcroft DW, Gault MH. Nephron 1976;16:31-41: (140 - age) x weight / (72 x creatinine),
and 0.85 of that in women. Weight is the actual one, as in the paper. It does not hold while
creatinine is rising or falling.
"""

import ibis
from ibis.expr import types as ir

from immunosep.tables.dictionary import COLUMNS

FEMALE_FACTOR = 0.85  # Cockcroft Nephron 1976;16:31

INPUTS = tuple(COLUMNS[name] for name in ("age_years", "sex", "weight_kg", "creatinine_mg_dl"))

PATIENTS = ibis.table(
    {column.name: column.kind.engine_type for column in INPUTS}, name="clearance_patients"
)


def creatinine_clearance_ml_min(
    *,
    age_years: ir.NumericValue,
    sex: ir.StringValue,
    weight_kg: ir.NumericValue,
    creatinine_mg_dl: ir.NumericValue,
) -> ir.FloatingValue:
    """The clearance; NULL where an input is missing or creatinine is 0."""
    of_sex = ibis.cases(
        (sex == "female", FEMALE_FACTOR), (sex == "male", 1.0), else_=ibis.null("float64")
    )
    return of_sex * (140 - age_years) * weight_kg / (72 * creatinine_mg_dl.nullif(0))


def derive_creatinine_clearance(patients: ir.Table) -> ir.Table:
    """One row per row of `patients`: its columns, and the clearance."""
    return patients.mutate(
        creatinine_clearance_ml_min=creatinine_clearance_ml_min(
            age_years=patients.age_years,
            sex=patients.sex,
            weight_kg=patients.weight_kg,
            creatinine_mg_dl=patients.creatinine_mg_dl,
        )
    )
