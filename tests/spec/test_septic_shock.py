"""Septic shock (Singer JAMA 2016;315:801): sepsis, a vasopressor for MAP >= 65, lactate > 2 mmol/L.

`yes` it is, `no` it is not, `-` unknown: what is missing could still decide.
"""

import ibis
from ibis.expr import types as ir

from immunosep.concepts.septic_shock import septic_shock, vasopressor_given
from tests.spec.drawn import answers, rows

PATIENTS = ibis.table(
    {
        "sepsis": "boolean",
        "vasopressor": "boolean",
        "lactate": "float64",
        "fluids": "boolean",
    },
    name="patients",
)

SHOCK = rows("""
| sepsis | vasopressor | lactate | fluids | shock |
|--------|-------------|---------|--------|-------|
| yes    | yes         | 2.1     | yes    | yes   |
| yes    | yes         | 2.0     | yes    | no    |
| yes    | no          | 8.0     | yes    | no    |
| no     | yes         | 8.0     | yes    | no    |
| yes    | yes         | 8.0     | no     | no    |
| yes    | yes         | -       | yes    | -     |
| yes    | no          | -       | yes    | no    |
| -      | yes         | 3.0     | yes    | -     |
| -      | yes         | 1.0     | yes    | no    |
| yes    | yes         | 3.0     | -      | -     |
""")

DOSES = rows("""
| norepinephrine | epinephrine | given |
|----------------|-------------|-------|
| 0.1            | 0           | yes   |
| 0              | 0           | no    |
| 0.1            | -           | yes   |
| 0              | -           | -     |
| -              | -           | -     |
""")


def derive(patients: ir.Table) -> ir.Table:
    shock = septic_shock(
        sepsis_3=patients.sepsis,
        vasopressor_for_map_65=patients.vasopressor,
        lactate_mmol_l=patients.lactate,
        fluids_adequate=patients.fluids,
    )
    return patients.select(shock=shock)


def given(doses: ir.Table) -> ir.Table:
    return doses.select(given=vasopressor_given(doses.norepinephrine, doses.epinephrine))


def test_septic_shock_by_its_four_parts():
    assert answers(derive, SHOCK, of=PATIENTS) == [{"shock": row["shock"]} for row in SHOCK]


def test_vasopressor_given_at_any_dose_above_zero():
    table = ibis.table({"norepinephrine": "float64", "epinephrine": "float64"}, name="doses")

    assert answers(given, DOSES, of=table) == [{"given": row["given"]} for row in DOSES]
