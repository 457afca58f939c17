"""MIMIC-IV as snapshots: one row per patient at the moment a trial would have looked at them.

Of a patient's stays the earliest with Sepsis-3 is taken, else the earliest in which Sepsis-3 holds
with missing parts taken as normal, else the earliest with a suspected infection, else the first.
The moment is the hour Sepsis-3 is first met, or the ferritin drawn after it. What the records
cannot tell, such as consent or HLA-DR, is NULL. Every choice has a name in `choices`.
"""

from pathlib import Path

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr import types as ir

from immunosep.concepts.septic_shock import septic_shock, vasopressor_given
from immunosep.concepts.sofa_hourly import INPUTS, derive_worst_inputs
from immunosep.sources.extract import connect, materialise
from immunosep.sources.mimic_iv import biomarkers, exclusions, infection, steroids
from immunosep.sources.mimic_iv.choices import DEFAULT, Choices
from immunosep.sources.mimic_iv.index import derive_index
from immunosep.sources.mimic_iv.medication import ordered_admissions
from immunosep.sources.mimic_iv.records import Records, read_records
from immunosep.sources.mimic_iv.tables import read_tables
from immunosep.tables.dictionary import BEDSIDE


def read_snapshot(
    folder: str | Path,
    *,
    connection: Backend | None = None,
    every_stay: bool = False,
    choices: Choices = DEFAULT,
) -> ir.Table:
    """One row per patient, or per stay: the data dictionary's columns, stay_id, admission_id."""
    engine = connection or connect()
    records = read_records(engine, read_tables(engine, folder), choices)
    index = materialise(engine, derive_index(records, every_stay=every_stay), "immunosep_index")
    moments = materialise(engine, _moments(records, index), "immunosep_moments")
    return materialise(engine, _snapshot(records, moments), "immunosep_snapshot")


def _moments(records: Records, index: ir.Table) -> ir.Table:
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


def _snapshot(records: Records, moments: ir.Table) -> ir.Table:
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


def _values_of_hour(index: ir.Table, records: Records) -> ir.Table:
    """One row per stay: SOFA's inputs, the worst of the 24 hours up to the moment."""
    looked_at = index.select(hour_stay_id="stay_id", hour_s="sofa_s")
    hours = records.hours
    met = hours.join(
        looked_at, [hours.stay_id == looked_at.hour_stay_id, hours.at_s == looked_at.hour_s]
    )
    return derive_worst_inputs(records.rows, met.select("stay_id", "hr")).drop("hr")


def _with_ferritin(rows: ir.Table, records: Records) -> ir.Table:
    moments = rows.select("stay_id", "patient_id", moment_s=rows.onset_s.coalesce(rows.known_s))
    near = biomarkers.value_near(
        biomarkers.ferritin(records.results), moments, biomarkers.ferritin_near(records.choices)
    )
    return _with(rows, near.select("stay_id", ferritin_ng_ml="value", ferritin_s="value_s"))


def _features(rows: ir.Table, records: Records) -> list[ir.Table]:
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
        *("age_years", "calendar_year", "sex", "weight_kg", "unit", "setting"),
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
