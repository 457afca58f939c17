"""What a name that is not in the dictionary may have meant; a wrong guess would be dangerous."""

import pytest

from immunosep.tables.dictionary import COLUMNS, nearest_names
from immunosep.tables.names import NOT_READ, SYNONYMS, is_not_read, split_unit

MEANT = {
    "age_yeers": "age_years",
    "feritin_ng_ml": "ferritin_ng_ml",
    "norepinephrine": "norepinephrine_ug_kg_min",
    "Norepinephrin": "norepinephrine_ug_kg_min",
    "sofa_score": "sofa",
    "creat_umol_l": "creatinine_mg_dl",
    "PLT": "platelets_10e3_ul",
}


@pytest.mark.parametrize("name", MEANT)
def test_a_slip_or_another_word_is_understood(name):
    assert nearest_names(name) == [MEANT[name]]


@pytest.mark.parametrize("name", ["foo", "sofa_24h", "bilirubin_direct", "lactae", "bp"])
def test_a_name_that_is_not_nearly_the_same_is_no_suggestion(name):
    assert nearest_names(name) == []


@pytest.mark.parametrize(
    "name",
    ["spo2", "SaO2", "PaCO2", "lactate", "lactate_mmol_l", "heart_rate", "Heart rate", "CRP"],
)
def test_what_is_measured_but_not_read_is_no_suggestion(name):
    assert is_not_read(name)
    assert nearest_names(name) == []


def test_synonyms_mean_columns():
    assert set(SYNONYMS.values()) <= set(COLUMNS)


def test_no_column_or_synonym_is_said_to_be_not_read():
    known = {*COLUMNS, *SYNONYMS, *(split_unit(name)[0] for name in COLUMNS)}
    assert known & NOT_READ == set()
