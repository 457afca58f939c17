"""HScore (Fardet Arthritis Rheumatol 2014;66:2613): likely from 169 points."""

import pytest

from immunosep.concepts.hscore import MOST, PATIENTS, derive_hscore
from tests.spec.drawn import Row, answers, rows

WORKED = rows("""
| is  | temp | liver | spleen | hb | wbc  | plt | ferritin | tg  | fibrinogen | ast | marrow | immunosuppression | temperature | organomegaly | cytopenias | p_ferritin | triglycerides | p_fibrinogen | p_ast | haemophagocytosis | hscore | likely |
|-----|------|-------|--------|----|------|-----|----------|-----|------------|-----|--------|-------------------|-------------|--------------|------------|------------|---------------|--------------|-------|-------------------|--------|--------|
| no  | 39.0 | no    | no     | 9  | 8000 | 200 | 4500     | 1.8 | 4.0        | 60  | no     | 0                 | 33          | 0            | 0          | 35         | 44            | 0            | 19    | 0                 | 131    | no     |
| yes | 39.5 | yes   | yes    | 9  | 4000 | 200 | 7000     | 2.0 | 2.0        | 100 | no     | 18                | 49          | 38           | 24         | 50         | 44            | 30           | 19    | 0                 | 272    | yes    |
| no  | 38.4 | no    | no     | 12 | 8000 | 200 | 2000     | 1.5 | 2.5        | 30  | no     | 0                 | 33          | 0            | 0          | 35         | 44            | 30           | 19    | 0                 | 161    | no     |
| no  | 38.3 | no    | no     | 12 | 8000 | 200 | 1999     | 1.4 | 2.6        | 29  | no     | 0                 | 0           | 0            | 0          | 0          | 0             | 0            | 0     | 0                 | 0      | no     |
| yes | 39.5 | yes   | yes    | 9  | 4000 | 100 | 6001     | 4.1 | 2.5        | 30  | yes    | 18                | 49          | 38           | 34         | 50         | 64            | 30           | 19    | 35                | 337    | yes    |
| no  | 39.4 | no    | yes    | 9.2| 5000 | 110 | 6000     | 4.0 | 2.6        | 29  | no     | 0                 | 33          | 23           | 34         | 35         | 44            | 0            | 0     | 0                 | 169    | yes    |
| no  | 39.4 | yes   | no     | 9.3| 5000 | 110 | 6000     | 4.0 | 2.6        | 29  | no     | 0                 | 33          | 23           | 24         | 35         | 44            | 0            | 0     | 0                 | 159    | no     |
| no  | 39.4 | yes   | no     | 9.3| 5001 | 110 | 6000     | 4.0 | 2.6        | 29  | no     | 0                 | 33          | 23           | 0          | 35         | 44            | 0            | 0     | 0                 | 135    | no     |
""")

MISSING = rows("""
| is  | temp | liver | spleen | hb | wbc  | plt | ferritin | tg  | fibrinogen | ast | marrow | organomegaly | cytopenias | hscore | lowest | highest | likely |
|-----|------|-------|--------|----|------|-----|----------|-----|------------|-----|--------|--------------|------------|--------|--------|---------|--------|
|     |      |       |        |    |      |     |          |     |            |     |        |              |            |        | 0      | 337     |        |
| no  | 39.0 | no    | no     | 12 | 8000 |     | 4500     | 1.8 | 4.0        | 60  |        | 0            | 0          |        | 131    | 166     | no     |
| no  | 39.0 | no    | no     | 9  | 8000 |     | 4500     | 1.8 | 4.0        | 60  | no     | 0            |            |        | 131    | 155     | no     |
| no  | 39.0 | no    | no     | 9  | 4000 |     | 4500     | 1.8 | 4.0        | 60  | no     | 0            |            |        | 155    | 165     | no     |
| no  | 39.0 | yes   |        | 12 | 8000 | 200 | 4500     | 1.8 | 4.0        | 60  | no     |              | 0          |        | 154    | 169     |        |
| yes | 39.5 | yes   | yes    | 9  | 4000 | 200 | 7000     |     |            |     |        | 38           | 24         |        | 179    | 327     | yes    |
""")

PROBABILITY = rows("""
| ferritin | tg  | temp | ast | fibrinogen | hscore | percent |
|----------|-----|------|-----|------------|--------|---------|
| 1999     | 1.4 | 38.3 | 29  | 2.6        | 0      | 0       |
| 7000     | 4.1 | 38.3 | 29  | 2.6        | 114    | 3       |
| 7000     | 4.1 | 39.5 | 29  | 2.6        | 163    | 40      |
| 7000     | 4.1 | 39.5 | 30  | 2.6        | 182    | 70      |
| 7000     | 4.1 | 39.5 | 30  | 2.5        | 212    | 93      |
""")

SHORT = {
    "is": "known_immunosuppression",
    "temp": "temperature_cel",
    "liver": "hepatomegaly",
    "spleen": "splenomegaly",
    "hb": "haemoglobin_g_dl",
    "wbc": "leukocytes_per_mm3",
    "plt": "platelets_10e3_ul",
    "ferritin": "ferritin_ng_ml",
    "tg": "triglycerides_mmol_l",
    "fibrinogen": "fibrinogen_g_l",
    "ast": "ast_u_l",
    "marrow": "haemophagocytosis",
}
NOTHING_FOUND = {
    "is": False, "liver": False, "spleen": False, "marrow": False, "hb": 14, "wbc": 8000, "plt": 200,
}  # fmt: skip


def named(drawn: list[Row]) -> list[Row]:
    return [{column: row.get(short) for short, column in SHORT.items()} for row in drawn]


def scored(drawn: list[Row]) -> list[Row]:
    return answers(derive_hscore, named(drawn), of=PATIENTS)


@pytest.mark.parametrize("part", MOST)
def test_hscore_part(part):
    drawn = f"p_{part}" if f"p_{part}" in WORKED[0] else part
    assert [row[f"hscore_{part}"] for row in scored(WORKED)] == [row[drawn] for row in WORKED]


def test_hscore_and_its_verdict():
    found = [(row["hscore"], row["hscore_likely"]) for row in scored(WORKED)]
    assert found == [(row["hscore"], row["likely"]) for row in WORKED]


@pytest.mark.parametrize("part", ["organomegaly", "cytopenias", "lowest", "highest", "likely"])
def test_hscore_with_findings_missing(part):
    assert [row[f"hscore_{part}"] for row in scored(MISSING)] == [row[part] for row in MISSING]


def test_hscore_is_unknown_while_its_bounds_differ():
    assert [row["hscore"] for row in scored(MISSING)] == [None] * len(MISSING)


def test_hscore_probability_is_the_printed_one_below():
    found = scored([NOTHING_FOUND | row for row in PROBABILITY])
    assert [(row["hscore"], row["hscore_probability_at_least_percent"]) for row in found] == [
        (row["hscore"], row["percent"]) for row in PROBABILITY
    ]
