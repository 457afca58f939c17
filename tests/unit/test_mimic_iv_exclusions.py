"""Exclusions from codes, charts and orders, at an assessment on day 30 of admission 2 of 2."""

from dataclasses import replace

import ibis
import pyarrow as pa
import pytest

from immunosep.sources.mimic_iv import exclusions
from immunosep.sources.mimic_iv.choices import DEFAULT, Choices
from tests.invented_mimic_iv import answer, invented_tables, seconds

ADMITTED = {1: seconds(0, day=-100), 2: seconds(0, day=25), 3: seconds(0, day=90)}


def index(sex: str = "female", age: int = 40):
    return ibis.memtable(
        pa.table(
            {
                "stay_id": [7],
                "patient_id": [1],
                "admission_id": [2],
                "admitted_s": [ADMITTED[2]],
                "assessed_s": [seconds(12, day=30)],
                "sex": [sex],
                "age_years": [age],
                "coded": [True],
            }
        )
    )


def coded(topic: str, *codes: tuple[int, str, int], choices: Choices = DEFAULT) -> bool | None:
    """What a topic is, of codes given as (admission, code, version of ICD)."""
    rows = [
        {"subject_id": 1, "hadm_id": admission, "icd_code": code, "icd_version": version}
        for admission, code, version in codes
    ]
    tables = invented_tables(diagnoses_icd=rows)
    admissions = ibis.memtable(
        pa.table({"admission_id": list(ADMITTED), "admitted_s": list(ADMITTED.values())})
    )
    found = exclusions.coded_topics(tables, exclusions.listed_codes(tables))
    joined = index().left_join(exclusions.diagnosed(index(), found, admissions), "stay_id")
    (row,) = answer(joined.select(it=exclusions.derive_topic(joined, topic, choices)))
    value: bool | None = row["it"]
    return value


@pytest.mark.parametrize(
    ("topic", "code", "says"),
    [
        ("hiv", (2, "B20", 10), True),
        ("hiv", (1, "042", 9), True),  # chronic: an earlier admission tells too
        ("hiv", (3, "042", 9), False),  # not known yet
        ("pregnant", (2, "O0993", 10), True),
        ("pregnant", (1, "V220", 9), False),  # that was then
        ("stage_iv_malignancy", (2, "C787", 10), True),
        ("stage_iv_malignancy", (2, "C770", 10), None),  # regional nodes alone
        ("stage_iv_malignancy", (2, "C3490", 10), False),
        ("do_not_resuscitate", (2, "Z66", 10), True),
        ("do_not_resuscitate", (2, "V667", 9), None),  # palliative care
        ("do_not_resuscitate", (2, "V667", 10), False),  # a traffic accident
        ("primary_immunodeficiency", (2, "D8489", 10), None),
        ("demyelinating_disease", (1, "340", 9), True),
    ],
)
def test_topic_by_a_code(topic, code, says):
    assert coded(topic, code) is says


def test_topic_named_by_one_code_is_not_undone_by_a_vague_one():
    assert coded("stage_iv_malignancy", (2, "C770", 10), (2, "C787", 10)) is True


def test_topic_without_a_code_is_absent_by_choice():
    unknown = replace(DEFAULT, no_code_means_absent=False)

    assert coded("hiv", (2, "I10", 10)) is False
    assert coded("hiv", (2, "I10", 10), choices=unknown) is None


def charted(*words: tuple[str, float]) -> bool | None:
    """Whether resuscitation is refused, of code statuses given with the hour of day 30."""
    rows = [
        {"patient_id": 1, "itemid": 223758, "at_s": seconds(hour, day=30), "text": word}
        for word, hour in words
    ]
    kinds = {"patient_id": "int64", "itemid": "int32", "at_s": "int64", "text": "string"}
    charted = ibis.memtable(pa.Table.from_pylist(rows, schema=pa.schema(list(kinds.items()))))
    found = answer(exclusions.code_status(index(), exclusions.code_statuses(charted)))
    return found[0]["charted_do_not_resuscitate"] if found else None


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        ([("Full code", 8)], False),
        ([("DNR (do not resuscitate)", 8)], True),
        ([("DNAR (Do Not Attempt Resuscitation)  [DNR]", 8)], True),
        ([("DNR / DNI", 8), ("Full code", 9)], True),  # any decision in this admission
        ([("Full code", 8), ("DNR / DNI", 13)], False),  # decided after the assessment
        ([("Comfort measures only", 8)], True),
        ([("DNI (do not intubate)", 8)], False),
        ([("Other/Remarks", 8)], None),
        ([], None),
    ],
)
def test_code_status_charted_before_the_assessment(words, refused):
    assert charted(*words) is refused


def exposed(*orders: tuple[str, int, int, int]) -> dict[str, bool]:
    """Drug exposures, of orders given as (class, admission, first day, last day)."""
    rows = [
        {
            "patient_id": 1,
            "drug_class": drug_class,
            "admission_id": admission,
            "start_s": seconds(0, day=first),
            "end_s": seconds(0, day=last),
        }
        for drug_class, admission, first, last in orders
    ]
    found = exclusions.drug_exposures(index(), ibis.memtable(pa.Table.from_pylist(rows)), DEFAULT)
    return {key: value for row in answer(found) for key, value in row.items()}


@pytest.mark.parametrize(("last", "counts"), [(1, True), (0, False)])
def test_biologic_counts_for_30_days(last, counts):
    assert exposed(("anti_cytokine", 1, -20, last))["anti_cytokine"] is counts


def test_biologic_ordered_after_the_assessment_does_not_count():
    assert exposed(("anti_cytokine", 2, 31, 31)) == {}


def test_drug_against_tuberculosis_counts_in_this_admission():
    assert exposed(("anti_tuberculosis", 2, 26, 40))["anti_tuberculosis"] is True
    assert exposed(("anti_tuberculosis", 1, -100, -90))["anti_tuberculosis"] is False


@pytest.mark.parametrize(
    ("drugs", "with_code", "treated"),
    [
        ({"anti_tuberculosis": True, "rifamycin": False}, False, True),
        ({"anti_tuberculosis": False, "rifamycin": True}, False, False),
        ({"anti_tuberculosis": False, "rifamycin": True}, True, True),
        ({"anti_tuberculosis": None, "rifamycin": None}, True, False),
    ],
)
def test_rifamycin_alone_counts_with_the_code_of_tuberculosis(drugs, with_code, treated):
    types = {"anti_tuberculosis": pa.bool_(), "rifamycin": pa.bool_(), "tuberculosis": pa.bool_()}
    rows = ibis.memtable(
        pa.Table.from_pylist([drugs | {"tuberculosis": with_code}], schema=pa.schema(types))
    ).mutate(ordered=True)
    found = rows.select(it=exclusions.derive_tuberculosis_treatment(rows, DEFAULT))

    assert answer(found) == [{"it": treated}]


@pytest.mark.parametrize(
    ("sex", "age", "code", "lactating"),
    [
        ("male", 30, None, False),
        ("female", 60, None, False),
        ("female", 30, None, None),
        ("female", 30, True, True),
    ],
)
def test_lactation_is_unknown_in_women_of_reproductive_age(sex, age, code, lactating):
    rows = index(sex, age).mutate(lactating=ibis.literal(code, "boolean"))

    assert answer(rows.select(it=exclusions.derive_lactating(rows))) == [{"it": lactating}]


@pytest.mark.parametrize(
    ("sex", "test", "code", "pregnant"),
    [
        ("male", None, None, False),
        ("female", None, None, False),
        ("female", True, None, True),
        ("female", False, True, True),
        ("female", None, True, True),
    ],
)
def test_pregnancy_by_test_or_code(sex, test, code, pregnant):
    rows = index(sex).mutate(
        pregnancy_test=ibis.literal(test, "boolean"),
        pregnant=ibis.literal(code, "boolean"),
        pregnant_perhaps=ibis.null("boolean"),
    )

    found = rows.select(it=exclusions.derive_pregnant(rows, DEFAULT))
    assert answer(found) == [{"it": pregnant}]
