"""What must hold of screening for every patient, whatever is known of them."""

import random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from immunosep.screening.assess import assess, met
from immunosep.sources import prepared
from immunosep.tables.columns import Column
from immunosep.tables.dictionary import BEDSIDE
from immunosep.trials import find_trial
from tests.property.invented import HOUR, patients, table_of, values

TRIAL = find_trial("immunosep")
READ_BY = {
    "sofa_respiration": (
        "pao2_mmhg",
        "fio2",
        "pao2_fio2_supported_mmhg",
        "pao2_fio2_unsupported_mmhg",
    ),
    "sofa_cardiovascular": (
        "map_mmhg",
        *(c.name for c in BEDSIDE if c.name.endswith(("_ug_kg_min", "_minutes"))),
    ),
    "sofa_renal": ("creatinine_mg_dl", "urine_ml_day"),
}
ASKED = [column for column in BEDSIDE if column.name not in ("patient_id", "utc_offset_minutes")]

COLUMNS_MET = [met(criterion.id) for criterion in TRIAL.criteria]

ENROLLED = {
    "patient_id": "p",
    "age_years": 70.0,
    "sex": "female",
    "setting": "hospitalised",
    "consent_given": True,
    "infection": "primary_bacteraemia",
    "covid_19": False,
    "sofa": 7,
    "sofa_admission": 5,
    "sepsis_onset_at": 100 * HOUR,
    "assessed_at": 110 * HOUR,
    "first_dose_at": 120 * HOUR,
    "ferritin_ng_ml": 800.0,
    "hla_dr_per_monocyte": 4000.0,
    "neutrophils_per_mm3": 9000.0,
    "blood_culture_contaminant": False,
    "stage_iv_malignancy": False,
    "do_not_resuscitate": False,
    "active_tuberculosis_treatment": False,
    "hiv": False,
    "primary_immunodeficiency": False,
    "prednisone_equivalent_mg_kg_day": 0.0,
    "anti_cytokine_last_month": False,
    "systemic_lupus": False,
    "demyelinating_disease": False,
    "pregnant": False,
    "lactating": False,
    "pregnancy_test_pending": False,
    "unwilling_to_become_pregnant": True,
}

ACROSS = [  # column, value on the other side of its limit, the criteria that flip
    ("age_years", 17.99, {"adult", "below_18"}),
    ("consent_given", False, {"consent", "consent_denied"}),
    ("unwilling_to_become_pregnant", False, {"contraception"}),
    ("infection", "meningitis", {"infection", "excluded_infection"}),
    ("infection", "other", {"infection"}),
    ("sofa", 6, {"sepsis_3"}),
    ("sofa_admission", 6, {"sepsis_3"}),
    ("hla_dr_per_monocyte", 5000.0, {"immune_state"}),
    ("covid_19", True, {"covid_19"}),
    ("first_dose_at", 172 * HOUR, {"window"}),
    ("stage_iv_malignancy", True, {"stage_iv_malignancy"}),
    ("neutrophils_per_mm3", 1499.0, {"neutropenia"}),
    ("do_not_resuscitate", True, {"do_not_resuscitate"}),
    ("blood_culture_contaminant", True, {"contaminated_culture"}),
    ("active_tuberculosis_treatment", True, {"active_tuberculosis"}),
    ("hiv", True, {"hiv"}),
    ("primary_immunodeficiency", True, {"primary_immunodeficiency"}),
    ("prednisone_equivalent_mg_kg_day", 0.4, {"corticosteroids"}),
    ("anti_cytokine_last_month", True, {"anti_cytokine"}),
    ("systemic_lupus", True, {"systemic_lupus"}),
    ("demyelinating_disease", True, {"demyelinating_disease"}),
    ("pregnant", True, {"pregnancy_or_lactation"}),
    ("lactating", True, {"pregnancy_or_lactation"}),
]


def answers_of(rows: list[dict[str, Any]]) -> list[dict[str, bool | None]]:
    table = assess(TRIAL, table_of(rows))
    answers: list[dict[str, bool | None]] = table.select(COLUMNS_MET).to_pylist()
    return answers


def test_the_enrolled_patient_is_eligible() -> None:
    assert assess(TRIAL, table_of([ENROLLED]))["verdict"].to_pylist() == ["eligible"]


def test_every_criterion_has_a_boundary_here() -> None:
    assert {key for _, _, flips in ACROSS for key in flips} == {c.id for c in TRIAL.criteria}


@pytest.mark.parametrize(("column", "value", "flips"), ACROSS)
def test_a_value_across_its_boundary_flips_only_its_criterion(
    column: str, value: Any, flips: set[str]
) -> None:
    before, after = answers_of([ENROLLED, ENROLLED | {column: value}])
    assert {key for key in before if before[key] != after[key]} == {met(flip) for flip in flips}
    assert None not in after.values()


@given(row=patients(), data=st.data())
def test_adding_information_never_makes_a_decided_criterion_unknown(
    row: dict[str, Any], data: st.DataObject
) -> None:
    """Information that adds, and does not correct: see `_adds`."""
    (scored,) = assess(TRIAL, table_of([row])).to_pylist()
    missing = [column for column in ASKED if row[column.name] is None and _adds(column, scored)]
    fuller = [
        row | {c.name: data.draw(_consistent(c, row | scored), label=c.name)} for c in missing
    ]
    before, *after = answers_of([row, *fuller])
    for column, answers in zip(missing, after, strict=True):
        undecided = [k for k in answers if before[k] is not None and answers[k] is None]
        assert not undecided, (column.name, undecided)


def _adds(column: Column, scored: dict[str, Any]) -> bool:
    """Whether a value can only add: a worse value of an organ already scored scores it again."""
    parts = [part for part, names in READ_BY.items() if column.name in names]
    return column.name == "respiratory_support" or all(scored[part] is None for part in parts)


def _consistent(column: Column, known: dict[str, Any]) -> st.SearchStrategy[Any]:
    """A total may not contradict its parts, nor a score on admission its bounds."""
    low, high = known["sofa_admission_lowest"], known["sofa_admission_highest"]
    match column.name:
        case "sofa":
            return st.integers(known["sofa_lowest"], known["sofa_highest"])
        case "sofa_admission":
            return st.integers(low or 0, 24 if high is None else max(high, low or 0))
        case "sofa_admission_lowest":
            return st.integers(0, 24 if high is None else high)
        case "sofa_admission_highest":
            return st.integers(low or 0, 24)
        case _:
            return values(column)


@given(rows=st.lists(patients(), min_size=1, max_size=20), seed=st.integers())
def test_row_order_never_matters(rows: list[dict[str, Any]], seed: int) -> None:
    order = list(range(len(rows)))
    random.Random(seed).shuffle(order)
    direct, shuffled = answers_of(rows), answers_of([rows[at] for at in order])
    assert shuffled == [direct[at] for at in order]


@given(rows=st.lists(patients(), min_size=1, max_size=12))
def test_batch_size_never_matters(rows: list[dict[str, Any]]) -> None:
    assert [answers_of([row])[0] for row in rows] == answers_of(rows)


@given(row=patients())
def test_one_row_and_many_rows_agree(row: dict[str, Any]) -> None:
    many = pa.concat_tables([table_of([row])] * (prepared.FEW_ROWS + 1)).combine_chunks()
    one, crowd = assess(TRIAL, table_of([row])), assess(TRIAL, many)
    assert crowd.num_rows == many.num_rows
    assert crowd.slice(0, 1).to_pylist() == crowd.slice(many.num_rows - 1).to_pylist()
    assert one.to_pylist() == crowd.slice(0, 1).to_pylist()


def test_one_row_and_a_million_rows_agree() -> None:
    """An answer must stand beside its own patient: with several threads, rows may be reordered."""
    few = table_of([ENROLLED, ENROLLED | {"hiv": None}, ENROLLED | {"age_years": 17.0}])
    count = 1_000_000
    which = pa.array([0, 1, 2] * (count // 3 + 1))[:count]
    names = pa.array([str(at) for at in range(count)])
    crowd = assess(TRIAL, few.take(which).set_column(0, "patient_id", names))
    assert crowd["patient_id"].combine_chunks().equals(names)
    assert crowd.drop("patient_id").equals(assess(TRIAL, few).take(which).drop("patient_id"))
