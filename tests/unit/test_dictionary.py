"""The data dictionary says of every column all that a reader and a source need."""

import pytest

from immunosep.concepts import cockcroft_gault, hscore, isth_dic, mas_2016, sofa2
from immunosep.tables.columns import Kind, Range
from immunosep.tables.dictionary import BEDSIDE, COLUMNS, DERIVED, nearest_names
from immunosep.tables.units import unit_of

FIXED = """
    patient_id age_years sex weight_kg setting consent_given infection covid_19 sofa sofa_admission
    sepsis_onset_at assessed_at first_dose_at ferritin_ng_ml hla_dr_per_monocyte
    neutrophils_per_mm3 blood_culture_contaminant stage_iv_malignancy do_not_resuscitate
    active_tuberculosis_treatment hiv primary_immunodeficiency prednisone_equivalent_mg_kg_day
    anti_cytokine_last_month systemic_lupus demyelinating_disease pregnant lactating
    pregnancy_test_pending unwilling_to_become_pregnant pao2_mmhg fio2 respiratory_support
    platelets_10e3_ul bilirubin_mg_dl map_mmhg dopamine_ug_kg_min dobutamine_ug_kg_min
    epinephrine_ug_kg_min norepinephrine_ug_kg_min gcs creatinine_mg_dl urine_ml_day
"""
"""What a bedside file may always say: renaming one would break every hospital's files."""

OF_CONCEPTS = [
    column
    for concept in (sofa2, hscore, isth_dic, mas_2016, cockcroft_gault)
    for column in concept.INPUTS
]
EVERY = list({column.name: column for column in (*COLUMNS.values(), *OF_CONCEPTS)}.values())
NUMBERS = [column for column in EVERY if column.kind in (Kind.NUMBER, Kind.INTEGER)]
CATEGORIES = [column for column in EVERY if column.kind is Kind.CATEGORY]
CODED = [column for column in EVERY if column.loinc]


def by_name(column):
    return column.name


@pytest.mark.parametrize("name", FIXED.split())
def test_dictionary_keeps_its_fixed_names(name):
    assert name in {column.name for column in BEDSIDE}


def test_dictionary_names_a_column_once():
    assert len(COLUMNS) == len(BEDSIDE) + len(DERIVED)


@pytest.mark.parametrize("column", EVERY, ids=by_name)
def test_column_has_a_label_a_kind_and_a_reason_to_be_missing(column):
    assert column.label
    assert column.kind.engine_type
    assert column.missing


@pytest.mark.parametrize("column", NUMBERS, ids=by_name)
def test_number_has_a_unit_that_is_known(column):
    assert unit_of(column.unit).dimension


@pytest.mark.parametrize(
    "column", [column for column in NUMBERS if column not in DERIVED], ids=by_name
)
def test_number_a_source_gives_has_possible_limits(column):
    assert column.possible is not None
    assert column.possible.low < column.possible.high


@pytest.mark.parametrize("column", [column for column in NUMBERS if column.plausible], ids=by_name)
def test_plausible_limits_lie_within_the_possible(column):
    assert column.possible.low <= column.plausible.low
    assert column.plausible.high <= column.possible.high


@pytest.mark.parametrize("column", CATEGORIES, ids=by_name)
def test_category_has_choices_in_the_words_of_code(column):
    assert column.choices
    assert all(choice == choice.lower().replace(" ", "_") for choice in column.choices)


@pytest.mark.parametrize("column", CODED, ids=by_name)
def test_loinc_code_has_its_check_digit(column):
    body, check = column.loinc.split("-")
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(body))]
    assert (sum(value // 10 + value % 10 for value in doubled) + int(check)) % 10 == 0


@pytest.mark.parametrize("column", EVERY, ids=by_name)
def test_input_of_a_concept_means_what_the_dictionary_says(column):
    assert COLUMNS.get(column.name, column) == column


def test_inputs_of_two_concepts_agree_on_a_name():
    unit_of_name = {column.name: column.unit for column in OF_CONCEPTS}
    assert all(unit_of_name[column.name] == column.unit for column in OF_CONCEPTS)


def test_range_includes_its_limits_unless_told_otherwise():
    assert [value in Range(0, 1) for value in (-1, 0, 1, 2)] == [False, True, True, False]
    assert [value in Range(0, 1, above=True) for value in (0, 1)] == [False, True]


def test_range_speaks():
    assert str(Range(0.21, 1)) == "0.21 to 1"
    assert str(Range(0, 650, above=True)) == "above 0 to 650"


def test_nearest_name_of_a_misspelt_column():
    assert nearest_names("Ferritin_ngml") == ["ferritin_ng_ml"]
    assert nearest_names("qqqq") == []
