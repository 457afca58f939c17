"""SOFA for every hour of a stay: the worst of each component in the 24 hours up to that hour.

One row is one stay (`stay_id`) and one hour (`hr`, 0 is the first; it spans `start_s` to `end_s`).
Sources: the score, Vincent JL et al. Intensive Care Med 1996;22:707-710 and Singer M et al. JAMA
2016;315:801-810; the hourly form, Johnson AEW et al. J Am Med Inform Assoc 2018;25:32-39
(mimic-code). Inputs: the canonical event tables, whose times are whole seconds.

An hour is an integer division, so every event meets its hour by equality. No component falls when
one of its inputs gets worse, so the worst component of 24 hours is that of the worst inputs.
"""

import ibis
from ibis.expr import types as ir

from immunosep.concepts import sofa
from immunosep.concepts.blood_gas import derive_blood_gases, in_columns
from immunosep.concepts.glasgow import derive_gcs_before_tube
from immunosep.concepts.sofa_profiles import Profile
from immunosep.concepts.sustained_dose import HOUR_S, derive_sustained_dose
from immunosep.tables.events import Events

WINDOW_HOURS = 24  # the day SOFA takes the worst value of (Vincent 1996)
THIRD_HOURS = WINDOW_HOURS // 3
LONGEST_HOURS = 2 * 366 * 24  # a longer stay is cut there, so that one absurd date costs little
DOSES = tuple(
    f"{drug}_ug_kg_min" for drug in ("dopamine", "dobutamine", "epinephrine", "norepinephrine")
)
SUPPORTED, UNSUPPORTED = "pao2_fio2_supported_mmhg", "pao2_fio2_unsupported_mmhg"
LABORATORY = ("platelets_10e3_ul", "bilirubin_mg_dl", "creatinine_mg_dl")
CHARTED = ("map_mmhg", "gcs", "urine_ml", "urine_ml_day")
LOWEST_IS_WORST = (SUPPORTED, UNSUPPORTED, "platelets_10e3_ul", "map_mmhg", "gcs")
HIGHEST_IS_WORST = ("bilirubin_mg_dl", "creatinine_mg_dl", *DOSES)
HOUR_ROWS = ibis.schema(
    {"stay_id": "int64", "hr": "int64", "variable": "string", "value": "float64"}
)
INPUTS = (*LOWEST_IS_WORST, *HIGHEST_IS_WORST, "urine_ml_day")
"""Inputs of the score, named as in the snapshot."""


def derive_hourly_inputs(events: Events, profile: Profile) -> ir.Table:
    """One row per stay and hour from 24 hours before its start: the worst inputs of that hour alone.

    Beside `INPUTS` it has `urine_ml`, the urine charted in the hour.
    """
    stays = _with_last_hour(events.stays)
    parts = (
        _grid(stays),
        _numbers_in_hours(events.numbers, stays, profile),
        _gases_in_hours(events, stays, profile),
        _doses_in_hours(events.infusions, stays, profile),
    )
    rows = ibis.union(*(in_columns(part, HOUR_ROWS) for part in parts))
    known = {name: rows.value.min(where=rows.variable == name) for name in LOWEST_IS_WORST}
    known |= {name: rows.value.max(where=rows.variable == name) for name in HIGHEST_IS_WORST}
    hours = rows.group_by("stay_id", "hr").agg(
        **known,
        urine_ml_day=rows.value.max(where=rows.variable == "urine_ml_day"),
        urine_ml=rows.value.sum(where=rows.variable == "urine_ml"),
    )
    return hours


def derive_hourly_sofa(hours: ir.Table, profile: Profile, *, with_inputs: bool = False) -> ir.Table:
    """One row per stay and hour from 0: the components, the worst of 24 hours, and the total.

    `hours` is what `derive_hourly_inputs` gives. A component nothing is known of is NULL;
    `sofa_24hours` counts it as normal, `lowest` and `highest` bound what it may be, and `missing`
    is the number of such components. `with_inputs` adds the worst inputs of the 24 hours, which
    costs more than the score; for a few moments `derive_worst_inputs` is cheaper.
    """
    day = _rows(hours, WINDOW_HOURS - 1, 0)
    urine_ml_day = (
        _collected_urine(hours)
        if profile.urine == "collected"
        else hours.urine_ml_day.min().over(day)
    )
    points = {
        name: value.cast("int8").max().over(day)  # narrow: the window is what costs most
        for name, value in derive_components(hours, profile).items()
    }
    if profile.urine == "collected":
        points["renal"] = ibis.greatest(
            points["renal"], sofa.renal(ibis.null("float64"), urine_ml_day).cast("int8")
        )
    worst = {name: hours[name].min().over(day) for name in LOWEST_IS_WORST}
    worst |= {name: hours[name].max().over(day) for name in HIGHEST_IS_WORST}
    worst["urine_ml_day"] = urine_ml_day
    scored = hours.select(
        "stay_id",
        "hr",
        **{f"{name}_24hours": value for name, value in points.items()},
        **(worst if with_inputs else {}),
    )
    scored = scored.filter(scored.hr >= 0)
    parts = [scored[f"{name}_24hours"] for name in sofa.COMPONENTS]
    normal = {part.get_name(): part.fill_null(0) for part in parts}
    return scored.mutate(
        **(normal if profile.missing_as_normal else {}),
        sofa_24hours=sofa.total(parts, missing_as=0),
        lowest=sofa.total(parts, missing_as=0),
        highest=sofa.total(parts, missing_as=sofa.WORST_COMPONENT),
        missing=_count([part.isnull() for part in parts]),
    )


def derive_worst_inputs(hours: ir.Table, moments: ir.Table) -> ir.Table:
    """One row per moment (`stay_id, hr`): the inputs of the score there, the worst of 24 hours.

    `hours` is what `derive_hourly_inputs` gives. Scored by `concepts.sofa`, they give the
    components of `derive_hourly_sofa`.
    """
    at = moments.select(at_stay_id="stay_id", at_hr="hr").distinct()
    met = hours.inner_join(
        at,
        [
            hours.stay_id == at.at_stay_id,
            hours.hr <= at.at_hr,
            hours.hr > at.at_hr - WINDOW_HOURS,
        ],
    )
    third = (met.at_hr - met.hr) // THIRD_HOURS
    charted = [met.urine_ml.count(where=third == number) > 0 for number in range(3)]
    worst = {name: met[name].min() for name in LOWEST_IS_WORST}
    worst |= {name: met[name].max() for name in HIGHEST_IS_WORST}
    rows = met.group_by(stay_id=met.at_stay_id, hr=met.at_hr).agg(
        **worst,
        reported_ml=met.urine_ml_day.min(),
        collected_ml=_known_urine(charted, met.urine_ml.sum()),
    )
    urine = ibis.coalesce(rows.reported_ml, rows.collected_ml)
    return rows.mutate(urine_ml_day=urine).drop("reported_ml", "collected_ml")


def derive_components(inputs: ir.Table, profile: Profile) -> dict[str, ir.IntegerValue]:
    """The six components of rows of inputs, whether those of one hour or the worst of 24."""
    return {
        "respiration": ibis.greatest(
            sofa.respiration(inputs[SUPPORTED], ibis.literal(True)),
            sofa.respiration(inputs[UNSUPPORTED], ibis.literal(False)),
        ),
        "coagulation": sofa.coagulation(inputs.platelets_10e3_ul),
        "liver": sofa.liver(inputs.bilirubin_mg_dl),
        "cardiovascular": _cardiovascular(inputs, profile),
        "cns": sofa.cns(inputs.gcs),
        "renal": sofa.renal(inputs.creatinine_mg_dl, inputs.urine_ml_day),
    }


def _cardiovascular(inputs: ir.Table, profile: Profile) -> ir.IntegerValue:
    points = sofa.cardiovascular(inputs.map_mmhg, **{dose: inputs[dose] for dose in DOSES})
    if not profile.zero_rate_scores:
        return points
    zero = (inputs.epinephrine_ug_kg_min == 0) | (inputs.norepinephrine_ug_kg_min == 0)
    inotrope = inputs.dopamine_ug_kg_min.notnull() | inputs.dobutamine_ug_kg_min.notnull()
    charted = ibis.cases((zero, 3), (inotrope, 0), else_=ibis.null("int64"))
    return ibis.greatest(points, charted)


def _count(facts: list[ir.BooleanValue]) -> ir.IntegerValue:
    first, *others = (fact.cast("int64") for fact in facts)
    for other in others:
        first = first + other
    return first


def _with_last_hour(stays: ir.Table) -> ir.Table:
    end_s = ibis.coalesce(stays.out_s, stays.discharged_s, stays.died_s, stays.in_s)
    last = (end_s - 1 - stays.in_s) // HOUR_S
    return stays.select(
        "patient_id",
        "admission_id",
        "stay_id",
        "in_s",
        last_hr=ibis.greatest(ibis.least(last, LONGEST_HOURS), 0),
    )


def _grid(stays: ir.Table) -> ir.Table:
    first = ibis.literal(-WINDOW_HOURS).cast("int64") + 0 * stays.last_hr
    return stays.select("stay_id", hr=ibis.range(first, stays.last_hr + 1).unnest())


def _in_hours(rows: ir.Table, stays: ir.Table, key: str, profile: Profile) -> ir.Table:
    """Each row once for every stay of its patient, admission or stay whose hours hold `at_s`."""
    own = stays.select(own_key=stays[key], own_id=stays.stay_id, in_s="in_s", last_hr="last_hr")
    met = rows.inner_join(own, rows[key] == own.own_key)
    late = 1 if profile.hour_includes == "end" else 0
    hours = met.mutate(hr=(met.at_s - late - met.in_s) // HOUR_S)
    inside = hours.filter(hours.hr >= -WINDOW_HOURS, hours.hr <= hours.last_hr)
    return inside.mutate(stay_id=inside.own_id)


def _numbers_in_hours(numbers: ir.Table, stays: ir.Table, profile: Profile) -> ir.Table:
    laboratory = numbers.filter(numbers.variable.isin(LABORATORY))
    charted = numbers.filter(numbers.variable.isin(CHARTED))
    if profile.gcs_intubated == "before_tube":
        charted = charted.union(in_columns(derive_gcs_before_tube(numbers), numbers.schema()))
    if profile.laboratory_of == profile.charted_of:
        return _in_hours(laboratory.union(charted), stays, f"{profile.charted_of}_id", profile)
    return _in_hours(laboratory, stays, f"{profile.laboratory_of}_id", profile).union(
        _in_hours(charted, stays, f"{profile.charted_of}_id", profile)
    )


def _gases_in_hours(events: Events, stays: ir.Table, profile: Profile) -> ir.Table:
    gases = derive_blood_gases(events.numbers, events.texts, profile.pairing)
    here = _in_hours(gases, stays, "patient_id", profile)
    here = here.select("patient_id", "stay_id", "hr", "at_s", "pao2_fio2_mmhg", "on_device")
    codes = [f"support_{code}" for code in sorted(profile.pairing.support)]
    support = events.infusions.filter(events.infusions.variable.isin(codes))
    key = f"{profile.charted_of}_id"
    support = support.select("start_s", "end_s", support_of=support[key])
    met = here.left_join(
        support,
        [
            here[key] == support.support_of,
            here.at_s >= support.start_s,
            here.at_s <= support.end_s,
        ],
    )
    supported = met.support_of.notnull() | met.on_device.fill_null(False)
    return met.select(
        "stay_id",
        "hr",
        variable=supported.ifelse(SUPPORTED, UNSUPPORTED),
        value=met.pao2_fio2_mmhg,
    )


def _doses_in_hours(infusions: ir.Table, stays: ir.Table, profile: Profile) -> ir.Table:
    key = f"{profile.charted_of}_id"
    doses = infusions.filter(
        infusions.variable.isin(DOSES),
        infusions.rate.notnull(),
        infusions.start_s < infusions.end_s,
    )
    met = doses.inner_join(stays, doses[key] == stays[key])
    # At the end of hours first..last the infusion runs; through `touched` it runs for some time.
    last = (doses.end_s - stays.in_s) // HOUR_S - 1
    touched = (doses.end_s - 1 - stays.in_s) // HOUR_S
    kept = profile.dose == "kept_an_hour"
    rows = met.select(
        stay_id=stays.stay_id,
        in_s=stays.in_s,
        variable=doses.variable,
        start_s=doses.start_s,
        end_s=doses.end_s,
        rate=doses.rate,
        first=ibis.greatest((doses.start_s - stays.in_s) // HOUR_S, -WINDOW_HOURS),
        last=ibis.least(touched if kept else last, stays.last_hr),
    )
    rows = rows.filter(rows["first"] <= rows["last"])
    pieces = rows.mutate(hr=ibis.range(rows["first"], rows["last"] + 1).unnest())
    if not kept:
        return pieces.select("stay_id", "hr", "variable", value="rate")
    hour_s = pieces.in_s + pieces.hr * HOUR_S
    cut = pieces.select(
        "stay_id",
        "variable",
        "rate",
        "hr",
        start_s=ibis.greatest(pieces.start_s, hour_s),
        end_s=ibis.least(pieces.end_s, hour_s + HOUR_S),
    )
    return derive_sustained_dose(cut)


def _collected_urine(hours: ir.Table) -> ir.FloatingValue:
    charted = [
        hours.urine_ml.max().over(_rows(hours, last + THIRD_HOURS - 1, last)).notnull()
        for last in (0, THIRD_HOURS, 2 * THIRD_HOURS)
    ]
    return _known_urine(charted, hours.urine_ml.sum().over(_rows(hours, WINDOW_HOURS - 1, 0)))


def _known_urine(charted: list[ir.BooleanValue], total: ir.FloatingValue) -> ir.FloatingValue:
    """The urine of the 24 hours, if some was charted in each third of them; else unknown.

    A sum below 0 is irrigation fluid that was not all collected, and tells nothing.
    """
    known = charted[0] & charted[1] & charted[2] & (total >= 0)
    return ibis.cases((known, total), else_=ibis.null("float64"))


def _rows(hours: ir.Table, first: int, last: int) -> ir.Value:
    return ibis.window(group_by=hours.stay_id, order_by=hours.hr, between=(-first, -last))
