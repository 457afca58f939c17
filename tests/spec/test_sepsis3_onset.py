"""When a stay first met Sepsis-3 (Singer JAMA 2016;315:801): suspicion and organ dysfunction.

Each stay has one suspicion at hour 100. A line is one hour of it: `lowest` and `highest` bound its
SOFA. Dysfunction counts from 48 hours before the suspicion to 24 hours after.
"""

import ibis
import pyarrow as pa
import pytest
from ibis.expr import types as ir

from immunosep.concepts.operations import check_operations
from immunosep.concepts.sepsis3_hourly import TRIAL, OnsetRule, derive_onsets
from tests.spec.drawn import Row, rows

HOUR_S = 3600
SUSPECTED = 100

HOURS = rows("""
| stay | setting              | admission | hour | lowest | highest |
|------|----------------------|-----------|------|--------|---------|
| 1    | emergency_department | -         | 51   | 9      | 9       |
| 1    | emergency_department | -         | 104  | 1      | 1       |
| 1    | emergency_department | -         | 105  | 2      | 6       |
| 1    | emergency_department | -         | 106  | 5      | 5       |
| 2    | emergency_department | -         | 52   | 2      | 2       |
| 2    | emergency_department | -         | 98   | 3      | 3       |
| 2    | emergency_department | -         | 110  | 8      | 8       |
| 3    | emergency_department | -         | 125  | 9      | 9       |
| 4    | hospitalised         | 5         | 101  | 6      | 6       |
| 4    | hospitalised         | 5         | 103  | 7      | 9       |
| 5    | hospitalised         | -         | 102  | 7      | 7       |
| 6    | emergency_department | -         | 101  | 0      | 4       |
| 6    | emergency_department | -         | 102  | 1      | 9       |
""")

ONSETS = rows("""
| stay | grade | looked_at | onset |
|------|-------|-----------|-------|
| 1    | 0     | 105       | 105   |
| 2    | 0     | 98        | 100   |
| 4    | 0     | 103       | 103   |
| 5    | 1     | 102       | -     |
| 6    | 2     | 102       | -     |
""")


def onsets(drawn: list[Row], rule: OnsetRule = TRIAL) -> list[Row]:
    engine = ibis.duckdb.connect()
    suspicions, hours = (engine.create_table(n, t) for n, t in _tables(drawn).items())
    question = _question(suspicions, hours, rule)
    return [
        {
            "stay": row["stay_id"],
            "grade": row["grade"],
            "looked_at": _hour(row["sofa_s"]),
            "onset": _hour(row["onset_s"]),
        }
        for row in question.to_pyarrow().to_pylist()
    ]


def _question(suspicions: ir.Table, hours: ir.Table, rule: OnsetRule) -> ir.Table:
    return derive_onsets(suspicions, hours, rule=rule).order_by("stay_id")


def _tables(drawn: list[Row]) -> dict[str, pa.Table]:
    suspicions = {
        row["stay"]: {
            "stay_id": row["stay"],
            "suspected_s": SUSPECTED * HOUR_S,
            "setting": row["setting"],
            "admission_lowest": row["admission"],
            "admission_highest": row["admission"],
        }
        for row in drawn
    }
    hours = [
        {
            "stay_id": row["stay"],
            "at_s": row["hour"] * HOUR_S,
            "sofa_total": row["lowest"],
            "sofa_lowest": row["lowest"],
            "sofa_highest": row["highest"],
        }
        for row in drawn
    ]
    whole = {"admission_lowest": pa.int64(), "admission_highest": pa.int64()}
    kinds = {"stay_id": pa.int64(), "suspected_s": pa.int64(), "setting": pa.string()} | whole
    listed = list(suspicions.values())
    return {
        "suspicions": pa.Table.from_pylist(listed, schema=pa.schema(list(kinds.items()))),
        "hours": pa.Table.from_pylist(hours),
    }


def _hour(seconds: int | None) -> int | None:
    return None if seconds is None else seconds // HOUR_S


def test_onset_is_when_both_are_known_and_certain():
    assert onsets(HOURS) == ONSETS


def test_onset_with_missing_parts_as_normal_by_choice():
    (found,) = [row for row in onsets(HOURS, OnsetRule(missing_as_normal=True)) if row["stay"] == 5]

    assert found["onset"] == 102


def test_onset_at_the_hour_of_dysfunction_by_choice():
    rule = OnsetRule(onset_is_later_of_both=False)
    (found,) = [row for row in onsets(HOURS, rule) if row["stay"] == 2]

    assert (found["looked_at"], found["onset"]) == (52, 52)


def test_onset_is_the_same_on_every_engine(engine):
    suspicions, hours = (engine.table(given, name) for name, given in _tables(HOURS).items())
    found = engine.to_pyarrow(_question(suspicions, hours, TRIAL)).to_pylist()

    assert [_hour(row["onset_s"]) for row in found] == [row["onset"] for row in ONSETS]


@pytest.mark.parametrize("missing_as_normal", [False, True])
def test_onset_uses_operations_every_engine_answers_alike(missing_as_normal):
    tables = {name: ibis.table(t.schema, name=name) for name, t in _tables(HOURS).items()}

    question = derive_onsets(*tables.values(), rule=OnsetRule(missing_as_normal))
    check_operations(question, name="onset")
