"""Corticosteroid exposure before an assessment on day 30: the highest of the last 15 days."""

from dataclasses import replace
from typing import Any

import ibis
import pyarrow as pa
import pytest

from immunosep.concepts.prednisone import DEXAMETHASONE_0_6
from immunosep.sources.mimic_iv.choices import DEFAULT, Choices
from immunosep.sources.mimic_iv.steroids import (
    corticosteroid_exposure,
    derive_prednisone_mg_kg_day,
)
from tests.invented_mimic_iv import answer, seconds

TODAY = 30
KILOGRAMS = 70.0


def exposure(
    *orders: dict[str, object],
    choices: Choices = DEFAULT,
    kg: float | None = KILOGRAMS,
    ordered: bool = True,
):
    """mg/kg a day of the one patient, assessed at noon of day 30, infection suspected at 10 h."""
    index = _table(
        [{"suspected_s": seconds(10, day=TODAY), "assessed_s": seconds(12, day=TODAY)}],
        {"stay_id": 1, "patient_id": 1},
        ("suspected_s", "assessed_s"),
    )
    taken = _table(
        list(orders),
        {"patient_id": 1, "drug_class": "corticosteroid"},
        ("drug", "start_s", "end_s", "dose_mg_day"),
    )
    found = index.left_join(corticosteroid_exposure(index, taken, choices), "stay_id")
    rows = found.mutate(weight_kg=ibis.literal(kg, "float64"), ordered=ibis.literal(ordered))
    (row,) = answer(rows.select(mg_kg=derive_prednisone_mg_kg_day(rows, choices)))
    return row["mg_kg"]


def _table(rows: list[dict[str, object]], same: dict[str, object], columns: tuple[str, ...]) -> Any:
    kinds = {"drug": pa.string(), "drug_class": pa.string(), "dose_mg_day": pa.float64()}
    names = (*same, *columns)
    schema = pa.schema([(name, kinds.get(name, pa.int64())) for name in names])
    return ibis.memtable(pa.Table.from_pylist([same | row for row in rows], schema=schema))


def prednisone(mg: float | None, first: int, last: int, drug: str = "prednisone"):
    start_s, end_s = seconds(8, day=first), seconds(20, day=last)
    return {"drug": drug, "start_s": start_s, "end_s": end_s, "dose_mg_day": mg}


@pytest.mark.parametrize(("last", "mg_kg"), [(15, 60 / 70), (14, 0)])
def test_dose_stopped_15_days_ago_counts_and_16_days_ago_does_not(last, mg_kg):
    assert exposure(prednisone(60, 1, last)) == pytest.approx(mg_kg)


def test_order_after_the_assessment_does_not_count():
    assert exposure(prednisone(60, TODAY + 1, TODAY + 2)) == 0


def test_highest_day_counts_not_the_sum_of_days():
    assert exposure(prednisone(28, 20, 24), prednisone(14, 25, 30)) == pytest.approx(0.4)


def test_two_orders_of_one_drug_on_one_day_count_as_the_stronger():
    assert exposure(prednisone(28, 20, 24), prednisone(14, 24, 30)) == pytest.approx(0.4)


def test_two_drugs_on_one_day_are_added():
    dexamethasone = prednisone(0.75, 24, 24, drug="dexamethasone")

    assert exposure(prednisone(28, 20, 24), dexamethasone) == pytest.approx(33 / 70)


@pytest.mark.parametrize(("first", "mg_kg"), [(30, 0), (29, 50 / 70)])
def test_hydrocortisone_for_the_index_episode_counts_by_choice_alone(first, mg_kg):
    shock = prednisone(200, first, TODAY, drug="hydrocortisone")
    counted = replace(DEFAULT, index_hydrocortisone_counts=True)

    assert exposure(shock) == pytest.approx(mg_kg)
    assert exposure(shock, choices=counted) == pytest.approx(50 / 70)


def test_dexamethasone_counts_stronger_by_choice():
    stronger = replace(DEFAULT, equal_to_5_mg_prednisone=DEXAMETHASONE_0_6)
    taken = prednisone(6, 24, 24, drug="dexamethasone")

    assert exposure(taken) == pytest.approx(40 / 70)
    assert exposure(taken, choices=stronger) == pytest.approx(50 / 70)


def test_unknown_dose_leaves_the_exposure_unknown():
    assert exposure(prednisone(None, 20, 24)) is None
    assert exposure(prednisone(None, 20, 24), prednisone(7, 20, 24)) is None


def test_unknown_weight_leaves_the_exposure_unknown():
    assert exposure(prednisone(28, 20, 24), kg=None) is None


def test_no_order_means_no_exposure_by_choice():
    unknown = replace(DEFAULT, no_order_means_not_given=False)

    assert exposure() == 0
    assert exposure(choices=unknown) is None


def test_admission_without_any_order_of_any_drug_leaves_the_exposure_unknown():
    assert exposure(ordered=False) is None
