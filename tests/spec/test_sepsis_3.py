"""Sepsis-3 (Singer JAMA 2016;315:801), as ImmunoSep words it for where the infection met the patient.

At the emergency department, SOFA of 2 or more; already in hospital, a rise of 2 or more since
admission. `yes` met, `no` not met, `-` unknown: what is missing could still decide either way.
"""

import ibis
from ibis.expr import types as ir

from immunosep.concepts.sepsis3 import sepsis_3
from tests.spec.drawn import Row, answers, rows

PATIENTS = ibis.table(
    {
        "setting": "string",
        "lowest": "int64",
        "highest": "int64",
        "admission_lowest": "int64",
        "admission_highest": "int64",
    },
    name="patients",
)

KNOWN = rows("""
| setting              | lowest | highest | admission_lowest | admission_highest | sepsis |
|----------------------|--------|---------|------------------|-------------------|--------|
| emergency_department | 2      | 2       | -                | -                 | yes    |
| emergency_department | 1      | 1       | -                | -                 | no     |
| emergency_department | 0      | 0       | -                | -                 | no     |
| emergency_department | 4      | 4       | 4                | 4                 | yes    |
| hospitalised         | 7      | 7       | 5                | 5                 | yes    |
| hospitalised         | 6      | 6       | 5                | 5                 | no     |
| hospitalised         | 2      | 2       | 0                | 0                 | yes    |
| hospitalised         | 3      | 3       | 5                | 5                 | no     |
""")

PARTLY_KNOWN = rows("""
| setting              | lowest | highest | admission_lowest | admission_highest | sepsis |
|----------------------|--------|---------|------------------|-------------------|--------|
| emergency_department | 2      | 10      | -                | -                 | yes    |
| emergency_department | 1      | 5       | -                | -                 | -      |
| emergency_department | 0      | 1       | -                | -                 | no     |
| emergency_department | -      | -       | -                | -                 | -      |
| hospitalised         | 7      | 7       | -                | -                 | -      |
| hospitalised         | 1      | 1       | -                | -                 | no     |
| hospitalised         | 7      | 11      | 3                | 5                 | yes    |
| hospitalised         | 6      | 11      | 3                | 5                 | -      |
| hospitalised         | 6      | 6       | 3                | 5                 | -      |
| hospitalised         | 4      | 4       | 3                | 5                 | no     |
| -                    | 7      | 7       | 2                | 2                 | yes    |
| -                    | 7      | 7       | 6                | 6                 | -      |
| -                    | 1      | 1       | 0                | 0                 | no     |
""")


def verdicts(drawn: list[Row]) -> list[bool | None]:
    return [row["sepsis"] for row in answers(derive, drawn, of=PATIENTS)]


def derive(patients: ir.Table) -> ir.Table:
    return patients.select(
        sepsis=sepsis_3(
            setting=patients.setting,
            sofa_lowest=patients.lowest,
            sofa_highest=patients.highest,
            admission_lowest=patients.admission_lowest,
            admission_highest=patients.admission_highest,
        )
    )


def test_sepsis_3_by_setting():
    assert verdicts(KNOWN) == [row["sepsis"] for row in KNOWN]


def test_sepsis_3_with_parts_missing():
    assert verdicts(PARTLY_KNOWN) == [row["sepsis"] for row in PARTLY_KNOWN]
