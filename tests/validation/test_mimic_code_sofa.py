"""Hourly SOFA on the MIMIC-IV demo against MIT-LCP/mimic-code, commit 8bcbd190, in every column."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyarrow import parquet

from immunosep.concepts.sofa_profiles import MIMIC_CODE
from immunosep.sources.mimic_iv.hourly import PUBLISHED_INPUTS, hourly_sofa

KEY = [("stay_id", "ascending"), ("hr", "ascending")]
SCORES = ("respiration", "coagulation", "liver", "cardiovascular", "cns", "renal")
TOTALS = ("sofa_24hours", *(f"{name}_24hours" for name in SCORES))
TOLERANCE = 1e-6  # mimic-code keeps charted numbers and rates in 32 bits


@pytest.fixture(scope="module")
def golden(shared: Path) -> pa.Table:
    rows = parquet.read_table(shared / "golden" / "mimic-code-demo" / "sofa.parquet")
    return rows.sort_by(KEY)


@pytest.fixture(scope="module")
def whole(shared: Path) -> pa.Table:
    return hourly_sofa(shared / "data" / "mimic-iv-demo-2.2", profile=MIMIC_CODE).to_pyarrow()


@pytest.fixture(scope="module")
def ours(golden: pa.Table, whole: pa.Table) -> pa.Table:
    published = pc.is_in(whole["stay_id"], pc.unique(golden["stay_id"]).cast("int64"))
    return whole.filter(published).sort_by(KEY)


def test_hours_are_those_of_mimic_code(golden, ours):
    assert ours.column_names == golden.column_names
    assert ours["stay_id"].to_pylist() == golden["stay_id"].to_pylist()
    assert ours["hr"].to_pylist() == golden["hr"].to_pylist()


@pytest.mark.parametrize("column", ["starttime", "endtime", *SCORES, *TOTALS])
def test_score_equals_mimic_code_in_every_hour(golden, ours, column):
    assert ours[column].to_pylist() == golden[column].to_pylist()


@pytest.mark.parametrize("column", PUBLISHED_INPUTS)
def test_input_equals_mimic_code_in_every_hour(golden, ours, column):
    expected, found = golden[column].cast("float64"), ours[column]

    assert found.is_null().to_pylist() == expected.is_null().to_pylist()
    assert pc.max(pc.abs(pc.subtract(found, expected))).as_py() <= TOLERANCE


def test_every_stay_of_the_demo_is_scored(whole):
    assert (whole.num_rows, pc.count_distinct(whole["stay_id"]).as_py()) == (12_209, 140)
