"""Sequential Organ Failure Assessment (SOFA): six components, 0 to 4 points each.

Source: Vincent JL et al. Intensive Care Med 1996;22:707-710, as tabulated by Singer M et al.
JAMA 2016;315:801-810 (Sepsis-3), Table 1. Score the worst value of each component in 24 hours.

The table leaves gaps (bilirubin 1.9 to 2.0, exactly 12.0; creatinine exactly 5.0) and its mg/dL and
umol/L columns disagree. Here the intervals are half-open in mg/dL: 1.2, 2, 6, 12 for bilirubin and
1.2, 2, 3.5, 5 for creatinine begin the next grade. Each vasoactive drug scores alone, never summed;
vasopressin and phenylephrine have no points. Kidney replacement is scored by creatinine and urine.

Every function takes and returns Ibis values: NULL in, where it decides, gives NULL out.
"""

import ibis
from ibis.expr import types as ir

from immunosep.concepts.steps import points_below, points_from

COMPONENTS = ("respiration", "coagulation", "liver", "cardiovascular", "cns", "renal")
WORST_COMPONENT = 4
WORST_TOTAL = WORST_COMPONENT * len(COMPONENTS)
MINUTES_THAT_COUNT = 60  # vasoactive doses count from one hour on: Vincent ICM 1996;22:707


def kept_dose(dose_ug_kg_min: ir.NumericValue, minutes: ir.NumericValue) -> ir.FloatingValue:
    """The dose where it counts: NULL if kept under an hour; with minutes unknown, it was kept."""
    too_short = minutes < MINUTES_THAT_COUNT
    return ibis.cases((too_short, ibis.null("float64")), else_=dose_ug_kg_min)


def respiration(
    pao2_fio2_mmhg: ir.NumericValue, respiratory_support: ir.BooleanValue
) -> ir.IntegerValue:
    """Points for one blood gas and the support given with it; unknown support scores as none."""
    return ibis.cases(
        (pao2_fio2_mmhg.isnull(), ibis.null("int64")),
        ((pao2_fio2_mmhg < 100) & respiratory_support, 4),
        ((pao2_fio2_mmhg < 200) & respiratory_support, 3),
        (pao2_fio2_mmhg < 300, 2),
        (pao2_fio2_mmhg < 400, 1),
        else_=0,
    )


def coagulation(platelets_10e3_ul: ir.NumericValue) -> ir.IntegerValue:
    """Points for platelets, in 10^3 per microlitre."""
    return points_below(platelets_10e3_ul, (20, 4), (50, 3), (100, 2), (150, 1))


def liver(bilirubin_mg_dl: ir.NumericValue) -> ir.IntegerValue:
    """Points for total bilirubin, in mg/dL."""
    return points_from(bilirubin_mg_dl, (12, 4), (6, 3), (2, 2), (1.2, 1))


def cardiovascular(
    map_mmhg: ir.NumericValue,
    *,
    dopamine_ug_kg_min: ir.NumericValue,
    dobutamine_ug_kg_min: ir.NumericValue,
    epinephrine_ug_kg_min: ir.NumericValue,
    norepinephrine_ug_kg_min: ir.NumericValue,
) -> ir.IntegerValue:
    """Points for mean arterial pressure and for doses kept for an hour or more, in ug/kg/min.

    A drug without a dose counts as not given: charts record what is given, not what is not. With
    neither a drug nor a pressure known the answer is NULL.
    """
    return ibis.cases(
        (
            (dopamine_ug_kg_min > 15)
            | (epinephrine_ug_kg_min > 0.1)
            | (norepinephrine_ug_kg_min > 0.1),
            4,
        ),
        (
            (dopamine_ug_kg_min > 5) | (epinephrine_ug_kg_min > 0) | (norepinephrine_ug_kg_min > 0),
            3,
        ),
        ((dopamine_ug_kg_min > 0) | (dobutamine_ug_kg_min > 0), 2),
        else_=points_below(map_mmhg, (70, 1)),
    )


def cns(gcs: ir.NumericValue) -> ir.IntegerValue:
    """Points for the Glasgow coma score, 3 to 15."""
    return points_below(gcs, (6, 4), (10, 3), (13, 2), (15, 1))


def renal(creatinine_mg_dl: ir.NumericValue, urine_ml_day: ir.NumericValue) -> ir.IntegerValue:
    """Points for creatinine, in mg/dL, or urine, in mL a day: the worse of those that are known."""
    return ibis.greatest(
        points_from(creatinine_mg_dl, (5, 4), (3.5, 3), (2, 2), (1.2, 1)),
        points_below(urine_ml_day, (200, 4), (500, 3)),
    )


def total(components: list[ir.IntegerValue], *, missing_as: int) -> ir.IntegerValue:
    """The sum of the components, a missing one taken as `missing_as`: 0 or 4 for the bounds."""
    points = [component.coalesce(missing_as) for component in components]
    first, *others = points
    for point in others:
        first = first + point
    return first
