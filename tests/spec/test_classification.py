"""Immune states of ImmunoSep (NCT04990232; Giamarellos-Bourboulis JAMA 2026;335:775).

MALS is ferritin above 4,420 ng/mL whatever HLA-DR is, and takes precedence. Immunoparalysis is
ferritin of 4,420 or less with fewer than 5,000 HLA-DR molecules on a monocyte. Row 12 is what the
registry misprints: ferritin above 4,420 with a low HLA-DR is MALS.
"""

import pytest

from immunosep.errors import SourceError
from immunosep.screening.assess import assess
from immunosep.sources.bedside import patients_of
from immunosep.trials import find_trial
from tests.spec.drawn import rows
from tests.spec.eligible import assessed

IMMUNOSEP = find_trial("immunosep")

VECTORS = rows("""
| #  | ferritin_ng_ml | hla_dr_per_monocyte | covid_19 | immune_state    | verdict      | against      | open                  |
|----|----------------|---------------------|----------|-----------------|--------------|--------------|-----------------------|
| 1  | 4421           | 20000               | no       | mals            | eligible     |              |                       |
| 2  | 4420           | 4999                | no       | immunoparalysis | eligible     |              |                       |
| 3  | 4420           | 5000                | no       | unclassified    | ineligible   | immune_state |                       |
| 4  | 9000           | 3000                | no       | mals            | eligible     |              |                       |
| 5  | 4420.1         | 3000                | no       | mals            | eligible     |              |                       |
| 6  | 800            | 3000                | yes      | immunoparalysis | ineligible   | covid_19     |                       |
| 7  | 6000           | 3000                | yes      | mals            | eligible     |              |                       |
| 8  | 6000           |                     | no       | mals            | eligible     |              |                       |
| 9  | 800            |                     | no       | undetermined    | undetermined |              | immune_state          |
| 10 |                | 3000                | no       | undetermined    | undetermined |              | immune_state          |
| 11 | 800            | 8500                | no       | unclassified    | ineligible   | immune_state |                       |
| 12 | 5000           | 4000                | no       | mals            | eligible     |              |                       |
|    |                | 3000                | yes      | undetermined    | undetermined |              | immune_state covid_19 |
|    | 800            | 3000                |          | immunoparalysis | undetermined |              | covid_19              |
|    | 6000           | 3000                |          | mals            | eligible     |              |                       |
""")

REGIMENS = rows("""
| immune_state    | arm       | given            |
|-----------------|-----------|------------------|
| mals            | precision | anakinra         |
| immunoparalysis | precision | interferon_gamma |
| mals            | placebo   | -                |
| immunoparalysis | placebo   | -                |
""")


@pytest.mark.parametrize("column", ["immune_state", "verdict", "against", "open"])
def test_classification_of_the_worked_patients(column):
    found = assessed(IMMUNOSEP, VECTORS)
    assert [row[column] for row in found] == [row[column] for row in VECTORS]


@pytest.mark.parametrize("row", REGIMENS)
def test_the_immune_state_chooses_the_drug(row):
    regimen = IMMUNOSEP.regimen(state=row["immune_state"], arm=row["arm"])
    active = [c.intervention.id for c in regimen.components if c.intervention.active]
    assert active == ([row["given"]] if row["given"] else [])


def test_ferritin_in_micrograms_a_litre_is_the_same_number():
    patient = {"patient_id": "13", "ferritin_ng_ml [ug/L]": 4420, "hla_dr_per_monocyte": 4000}
    answer = assess(IMMUNOSEP, patients_of([patient]).table)
    assert answer["immune_state"].to_pylist() == ["immunoparalysis"]


@pytest.mark.parametrize(
    ("column", "value"),
    [("ferritin_ng_ml", 0), ("ferritin_ng_ml", -5), ("hla_dr_per_monocyte", -1)],
)
def test_an_impossible_biomarker_is_refused(column, value):
    with pytest.raises(SourceError, match=column):
        patients_of([{"patient_id": "14", column: value}])
