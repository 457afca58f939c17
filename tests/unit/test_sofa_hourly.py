"""Hourly SOFA on invented patients: each row of the drawing is one event of the patient it names.

Minutes count from admission to the unit; every stay lasts 48 hours unless `STAYS` says otherwise.
All patients are scored at once, on each engine, and a test asks for its own.
"""

from collections.abc import Callable
from typing import Any

import ibis
import pyarrow as pa
import pytest

from immunosep.concepts.operations import check_operations
from immunosep.concepts.sofa import COMPONENTS
from immunosep.concepts.sofa_hourly import (
    derive_components,
    derive_hour_rows,
    derive_hourly_sofa,
    derive_worst_inputs,
)
from immunosep.concepts.sofa_profiles import MIMIC_CODE, TRIAL, Profile
from immunosep.tables.events import INFUSIONS, NUMBERS, STAYS, TEXTS, Events
from tests.spec.drawn import rows

ADMISSION_S = 7_000_000_020  # a date of MIMIC-IV, in 2191, not on the hour
EVENTS = rows("""
| patient         | variable                   | minute | until | specimen | value | code     |
|-----------------|----------------------------|--------|-------|----------|-------|----------|
| forty_minutes   | norepinephrine_ug_kg_min   | 60     | 100   |          | 0.3   |          |
| forty_minutes   | map_mmhg                   | 60     |       |          | 72    |          |
| an_hour         | norepinephrine_ug_kg_min   | 30     | 90    |          | 0.1   |          |
| adjacent        | norepinephrine_ug_kg_min   | 0      | 30    |          | 0.2   |          |
| adjacent        | norepinephrine_ug_kg_min   | 30     | 60    |          | 0.08  |          |
| interrupted     | norepinephrine_ug_kg_min   | 0      | 30    |          | 0.2   |          |
| interrupted     | norepinephrine_ug_kg_min   | 31     | 61    |          | 0.2   |          |
| two_pumps       | epinephrine_ug_kg_min      | 0      | 90    |          | 0.05  |          |
| two_pumps       | epinephrine_ug_kg_min      | 10     | 80    |          | 0.2   |          |
| peak            | epinephrine_ug_kg_min      | 0      | 60    |          | 0.05  |          |
| peak            | epinephrine_ug_kg_min      | 60     | 90    |          | 0.5   |          |
| peak            | epinephrine_ug_kg_min      | 90     | 120   |          | 0.05  |          |
| rate_zero       | norepinephrine_ug_kg_min   | 0      | 180   |          | 0     |          |
| two_drugs       | dopamine_ug_kg_min         | 0      | 60    |          | 5     |          |
| two_drugs       | dobutamine_ug_kg_min       | 60     | 120   |          | 2     |          |
| before_stay     | dopamine_ug_kg_min         | -90    | -30   |          | 20    |          |
| paired          | pao2_mmhg                  | 60     |       | 1        | 68    |          |
| paired          | fio2_percent               | 60     |       | 1        | 100   |          |
| paired          | pao2_mmhg                  | 300    |       | 2        | 120   |          |
| paired          | fio2_percent               | 300    |       | 2        | 100   |          |
| paired          | support_invasive           | 240    | 600   |          |       |          |
| just_before     | pao2_mmhg                  | 239    |       | 1        | 68    |          |
| just_before     | fio2_percent               | 239    |       | 1        | 100   |          |
| just_before     | support_non_invasive       | 240    | 600   |          |       |          |
| fio2_old        | pao2_mmhg                  | 300    |       | 1        | 80    |          |
| fio2_old        | fio2_percent               | 60     |       |          | 40    |          |
| fio2_too_old    | pao2_mmhg                  | 301    |       | 1        | 80    |          |
| fio2_too_old    | fio2_percent               | 60     |       |          | 40    |          |
| fio2_of_gas     | pao2_mmhg                  | 300    |       | 1        | 80    |          |
| fio2_of_gas     | fio2_percent               | 300    |       | 1        | 50    |          |
| fio2_of_gas     | fio2_percent               | 300    |       |          | 40    |          |
| exactly_100     | pao2_mmhg                  | 300    |       | 1        | 57    |          |
| exactly_100     | fio2_percent               | 300    |       | 1        | 57    |          |
| exactly_100     | respiratory_support        | 290    |       |          |       | high_flow|
| device_tie      | pao2_mmhg                  | 300    |       | 1        | 60    |          |
| device_tie      | fio2_percent               | 300    |       | 1        | 100   |          |
| device_tie      | respiratory_support        | 290    |       |          |       | none     |
| device_tie      | respiratory_support        | 290    |       |          |       | cpap     |
| device_changed  | pao2_mmhg                  | 300    |       | 1        | 60    |          |
| device_changed  | fio2_percent               | 300    |       | 1        | 100   |          |
| device_changed  | respiratory_support        | 200    |       |          |       | invasive |
| device_changed  | respiratory_support        | 290    |       |          |       | oxygen   |
| device_old      | pao2_mmhg                  | 721    |       | 1        | 60    |          |
| device_old      | fio2_percent               | 721    |       | 1        | 100   |          |
| device_old      | respiratory_support        | 0      |       |          |       | invasive |
| tube            | gcs                        | 10     |       |          | 14    |          |
| tube            | gcs                        | 70     |       |          | 9     |          |
| tube            | gcs_intubated              | 2000   |       |          |       |          |
| tube_on_arrival | gcs_intubated              | 10     |       |          |       |          |
| urine           | urine_ml                   | 30     |       |          | 100   |          |
| urine           | urine_ml                   | 500    |       |          | 100   |          |
| urine           | urine_ml                   | 1000   |       |          | 250   |          |
| urine           | urine_ml                   | 1430   |       |          | 30    |          |
| urine_gap       | urine_ml                   | 30     |       |          | 100   |          |
| urine_gap       | urine_ml                   | 1430   |       |          | 30    |          |
| irrigated       | urine_ml                   | 30     |       |          | 100   |          |
| irrigated       | urine_ml                   | 500    |       |          | -900  |          |
| irrigated       | urine_ml                   | 1000   |       |          | 100   |          |
| platelets       | platelets_10e3_ul          | 30     |       | 1        | 40    |          |
| platelets       | platelets_10e3_ul          | 30     |       | 2        | 90    |          |
| on_the_hour     | map_mmhg                   | 60     |       |          | 60    |          |
| day_before      | bilirubin_mg_dl            | -1380  |       | 1        | 2     |          |
| too_early       | bilirubin_mg_dl            | -1381  |       | 1        | 2     |          |
| still_there     | map_mmhg                   | 10     |       |          | 60    |          |
| nothing         | weight_kg                  | 10     |       |          | 80    |          |
""")
PATIENTS = {name: number for number, name in enumerate(dict.fromkeys(e["patient"] for e in EVENTS))}
STAYS_OF = {"still_there": None}  # not yet discharged: how long is not known


def _event(row: dict[str, Any]) -> dict[str, Any]:
    patient = PATIENTS[row["patient"]]
    at_s = ADMISSION_S + row["minute"] * 60
    return {
        "patient_id": patient,
        "admission_id": patient,
        "stay_id": patient,
        "specimen_id": row["specimen"] and 10 * patient + row["specimen"],
        "variable": row["variable"],
        "at_s": at_s,
        "start_s": at_s,
        "end_s": row["until"] and ADMISSION_S + row["until"] * 60,
        "value": row["value"],
        "rate": row["value"],
        "code": row["code"],
    }


def _stay(name: str) -> dict[str, Any]:
    patient = PATIENTS[name]
    out_s = STAYS_OF.get(name, ADMISSION_S + 48 * 3600)
    key = {"patient_id": patient, "admission_id": patient, "stay_id": patient}
    return key | {"in_s": ADMISSION_S, "out_s": out_s}


def _load(engine: Any, of: ibis.Table, drawn: list[dict[str, Any]]) -> ibis.Table:
    schema = of.schema().to_pyarrow()
    found = [{name: row.get(name) for name in schema.names} for row in drawn]
    return engine.table(pa.Table.from_pylist(found, schema=schema), of.get_name())


@pytest.fixture
def events(engine: Any) -> Events:
    drawn = [_event(row) for row in EVENTS]
    return Events(
        stays=_load(engine, STAYS, [_stay(name) for name in PATIENTS]),
        numbers=_load(engine, NUMBERS, [e for e in drawn if not e["end_s"] and not e["code"]]),
        texts=_load(engine, TEXTS, [e for e in drawn if e["code"]]),
        infusions=_load(engine, INFUSIONS, [e for e in drawn if e["end_s"]]),
    )


Scores = Callable[[str, int], dict[str, Any]]


def _scored(engine: Any, events: Events, profile: Profile) -> Scores:
    """Ask for a patient's hour: components, total, and the worst inputs where any is known."""
    rows = derive_hour_rows(events, profile)
    hours = derive_hourly_sofa(rows, events.stays, profile)
    found = {_key(row): row for row in engine.to_pyarrow(hours).to_pylist()}
    for row in engine.to_pyarrow(derive_worst_inputs(rows, hours)).to_pylist():
        found[_key(row)] |= row
    return lambda patient, hr: found[PATIENTS[patient], hr]


def _key(row: dict[str, Any]) -> tuple[int, int]:
    return row["stay_id"], row["hr"]


def test_trial_scores_every_scenario(engine, events):
    score = _scored(engine, events, TRIAL)
    wrong = [
        (case["patient"], case["hr"], case["column"], case["is"], found)
        for case in EXPECTED
        if (found := score(case["patient"], case["hr"]).get(case["column"])) != case["is"]
    ]

    assert wrong == []


EXPECTED = rows("""
| patient         | hr | column                     | is   |
|-----------------|----|----------------------------|------|
| forty_minutes   | 2  | cardiovascular_24hours     | 0    |
| forty_minutes   | 2  | norepinephrine_ug_kg_min   | -    |
| an_hour         | 0  | cardiovascular_24hours     | -    |
| an_hour         | 1  | cardiovascular_24hours     | 3    |
| an_hour         | 24 | cardiovascular_24hours     | 3    |
| an_hour         | 25 | cardiovascular_24hours     | -    |
| adjacent        | 1  | norepinephrine_ug_kg_min   | 0.08 |
| interrupted     | 2  | norepinephrine_ug_kg_min   | -    |
| two_pumps       | 1  | epinephrine_ug_kg_min      | 0.2  |
| peak            | 2  | epinephrine_ug_kg_min      | 0.05 |
| peak            | 2  | cardiovascular_24hours     | 3    |
| rate_zero       | 2  | norepinephrine_ug_kg_min   | 0    |
| rate_zero       | 2  | cardiovascular_24hours     | -    |
| two_drugs       | 1  | cardiovascular_24hours     | 2    |
| before_stay     | 0  | cardiovascular_24hours     | 4    |
| before_stay     | 23 | cardiovascular_24hours     | -    |
| paired          | 1  | respiration_24hours        | 2    |
| paired          | 5  | respiration_24hours        | 3    |
| paired          | 5  | pao2_fio2_supported_mmhg   | 120  |
| paired          | 5  | pao2_fio2_unsupported_mmhg | 68   |
| just_before     | 4  | respiration_24hours        | 2    |
| fio2_old        | 5  | pao2_fio2_unsupported_mmhg | 200  |
| fio2_too_old    | 5  | respiration_24hours        | -    |
| fio2_of_gas     | 5  | pao2_fio2_unsupported_mmhg | 160  |
| exactly_100     | 5  | respiration_24hours        | 3    |
| device_tie      | 5  | respiration_24hours        | 4    |
| device_changed  | 5  | respiration_24hours        | 2    |
| device_old      | 12 | respiration_24hours        | 2    |
| tube            | 0  | cns_24hours                | 1    |
| tube            | 1  | cns_24hours                | 3    |
| tube            | 30 | cns_24hours                | -    |
| tube            | 33 | cns_24hours                | 3    |
| tube            | 33 | gcs                        | 9    |
| tube_on_arrival | 0  | cns_24hours                | -    |
| urine           | 22 | urine_ml_day               | 450  |
| urine           | 23 | urine_ml_day               | 480  |
| urine           | 23 | renal_24hours              | 3    |
| urine           | 25 | urine_ml_day               | 380  |
| urine_gap       | 23 | renal_24hours              | -    |
| irrigated       | 23 | renal_24hours              | -    |
| platelets       | 0  | coagulation_24hours        | 3    |
| platelets       | 23 | coagulation_24hours        | 3    |
| platelets       | 24 | coagulation_24hours        | -    |
| on_the_hour     | 0  | cardiovascular_24hours     | -    |
| on_the_hour     | 1  | cardiovascular_24hours     | 1    |
| day_before      | 0  | liver_24hours              | 2    |
| day_before      | 1  | liver_24hours              | -    |
| too_early       | 0  | liver_24hours              | -    |
| still_there     | 0  | cardiovascular_24hours     | 1    |
| nothing         | 0  | sofa_24hours               | 0    |
| nothing         | 0  | lowest                     | 0    |
| nothing         | 0  | highest                    | 24   |
| nothing         | 0  | missing                    | 6    |
| platelets       | 0  | lowest                     | 3    |
| platelets       | 0  | highest                    | 23   |
| platelets       | 0  | missing                    | 5    |
""")


def test_mimic_code_reads_the_same_events_its_own_way(engine, events):
    score = _scored(engine, events, MIMIC_CODE)

    # A rate at the hour's end counts, however short the infusion; and a rate of 0 scores 3.
    assert score("an_hour", 0)["cardiovascular_24hours"] == 3
    assert score("interrupted", 0)["norepinephrine_ug_kg_min"] == 0.2
    assert score("rate_zero", 0)["cardiovascular_24hours"] == 3
    # An event at the stroke of the hour belongs to the hour it ends; missing is normal.
    assert score("on_the_hour", 0)["cardiovascular_24hours"] == 1
    assert score("nothing", 0)["respiration_24hours"] == 0
    # No device counts as support.
    assert score("device_tie", 5)["respiration_24hours"] == 2


def test_a_stay_has_every_hour_from_its_first(engine, events):
    rows = derive_hour_rows(events, TRIAL)
    hours = derive_hourly_sofa(rows, events.stays, TRIAL).select("stay_id", "hr")
    found = engine.to_pyarrow(hours).to_pylist()
    of = {name: [row["hr"] for row in found if row["stay_id"] == i] for name, i in PATIENTS.items()}

    assert sorted(of["nothing"]) == list(range(48))
    assert of["still_there"] == [0]


def test_the_worst_inputs_of_24_hours_score_as_their_hours_do(engine, events):
    rows = derive_hour_rows(events, TRIAL)
    hours = derive_hourly_sofa(rows, events.stays, TRIAL)
    worst = derive_worst_inputs(rows, hours)
    again = worst.select("stay_id", "hr", **derive_components(worst, TRIAL))

    expected = {_key(row): row for row in engine.to_pyarrow(hours).to_pylist()}
    differ = [
        row
        for row in engine.to_pyarrow(again).to_pylist()
        if any(row[name] != expected[_key(row)][f"{name}_24hours"] for name in COMPONENTS)
    ]
    assert differ == []


@pytest.mark.parametrize("profile", [TRIAL, MIMIC_CODE], ids=lambda profile: profile.name)
def test_hourly_sofa_keeps_to_the_operations_every_engine_answers_alike(profile):
    events = Events(stays=STAYS, numbers=NUMBERS, texts=TEXTS, infusions=INFUSIONS)
    rows = derive_hour_rows(events, profile)
    hours = derive_hourly_sofa(rows, STAYS, profile)

    check_operations(hours, name="hourly SOFA")
    check_operations(derive_worst_inputs(rows, hours), name="worst inputs")
