"""Suspected infection (Seymour JAMA 2016;315:762): antibiotic and culture close in time.

Each line is one patient with one antibiotic and one culture. Times are hours from midnight of day 0;
`culture` is when it was taken, or `-` when only its `day` is known. `suspected` is the hour from
which infection is suspected, `-` if it is not.
"""

import ibis
import pyarrow as pa
import pytest
from ibis.expr import types as ir

from immunosep.concepts.operations import check_operations
from immunosep.concepts.suspected_infection import (
    MIMIC_CODE,
    TRIAL,
    SuspicionRule,
    derive_suspicions,
)
from tests.spec.drawn import Row, rows

HOUR_S = 3600
DAY_S = 24 * HOUR_S

TIMED = rows("""
| antibiotic | culture | day | suspected |
|------------|---------|-----|-----------|
| 100        | 100     | 4   | 100       |
| 100        | 99      | 4   | 99        |
| 100        | 28      | 1   | 28        |
| 100        | 27      | 1   | -         |
| 100        | 101     | 4   | 100       |
| 100        | 124     | 5   | 100       |
| 100        | 125     | 5   | -         |
""")

DAY_ONLY = rows("""
| antibiotic | culture | day | suspected |
|------------|---------|-----|-----------|
| 100        | -       | 4   | 100       |
| 100        | -       | 5   | 100       |
| 100        | -       | 6   | -         |
| 100        | -       | 3   | 95.99972  |
| 100        | -       | 1   | 47.99972  |
| 100        | -       | 0   | -         |
""")

AS_MIMIC_CODE = rows("""
| antibiotic | culture | day | suspected |
|------------|---------|-----|-----------|
| 100        | 100     | 4   | -         |
| 100        | 99      | 4   | 99        |
| 100        | 28      | 1   | 28        |
| 100        | 27      | 1   | -         |
| 100        | 101     | 4   | 100       |
| 100        | 124     | 5   | 100       |
| 100        | 125     | 5   | -         |
| 100        | -       | 4   | 96        |
| 100        | -       | 5   | 100       |
| 100        | -       | 6   | -         |
| 100        | -       | 1   | 24        |
| 100        | -       | 0   | -         |
""")


def suspected_hours(drawn: list[Row], rule: SuspicionRule) -> list[float | None]:
    antibiotics = [
        {"patient_id": number, "antibiotic_s": _seconds(row["antibiotic"])}
        for number, row in enumerate(drawn)
    ]
    cultures = [
        {"patient_id": number, "taken_s": _seconds(row["culture"]), "day_s": row["day"] * DAY_S}
        for number, row in enumerate(drawn)
    ]
    found = _derive(antibiotics, cultures, rule=rule)
    hours = {row["patient_id"]: row["suspected_s"] / HOUR_S for row in found}
    return [hours.get(number) for number in range(len(drawn))]


def _seconds(hours: float | None) -> int | None:
    return None if hours is None else int(hours * HOUR_S)


def _derive(antibiotics: list[Row], cultures: list[Row], *, rule: SuspicionRule) -> list[Row]:
    engine = ibis.duckdb.connect()
    times = pa.schema([("patient_id", "int64"), ("taken_s", "int64"), ("day_s", "int64")])
    starts = engine.create_table("antibiotics", pa.Table.from_pylist(antibiotics))
    taken = engine.create_table("cultures", pa.Table.from_pylist(cultures, schema=times))
    found: ir.Table = derive_suspicions(starts, taken, rule=rule)
    answer: list[Row] = found.order_by("antibiotic_s").to_pyarrow().to_pylist()
    return answer


def expected(drawn: list[Row]) -> list[object]:
    hours = [row["suspected"] for row in drawn]
    return [None if hour is None else pytest.approx(hour, abs=1e-4) for hour in hours]


def test_suspicion_by_the_hour():
    assert suspected_hours(TIMED, TRIAL) == expected(TIMED)


def test_suspicion_by_the_day_of_a_culture_without_an_hour():
    assert suspected_hours(DAY_ONLY, TRIAL) == expected(DAY_ONLY)


def test_suspicion_as_mimic_code_counts():
    assert suspected_hours(AS_MIMIC_CODE, MIMIC_CODE) == expected(AS_MIMIC_CODE)


def one_antibiotic(cultures: list[Row]) -> list[Row]:
    return _derive([{"patient_id": 1, "antibiotic_s": 100 * HOUR_S}], cultures, rule=TRIAL)


def culture(hour: int) -> Row:
    return {"patient_id": 1, "taken_s": hour * HOUR_S, "day_s": hour // 24 * DAY_S}


def test_first_of_several_cultures_before_the_antibiotic_counts():
    (found,) = one_antibiotic([culture(90), culture(60), culture(110)])

    assert found["culture_s"] == 60 * HOUR_S


def test_culture_before_the_antibiotic_counts_before_one_after_it():
    (found,) = one_antibiotic([culture(101), culture(99)])

    assert (found["culture_s"], found["suspected_s"]) == (99 * HOUR_S, 99 * HOUR_S)


def test_culture_of_another_patient_makes_no_suspicion():
    assert one_antibiotic([culture(99) | {"patient_id": 2}]) == []


def test_antibiotic_without_a_time_makes_no_suspicion():
    starts: list[Row] = [
        {"patient_id": 1, "antibiotic_s": None},
        {"patient_id": 1, "antibiotic_s": 100 * HOUR_S},
    ]

    assert len(_derive(starts, [culture(99)], rule=TRIAL)) == 1


def test_suspicion_is_the_same_on_every_engine(engine):
    starts = pa.table({"patient_id": [1, 1], "antibiotic_s": [100 * HOUR_S, 300 * HOUR_S]})
    taken = pa.Table.from_pylist([culture(90), culture(60), culture(310)])
    bound = engine.table(starts, "antibiotics"), engine.table(taken, "cultures")
    found = engine.to_pyarrow(derive_suspicions(*bound).order_by("antibiotic_s")).to_pylist()

    assert [row["suspected_s"] // HOUR_S for row in found] == [60, 300]


def test_suspicion_uses_operations_every_engine_answers_alike():
    times = {"patient_id": "int64", "antibiotic_s": "int64"}
    taken = {"patient_id": "int64", "taken_s": "int64", "day_s": "int64"}
    question = derive_suspicions(ibis.table(times, name="a"), ibis.table(taken, name="c"))

    check_operations(question, name="suspected infection")
