"""Points of APACHE II for age (Knaus Crit Care Med 1985;13:818). `-`: unknown."""

import ibis
from ibis.expr import types as ir

from immunosep.concepts.apache_ii import apache_ii_age_points
from tests.spec.drawn import answers, rows

PATIENTS = ibis.table({"age": "float64"}, name="patients")

AGES = rows("""
| age | points |
|-----|--------|
| 18  | 0      |
| 44  | 0      |
| 45  | 2      |
| 54  | 2      |
| 55  | 3      |
| 64  | 3      |
| 65  | 5      |
| 74  | 5      |
| 75  | 6      |
| 97  | 6      |
| -   | -      |
""")


def derive(patients: ir.Table) -> ir.Table:
    return patients.select(points=apache_ii_age_points(patients.age))


def test_points_for_age_at_each_border():
    assert answers(derive, AGES, of=PATIENTS) == [{"points": row["points"]} for row in AGES]
