"""The code lists of MIMIC-IV: what is written in `codes/*.csv`, and that the system decides."""

from dataclasses import fields
from importlib import resources

import pytest

from immunosep.sources import mimic_iv
from immunosep.sources.mimic_iv.choices import Choices
from immunosep.sources.mimic_iv.code_lists import expand_codes, fragments, read_list
from immunosep.sources.mimic_iv.exclusions import (
    CHRONIC,
    OF_THIS_ADMISSION,
    coded_topics,
    listed_codes,
)
from immunosep.sources.mimic_iv.infection import FOCI
from tests.conftest import ROOT
from tests.invented_mimic_iv import answer, invented_tables


def topics_of(code: str, version: int) -> set[str]:
    row = {"subject_id": 1, "hadm_id": 1, "seq_num": 1, "icd_code": code, "icd_version": version}
    tables = invented_tables(diagnoses_icd=[row])
    return {found["topic"] for found in answer(coded_topics(tables, listed_codes(tables)))}


def test_range_of_codes_is_every_prefix_of_it():
    assert expand_codes("480-482 4870 A00-A02") == [
        "480",
        "481",
        "482",
        "4870",
        "A00",
        "A01",
        "A02",
    ]


@pytest.mark.parametrize(
    ("code", "version", "expected"),
    [
        ("486", 9, {"pneumonia"}),
        ("J189", 10, {"pneumonia"}),
        ("J95851", 10, {"ventilator_associated_pneumonia"}),
        ("U071", 10, {"covid_19", "other"}),
        ("7907", 9, {"bacteraemia"}),
        ("N10", 10, {"acute_pyelonephritis"}),
        ("5990", 9, {"other"}),
        ("K8309", 10, {"acute_cholangitis"}),
        ("K8301", 10, set()),  # primary sclerosing cholangitis is no infection
        ("L0591", 10, set()),  # a pilonidal cyst without an abscess
        ("C787", 10, {"stage_iv_malignancy"}),
        ("B20", 10, {"hiv"}),
        ("042", 9, {"hiv"}),
        ("M3210", 10, {"systemic_lupus"}),
        ("340", 9, {"demyelinating_disease"}),
        ("D84821", 10, set()),  # acquired: by drugs
        ("O9081", 10, set()),  # after birth
        ("I10", 10, set()),
    ],
)
def test_code_means_its_topic(code, version, expected):
    assert topics_of(code, version) == expected


def test_code_v667_is_palliative_care_in_icd_9_alone():
    assert topics_of("V667", 9) == {"do_not_resuscitate"}
    assert topics_of("V667", 10) == set()  # a traffic accident


def test_code_of_hiv_in_one_system_means_nothing_in_the_other():
    assert topics_of("B20", 9) == set()
    assert topics_of("042", 10) == set()


def test_every_topic_of_the_list_is_used():
    used = {*FOCI, *CHRONIC, *OF_THIS_ADMISSION, "bacteraemia", "other"}

    assert {row["topic"] for row in read_list("diagnoses")} == used


@pytest.mark.parametrize(
    "name", ["diagnoses", "drugs", "drug_refusals", "administrations", "specimens", "code_status"]
)
def test_every_row_of_a_list_says_why(name):
    assert all(row["why"].strip() for row in read_list(name))


@pytest.mark.parametrize("name", ["drugs", "drug_refusals", "skin_commensals", "code_status"])
def test_fragments_are_lower_case_and_not_repeated(name):
    found = fragments(name)

    assert found == [fragment.lower() for fragment in found]
    assert len(found) == len(set(found))


@pytest.mark.parametrize("field", fields(Choices), ids=lambda field: field.name)
def test_every_choice_is_documented(field):
    page = (ROOT / "docs" / "reference" / "mimic-iv.md").read_text()

    assert f"| `{field.name}` |" in page


def test_every_list_is_documented():
    page = (ROOT / "docs" / "reference" / "mimic-iv.md").read_text()
    lists = resources.files(mimic_iv).joinpath("codes").iterdir()

    assert [file.name for file in lists if f"`{file.name}`" not in page] == []
