"""Sepsis-3 on the MIMIC-IV demo against MIT-LCP/mimic-code, commit 8bcbd190, in every column."""

from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import csv

from immunosep.sources.mimic_iv.mimic_code_sepsis3 import read_sepsis3


@pytest.fixture(scope="module")
def golden(shared: Path) -> pa.Table:
    return csv.read_csv(shared / "golden" / "mimic-code-demo" / "sepsis3.csv")


@pytest.fixture(scope="module")
def ours(shared: Path) -> pa.Table:
    return read_sepsis3(shared / "data" / "mimic-iv-demo-2.2").to_pyarrow()


def test_sepsis3_has_the_columns_of_mimic_code(golden, ours):
    assert ours.column_names == golden.column_names


def test_sepsis3_equals_mimic_code_on_every_stay_it_publishes(golden, ours):
    by_stay = {row["stay_id"]: row for row in ours.cast(golden.schema).to_pylist()}

    assert [by_stay[row["stay_id"]] for row in golden.to_pylist()] == golden.to_pylist()


def test_sepsis3_is_found_in_as_many_stays_of_the_whole_demo(ours):
    assert ours.num_rows == 62  # mimic-code finds as many
