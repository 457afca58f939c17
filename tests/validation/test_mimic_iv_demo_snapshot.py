"""The snapshot of the MIMIC-IV demo: whole, and at one with itself."""

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from immunosep.concepts.sepsis3 import sepsis_3
from immunosep.concepts.snapshot import derive_snapshot
from immunosep.sources.mimic_iv.snapshot import read_snapshot


@pytest.fixture(scope="module")
def stays(shared: Path) -> pa.Table:
    snapshot = derive_snapshot(
        read_snapshot(shared / "data" / "mimic-iv-demo-2.2", every_stay=True)
    )
    return snapshot.mutate(holds=_holds(snapshot)).to_pyarrow()


def _holds(snapshot: Any) -> Any:
    return sepsis_3(
        setting=snapshot.setting,
        sofa_lowest=snapshot.sofa_lowest,
        sofa_highest=snapshot.sofa_highest,
        admission_lowest=snapshot.sofa_admission_lowest,
        admission_highest=snapshot.sofa_admission_highest,
    )


def test_every_stay_of_the_demo_has_one_row(stays):
    assert stays.num_rows == 140


def test_sepsis_holds_by_the_values_of_the_hour_it_is_said_to_begin(stays):
    rows = stays.to_pylist()

    assert {row["holds"] for row in rows if row["sepsis_onset_at"] is not None} == {True}


def test_assessment_is_never_before_the_onset(stays):
    rows = [row for row in stays.to_pylist() if row["sepsis_onset_at"] is not None]

    assert all(row["assessed_at"] >= row["sepsis_onset_at"] for row in rows)


def test_infections_named_are_many_kinds(stays):
    named = Counter(row["infection"] for row in stays.to_pylist())

    assert {"community_acquired_pneumonia", "ventilator_associated_pneumonia", "skin"} <= set(named)
