"""What counts as a culture, what as growth, and what as a commensal of the skin."""

import pytest

from immunosep.sources.mimic_iv.cultures import (
    cultures,
    is_blood,
    is_skin_commensal,
    specimens_as_mimic_code,
)
from tests.invented_mimic_iv import answer, at, invented_table, invented_tables, seconds

BLOOD = ("BLOOD CULTURE", "Blood Culture, Routine")
NO_CULTURE = [
    ("MRSA SCREEN", "MRSA SCREEN"),
    ("Staph aureus swab", "Staph aureus Screen"),
    ("SEROLOGY/BLOOD", "RAPID PLASMA REAGIN TEST"),
    ("Blood (EBV)", "EPSTEIN-BARR VIRUS VCA-IgG AB"),
    ("Immunology (CMV)", "CMV Viral Load"),
    ("SWAB", "R/O VANCOMYCIN RESISTANT ENTEROCOCCUS"),
    ("BRONCHOALVEOLAR LAVAGE", "VIRAL CULTURE: R/O CYTOMEGALOVIRUS"),
    ("Stem Cell - Blood Culture", "Stem Cell Aer/Ana Culture"),
]
CULTURE = [
    BLOOD,
    ("URINE", "URINE CULTURE"),
    ("SPUTUM", "RESPIRATORY CULTURE"),
    ("TISSUE", "TISSUE"),
    ("SPUTUM", "LEGIONELLA CULTURE"),
]


def event(specimen: str, test: str, **more: object) -> dict[str, object]:
    return {
        "subject_id": 1,
        "hadm_id": 1,
        "micro_specimen_id": 7,
        "chartdate": at(0),
        "charttime": at(5),
        "spec_type_desc": specimen,
        "test_name": test,
    } | more


def cultured(*events: dict[str, object]) -> list[dict[str, object]]:
    return answer(cultures(invented_tables(microbiologyevents=list(events))))


@pytest.mark.parametrize(("specimen", "test"), NO_CULTURE)
def test_screen_serology_or_virus_is_no_culture(specimen, test):
    assert cultured(event(specimen, test)) == []


@pytest.mark.parametrize(("specimen", "test"), CULTURE)
def test_culture_of_a_body_fluid_counts(specimen, test):
    assert len(cultured(event(specimen, test))) == 1


def test_every_specimen_counts_as_mimic_code_reads_it():
    tables = invented_tables(microbiologyevents=[event("MRSA SCREEN", "MRSA SCREEN")])

    assert len(answer(specimens_as_mimic_code(tables))) == 1


def test_organism_tested_against_three_antibiotics_is_one_row():
    found = cultured(*[event(*BLOOD, org_name="ESCHERICHIA COLI", org_itemid=80002)] * 3)

    assert [(row["organism"], row["positive"]) for row in found] == [("ESCHERICHIA COLI", True)]


def test_culture_that_was_cancelled_did_not_grow():
    (found,) = cultured(event(*BLOOD, org_name="CANCELLED", org_itemid=90760))

    assert (found["organism"], found["positive"]) == (None, False)


def test_culture_that_grew_has_no_row_without_organism():
    found = cultured(event(*BLOOD), event(*BLOOD, org_name="ESCHERICHIA COLI", org_itemid=80002))

    assert [row["organism"] for row in found] == ["ESCHERICHIA COLI"]


def test_culture_without_an_hour_keeps_its_day():
    (found,) = cultured(event(*BLOOD, charttime=None))

    assert (found["taken_s"], found["day_s"]) == (None, seconds(0))


def test_fluid_in_a_blood_culture_bottle_is_not_blood():
    rows = [event(BLOOD[0], ""), event("FLUID RECEIVED IN BLOOD CULTURE BOTTLES", "")]
    table = invented_table("microbiologyevents", rows)

    assert answer(table.select(blood=is_blood(table.spec_type_desc))) == [
        {"blood": True},
        {"blood": False},
    ]


@pytest.mark.parametrize(
    ("organism", "of_the_skin"),
    [
        ("STAPHYLOCOCCUS, COAGULASE NEGATIVE", True),
        ("STAPHYLOCOCCUS EPIDERMIDIS", True),
        ("CORYNEBACTERIUM SPECIES (DIPHTHEROIDS)", True),
        ("MICROCOCCUS/STOMATOCOCCUS SPECIES", True),
        ("STAPH AUREUS COAG +", False),
        ("VIRIDANS STREPTOCOCCI", False),
        ("ESCHERICHIA COLI", False),
    ],
)
def test_skin_commensal_by_name(organism, of_the_skin):
    table = invented_table("microbiologyevents", [event(*BLOOD, org_name=organism)])

    assert answer(table.select(skin=is_skin_commensal(table.org_name))) == [{"skin": of_the_skin}]
