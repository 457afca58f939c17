"""Prednisone equivalence (Meikle & Tyler 1977): mg a day of a drug as prednisone per kg and day.

The last column is the dose per kilogram; ImmunoSep's limit is 0.4. A drug not in the table has none.
"""

from collections.abc import Mapping
from functools import partial

import ibis
import pytest
from ibis.expr import types as ir

from immunosep.concepts.prednisone import (
    BETAMETHASONE_0_75,
    DEXAMETHASONE_0_6,
    EQUAL_TO_5_MG_PREDNISONE,
    prednisone_equivalent_mg_kg_day,
)
from tests.spec.drawn import Row, answers, rows

DOSES = ibis.table({"drug": "string", "mg_day": "float64", "weight_kg": "float64"}, name="doses")

TAKEN = rows("""
| drug               | mg_day | weight_kg | mg_kg_day |
|--------------------|--------|-----------|-----------|
| prednisone         | 28     | 70        | 0.4       |
| prednisone         | 27.9   | 70        | 0.39857   |
| prednisolone       | 28     | 70        | 0.4       |
| hydrocortisone     | 200    | 70        | 0.71429   |
| hydrocortisone     | 200    | 125       | 0.4       |
| hydrocortisone     | 200    | 130       | 0.38462   |
| dexamethasone      | 6      | 80        | 0.5       |
| dexamethasone      | 6      | 100       | 0.4       |
| dexamethasone      | 6      | 101       | 0.39604   |
| methylprednisolone | 20     | 60        | 0.41667   |
| triamcinolone      | 20     | 50        | 0.5       |
| cortisone          | 25     | 50        | 0.1       |
| betamethasone      | 6      | 100       | 0.5       |
| fludrocortisone    | 0.1    | 70        | -         |
| prednisone         | -      | 70        | -         |
| prednisone         | 28     | -         | -         |
""")


def derive(doses: ir.Table, equivalence: Mapping[str, float]) -> ir.Table:
    answer = prednisone_equivalent_mg_kg_day(
        doses.drug, doses.mg_day, doses.weight_kg, equivalence=equivalence
    )
    return doses.select(mg_kg_day=answer)


def answered(drawn: list[Row], equivalence: Mapping[str, float]) -> list[float | None]:
    found = answers(partial(derive, equivalence=equivalence), drawn, of=DOSES)
    return [row["mg_kg_day"] for row in found]


def test_dose_as_prednisone_per_kilogram():
    expected = [
        None if row["mg_kg_day"] is None else pytest.approx(row["mg_kg_day"], abs=5e-6)
        for row in TAKEN
    ]

    assert answered(TAKEN, EQUAL_TO_5_MG_PREDNISONE) == expected


def test_dose_exactly_at_the_limit_is_not_below_it():
    at_limit = [row for row in TAKEN if row["mg_kg_day"] == 0.4]

    assert all(dose and dose >= 0.4 for dose in answered(at_limit, EQUAL_TO_5_MG_PREDNISONE))


def test_dexamethasone_counted_stronger_by_choice():
    dose = {"drug": "dexamethasone", "mg_day": 6.0, "weight_kg": 100.0}

    assert answered([dose], DEXAMETHASONE_0_6) == [0.5]


def test_betamethasone_counted_weaker_by_choice():
    dose = {"drug": "betamethasone", "mg_day": 6.0, "weight_kg": 100.0}

    assert answered([dose], BETAMETHASONE_0_75) == [0.4]
