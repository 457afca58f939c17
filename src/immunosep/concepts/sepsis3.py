"""Sepsis-3 for a patient with infection, by where the infection met them.

Source: Singer M et al. JAMA 2016;315:801-810 (an acute rise of SOFA by 2 or more points), as
ImmunoSep words it (NCT04990232): admitted with infection at the emergency department, a total SOFA
of 2 or more; already hospitalised, a rise of 2 or more over the SOFA on admission.

A patient of the first kind whose SOFA was 2 or more before the illness (dialysis, cirrhosis) passes
the trial's wording, although Sepsis-3 asks for a change from baseline.
"""

from ibis.expr import types as ir

from immunosep.concepts.bounds import decide_by_bounds

RISE_OF_SEPSIS = 2  # Singer JAMA 2016;315:801, Box 3


def sepsis_3(
    *,
    setting: ir.StringValue,
    sofa_lowest: ir.NumericValue,
    sofa_highest: ir.NumericValue,
    admission_lowest: ir.NumericValue,
    admission_highest: ir.NumericValue,
) -> ir.BooleanValue:
    """Whether organ dysfunction makes the infection sepsis; NULL while what is known cannot say."""
    return decide_by_bounds(
        at_lowest=_dysfunction(setting, sofa=sofa_lowest, on_admission=admission_highest),
        at_highest=_dysfunction(setting, sofa=sofa_highest, on_admission=admission_lowest),
    )


def _dysfunction(
    setting: ir.StringValue, *, sofa: ir.NumericValue, on_admission: ir.NumericValue
) -> ir.BooleanValue:
    admitted_with_it = setting == "emergency_department"
    return (sofa >= RISE_OF_SEPSIS) & (admitted_with_it | (sofa - on_admission >= RISE_OF_SEPSIS))
