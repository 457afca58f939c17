"""SOFA-2: the six organs of SOFA as revised in 2025, 0 to 4 points each.

Source: Ranzani OT, Singer M, Salluh JI et al. JAMA 2025, doi 10.1001/jama.2025.20516, the score's
table and its footnotes. Score the worst value of each organ in 24 hours.

======================  =======  ==========  ===========  =================  =====================
points                  0        1           2            3                  4
======================  =======  ==========  ===========  =================  =====================
GCS                     15       13-14       9-12         6-8                3-5
or motor response alone 6        5           4            3                  1-2, or myoclonus
drug for delirium                given
PaO2/FiO2               > 300    <= 300      <= 225       <= 150, supported  <= 75, supported; ECMO
SpO2/FiO2               > 300    <= 300      <= 250       <= 200, supported  <= 120, supported
MAP, no drug            >= 70    < 70
norepinephrine                               <= 0.2       > 0.2              > 0.4
with another drug                any         <= 0.2 + it  > 0.2 + it
dopamine alone                               <= 20        > 20               > 40
MAP, no drug available  >= 70    60-69       50-59        40-49              < 40
bilirubin, mg/dL        <= 1.2   <= 3        <= 6         <= 12              > 12
creatinine, mg/dL       <= 1.2   <= 2        <= 3.5       > 3.5              kidney replacement
urine, mL/kg/h                   < 0.5, 6 h  < 0.5, 12 h  < 0.3, 24 h        or its criteria
platelets, 10^3/uL      > 150    <= 150      <= 100       <= 80              <= 50
======================  =======  ==========  ===========  =================  =====================

A limit belongs to the worse grade, the opposite of SOFA. Norepinephrine, as base, and epinephrine
are summed; doses and support count from one hour on.

A drug, device or treatment the chart does not mention was not given. A measured value that is
missing leaves its organ unknown (NULL) unless another value decides it; where one organ has several
ways to be scored, it is scored by the worst of those that are known.
"""

import ibis
from ibis.expr import types as ir

from immunosep.concepts.bounds import Bounds, bounds_of, sum_of_bounds
from immunosep.concepts.sofa import WORST_COMPONENT, kept_dose
from immunosep.concepts.steps import points_above, points_below, points_to
from immunosep.tables.columns import Column, Kind, Missing, Range
from immunosep.tables.dictionary import COLUMNS

ORGANS = ("brain", "respiratory", "cardiovascular", "liver", "kidney", "haemostasis")
ANURIA_ML_KG_H = 0  # Ranzani JAMA 2025: no urine at all for 12 hours or more


def _yes_no(name: str, label: str, *, missing: Missing = Missing.NOT_GIVEN) -> Column:
    return Column(name=name, label=label, kind=Kind.YES_NO, missing=missing)


def _number(name: str, label: str, unit: str, possible: Range, loinc: str = "") -> Column:
    return Column(
        name=name, label=label, kind=Kind.NUMBER, unit=unit, possible=possible, loinc=loinc,
        missing=Missing.NOT_MEASURED,
    )  # fmt: skip


INPUTS = (
    COLUMNS["gcs"],
    Column(name="gcs_motor", label="Glasgow coma score, best motor response", kind=Kind.INTEGER,
           unit="{score}", possible=Range(1, 6), missing=Missing.NOT_MEASURED, loinc="9268-4",
           note="Used only where the whole score cannot be assessed. 6: obeys."),
    _yes_no("generalised_myoclonus", "Generalised myoclonus", missing=Missing.NOT_ASKED),
    _yes_no("delirium_drug", "Drug given for delirium"),
    _yes_no("sedated", "Sedated, and the Glasgow coma score before sedation is unknown"),
    *(COLUMNS[name] for name in ("pao2_mmhg", "fio2", "respiratory_support")),
    _number("spo2_percent", "Oxygen saturation by pulse oximeter", "%", Range(0, 100), "59408-5"),
    _yes_no("support_unavailable", "Respiratory support not to be had, or above the care agreed"),
    Column(name="ecmo", label="Extracorporeal oxygenation, for which organ", kind=Kind.CATEGORY,
           choices=("none", "respiratory", "cardiac"), missing=Missing.NOT_GIVEN),
    COLUMNS["map_mmhg"],
    *(COLUMNS[f"{drug}_{what}"]
      for drug in ("norepinephrine", "epinephrine", "dopamine", "dobutamine")
      for what in ("ug_kg_min", "minutes")),
    _yes_no("other_vasoactive", "Any other vasopressor or inotrope, kept for an hour or more"),
    _yes_no("mechanical_support", "Mechanical support of the circulation"),
    _yes_no("drugs_unavailable", "Vasoactive drugs not to be had, or above the care agreed"),
    COLUMNS["bilirubin_mg_dl"],
    COLUMNS["creatinine_mg_dl"],
    *(_number(f"urine_ml_kg_h_{hours}h", f"Urine, lowest mean rate over {hours} hours", "mL/kg/h",
              Range(0, 100)) for hours in (6, 12, 24)),
    _yes_no("kidney_replacement", "Kidney replacement for the kidney's sake, between sessions too"),
    _number("potassium_mmol_l", "Potassium, highest", "mmol/L", Range(0, 20), "2823-3"),
    _number("ph", "Arterial pH, lowest", "[pH]", Range(6, 8.5), "2744-1"),
    _number("bicarbonate_mmol_l", "Bicarbonate, lowest", "mmol/L", Range(0, 100), "1963-8"),
    COLUMNS["platelets_10e3_ul"],
)  # fmt: skip
"""Worst value of the last 24 h. Norepinephrine is dosed as base: 1 mg is 2 mg of the bitartrate
monohydrate, 1.89 of the anhydrous bitartrate, 1.22 of the hydrochloride (Ranzani JAMA 2025)."""

PATIENTS = ibis.table(
    {column.name: column.kind.engine_type for column in INPUTS}, name="sofa2_patients"
)


def brain(
    *,
    gcs: ir.NumericValue,
    gcs_motor: ir.NumericValue,
    generalised_myoclonus: ir.BooleanValue,
    delirium_drug: ir.BooleanValue,
    sedated: ir.BooleanValue,
    sedated_unknown_as_normal: bool = True,
) -> ir.IntegerValue:
    """Points for the GCS, the last one before sedation; motor response alone where it has no total.

    With `sedated_unknown_as_normal`, a sedated patient whose earlier GCS is unknown scores 0, the
    paper's rule; without it such a patient is unknown.
    """
    unknown_before = sedated if sedated_unknown_as_normal else ibis.literal(False)
    by_coma = ibis.cases(
        (generalised_myoclonus, 4),
        (gcs.notnull(), points_to(gcs, (5, 4), (8, 3), (12, 2), (14, 1))),
        (gcs_motor.notnull(), points_to(gcs_motor, (2, 4), (3, 3), (4, 2), (5, 1))),
        (unknown_before, 0),
        else_=ibis.null("int64"),
    )
    return ibis.cases((delirium_drug & (by_coma == 0), 1), else_=by_coma)


def respiratory(
    *,
    pao2_fio2_mmhg: ir.NumericValue,
    spo2_percent: ir.NumericValue,
    fio2: ir.NumericValue,
    support: ir.BooleanValue,
    support_unavailable: ir.BooleanValue,
    ecmo: ir.StringValue,
) -> ir.IntegerValue:
    """Points for PaO2/FiO2, or SpO2/FiO2 where no blood gas is known and SpO2 is below 98 %.

    Three points and more need advanced support, or that it cannot be had (none there, or a ceiling
    of care). Unknown support scores as none. Extracorporeal oxygenation scores 4.
    """
    spo2_fio2 = ibis.cases(
        (spo2_percent < 98, (spo2_percent / fio2).round(6)), else_=ibis.null("float64")
    )
    by_gas = _oxygenation(pao2_fio2_mmhg, (75, 150, 225, 300))
    by_oximeter = _oxygenation(spo2_fio2, (120, 200, 250, 300))
    counts_in_full = support.coalesce(False) | support_unavailable.coalesce(False)
    ratio_points = by_gas.coalesce(by_oximeter)
    return ibis.cases(
        (ecmo.isin(["respiratory", "cardiac"]), 4),
        (~counts_in_full & (ratio_points > 2), 2),
        else_=ratio_points,
    )


def _oxygenation(ratio: ir.NumericValue, steps: tuple[int, int, int, int]) -> ir.IntegerValue:
    return points_to(ratio, *zip(steps, (4, 3, 2, 1), strict=True))


def cardiovascular(
    *,
    map_mmhg: ir.NumericValue,
    norepinephrine_ug_kg_min: ir.NumericValue,
    epinephrine_ug_kg_min: ir.NumericValue,
    dopamine_ug_kg_min: ir.NumericValue,
    other_vasoactive: ir.BooleanValue,
    mechanical_support: ir.BooleanValue,
    drugs_unavailable: ir.BooleanValue,
    ecmo: ir.StringValue,
) -> ir.IntegerValue:
    """Points for pressure, for drugs kept for an hour or more in ug/kg/min, and for devices.

    Dopamine is graded by its dose only where it is the one drug; beside another it counts as other.
    """
    catecholamine = (
        norepinephrine_ug_kg_min.coalesce(0.0) + epinephrine_ug_kg_min.coalesce(0.0)
    ).round(6)
    dopamine = dopamine_ug_kg_min.coalesce(0.0)
    named_other = other_vasoactive.coalesce(False)
    another = named_other | (dopamine > 0)
    no_drug = (catecholamine == 0) & ~another
    return ibis.cases(
        (mechanical_support | (ecmo == "cardiac"), 4),
        ((catecholamine > 0.4) | ((catecholamine > 0.2) & another), 4),
        ((catecholamine > 0.2) | ((catecholamine > 0) & another), 3),
        ((dopamine > 40) & ~named_other, 4),
        ((dopamine > 20) & ~named_other, 3),
        ((catecholamine > 0) | another, 2),
        (no_drug & drugs_unavailable, points_below(map_mmhg, (40, 4), (50, 3), (60, 2), (70, 1))),
        else_=points_below(map_mmhg, (70, 1)),
    )


def liver(bilirubin_mg_dl: ir.NumericValue) -> ir.IntegerValue:
    """Points for total bilirubin, in mg/dL."""
    return points_above(bilirubin_mg_dl, (12, 4), (6, 3), (3, 2), (1.2, 1))


def kidney(
    *,
    creatinine_mg_dl: ir.NumericValue,
    urine_ml_kg_h_6h: ir.NumericValue,
    urine_ml_kg_h_12h: ir.NumericValue,
    urine_ml_kg_h_24h: ir.NumericValue,
    kidney_replacement: ir.BooleanValue,
    potassium_mmol_l: ir.NumericValue,
    ph: ir.NumericValue,
    bicarbonate_mmol_l: ir.NumericValue,
) -> ir.IntegerValue:
    """Points for creatinine, for urine over three windows, and for replacement given or due.

    Replacement for a reason outside the kidney does not count; between sessions it does.
    """
    measured = ibis.greatest(
        points_above(creatinine_mg_dl, (3.5, 3), (2, 2), (1.2, 1)),
        points_below(urine_ml_kg_h_6h, (0.5, 1)),
        points_below(urine_ml_kg_h_12h, (0.5, 2)),
        ibis.cases((urine_ml_kg_h_12h == ANURIA_ML_KG_H, 3), else_=ibis.null("int64")),
        points_below(urine_ml_kg_h_24h, (0.3, 3)),
    )
    injured = (creatinine_mg_dl > 1.2) | (urine_ml_kg_h_6h < 0.3)
    acidosis = (ph <= 7.20) & (bicarbonate_mmol_l <= 12)
    due = injured & ((potassium_mmol_l >= 6.0) | acidosis)
    return ibis.cases((kidney_replacement | due, 4), else_=measured)


def haemostasis(platelets_10e3_ul: ir.NumericValue) -> ir.IntegerValue:
    """Points for platelets, in 10^3 per microlitre."""
    return points_to(platelets_10e3_ul, (50, 4), (80, 3), (100, 2), (150, 1))


def derive_sofa2(patients: ir.Table, *, sedated_unknown_as_normal: bool = True) -> ir.Table:
    """One row per row of `patients`: its columns, each organ's points, and the score's bounds.

    `sofa2_total` takes a missing organ as normal, the paper's rule for the first day; it equals
    `sofa2_lowest`. On later days the paper carries the last value forward: fill it in before.
    """
    organs = _organs(patients, sedated_unknown_as_normal=sedated_unknown_as_normal)
    bounds = sofa2_bounds(organs, respiratory_at_most=_respiratory(patients, support_unknown=True))
    return patients.mutate(
        **{f"sofa2_{organ}": points for organ, points in organs.items()},
        sofa2_total=bounds.lowest,
        sofa2_lowest=bounds.lowest,
        sofa2_highest=bounds.highest,
    )


def sofa2_bounds(
    organs: dict[str, ir.IntegerValue], *, respiratory_at_most: ir.IntegerValue
) -> Bounds:
    """The bounds of the total; `respiratory_at_most` scores unknown support as given."""
    parts = {organ: bounds_of(points, most=WORST_COMPONENT) for organ, points in organs.items()}
    parts["respiratory"] = Bounds(
        lowest=parts["respiratory"].lowest, highest=respiratory_at_most.coalesce(WORST_COMPONENT)
    )
    return sum_of_bounds(list(parts.values()))


def _organs(known: ir.Table, *, sedated_unknown_as_normal: bool) -> dict[str, ir.IntegerValue]:
    return {
        "brain": brain(
            **_taken(known, "gcs gcs_motor generalised_myoclonus delirium_drug sedated"),
            sedated_unknown_as_normal=sedated_unknown_as_normal,
        ),
        "respiratory": _respiratory(known, support_unknown=False),
        "cardiovascular": cardiovascular(
            **_taken(known, "map_mmhg mechanical_support drugs_unavailable ecmo"),
            other_vasoactive=known.other_vasoactive | (_dose(known, "dobutamine") > 0),
            norepinephrine_ug_kg_min=_dose(known, "norepinephrine"),
            epinephrine_ug_kg_min=_dose(known, "epinephrine"),
            dopamine_ug_kg_min=_dose(known, "dopamine"),
        ),
        "liver": liver(known.bilirubin_mg_dl),
        "kidney": kidney(
            **_taken(known, "creatinine_mg_dl urine_ml_kg_h_6h urine_ml_kg_h_12h"),
            **_taken(known, "urine_ml_kg_h_24h kidney_replacement potassium_mmol_l ph"),
            bicarbonate_mmol_l=known.bicarbonate_mmol_l,
        ),
        "haemostasis": haemostasis(known.platelets_10e3_ul),
    }


def _respiratory(known: ir.Table, *, support_unknown: bool) -> ir.IntegerValue:
    return respiratory(
        pao2_fio2_mmhg=(known.pao2_mmhg / known.fio2).round(6),
        **_taken(known, "spo2_percent fio2 support_unavailable ecmo"),
        support=known.respiratory_support.coalesce(support_unknown),
    )


def _dose(known: ir.Table, drug: str) -> ir.FloatingValue:
    return kept_dose(known[f"{drug}_ug_kg_min"], known[f"{drug}_minutes"])


def _taken(known: ir.Table, names: str) -> dict[str, ir.Value]:
    return {name: known[name] for name in names.split()}
