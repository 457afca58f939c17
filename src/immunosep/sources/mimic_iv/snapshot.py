"""MIMIC-IV as snapshots: one row per patient at the moment a trial would have looked at them.

Of a patient's stays the earliest with Sepsis-3 is taken, else the earliest in which Sepsis-3 holds
with missing parts taken as normal, else the earliest with a suspected infection, else the first.
The moment is the hour Sepsis-3 is first met, or the ferritin drawn after it. What the records
cannot tell, such as consent or HLA-DR, is NULL. Every choice has a name in `choices`.
"""

from dataclasses import dataclass
from pathlib import Path

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr import types as ir

from immunosep.concepts.sepsis3_hourly import derive_onsets
from immunosep.concepts.septic_shock import septic_shock, vasopressor_given
from immunosep.concepts.sofa_hourly import INPUTS, derive_hourly_sofa, derive_worst_inputs
from immunosep.concepts.sofa_profiles import TRIAL
from immunosep.sources.extract import connect, materialise
from immunosep.sources.mimic_iv import biomarkers, exclusions, infection, steroids
from immunosep.sources.mimic_iv.choices import DEFAULT, Choices
from immunosep.sources.mimic_iv.cultures import cultures
from immunosep.sources.mimic_iv.events import (
    charted_items,
    events_from,
    read_charted,
    read_laboratory,
    seconds,
)
from immunosep.sources.mimic_iv.hourly import hour_rows
from immunosep.sources.mimic_iv.medication import drug_orders, ordered_admissions
from immunosep.sources.mimic_iv.tables import MimicTables, read_tables
from immunosep.tables.dictionary import BEDSIDE
from immunosep.tables.events import Events

HOUR_S = 60 * 60
FIRST_DAY = 24  # hours of a stay


def read_snapshot(
    folder: str | Path,
    *,
    connection: Backend | None = None,
    every_stay: bool = False,
    choices: Choices = DEFAULT,
) -> ir.Table:
    """One row per patient, or per stay: the data dictionary's columns, stay_id, admission_id."""
    engine = connection or connect()
    tables = read_tables(engine, folder)
    records = _records(engine, tables, choices)
    index = materialise(engine, _index(records, every_stay=every_stay), "immunosep_index")
    moments = materialise(engine, _moments(records, index), "immunosep_moments")
    return materialise(engine, _snapshot(records, moments), "immunosep_snapshot")


@dataclass(frozen=True, eq=False)
class _Records:
    """What a snapshot is drawn from: small tables, each made once."""

    tables: MimicTables
    events: Events
    rows: ir.Table
    hours: ir.Table
    orders: ir.Table
    cultures: ir.Table
    results: ir.Table
    coded: ir.Table
    statuses: ir.Table
    emergencies: ir.Table
    choices: Choices


def _records(engine: Backend, tables: MimicTables, choices: Choices) -> _Records:
    charted = read_charted(engine, tables, charted_items(), words=exclusions.CODE_STATUS)
    laboratory = read_laboratory(engine, tables, also=biomarkers.ITEM_IDS)
    events = events_from(engine, tables, charted=charted, laboratory=laboratory)
    rows = hour_rows(engine, events)
    scored = derive_hourly_sofa(rows, events.stays, TRIAL)
    scored = materialise(engine, scored, "immunosep_hours")
    codes = materialise(engine, exclusions.listed_codes(tables), "immunosep_listed_codes")
    return _Records(
        tables=tables,
        events=events,
        rows=rows,
        hours=_timed_hours(scored, events.stays),
        orders=materialise(engine, drug_orders(tables), "immunosep_orders"),
        cultures=materialise(engine, cultures(tables), "immunosep_cultures"),
        results=materialise(engine, biomarkers.results(engine, laboratory), "immunosep_results"),
        coded=materialise(engine, exclusions.coded_topics(tables, codes), "immunosep_coded"),
        statuses=exclusions.code_statuses(charted),
        emergencies=_emergencies(tables),
        choices=choices,
    )


def _timed_hours(scored: ir.Table, stays: ir.Table) -> ir.Table:
    """One row per stay and hour: `at_s`, the end of the hour, and the score with its bounds."""
    timed = scored.join(stays.select("stay_id", "in_s"), "stay_id")
    return timed.mutate(
        at_s=timed.in_s + (timed.hr + 1) * HOUR_S,
        sofa_total=timed.sofa_24hours,
        sofa_lowest=timed.lowest,
        sofa_highest=timed.highest,
    )


def _emergencies(tables: MimicTables) -> ir.Table:
    """One row per admission: when the emergency department registered it, if it did."""
    admissions = tables.admissions
    return admissions.select(
        admission_id=admissions.hadm_id,
        emergency_s=seconds(admissions.edregtime),
        admitted_s=seconds(admissions.admittime),
    )


def _index(records: _Records, *, every_stay: bool) -> ir.Table:
    """One row per patient, or per stay: the stay, its suspicion, and the moment to look at."""
    stays = _stays(records)
    onsets = derive_onsets(_suspicions(records, stays), records.hours, rule=records.choices.onset)
    rows = stays.left_join(onsets, "stay_id").drop("stay_id_right")
    rows = rows.mutate(
        sofa_s=rows.sofa_s.coalesce(rows.first_day_s), moment_s=rows.suspected_s.coalesce(rows.in_s)
    )
    rows = rows.mutate(
        setting=rows.setting.coalesce(
            infection.derive_setting(rows.moment_s, rows.emergency_s, records.choices)
        )
    )
    if every_stay:
        return rows
    order = [rows.grade.coalesce(_NOT_SUSPECTED), rows.in_s, rows.stay_id]
    ranked = rows.mutate(rank=ibis.row_number().over(group_by="patient_id", order_by=order))
    return ranked.filter(ranked["rank"] == 0).drop("rank")


_NOT_SUSPECTED = 9  # after every grade of `derive_onsets`


def _stays(records: _Records) -> ir.Table:
    """One row per stay: SOFA on admission, and the end of its first day or of the stay."""
    hours = records.hours
    first_day = hours.filter(hours.hr < FIRST_DAY)
    scores = first_day.group_by("stay_id").agg(
        first_day_s=first_day.at_s.max(),
        day_total=first_day.sofa_total.argmax(first_day.at_s),
        day_highest=first_day.sofa_highest.argmax(first_day.at_s),
    )
    rows = records.events.stays.left_join(scores, "stay_id").drop("stay_id_right")
    emergency = records.emergencies.select("admission_id", "emergency_s")
    rows = rows.left_join(emergency, "admission_id").drop("admission_id_right")
    within_s = records.choices.admission_score_within_hours * HOUR_S
    on_admission = rows.in_s - rows.admitted_s <= within_s
    nothing = ibis.null("int64")
    return rows.mutate(
        admission_lowest=ibis.ifelse(on_admission, rows.day_total, nothing),
        admission_highest=ibis.ifelse(on_admission, rows.day_highest, nothing),
    ).drop("day_total", "day_highest")


def _suspicions(records: _Records, stays: ir.Table) -> ir.Table:
    """One row per stay and moment at which infection was suspected in its admission."""
    suspected = infection.suspected_infections(records.orders, records.cultures, records.choices)
    met = stays.join(suspected.drop("patient_id"), "admission_id")
    return met.select(
        "stay_id",
        "suspected_s",
        "admission_lowest",
        "admission_highest",
        setting=infection.derive_setting(met.suspected_s, met.emergency_s, records.choices),
    )


def _moments(records: _Records, index: ir.Table) -> ir.Table:
    """One row per row of the index: SOFA's inputs then, the ferritin, and when all was known."""
    rows = _with(index, _values_of_hour(index, records))
    rows = rows.mutate(
        known_s=ibis.greatest(
            rows.sofa_s, rows.suspected_s.coalesce(rows.sofa_s), rows.onset_s.coalesce(rows.sofa_s)
        )
    )
    rows = _with_ferritin(rows, records)
    return rows.mutate(
        assessed_s=ibis.greatest(rows.known_s, rows.ferritin_s.coalesce(rows.known_s))
    )


def _snapshot(records: _Records, moments: ir.Table) -> ir.Table:
    rows = _joined(moments, _features(moments, records))
    rows = rows.mutate(coded=rows.coded.coalesce(False), ordered=rows.ordered.coalesce(False))
    derived = _answers(rows, records.choices)
    columns = {
        column.name: derived.get(column.name, ibis.null(column.kind.engine_type))
        for column in BEDSIDE
    }
    typed = {column.name: columns[column.name].cast(column.kind.engine_type) for column in BEDSIDE}
    return rows.select("stay_id", "admission_id", **typed)


def _joined(rows: ir.Table, features: list[ir.Table]) -> ir.Table:
    """Every feature beside its stay, as one chain of joins: the engine plans it far faster."""
    chain = rows
    for number, feature in enumerate(features):
        keyed = feature.rename({f"key_{number}": "stay_id"})
        chain = chain.left_join(keyed, rows.stay_id == keyed[f"key_{number}"])
    return chain.drop(*(f"key_{number}" for number in range(len(features))))


def _with(rows: ir.Table, feature: ir.Table) -> ir.Table:
    return rows.left_join(feature, "stay_id").drop("stay_id_right")


def _values_of_hour(index: ir.Table, records: "_Records") -> ir.Table:
    """One row per stay: SOFA's inputs, the worst of the 24 hours up to the moment."""
    looked_at = index.select(hour_stay_id="stay_id", hour_s="sofa_s")
    hours = records.hours
    met = hours.join(
        looked_at, [hours.stay_id == looked_at.hour_stay_id, hours.at_s == looked_at.hour_s]
    )
    return derive_worst_inputs(records.rows, met.select("stay_id", "hr")).drop("hr")


def _with_ferritin(rows: ir.Table, records: _Records) -> ir.Table:
    moments = rows.select("stay_id", "patient_id", moment_s=rows.onset_s.coalesce(rows.known_s))
    near = biomarkers.value_near(
        biomarkers.ferritin(records.results), moments, biomarkers.ferritin_near(records.choices)
    )
    return _with(rows, near.select("stay_id", ferritin_ng_ml="value", ferritin_s="value_s"))


def _features(rows: ir.Table, records: _Records) -> list[ir.Table]:
    """One table of one row per stay for each thing the records tell."""
    choices, results = records.choices, records.results
    now = rows.select("stay_id", "patient_id", moment_s="assessed_s")
    counts = biomarkers.value_near(
        biomarkers.neutrophils(results), now, biomarkers.neutrophils_near(choices)
    )
    numbers = records.events.numbers
    weights = numbers.filter(numbers.variable == "weight_kg").select("patient_id", "at_s", "value")
    weight = biomarkers.value_near(weights, now, _WEIGHT)
    coded = exclusions.coded_admissions(records.tables)
    ordered = ordered_admissions(records.tables)
    return [
        counts.select("stay_id", neutrophils_per_mm3="value"),
        weight.select("stay_id", weight_kg="value"),
        biomarkers.highest_lactate(rows, results),
        biomarkers.pregnancy_tests(rows, results),
        infection.foci(rows, records.coded),
        infection.blood_cultures(rows, records.cultures, choices),
        infection.long_ventilated(rows, records.tables, choices),
        exclusions.diagnosed(rows, records.coded, records.emergencies),
        exclusions.code_status(rows, records.statuses),
        exclusions.drug_exposures(rows, records.orders, choices),
        steroids.corticosteroid_exposure(rows, records.orders, choices),
        rows.select("stay_id", "admission_id").join(coded, "admission_id").drop("admission_id"),
        rows.select("stay_id", "admission_id").join(ordered, "admission_id").drop("admission_id"),
    ]


_WEIGHT = biomarkers.Near(before_hours=30 * 24, after_hours=7 * 24, later_first=False)


def _answers(rows: ir.Table, choices: Choices) -> dict[str, ir.Value]:
    """Every column of the data dictionary that the records tell, from the columns gathered."""
    taken_over = (
        *("age_years", "sex", "weight_kg", "unit", "setting"),
        *("ferritin_ng_ml", "neutrophils_per_mm3"),
        *INPUTS,
    )
    coded = (*exclusions.CHRONIC, "covid_19")
    return (
        {name: rows[name] for name in taken_over}
        | {topic: exclusions.derive_topic(rows, topic, choices) for topic in coded}
        | {
            "patient_id": rows.patient_id.cast("string"),
            "infection": infection.derive_infection(rows, choices),
            "blood_culture_contaminant": infection.derive_contaminant(rows),
            "sofa_admission": ibis.ifelse(
                rows.admission_lowest == rows.admission_highest,
                rows.admission_lowest,
                ibis.null("int64"),
            ),
            "sofa_admission_lowest": rows.admission_lowest,
            "sofa_admission_highest": rows.admission_highest,
            "septic_shock": _septic_shock(rows),
            "sepsis_onset_at": rows.onset_s,
            "assessed_at": rows.assessed_s,
            "do_not_resuscitate": exclusions.derive_do_not_resuscitate(rows, choices),
            "active_tuberculosis_treatment": exclusions.derive_tuberculosis_treatment(
                rows, choices
            ),
            "prednisone_equivalent_mg_kg_day": steroids.derive_prednisone_mg_kg_day(rows, choices),
            "anti_cytokine_last_month": ibis.ifelse(
                rows.anti_cytokine.coalesce(False), True, ibis.null("boolean")
            ),
            "pregnant": exclusions.derive_pregnant(rows, choices),
            "lactating": exclusions.derive_lactating(rows),
        }
    )


def _septic_shock(rows: ir.Table) -> ir.BooleanValue:
    """A running vasopressor stands for adequate fluids and for a pressure that needs it."""
    doses = (
        rows.norepinephrine_ug_kg_min, rows.epinephrine_ug_kg_min, rows.dopamine_ug_kg_min
    )  # fmt: skip
    return septic_shock(
        sepsis_3=ibis.ifelse(rows.onset_s.notnull(), True, ibis.null("boolean")),
        vasopressor_for_map_65=vasopressor_given(*(dose.coalesce(0.0) for dose in doses)),
        lactate_mmol_l=rows.lactate_mmol_l,
        fluids_adequate=ibis.literal(True),
    )
