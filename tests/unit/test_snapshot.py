"""The snapshot: what is derived for each patient, and what a rule may say of it."""

import copy

import ibis
import pytest

from immunosep.concepts.snapshot import (
    PATIENTS,
    SNAPSHOT,
    Snapshot,
    UnknownColumn,
    collecting_unknown_columns,
    derive_snapshot,
    snapshot,
)
from immunosep.tables.dictionary import COLUMNS, DERIVED
from tests.spec.drawn import Row, answers, rows

CLOCK = rows("""
| sepsis_onset_at | assessed_at | first_dose_at | hours_since_sepsis |
|-----------------|-------------|---------------|--------------------|
| 0               | 7200        |               | 2                  |
| 0               | 7200        | 259140        | 71.98333333333333  |
| 0               |             | 259200        | 72                 |
| 7200            | 3600        |               | -1                 |
|                 | 7200        | 259200        |                    |
| 0               |             |               |                    |
""")

OXYGEN = rows("""
| pao2_mmhg | fio2 | pao2_fio2_mmhg |
|-----------|------|----------------|
| 63        | 0.21 | 300            |
| 60        | 0.6  | 100            |
| 70        | 0.7  | 100            |
| 60        | -    | -              |
| -         | 0.6  | -              |
""")


def derived(given: list[Row]) -> list[Row]:
    return answers(derive_snapshot, [{"patient_id": "a"} | row for row in given], of=PATIENTS)


def test_snapshot_has_the_columns_of_the_dictionary_in_its_order():
    assert derive_snapshot(PATIENTS).schema() == SNAPSHOT.schema()
    assert SNAPSHOT.columns == tuple(COLUMNS)


def test_snapshot_keeps_one_row_a_patient_in_order():
    found = derived([{"patient_id": name} for name in ("c", "a", "b", "a")])
    assert [row["patient_id"] for row in found] == ["c", "a", "b", "a"]


def test_snapshot_keeps_what_was_given():
    given = {"patient_id": "a", "ferritin_ng_ml": 4421.0, "gcs": 14, "sex": "female"}
    [row] = derived([given])
    assert {name: row[name] for name in given} == given


def test_snapshot_of_nothing_known_derives_nothing():
    [row] = derived([{}])
    known = {column.name: row[column.name] for column in DERIVED if row[column.name] is not None}
    assert known == {"sofa_total": 0, "sofa_lowest": 0, "sofa_highest": 24}


def test_snapshot_counts_hours_to_the_dose_or_else_to_the_assessment():
    found = [row["hours_since_sepsis"] for row in derived(CLOCK)]
    assert found == [row["hours_since_sepsis"] for row in CLOCK]


def test_snapshot_keeps_an_oxygenation_ratio_exact_at_a_limit():
    found = [row["pao2_fio2_mmhg"] for row in derived(OXYGEN)]
    assert found == [row["pao2_fio2_mmhg"] for row in OXYGEN]


@pytest.mark.parametrize(
    ("given", "bounds"),
    [
        ({"sofa_admission": 5}, (5, 5)),
        ({"sofa_admission_lowest": 5, "sofa_admission_highest": 9}, (5, 9)),
        ({"sofa_admission": 7, "sofa_admission_lowest": 5, "sofa_admission_highest": 9}, (7, 7)),
        ({}, (None, None)),
    ],
)
def test_snapshot_bounds_sofa_on_admission_by_itself_where_it_is_known(given, bounds):
    [row] = derived([given])
    assert (row["sofa_admission_lowest"], row["sofa_admission_highest"]) == bounds


def test_snapshot_column_makes_a_rule():
    assert isinstance(snapshot.age_years >= 18, ibis.expr.types.BooleanValue)


def test_snapshot_column_misspelt_fails_at_once_and_names_the_nearest():
    with pytest.raises(AttributeError, match=r"no column 'age_yeers' .* The nearest is age_years"):
        _ = snapshot.age_yeers


def test_snapshot_column_unlike_any_other_says_where_to_look():
    with pytest.raises(AttributeError, match="List them with `immunosep variables`"):
        _ = snapshot.qqqq


def test_snapshot_columns_misspelt_are_collected_while_a_trial_loads():
    with collecting_unknown_columns() as problems:
        rule = ~((snapshot.age_yeers >= 18) & snapshot.hivv.isin([True]) | (1 + -snapshot.hivv < 2))
    assert isinstance(rule, UnknownColumn)
    assert [problem.split("'")[1] for problem in problems] == ["age_yeers", "hivv", "hivv"]


def test_snapshot_columns_misspelt_fail_again_after_collecting():
    with collecting_unknown_columns():
        _ = snapshot.hivv
    with pytest.raises(AttributeError):
        _ = snapshot.hivv


def test_snapshot_lists_its_columns_for_completion():
    assert dir(Snapshot()) == sorted(COLUMNS)


def test_snapshot_leaves_python_s_own_names_alone():
    assert isinstance(copy.copy(snapshot), Snapshot)
    with pytest.raises(AttributeError, match="__wrapped__"):
        _ = UnknownColumn().__wrapped__
