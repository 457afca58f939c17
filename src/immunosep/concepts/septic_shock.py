"""Septic shock by Sepsis-3: sepsis, a vasopressor to keep MAP at 65 mmHg, and raised lactate.

Source: Singer M et al. JAMA 2016;315:801-810, Box 3; Shankar-Hari M et al. JAMA 2016;315:775-787: a
vasopressor is needed to keep mean arterial pressure at 65 mmHg or more, and serum lactate is above
2 mmol/L, both despite adequate fluids.

Records seldom tell whether fluids were adequate: `fluids_adequate` is then NULL, and so is the
answer unless the rest already denies shock. A caller that takes a running vasopressor as proof of
adequate fluids passes TRUE, and says so.
"""

import ibis
from ibis.expr import types as ir

LACTATE_MMOL_L = 2  # Shankar-Hari JAMA 2016;315:775


def septic_shock(
    *,
    sepsis_3: ir.BooleanValue,
    vasopressor_for_map_65: ir.BooleanValue,
    lactate_mmol_l: ir.NumericValue,
    fluids_adequate: ir.BooleanValue,
) -> ir.BooleanValue:
    """Whether it is septic shock; NULL while the known parts cannot decide."""
    return sepsis_3 & vasopressor_for_map_65 & (lactate_mmol_l > LACTATE_MMOL_L) & fluids_adequate


def vasopressor_given(*doses: ir.NumericValue) -> ir.BooleanValue:
    """Whether any dose is above zero; NULL when none is and at least one is unknown."""
    given: ir.BooleanValue = ibis.literal(False)
    for dose in doses:
        given = given | (dose > 0)
    return given
