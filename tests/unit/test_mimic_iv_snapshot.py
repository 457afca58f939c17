"""One row per patient from a hospital of two: which stay, which moment, what is and is not told.

Patient 1 first comes for an operation, then with pneumonia by the emergency department. Patient 2
has no infection.
"""

import shutil

import pytest

from immunosep.sources.extract import connect
from immunosep.sources.mimic_iv.snapshot import read_snapshot
from immunosep.tables.dictionary import BEDSIDE
from tests.invented_mimic_iv import Rows, answer, at, seconds, write_hospital

OPERATION, PNEUMONIA, BYPASS = 10, 11, 20
LONG_AGO = -200


def admission(patient: int, number: int, *, day: int, emergency: bool = False) -> dict[str, object]:
    return {
        "subject_id": patient,
        "hadm_id": number,
        "admittime": at(2, day=day),
        "dischtime": at(0, day=day + 9),
        "edregtime": at(0, day=day) if emergency else None,
    }


def stay(patient: int, number: int, *, day: int) -> dict[str, object]:
    return {
        "subject_id": patient,
        "hadm_id": number,
        "stay_id": number * 10,
        "intime": at(6, day=day),
        "outtime": at(6, day=day + 3),
        "first_careunit": "Medical Intensive Care Unit (MICU)",
    }


def laboratory(itemid: int, value: float, unit: str, *, hour: float) -> dict[str, object]:
    return {
        "subject_id": 1,
        "hadm_id": PNEUMONIA,
        "specimen_id": itemid,
        "itemid": itemid,
        "charttime": at(hour),
        "value": str(value),
        "valuenum": value,
        "valueuom": unit,
    }


@pytest.fixture(scope="module")
def hospital(tmp_path_factory):
    of_one, of_two = {"subject_id": 1, "hadm_id": PNEUMONIA}, {"subject_id": 2, "hadm_id": BYPASS}
    return write_hospital(
        tmp_path_factory.mktemp("hospital"),
        patients=[
            {"subject_id": 1, "gender": "F", "anchor_age": 60, "anchor_year": 2150},
            {"subject_id": 2, "gender": "M", "anchor_age": 70, "anchor_year": 2150},
        ],
        admissions=[
            admission(1, OPERATION, day=LONG_AGO),
            admission(1, PNEUMONIA, day=0, emergency=True),
            admission(2, BYPASS, day=0),
        ],
        icustays=[
            stay(1, OPERATION, day=LONG_AGO),
            stay(1, PNEUMONIA, day=0),
            stay(2, BYPASS, day=0),
        ],
        diagnoses_icd=[
            of_one | {"seq_num": 1, "icd_code": "J189", "icd_version": 10},
            of_one | {"seq_num": 2, "icd_code": "C3490", "icd_version": 10},
            of_two | {"seq_num": 1, "icd_code": "I2510", "icd_version": 10},
        ],
        prescriptions=[
            of_one
            | {
                "starttime": at(5),
                "stoptime": at(5, day=4),
                "drug": "CeftriaXONE",
                "drug_type": "MAIN",
                "route": "IV",
            }
        ],
        microbiologyevents=[
            of_one
            | {
                "micro_specimen_id": 1,
                "chartdate": at(0),
                "charttime": at(4),
                "spec_type_desc": "SPUTUM",
                "test_name": "RESPIRATORY CULTURE",
            }
        ],
        labevents=[
            laboratory(51265, 90, "K/uL", hour=5),  # coagulation 2
            laboratory(50912, 2.5, "mg/dL", hour=9.5),  # renal 2
            laboratory(50924, 5000, "ng/mL", hour=20),
            laboratory(52075, 12, "K/uL", hour=5),
        ],
        chartevents=[
            of_one
            | {"stay_id": 110, "charttime": at(7), "itemid": 226512, "value": "80", "valuenum": 80}
        ],
    )


@pytest.fixture(scope="module")
def patients(hospital) -> dict[str, dict[str, object]]:
    rows = answer(read_snapshot(hospital, connection=connect()))
    assert len(rows) == 2
    return {row["patient_id"]: row for row in rows}


@pytest.fixture(scope="module")
def stays(hospital) -> Rows:
    return answer(read_snapshot(hospital, connection=connect(), every_stay=True))


def test_row_per_patient_has_the_columns_of_the_dictionary(patients):
    names = {"stay_id", "admission_id", *(column.name for column in BEDSIDE)}

    assert set(patients["1"]) == names


def test_stay_with_sepsis_is_taken_before_an_earlier_one_without(patients):
    assert patients["1"]["admission_id"] == PNEUMONIA


def test_every_stay_is_a_row_on_request(stays):
    assert sorted(row["stay_id"] for row in stays) == [100, 110, 200]


def test_snapshot_tells_who_and_where(patients):
    told = ("age_years", "sex", "weight_kg", "setting", "infection")

    assert [patients["1"][name] for name in told] == [
        *(60, "female", 80),
        *("emergency_department", "community_acquired_pneumonia"),
    ]


def test_onset_is_the_first_hour_at_which_sepsis_holds(patients):
    assert patients["1"]["sepsis_onset_at"] == seconds(7)  # the end of the stay's first hour
    assert patients["1"]["platelets_10e3_ul"] == 90
    assert patients["1"]["creatinine_mg_dl"] is None  # measured later


def test_assessment_waits_for_the_ferritin(patients):
    assert patients["1"]["ferritin_ng_ml"] == 5000
    assert patients["1"]["assessed_at"] == seconds(20)


def test_snapshot_tells_what_codes_and_orders_exclude(patients):
    told = ("hiv", "stage_iv_malignancy", "prednisone_equivalent_mg_kg_day", "pregnant")

    assert [patients["1"][name] for name in told] == [False, False, 0, False]


def test_what_the_records_cannot_tell_is_unknown(patients):
    untold = ("consent_given", "hla_dr_per_monocyte", "anti_cytokine_last_month", "first_dose_at")

    assert [patients["1"][name] for name in untold] == [None] * 4


def test_patient_without_infection_has_no_onset(patients):
    assert patients["2"]["sepsis_onset_at"] is None
    assert patients["2"]["infection"] == "no_infection"


def test_admission_without_a_code_leaves_diseases_unknown(stays):
    (operation,) = [row for row in stays if row["admission_id"] == OPERATION]

    assert (operation["hiv"], operation["infection"]) == (None, None)


def test_admission_without_an_order_leaves_exposures_unknown(patients):
    exposures = ("active_tuberculosis_treatment", "prednisone_equivalent_mg_kg_day")

    assert [patients["2"][name] for name in exposures] == [None, None]


def test_extract_without_orders_cultures_and_codes_is_still_read(hospital, tmp_path):
    bare = shutil.copytree(hospital, tmp_path / "bare")
    for name in ("prescriptions", "emar", "microbiologyevents", "diagnoses_icd", "transfers"):
        (bare / "hosp" / f"{name}.csv").unlink()
    rows = answer(read_snapshot(bare, connection=connect()))

    assert {row["infection"] for row in rows} == {None}
