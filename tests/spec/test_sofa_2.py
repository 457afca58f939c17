"""SOFA-2 as Ranzani et al. JAMA 2025 tabulate it; a limit belongs to the worse grade."""

from functools import partial

import pytest

from immunosep.concepts.sofa2 import ORGANS, PATIENTS, derive_sofa2
from tests.spec.drawn import Row, answers, rows

BRAIN = rows("""
| gcs | gcs_motor | delirium_drug | generalised_myoclonus | sedated | brain |
|-----|-----------|---------------|-----------------------|---------|-------|
|  15 | -         | -             | -                     | -       | 0     |
|  15 | -         | yes           | -                     | -       | 1     |
|  14 | -         | -             | -                     | -       | 1     |
|  14 | -         | yes           | -                     | -       | 1     |
|  13 | -         | -             | -                     | -       | 1     |
|  12 | -         | -             | -                     | -       | 2     |
|   9 | -         | -             | -                     | -       | 2     |
|   8 | -         | -             | -                     | -       | 3     |
|   6 | -         | -             | -                     | -       | 3     |
|   5 | -         | -             | -                     | -       | 4     |
|   3 | -         | -             | -                     | -       | 4     |
|   - | 6         | -             | -                     | -       | 0     |
|   - | 5         | -             | -                     | -       | 1     |
|   - | 4         | -             | -                     | -       | 2     |
|   - | 3         | -             | -                     | -       | 3     |
|   - | 2         | -             | -                     | -       | 4     |
|   - | 1         | -             | -                     | -       | 4     |
|   - | -         | -             | yes                   | -       | 4     |
|   - | -         | -             | -                     | yes     | 0     |
|   - | -         | yes           | -                     | yes     | 1     |
|   - | -         | -             | -                     | no      | -     |
|   - | -         | -             | -                     | -       | -     |
""")

RESPIRATORY = rows("""
| pao2_mmhg | fio2 | spo2_percent | respiratory_support | support_unavailable | ecmo        | respiratory |
|-----------|------|--------------|---------------------|---------------------|-------------|-------------|
| 301       | 1    | -            | no                  | -                   | -           | 0           |
| 300       | 1    | -            | no                  | -                   | -           | 1           |
| 225       | 1    | -            | no                  | -                   | -           | 2           |
| 150       | 1    | -            | no                  | -                   | -           | 2           |
| 150       | 1    | -            | yes                 | -                   | -           | 3           |
| 151       | 1    | -            | yes                 | -                   | -           | 2           |
| 76        | 1    | -            | yes                 | -                   | -           | 3           |
| 75        | 1    | -            | yes                 | -                   | -           | 4           |
| 75        | 1    | -            | no                  | -                   | -           | 2           |
| 75        | 1    | -            | no                  | yes                 | -           | 4           |
| 150       | 1    | -            | no                  | yes                 | -           | 3           |
| 350       | 1    | -            | yes                 | -                   | respiratory | 4           |
| 350       | 1    | -            | yes                 | -                   | cardiac     | 4           |
| 350       | 1    | -            | yes                 | -                   | none        | 0           |
| -         | -    | -            | -                   | -                   | respiratory | 4           |
| -         | 0.38 | 95           | no                  | -                   | -           | 2           |
| -         | 0.475| 95           | yes                 | -                   | -           | 3           |
| -         | 0.475| 95           | no                  | -                   | -           | 2           |
| -         | 0.8  | 96           | yes                 | -                   | -           | 4           |
| -         | 0.32 | 96           | no                  | -                   | -           | 1           |
| -         | 0.3  | 97           | no                  | -                   | -           | 0           |
| -         | 0.21 | 98           | no                  | -                   | -           | -           |
| 301       | 1    | 80           | yes                 | -                   | -           | 0           |
| -         | 1    | -            | yes                 | -                   | -           | -           |
""")

CARDIOVASCULAR = rows("""
| map_mmhg | ne   | epi  | dopamine | dobutamine | other_vasoactive | mechanical_support | drugs_unavailable | ecmo        | cardiovascular |
|----------|------|------|----------|------------|------------------|--------------------|-------------------|-------------|----------------|
| 70       | -    | -    | -        | -          | -                | -                  | -                 | -           | 0              |
| 69       | -    | -    | -        | -          | -                | -                  | -                 | -           | 1              |
| 69       | 0.20 | -    | -        | -          | -                | -                  | -                 | -           | 2              |
| 69       | 0.12 | 0.08 | -        | -          | -                | -                  | -                 | -           | 2              |
| 69       | 0.21 | -    | -        | -          | -                | -                  | -                 | -           | 3              |
| 69       | 0.20 | 0.01 | -        | -          | -                | -                  | -                 | -           | 3              |
| 69       | 0.40 | -    | -        | -          | -                | -                  | -                 | -           | 3              |
| 69       | 0.41 | -    | -        | -          | -                | -                  | -                 | -           | 4              |
| -        | 0.3  | 0.3  | -        | -          | -                | -                  | -                 | -           | 4              |
| 80       | 0.1  | -    | -        | -          | yes              | -                  | -                 | -           | 3              |
| 80       | 0.3  | -    | -        | -          | yes              | -                  | -                 | -           | 4              |
| 80       | -    | -    | -        | -          | yes              | -                  | -                 | -           | 2              |
| 80       | 0.1  | -    | 5        | -          | -                | -                  | -                 | -           | 3              |
| 80       | 0.1  | -    | -        | 5          | -                | -                  | -                 | -           | 3              |
| 80       | -    | -    | -        | 5          | -                | -                  | -                 | -           | 2              |
| 80       | -    | -    | 20       | -          | -                | -                  | -                 | -           | 2              |
| 80       | -    | -    | 21       | -          | -                | -                  | -                 | -           | 3              |
| 80       | -    | -    | 40       | -          | -                | -                  | -                 | -           | 3              |
| 80       | -    | -    | 41       | -          | -                | -                  | -                 | -           | 4              |
| 80       | -    | -    | 41       | -          | yes              | -                  | -                 | -           | 2              |
| 90       | -    | -    | -        | -          | -                | yes                | -                 | -           | 4              |
| 90       | -    | -    | -        | -          | -                | -                  | -                 | cardiac     | 4              |
| 90       | -    | -    | -        | -          | -                | -                  | -                 | respiratory | 0              |
| 70       | -    | -    | -        | -          | -                | -                  | yes               | -           | 0              |
| 60       | -    | -    | -        | -          | -                | -                  | yes               | -           | 1              |
| 59       | -    | -    | -        | -          | -                | -                  | yes               | -           | 2              |
| 50       | -    | -    | -        | -          | -                | -                  | yes               | -           | 2              |
| 49       | -    | -    | -        | -          | -                | -                  | yes               | -           | 3              |
| 39       | -    | -    | -        | -          | -                | -                  | yes               | -           | 4              |
| 39       | -    | -    | -        | -          | -                | -                  | no                | -           | 1              |
| -        | 0    | -    | -        | -          | no               | no                 | -                 | -           | -              |
""")

LIVER = rows("""
| bilirubin_mg_dl | liver |
|-----------------|-------|
| 1.2             | 0     |
| 1.21            | 1     |
| 3               | 1     |
| 3.1             | 2     |
| 6               | 2     |
| 6.1             | 3     |
| 12              | 3     |
| 12.1            | 4     |
| -               | -     |
""")

KIDNEY = rows("""
| creatinine_mg_dl | urine_6h | urine_12h | urine_24h | kidney_replacement | potassium_mmol_l | ph   | bicarbonate_mmol_l | kidney |
|------------------|----------|-----------|-----------|--------------------|------------------|------|--------------------|--------|
| 1.2              | -        | -         | -         | -                  | -                | -    | -                  | 0      |
| 2.0              | -        | -         | -         | -                  | -                | -    | -                  | 1      |
| 3.5              | -        | -         | -         | -                  | -                | -    | -                  | 2      |
| 3.6              | -        | -         | -         | -                  | -                | -    | -                  | 3      |
| 1.0              | 0.5      | 0.5       | 0.3       | -                  | -                | -    | -                  | 0      |
| 1.0              | 0.49     | 0.6       | 0.6       | -                  | -                | -    | -                  | 1      |
| 1.0              | 0.49     | 0.49      | 0.6       | -                  | -                | -    | -                  | 2      |
| 1.0              | 0.4      | 0.4       | 0.29      | -                  | -                | -    | -                  | 3      |
| 1.0              | 0        | 0         | 0.6       | -                  | -                | -    | -                  | 3      |
| -                | -        | 0.4       | -         | -                  | -                | -    | -                  | 2      |
| 1.3              | -        | -         | -         | -                  | 6.0              | -    | -                  | 4      |
| 1.3              | -        | -         | -         | -                  | 5.9              | -    | -                  | 1      |
| 1.0              | -        | -         | -         | -                  | 6.0              | -    | -                  | 0      |
| 1.0              | 0.29     | 0.6       | 0.6       | -                  | 6.0              | -    | -                  | 4      |
| 1.3              | -        | -         | -         | -                  | 5.0              | 7.20 | 12                 | 4      |
| 1.3              | -        | -         | -         | -                  | 5.0              | 7.20 | 13                 | 1      |
| 1.3              | -        | -         | -         | -                  | 5.0              | 7.21 | 12                 | 1      |
| 0.8              | -        | -         | -         | yes                | -                | -    | -                  | 4      |
| -                | -        | -         | -         | yes                | -                | -    | -                  | 4      |
| -                | -        | -         | -         | no                 | 6.5              | -    | -                  | -      |
""")

HAEMOSTASIS = rows("""
| platelets_10e3_ul | haemostasis |
|-------------------|-------------|
| 151               | 0           |
| 150               | 1           |
| 101               | 1           |
| 100               | 2           |
| 81                | 2           |
| 80                | 3           |
| 51                | 3           |
| 50                | 4           |
| -                 | -           |
""")

WHOLE = rows("""
| pao2_mmhg | fio2 | respiratory_support | platelets_10e3_ul | bilirubin_mg_dl | map_mmhg | ne   | gcs | creatinine_mg_dl | kidney_replacement | brain | respiratory | cardiovascular | liver | kidney | haemostasis | total | lowest | highest |
|-----------|------|---------------------|-------------------|-----------------|----------|------|-----|------------------|--------------------|-------|-------------|----------------|-------|--------|-------------|-------|--------|---------|
| 180       | 1    | yes                 | 120               | 1.5             | -        | 0.15 | 15  | 1.0              | -                  | 0     | 2           | 2              | 1     | 0      | 1           | 6     | 6      | 6       |
| 220       | 1    | yes                 | 80                | 3.0             | -        | 0.08 | 10  | 1.1              | yes                | 2     | 2           | 2              | 1     | 4      | 3           | 14    | 14     | 14      |
| 100       | 1    | -                   | 120               | 1.5             | -        | 0.15 | 15  | 1.0              | -                  | 0     | 2           | 2              | 1     | 0      | 1           | 6     | 6      | 7       |
| 180       | 1    | yes                 | -                 | 1.5             | -        | 0.15 | -   | 1.0              | -                  | -     | 2           | 2              | 1     | 0      | -           | 5     | 5      | 13      |
| -         | -    | -                   | -                 | -               | -        | -    | -   | -                | -                  | -     | -           | -              | -     | -      | -           | 0     | 0      | 24      |
""")

SHORT = {
    "ne": "norepinephrine_ug_kg_min",
    "epi": "epinephrine_ug_kg_min",
    "dopamine": "dopamine_ug_kg_min",
    "dobutamine": "dobutamine_ug_kg_min",
    "urine_6h": "urine_ml_kg_h_6h",
    "urine_12h": "urine_ml_kg_h_12h",
    "urine_24h": "urine_ml_kg_h_24h",
}


def named(drawn: list[Row]) -> list[Row]:
    return [{SHORT.get(name, name): cell for name, cell in row.items()} for row in drawn]


def scored(drawn: list[Row]) -> list[Row]:
    return answers(derive_sofa2, named(drawn), of=PATIENTS)


@pytest.mark.parametrize(
    ("organ", "drawn"),
    [
        ("brain", BRAIN),
        ("respiratory", RESPIRATORY),
        ("cardiovascular", CARDIOVASCULAR),
        ("liver", LIVER),
        ("kidney", KIDNEY),
        ("haemostasis", HAEMOSTASIS),
    ],
)
def test_sofa_2_of_an_organ(organ, drawn):
    assert [row[f"sofa2_{organ}"] for row in scored(drawn)] == [row[organ] for row in drawn]


@pytest.mark.parametrize("part", [*ORGANS, "total", "lowest", "highest"])
def test_sofa_2_of_a_whole_patient(part):
    assert [row[f"sofa2_{part}"] for row in scored(WHOLE)] == [row[part] for row in WHOLE]


def test_sofa_2_a_dose_kept_under_an_hour_does_not_count():
    [row] = answers(
        derive_sofa2,
        [{"map_mmhg": 72, "norepinephrine_ug_kg_min": 0.3, "norepinephrine_minutes": 40}],
        of=PATIENTS,
    )
    assert row["sofa2_cardiovascular"] == 0


def test_sofa_2_sedated_with_gcs_unknown_stays_unknown_without_the_paper_s_rule():
    derive = partial(derive_sofa2, sedated_unknown_as_normal=False)
    [row] = answers(derive, [{"sedated": True}], of=PATIENTS)
    assert row["sofa2_brain"] is None
