"""Prednisone equivalence: what dose of prednisone a systemic corticosteroid equals.

Source: anti-inflammatory potencies of Meikle AW, Tyler FH. Am J Med 1977;63:200-207, the table that
formularies reprint. They differ for dexamethasone (0.75 or 0.6 mg) and betamethasone (0.6 to 0.75
mg), so that both are named choices. Fludrocortisone is a mineralocorticoid and has no equivalent.

Every function takes and returns Ibis values: a drug that is not in the table gives NULL.
"""

from collections.abc import Mapping
from types import MappingProxyType

import ibis
from ibis.expr import types as ir

PREDNISONE_MG = 5

EQUAL_TO_5_MG_PREDNISONE: Mapping[str, float] = MappingProxyType(
    {
        "cortisone": 25,
        "hydrocortisone": 20,
        "prednisone": 5,
        "prednisolone": 5,
        "methylprednisolone": 4,
        "triamcinolone": 4,
        "dexamethasone": 0.75,
        "betamethasone": 0.6,
    }
)
"""Milligrams of each drug that equal 5 mg of prednisone (Meikle & Tyler 1977)."""

DEXAMETHASONE_0_6: Mapping[str, float] = MappingProxyType(
    {**EQUAL_TO_5_MG_PREDNISONE, "dexamethasone": 0.6}
)
"""The choice of formularies that count dexamethasone as stronger: 0.6 mg equals 5 mg."""

BETAMETHASONE_0_75: Mapping[str, float] = MappingProxyType(
    {**EQUAL_TO_5_MG_PREDNISONE, "betamethasone": 0.75}
)
"""The choice of formularies that count betamethasone as weaker: 0.75 mg equals 5 mg."""


def prednisone_equivalent_mg(
    drug: ir.StringValue,
    dose_mg: ir.NumericValue,
    *,
    equivalence: Mapping[str, float] = EQUAL_TO_5_MG_PREDNISONE,
) -> ir.FloatingValue:
    """The dose as milligrams of prednisone; NULL for a drug that is not in the table."""
    equal_mg = ibis.cases(
        *((drug == name, ibis.literal(float(mg))) for name, mg in equivalence.items()),
        else_=ibis.null("float64"),
    )
    return dose_mg.cast("float64") * PREDNISONE_MG / equal_mg


def prednisone_equivalent_mg_kg_day(
    drug: ir.StringValue,
    dose_mg_day: ir.NumericValue,
    weight_kg: ir.NumericValue,
    *,
    equivalence: Mapping[str, float] = EQUAL_TO_5_MG_PREDNISONE,
) -> ir.FloatingValue:
    """The daily dose as prednisone per kilogram of actual body weight; NULL without a weight."""
    return prednisone_equivalent_mg(drug, dose_mg_day, equivalence=equivalence) / weight_kg
