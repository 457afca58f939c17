"""Who may take part in ImmunoSep (NCT04990232): one patient a row, all of whose other answers allow it.

`against` lists every criterion that stands against enrolment, `open` every one that is unknown.
`dose_h` is hours from Sepsis-3 to the first dose; a corticosteroid is drawn as `drug mg/day kg`,
with `off_days` the days since it was stopped.
"""

import ibis
import pytest

from immunosep.concepts.prednisone import prednisone_equivalent_mg_kg_day
from immunosep.trials import find_trial
from tests.spec.drawn import Row, answers, rows
from tests.spec.eligible import HOUR, ONSET, assessed

IMMUNOSEP = find_trial("immunosep")

SEPSIS = rows("""
| #  | setting              | infection                    | sofa | sofa_admission | verdict      | against                      | open     |
|----|----------------------|------------------------------|------|----------------|--------------|------------------------------|----------|
| 1  | emergency_department | community_acquired_pneumonia | 2    |                | eligible     |                              |          |
| 2  | emergency_department | community_acquired_pneumonia | 1    |                | ineligible   | sepsis_3                     |          |
| 3  | hospitalised         | hospital_acquired_pneumonia  | 7    | 5              | eligible     |                              |          |
| 4  | hospitalised         | hospital_acquired_pneumonia  | 6    | 5              | ineligible   | sepsis_3                     |          |
| 5  | hospitalised         | hospital_acquired_pneumonia  | 7    |                | undetermined |                              | sepsis_3 |
| 6  | emergency_department | community_acquired_pneumonia | 4    | 4              | eligible     |                              |          |
| 11 | emergency_department | acute_cholangitis            | 8    |                | ineligible   | infection excluded_infection |          |
""")

WINDOW = rows("""
| #  | assessed_h | dose_h  | verdict    | against |
|----|------------|---------|------------|---------|
| 7  | 12         | 71.9833 | eligible   |         |
| 8  | 12         | 72      | ineligible | window  |
| 9  | 70         |         | eligible   |         |
| 9  | 70         | 73      | ineligible | window  |
|    | 0          |         | eligible   |         |
|    | 12         | -1      | ineligible | window  |
""")

AGE_AND_BLOOD = rows("""
| #  | age_years | neutrophils_per_mm3 | verdict      | against        | open        |
|----|-----------|---------------------|--------------|----------------|-------------|
| 10 | 18        | 9000                | eligible     |                |             |
| 10 | 17.997    | 9000                | ineligible   | adult below_18 |             |
| 14 | 70        | 1500                | eligible     |                |             |
| 14 | 70        | 1499                | ineligible   | neutropenia    |             |
|    | 70        |                     | undetermined |                | neutropenia |
""")

CULTURE = rows("""
| #  | infection                    | blood_culture_contaminant | verdict      | against              | open                 |
|----|------------------------------|---------------------------|--------------|----------------------|----------------------|
| 12 | community_acquired_pneumonia | yes                       | eligible     |                      |                      |
| 13 | primary_bacteraemia          | yes                       | ineligible   | contaminated_culture |                      |
|    | primary_bacteraemia          | no                        | eligible     |                      |                      |
|    | primary_bacteraemia          |                           | undetermined |                      | contaminated_culture |
|    | community_acquired_pneumonia |                           | eligible     |                      |                      |
""")

STEROIDS = rows("""
| #  | drug               | mg_day | kg  | off_days | verdict    | against         |
|----|--------------------|--------|-----|----------|------------|-----------------|
| 15 | prednisone         | 28     | 70  | 0        | ineligible | corticosteroids |
| 15 | prednisone         | 27.9   | 70  | 0        | eligible   |                 |
| 16 | hydrocortisone     | 200    | 70  | 0        | ineligible | corticosteroids |
| 16 | hydrocortisone     | 200    | 125 | 0        | ineligible | corticosteroids |
| 16 | hydrocortisone     | 200    | 130 | 0        | eligible   |                 |
| 17 | dexamethasone      | 6      | 80  | 0        | ineligible | corticosteroids |
| 17 | dexamethasone      | 6      | 100 | 0        | ineligible | corticosteroids |
| 17 | dexamethasone      | 6      | 101 | 0        | eligible   |                 |
| 18 | methylprednisolone | 20     | 60  | 0        | ineligible | corticosteroids |
| 19 | prednisone         | 60     | 70  | 16       | eligible   |                 |
| 19 | prednisone         | 60     | 70  | 15       | ineligible | corticosteroids |
|    | methylprednisolone | 22.4   | 70  | 0        | ineligible | corticosteroids |
|    | dexamethasone      | 2.58   | 43  | 0        | ineligible | corticosteroids |
""")

HISTORY = rows("""
| #  | case                     | covid_19 | ferritin_ng_ml | stage_iv_malignancy | anti_cytokine_last_month | active_tuberculosis_treatment | hiv | do_not_resuscitate | verdict    | against                |
|----|--------------------------|----------|----------------|---------------------|--------------------------|-------------------------------|-----|--------------------|------------|------------------------|
| 20 | COVID, immunoparalysis   | yes      | 800            | no                  | no                       | no                            | no  | no                 | ineligible | covid_19               |
| 20 | COVID, MALS              | yes      | 6000           | no                  | no                       | no                            | no  | no                 | eligible   |                        |
| 21 | stage III                | no       | 800            | no                  | no                       | no                            | no  | no                 | eligible   |                        |
| 21 | stage IV                 | no       | 800            | yes                 | no                       | no                            | no  | no                 | ineligible | stage_iv_malignancy    |
| 22 | anti-TNF 40 days ago     | no       | 800            | no                  | no                       | no                            | no  | no                 | eligible   |                        |
| 22 | anti-TNF 20 days ago     | no       | 800            | no                  | yes                      | no                            | no  | no                 | ineligible | anti_cytokine          |
| 23 | latent TB, untreated     | no       | 800            | no                  | no                       | no                            | no  | no                 | eligible   |                        |
| 23 | latent TB, on isoniazid  | no       | 800            | no                  | no                       | yes                           | no  | no                 | ineligible | active_tuberculosis    |
| 25 | HIV and no resuscitation | no       | 800            | no                  | no                       | no                            | yes | yes                | ineligible | do_not_resuscitate hiv |
""")

WOMEN_AND_MEN = rows("""
| #  | sex    | pregnant | lactating | pregnancy_test_pending | unwilling_to_become_pregnant | verdict      | against                | open                                 |
|----|--------|----------|-----------|------------------------|------------------------------|--------------|------------------------|--------------------------------------|
| 24 | female | no       | no        | yes                    | yes                          | undetermined |                        | pregnancy_or_lactation               |
| 24 | female |          | no        | yes                    | yes                          | undetermined |                        | pregnancy_or_lactation               |
|    | female | no       | no        |                        | yes                          | undetermined |                        | pregnancy_or_lactation               |
|    | female | no       | no        | no                     | yes                          | eligible     |                        |                                      |
|    | female |          |           |                        | yes                          | undetermined |                        | pregnancy_or_lactation               |
|    | female | yes      |           | yes                    | yes                          | ineligible   | pregnancy_or_lactation |                                      |
|    | female | no       | yes       | no                     | yes                          | ineligible   | pregnancy_or_lactation |                                      |
|    | female | no       | no        | no                     | no                           | ineligible   | contraception          |                                      |
|    | female | no       | no        | no                     |                              | undetermined |                        | contraception                        |
|    | male   |          |           |                        |                              | eligible     |                        |                                      |
|    |        | yes      |           |                        |                              | ineligible   | pregnancy_or_lactation | contraception                        |
|    |        |          |           |                        |                              | undetermined |                        | contraception pregnancy_or_lactation |
|    |        | no       | no        | no                     | yes                          | eligible     |                        |                                      |
""")

CONSENT = rows("""
| consent_given | verdict      | against                | open                   |
|---------------|--------------|------------------------|------------------------|
| yes           | eligible     |                        |                        |
| no            | ineligible   | consent consent_denied |                        |
|               | undetermined |                        | consent consent_denied |
""")


@pytest.mark.parametrize("drawn", [SEPSIS, AGE_AND_BLOOD, CULTURE, HISTORY, WOMEN_AND_MEN, CONSENT])
def test_eligibility_of_the_worked_patients(drawn):
    check(drawn, drawn)


def test_eligibility_by_the_time_of_the_first_dose():
    check(WINDOW, [clock(row) for row in WINDOW])


def test_eligibility_by_corticosteroids():
    check(STEROIDS, with_prednisone(STEROIDS))


def check(drawn: list[Row], changes: list[Row]) -> None:
    shown = [name for name in ("verdict", "against", "open") if name in drawn[0]]
    found = [{name: row[name] for name in shown} for row in assessed(IMMUNOSEP, changes)]
    assert found == [{name: row[name] for name in shown} for row in drawn]


def clock(row: Row) -> Row:
    dose = row["dose_h"]
    return {
        "assessed_at": ONSET + row["assessed_h"] * HOUR,
        "first_dose_at": None if dose is None else ONSET + round(dose * HOUR),
    }


def with_prednisone(drawn: list[Row]) -> list[Row]:
    given = ibis.table(
        {"drug": "string", "mg_day": "float64", "kg": "float64", "off_days": "int64"}, name="given"
    )
    return answers(
        lambda t: t.select(
            prednisone_equivalent_mg_kg_day=ibis.ifelse(
                t.off_days <= 15,  # as tests/unit/test_mimic_iv_steroids.py shows of records
                prednisone_equivalent_mg_kg_day(t.drug, t.mg_day, t.kg),
                0.0,
            )
        ),
        drawn,
        of=given,
    )
