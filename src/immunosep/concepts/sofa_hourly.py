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

from immunosep.concepts import scored_word, sofa
from immunosep.concepts.blood_gas import derive_blood_gases
from immunosep.concepts.glasgow import derive_gcs_before_tube
from immunosep.concepts.sofa_profiles import Profile
from immunosep.concepts.sustained_dose import HOUR_S, derive_sustained_dose
from immunosep.tables.events import NUMBERS, Events, in_columns

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
SCORED_ROWS = ibis.schema(
    {"stay_id": "int64", "hr": "int64", "scored": "int64", "urine_ml": "float64"}
)
INPUTS = (*LOWEST_IS_WORST, *HIGHEST_IS_WORST, "urine_ml_day")
"""Inputs of the score, named as in the snapshot."""


def derive_hour_rows(events: Events, profile: Profile) -> ir.Table:
    """Every value the score may use, in the hour it counts in: `HOUR_ROWS`, many rows an hour.

    Hours run from 24 before the stay to its last. The score and its inputs both come from these
    rows, so a source keeps them in a table of their own.
    """
    stays = _with_last_hour(events.stays)
    parts = (
        _numbers_in_hours(events.numbers, stays, profile),
        _gases_in_hours(events, stays, profile),
        _doses_in_hours(events.infusions, stays, profile),
    )
    return ibis.union(*(in_columns(part, HOUR_ROWS) for part in parts))


def derive_hourly_inputs(rows: ir.Table, stays: ir.Table) -> ir.Table:
    """One row per stay and hour, from the first known: the worst inputs of that hour alone.

    `urine_ml` is what was charted in the hour, `urine_ml_day` what the source itself says of a day.
    """
    rows = rows.union(in_columns(_grid(rows, stays), HOUR_ROWS))
    return rows.group_by("stay_id", "hr").agg(
        **_worst(rows),
        urine_ml_day=rows.value.min(where=rows.variable == "urine_ml_day"),
        urine_ml=rows.value.sum(where=rows.variable == "urine_ml"),
    )


def derive_worst_inputs(rows: ir.Table, moments: ir.Table) -> ir.Table:
    """One row per moment (`stay_id, hr`) of which anything is known: worst inputs of 24 hours.

    Scored by `derive_components`, they give the components of `derive_hourly_sofa`.
    """
    at = moments.select(at_stay_id="stay_id", at_hr="hr").distinct()
    day = [rows.stay_id == at.at_stay_id, rows.hr <= at.at_hr, rows.hr > at.at_hr - WINDOW_HOURS]
    met = rows.inner_join(at, day)
    is_urine = met.variable == "urine_ml"
    third = (met.at_hr - met.hr) // THIRD_HOURS
    charted = [met.value.count(where=is_urine & (third == number)) > 0 for number in range(3)]
    collected = _known_urine(charted, met.value.sum(where=is_urine))
    reported = met.value.min(where=met.variable == "urine_ml_day")
    return met.group_by(stay_id=met.at_stay_id, hr=met.at_hr).agg(
        **_worst(met), urine_ml_day=ibis.coalesce(reported, collected)
    )


def derive_hourly_sofa(rows: ir.Table, stays: ir.Table, profile: Profile) -> ir.Table:
    """One row per stay and hour from 0: the components, the worst of 24 hours, and the total.

    A component nothing is known of is NULL; `sofa_24hours` counts it as normal, `lowest` and
    `highest` bound what it may be, and `missing` is the number of such components.
    """
    day = _day_up_to_each_hour(_scored_hours(rows, stays, profile), profile)
    day = day.filter(day.hr >= 0)
    points = {name: scored_word.points_of(day.scored, name) for name in sofa.COMPONENTS}
    if profile.urine == "collected":
        charted = scored_word.urine_charted_in_thirds(day.scored, day.hr)
        urine = sofa.renal(ibis.null("float64"), _known_urine(charted, day.urine_ml))
        points["renal"] = ibis.greatest(points["renal"], urine.cast("int8"))
    columns = {f"{name}_24hours": value for name, value in points.items()}
    return _with_total(day.select("stay_id", "hr", **columns), profile)


def derive_components(inputs: ir.Table, profile: Profile) -> dict[str, ir.IntegerValue]:
    """The six components of rows of inputs, whether those of one hour or the worst of 24."""
    doses = {dose: inputs[dose] for dose in DOSES}
    return {
        "respiration": ibis.greatest(
            sofa.respiration(inputs[SUPPORTED], ibis.literal(True)),
            sofa.respiration(inputs[UNSUPPORTED], ibis.literal(False)),
        ),
        "coagulation": sofa.coagulation(inputs.platelets_10e3_ul),
        "liver": sofa.liver(inputs.bilirubin_mg_dl),
        "cardiovascular": _cardiovascular(inputs.map_mmhg, doses, profile),
        "cns": sofa.cns(inputs.gcs),
        "renal": sofa.renal(inputs.creatinine_mg_dl, inputs.urine_ml_day),
    }


def _points_of_values(value: ir.FloatingValue, profile: Profile) -> dict[str, ir.IntegerValue]:
    """What a value scores by itself, for each variable; the score of several is the highest."""
    unknown = ibis.null("float64")
    no_doses = dict.fromkeys(DOSES, unknown)
    doses = {dose: _cardiovascular(unknown, no_doses | {dose: value}, profile) for dose in DOSES}
    return {
        "map_mmhg": _cardiovascular(value, no_doses, profile),  # most rows: first to be compared
        SUPPORTED: sofa.respiration(value, ibis.literal(True)),
        UNSUPPORTED: sofa.respiration(value, ibis.literal(False)),
        "platelets_10e3_ul": sofa.coagulation(value),
        "bilirubin_mg_dl": sofa.liver(value),
        "gcs": sofa.cns(value),
        "creatinine_mg_dl": sofa.renal(value, unknown),
        "urine_ml_day": sofa.renal(unknown, value),
    } | doses


COMPONENT_OF = {
    **dict.fromkeys(("map_mmhg", *DOSES), "cardiovascular"),
    **dict.fromkeys((SUPPORTED, UNSUPPORTED), "respiration"),
    **dict.fromkeys(("creatinine_mg_dl", "urine_ml_day"), "renal"),
    "platelets_10e3_ul": "coagulation",
    "bilirubin_mg_dl": "liver",
    "gcs": "cns",
}


def _scored_hours(rows: ir.Table, stays: ir.Table, profile: Profile) -> ir.Table:
    """One row per stay and hour: points and charted urine in one word, and the urine's volume."""
    words = {
        name: scored_word.of_points(points, COMPONENT_OF[name])
        for name, points in _points_of_values(rows.value, profile).items()
    }
    words["urine_ml"] = scored_word.of_urine(rows.value, rows.hr)
    scored = rows.select(
        "stay_id",
        "hr",
        scored=ibis.cases(*((rows.variable == name, word) for name, word in words.items())),
        urine_ml=ibis.cases((rows.variable == "urine_ml", rows.value)),
    )
    grid = in_columns(_grid(rows, stays), SCORED_ROWS)
    scored = in_columns(scored, SCORED_ROWS).union(grid)
    return scored.group_by("stay_id", "hr").agg(
        scored=scored_word.bit_or(scored.scored), urine_ml=scored.urine_ml.sum()
    )


def _worst(rows: ir.Table) -> dict[str, ir.FloatingValue]:
    worst = {name: rows.value.min(where=rows.variable == name) for name in LOWEST_IS_WORST}
    return worst | {name: rows.value.max(where=rows.variable == name) for name in HIGHEST_IS_WORST}


def _with_total(scored: ir.Table, profile: Profile) -> ir.Table:
    parts = [scored[f"{name}_24hours"] for name in sofa.COMPONENTS]
    normal = {part.get_name(): part.fill_null(0) for part in parts}
    return scored.mutate(
        **(normal if profile.missing_as_normal else {}),
        sofa_24hours=sofa.total(parts, missing_as=0),
        lowest=sofa.total(parts, missing_as=0),
        highest=sofa.total(parts, missing_as=sofa.WORST_COMPONENT),
        missing=_count([part.isnull() for part in parts]),
    )


def _cardiovascular(
    map_mmhg: ir.FloatingValue, doses: dict[str, ir.FloatingValue], profile: Profile
) -> ir.IntegerValue:
    points = sofa.cardiovascular(map_mmhg, **doses)
    if not profile.zero_rate_scores:
        return points
    zero = (doses["epinephrine_ug_kg_min"] <= 0) | (doses["norepinephrine_ug_kg_min"] <= 0)
    inotrope = doses["dopamine_ug_kg_min"].notnull() | doses["dobutamine_ug_kg_min"].notnull()
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


def _grid(rows: ir.Table, stays: ir.Table) -> ir.Table:
    """One row per stay and hour, from the first of which anything is known, and from 0 at most."""
    known = rows.group_by(known_of="stay_id").agg(known_hr=rows.hr.min())
    ends = _with_last_hour(stays)
    ends = ends.left_join(known, ends.stay_id == known.known_of)
    ends = ends.mutate(first_hr=ibis.least(ends.known_hr, 0).cast("int64"))
    return ends.select("stay_id", hr=ibis.range(ends.first_hr, ends.last_hr + 1).unnest())


def _in_hours(rows: ir.Table, stays: ir.Table, key: str, profile: Profile) -> ir.Table:
    """Each row once for every stay of its patient, admission or stay whose hours hold `at_s`."""
    late = 1 if profile.hour_includes == "end" else 0
    own = stays.select(
        own_key=stays[key],
        own_id=stays.stay_id,
        zero_s=stays.in_s + late,
        from_s=stays.in_s + late - WINDOW_HOURS * HOUR_S,
        until_s=stays.in_s + late + (stays.last_hr + 1) * HOUR_S,
    )
    met = rows.inner_join(own, rows[key] == own.own_key)
    inside = met.filter(met.at_s >= met.from_s, met.at_s < met.until_s)
    return inside.mutate(hr=(inside.at_s - inside.zero_s) // HOUR_S, stay_id=inside.own_id)


def _numbers_in_hours(numbers: ir.Table, stays: ir.Table, profile: Profile) -> ir.Table:
    numbers = in_columns(numbers, NUMBERS.schema())
    tube = derive_gcs_before_tube(numbers) if profile.gcs_intubated == "before_tube" else None

    def met(names: tuple[str, ...], key: str) -> ir.Table:
        rows = numbers.filter(numbers.variable.isin(names))
        rows = rows.union(tube) if tube is not None and "gcs" in names else rows
        return in_columns(_in_hours(rows, stays, f"{key}_id", profile), HOUR_ROWS)

    if profile.laboratory_of == profile.charted_of:
        return met((*LABORATORY, *CHARTED), profile.charted_of)  # one pass over the numbers
    return met(LABORATORY, profile.laboratory_of).union(met(CHARTED, profile.charted_of))


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
    if kept:
        return derive_sustained_dose(rows)
    return rows.mutate(hr=ibis.range(rows["first"], rows["last"] + 1).unnest(), value=rows.rate)


def _day_up_to_each_hour(hours: ir.Table, profile: Profile) -> ir.Table:
    """One row per stay and hour: what was scored, and the urine, in the 24 hours up to it.

    The windows stand alone here: an engine may compute one anew wherever it is used.
    """
    day = ibis.window(group_by=hours.stay_id, order_by=hours.hr, between=(1 - WINDOW_HOURS, 0))
    worst = {"scored": scored_word.bit_or(hours.scored).over(day)}
    if profile.urine == "collected":
        worst["urine_ml"] = hours.urine_ml.sum().over(day)
    return hours.select("stay_id", "hr", **worst)


def _known_urine(charted: list[ir.BooleanValue], total: ir.FloatingValue) -> ir.FloatingValue:
    """The urine of the 24 hours, if some was charted in each third of them; else unknown.

    A sum below 0 is irrigation fluid that was not all collected, and tells nothing.
    """
    known = charted[0] & charted[1] & charted[2] & (total >= 0)
    return ibis.cases((known, total), else_=ibis.null("float64"))
