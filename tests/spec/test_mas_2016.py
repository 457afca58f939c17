"""EULAR/ACR/PRINTO 2016 MAS (Ravelli Ann Rheum Dis 2016;75:481): fever, ferritin, two of four."""

from immunosep.concepts.mas_2016 import PATIENTS, derive_mas_2016
from tests.spec.drawn import answers, rows

TABLE = rows("""
| febrile | ferritin_ng_ml | platelets_10e3_ul | ast_u_l | triglycerides_mg_dl | fibrinogen_mg_dl | mas |
|---------|----------------|-------------------|---------|---------------------|------------------|-----|
| yes     | 684            | 181               | 49      | 100                 | 400              | no  |
| yes     | 685            | 181               | 49      | 100                 | 400              | yes |
| yes     | 685            | 182               | 49      | 100                 | 400              | no  |
| yes     | 685            | 181               | 48      | 100                 | 400              | no  |
| yes     | 685            | 182               | 48      | 157                 | 360              | yes |
| yes     | 685            | 182               | 48      | 156                 | 360              | no  |
| yes     | 685            | 182               | 48      | 157                 | 361              | no  |
| no      | 685            | 100               | 100     | 300                 | 100              | no  |
| yes     | 685            | 181               | 49      | -                   | -                | yes |
| yes     | 685            | 181               | 48      | 156                 | -                | -   |
| yes     | 685            | 182               | 48      | 156                 | -                | no  |
| yes     | -              | 181               | 49      | -                   | -                | -   |
| yes     | -              | 182               | 48      | 156                 | 361              | no  |
| -       | 685            | 181               | 49      | -                   | -                | -   |
| -       | 684            | -                 | -       | -                   | -                | no  |
""")


def test_mas_2016():
    found = answers(derive_mas_2016, TABLE, of=PATIENTS)
    assert [row["mas_2016"] for row in found] == [row["mas"] for row in TABLE]


def test_mas_2016_counts_its_findings_between_bounds():
    [row] = answers(derive_mas_2016, [{"platelets_10e3_ul": 100, "ast_u_l": 20}], of=PATIENTS)
    assert (row["mas_findings_lowest"], row["mas_findings_highest"]) == (1, 3)
