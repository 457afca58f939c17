"""Creatinine clearance (Cockcroft, Gault. Nephron 1976;16:31), worked to two decimals."""

from immunosep.concepts.cockcroft_gault import PATIENTS, derive_creatinine_clearance
from tests.spec.drawn import answers, rows

TABLE = rows("""
| age_years | weight_kg | creatinine_mg_dl | sex    | ml_min |
|-----------|-----------|------------------|--------|--------|
| 70        | 80        | 1.0              | male   | 77.78  |
| 70        | 80        | 1.0              | female | 66.11  |
| 65        | 70        | 1.4              | male   | 52.08  |
| 80        | 60        | 2.5              | female | 17.00  |
| 75        | 70        | 2.2              | male   | 28.72  |
| 50        | 100       | 3.9              | male   | 32.05  |
| 70        | 80        | 1.0              | -      | -      |
| 70        | -         | 1.0              | male   | -      |
| -         | 80        | 1.0              | male   | -      |
| 70        | 80        | -                | male   | -      |
| 70        | 80        | 0                | male   | -      |
""")


def to_two_decimals(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def test_cockcroft_gault():
    found = answers(derive_creatinine_clearance, TABLE, of=PATIENTS)
    cleared = [to_two_decimals(row["creatinine_clearance_ml_min"]) for row in found]
    assert cleared == [row["ml_min"] for row in TABLE]
