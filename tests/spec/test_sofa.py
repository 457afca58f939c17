"""SOFA as Vincent ICM 1996;22:707 and Singer JAMA 2016;315:801 tabulate it.

Respiration, coagulation, liver, cardiovascular, central nervous system and kidney score 0 to 4 each.
"""

from typing import Any

import pytest

from immunosep.concepts.snapshot import PATIENTS, derive_snapshot
from immunosep.concepts.sofa import COMPONENTS
from immunosep.tables.dictionary import COLUMNS
from immunosep.tables.units import conversion_factor
from tests.spec.drawn import Row, answers, rows

VECTORS = rows("""
| #  | pf    | support | pf_supported | pf_unsupported | plt | bili     | map  | dopa | dobu | epi  | norepi | norepi_min | gcs | creat      | urine | respiration | coagulation | liver | cardiovascular | cns | renal | total |
|----|-------|---------|--------------|----------------|-----|----------|------|------|------|------|--------|------------|-----|------------|-------|-------------|-------------|-------|----------------|-----|-------|-------|
| 1  | 450   | no      |              |                | 200 | 0.8      | 85   |      |      |      |        |            | 15  | 0.9        | 1800  | 0           | 0           | 0     | 0              | 0   | 0     | 0     |
| 2  | 400   | no      |              |                | 150 | 1.19     | 70   |      |      |      |        |            | 15  | 1.19       | 500   | 0           | 0           | 0     | 0              | 0   | 0     | 0     |
| 3  | 399.9 | no      |              |                | 149 | 1.2      | 69.9 |      |      |      |        |            | 14  | 1.2        | 1500  | 1           | 1           | 1     | 1              | 1   | 1     | 6     |
| 4  | 300   | yes     |              |                | 100 | 1.9      | 69   |      |      |      |        |            | 13  | 1.9        | 1500  | 1           | 1           | 1     | 1              | 1   | 1     | 6     |
| 5  | 299   | no      |              |                | 99  | 2.0      |      |      | 5    |      |        |            | 12  | 2.0        | 900   | 2           | 2           | 2     | 2              | 2   | 2     | 12    |
| 6  | 150   | no      |              |                | 180 | 1.0      | 80   |      |      |      |        |            | 15  | 1.0        | 1500  | 2           | 0           | 0     | 0              | 0   | 0     | 2     |
| 7  | 150   | yes     |              |                | 180 | 1.0      | 80   |      |      |      |        |            | 15  | 1.0        | 1500  | 3           | 0           | 0     | 0              | 0   | 0     | 3     |
| 8  | 99    | no      |              |                | 180 | 1.0      | 80   |      |      |      |        |            | 15  | 1.0        | 1500  | 2           | 0           | 0     | 0              | 0   | 0     | 2     |
| 9  | 99    | yes     |              |                | 180 | 1.0      | 80   |      |      |      |        |            | 15  | 1.0        | 1500  | 4           | 0           | 0     | 0              | 0   | 0     | 4     |
| 10 | 200   | yes     |              |                | 180 | 1.0      | 80   |      |      |      |        |            | 15  | 1.0        | 1500  | 2           | 0           | 0     | 0              | 0   | 0     | 2     |
| 11 | 100   | yes     |              |                | 180 | 1.0      | 80   |      |      |      |        |            | 15  | 1.0        | 1500  | 3           | 0           | 0     | 0              | 0   | 0     | 3     |
| 12 | 450   | no      |              |                | 200 | 0.8      |      | 5.0  |      |      |        |            | 15  | 0.9        | 1500  | 0           | 0           | 0     | 2              | 0   | 0     | 2     |
| 13 | 450   | no      |              |                | 200 | 0.8      |      | 5.1  |      |      |        |            | 15  | 0.9        | 1500  | 0           | 0           | 0     | 3              | 0   | 0     | 3     |
| 14 | 450   | no      |              |                | 200 | 0.8      |      | 15.0 |      |      |        |            | 15  | 0.9        | 1500  | 0           | 0           | 0     | 3              | 0   | 0     | 3     |
| 15 | 450   | no      |              |                | 200 | 0.8      |      | 15.1 |      |      |        |            | 15  | 0.9        | 1500  | 0           | 0           | 0     | 4              | 0   | 0     | 4     |
| 16 | 450   | no      |              |                | 200 | 0.8      | 60   |      | 2.5  |      |        |            | 15  | 0.9        | 1500  | 0           | 0           | 0     | 2              | 0   | 0     | 2     |
| 17 | 450   | no      |              |                | 200 | 0.8      |      |      |      |      | 0.10   |            | 15  | 0.9        | 1500  | 0           | 0           | 0     | 3              | 0   | 0     | 3     |
| 18 | 450   | no      |              |                | 200 | 0.8      |      |      |      |      | 0.11   |            | 15  | 0.9        | 1500  | 0           | 0           | 0     | 4              | 0   | 0     | 4     |
| 19 | 450   | no      |              |                | 200 | 0.8      |      |      |      | 0.05 | 0.08   |            | 15  | 0.9        | 1500  | 0           | 0           | 0     | 3              | 0   | 0     | 3     |
| 20 | 450   | no      |              |                | 200 | 0.8      | 72   |      |      |      | 0.3    | 40         | 15  | 0.9        | 1500  | 0           | 0           | 0     | 0              | 0   | 0     | 0     |
| 21 | 450   | no      |              |                | 20  | 0.8      | 85   |      |      |      |        |            | 15  | 0.9        | 1500  | 0           | 3           | 0     | 0              | 0   | 0     | 3     |
| 22 | 450   | no      |              |                | 19  | 0.8      | 85   |      |      |      |        |            | 15  | 0.9        | 1500  | 0           | 4           | 0     | 0              | 0   | 0     | 4     |
| 23 | 450   | no      |              |                | 200 | 12.0     | 85   |      |      |      |        |            | 15  | 0.9        | 1500  | 0           | 0           | 4     | 0              | 0   | 0     | 4     |
| 24 | 450   | no      |              |                | 200 | 5.95     | 85   |      |      |      |        |            | 15  | 0.9        | 1500  | 0           | 0           | 2     | 0              | 0   | 0     | 2     |
| 25 | 450   | no      |              |                | 200 | 0.8      | 85   |      |      |      |        |            | 15  | 1.0        | 499   | 0           | 0           | 0     | 0              | 0   | 3     | 3     |
| 26 | 450   | no      |              |                | 200 | 0.8      | 85   |      |      |      |        |            | 15  | 2.5        | 199   | 0           | 0           | 0     | 0              | 0   | 4     | 4     |
| 27 | 450   | no      |              |                | 200 | 0.8      | 85   |      |      |      |        |            | 15  | 5.0        | 1500  | 0           | 0           | 0     | 0              | 0   | 4     | 4     |
| 28 | 450   | no      |              |                | 200 | 0.8      | 85   |      |      |      |        |            | 9   | 0.9        | 1500  | 0           | 0           | 0     | 0              | 3   | 0     | 3     |
| 29 | 450   | no      |              |                | 200 | 0.8      | 85   |      |      |      |        |            | 6   | 0.9        | 1500  | 0           | 0           | 0     | 0              | 3   | 0     | 3     |
| 30 | 450   | no      |              |                | 200 | 0.8      | 85   |      |      |      |        |            | 5   | 0.9        | 1500  | 0           | 0           | 0     | 0              | 4   | 0     | 4     |
| 31 | 60    | yes     |              |                | 10  | 15       |      |      |      |      | 0.5    |            | 3   | 6          | 50    | 4           | 4           | 4     | 4              | 4   | 4     | 24    |
| 32 | 180   | yes     |              |                | 120 | 1.5      |      |      |      |      | 0.15   |            | 15  | 1.0        | 1400  | 3           | 1           | 1     | 4              | 0   | 0     | 9     |
| 33 |       |         |              |                | 90  |          | 65   |      |      |      |        |            | 14  | 2.1        |       | -           | 2           | -     | 1              | 1   | 2     | 6     |
| 34 | 220   | yes     |              |                | 80  | 3.0      |      |      |      |      | 0.08   |            | 10  | 1.1        | 30    | 2           | 2           | 2     | 3              | 2   | 4     | 15    |
| 35 |       |         | 120          | 68             | 200 | 0.8      | 85   |      |      |      |        |            | 15  | 0.9        | 1500  | 3           | 0           | 0     | 0              | 0   | 0     | 3     |
| 36 | 450   | no      |              |                | 200 | 33 umol/L | 85  |      |      |      |        |            | 15  | 171 umol/L | 1500  | 0           | 0           | 1     | 0              | 0   | 1     | 2     |
""")

BOUNDS = rows("""
| pf  | support | plt | bili | map | norepi | gcs | creat | urine | respiration | cardiovascular | renal | total | lowest | highest |
|-----|---------|-----|------|-----|--------|-----|-------|-------|-------------|----------------|-------|-------|--------|---------|
| 450 | no      | 200 | 0.8  | 85  |        | 15  | 0.9   | 1500  | 0           | 0              | 0     | 0     | 0      | 0       |
| 450 |         | 200 | 0.8  | 85  |        | 15  | 0.9   | 1500  | 0           | 0              | 0     | 0     | 0      | 0       |
| 150 |         | 200 | 0.8  | 85  |        | 15  | 0.9   | 1500  | 2           | 0              | 0     | 2     | 2      | 3       |
| 99  |         | 200 | 0.8  | 85  |        | 15  | 0.9   | 1500  | 2           | 0              | 0     | 2     | 2      | 4       |
|     | no      | 200 | 0.8  | 85  |        | 15  | 0.9   | 1500  | -           | 0              | 0     | 0     | 0      | 4       |
| 450 | no      | 200 | 0.8  |     |        | 15  | 0.9   | 1500  | 0           | -              | 0     | 0     | 0      | 4       |
| 450 | no      | 200 | 0.8  |     | 0      | 15  | 0.9   | 1500  | 0           | -              | 0     | 0     | 0      | 4       |
| 450 | no      | 200 | 0.8  | 85  |        | 15  |       | 450   | 0           | 0              | 3     | 3     | 3      | 3       |
| 450 | no      | 200 | 0.8  | 85  |        | 15  |       |       | 0           | 0              | -     | 0     | 0      | 4       |
|     |         | 90  |      | 65  |        | 14  | 2.1   |       | -           | 1              | 2     | 6     | 6      | 14      |
|     |         |     |      |     |        |     |       |       | -           | -              | -     | 0     | 0      | 24      |
""")

SHORT = {
    "pf": "pao2_mmhg",
    "support": "respiratory_support",
    "pf_supported": "pao2_fio2_supported_mmhg",
    "pf_unsupported": "pao2_fio2_unsupported_mmhg",
    "plt": "platelets_10e3_ul",
    "bili": "bilirubin_mg_dl",
    "map": "map_mmhg",
    "dopa": "dopamine_ug_kg_min",
    "dobu": "dobutamine_ug_kg_min",
    "epi": "epinephrine_ug_kg_min",
    "norepi": "norepinephrine_ug_kg_min",
    "norepi_min": "norepinephrine_minutes",
    "creat": "creatinine_mg_dl",
    "urine": "urine_ml_day",
}


def scored(drawn: list[Row]) -> list[Row]:
    return answers(derive_snapshot, [patient(row) for row in drawn], of=PATIENTS)


def patient(row: Row) -> Row:
    named = {SHORT.get(name, name): cell for name, cell in row.items()}
    return {"patient_id": "drawn", "fio2": 1} | {
        name: in_column_unit(name, cell) for name, cell in named.items()
    }


def in_column_unit(name: str, cell: Any) -> Any:
    """A cell drawn with its unit, such as `33 umol/L`, in the unit of its column."""
    if not isinstance(cell, str):
        return cell
    value, unit = cell.split()
    column = COLUMNS[name]
    factor = conversion_factor(unit, column.unit, umol_l_per_mg_dl=column.umol_l_per_mg_dl)
    return float(value) * factor


@pytest.mark.parametrize("part", [*COMPONENTS, "total"])
def test_sofa_of_the_worked_patients(part):
    expected = {row["#"]: row[part] for row in VECTORS}
    found = scored(VECTORS)
    assert dict(zip(expected, [row[f"sofa_{part}"] for row in found], strict=True)) == expected


def test_sofa_draws_every_worked_patient():
    assert [row["#"] for row in VECTORS] == list(range(1, 37))


@pytest.mark.parametrize(
    "part", ["respiration", "cardiovascular", "renal", "total", "lowest", "highest"]
)
def test_sofa_lies_between_bounds_where_parts_are_missing(part):
    assert [row[f"sofa_{part}"] for row in scored(BOUNDS)] == [row[part] for row in BOUNDS]


def test_sofa_entered_as_a_total_is_taken_as_it_is():
    [row] = answers(derive_snapshot, [{"patient_id": "a", "sofa": 7, "gcs": 3}], of=PATIENTS)
    assert (row["sofa_total"], row["sofa_lowest"], row["sofa_highest"]) == (7, 7, 7)


def test_sofa_micromoles_convert_before_scoring():
    assert in_column_unit("bilirubin_mg_dl", "33 umol/L") == pytest.approx(1.930, abs=0.001)
    assert in_column_unit("creatinine_mg_dl", "171 umol/L") == pytest.approx(1.934, abs=0.001)
