"""ISTH overt DIC (Taylor Thromb Haemost 2001;86:1327): overt from 5 points."""

import pytest

from immunosep.concepts.isth_dic import PATIENTS, derive_isth_dic
from tests.spec.drawn import answers, rows

TABLE = rows("""
| platelets_10e3_ul | fibrin_marker | pt_prolongation_s | fibrinogen_g_l | platelets | marker | pt | fibrinogen | dic | lowest | highest | overt |
|-------------------|---------------|-------------------|----------------|-----------|--------|----|------------|-----|--------|---------|-------|
| 45                | strong        | 4                 | 1.5            | 2         | 3      | 1  | 0          | 6   | 6      | 6       | yes   |
| 80                | moderate      | 2                 | 0.9            | 1         | 2      | 0  | 1          | 4   | 4      | 4       | no    |
| 100               | none          | 2.9               | 1.0            | 0         | 0      | 0  | 0          | 0   | 0      | 0       | no    |
| 99                | moderate      | 3                 | 1.0            | 1         | 2      | 1  | 0          | 4   | 4      | 4       | no    |
| 50                | moderate      | 5.9               | 0.99           | 1         | 2      | 1  | 1          | 5   | 5      | 5       | yes   |
| 49                | strong        | 6                 | 0.5            | 2         | 3      | 2  | 1          | 8   | 8      | 8       | yes   |
| 45                | strong        | -                 | -              | 2         | 3      | -  | -          | -   | 5      | 8       | yes   |
| 200               | -             | 0                 | 3.0            | 0         | -      | 0  | 0          | -   | 0      | 3       | no    |
| 80                | -             | 4                 | 3.0            | 1         | -      | 1  | 0          | -   | 2      | 5       | -     |
| -                 | -             | -                 | -              | -         | -      | -  | -          | -   | 0      | 8       | -     |
""")

DRAWN_AS = {
    "dic_platelets": "platelets",
    "dic_fibrin_marker": "marker",
    "dic_pt": "pt",
    "dic_fibrinogen": "fibrinogen",
    "dic": "dic",
    "dic_lowest": "lowest",
    "dic_highest": "highest",
    "dic_overt": "overt",
}


@pytest.mark.parametrize("column", DRAWN_AS)
def test_isth_dic(column):
    found = answers(derive_isth_dic, TABLE, of=PATIENTS)
    assert [row[column] for row in found] == [row[DRAWN_AS[column]] for row in TABLE]
