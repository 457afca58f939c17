"""Forms: what a trial asks of a patient, by whom, and what it must not forget or ask twice."""

from typing import Any

import ibis
import pytest

from immunosep.concepts.snapshot import PATIENTS, derive_snapshot, snapshot
from immunosep.protocol import Criterion, FilledBy, Form, Trial
from immunosep.protocol.forms import (
    NEVER_ASKED,
    OF_RECORDS,
    TOTALS,
    columns_behind,
    columns_ruled_on,
    ways_to_know,
)
from immunosep.tables.dictionary import BEDSIDE, DERIVED
from immunosep.trials import TRIALS
from tests.unit.small_trial import ADULT, HIGH, LOW, VALID, problem, problems

SOFA_PARTS = (
    *("pao2_mmhg", "fio2", "respiratory_support", "platelets_10e3_ul", "bilirubin_mg_dl"),
    *("map_mmhg", "dopamine_ug_kg_min", "dobutamine_ug_kg_min", "epinephrine_ug_kg_min"),
    *("norepinephrine_ug_kg_min", "gcs", "creatinine_mg_dl", "urine_ml_day"),
)
SICK = Criterion("sick", "SOFA 2 or more", snapshot.sofa_lowest >= 2, source="a paper")


def form(*columns: str, **changes: Any) -> Form:
    usual = {"id": "all", "label": "All", "filled_by": FilledBy.BEDSIDE, "columns": columns}
    return Form(**usual | changes)


def derived(*criteria: Criterion, **more: Any) -> dict[str, tuple[str, ...]]:
    trial = Trial(id="mine", title="Mine", inclusion=criteria, **more)
    return {each.id: each.columns for each in trial.screening_forms}


def test_a_trial_without_forms_has_those_its_rules_need():
    assert derived(ADULT, immune_states=(HIGH, LOW)) == {
        "who_and_where": ("age_years",),
        "laboratory": ("ferritin_ng_ml",),
    }


def test_a_rule_on_sofa_asks_for_the_total_and_for_its_parts():
    assert derived(SICK) == {"illness": ("sofa",), "sofa_parts": SOFA_PARTS}


def test_biomarkers_are_of_the_laboratory():
    (one,) = Trial(id="mine", title="Mine", inclusion=(HIGH_FERRITIN,)).screening_forms
    assert (one.id, one.filled_by) == ("laboratory", FilledBy.LABORATORY)


HIGH_FERRITIN = Criterion("high", "High", snapshot.ferritin_ng_ml > 1, source="a paper")


def test_a_window_asks_when_sepsis_began():
    rule = (snapshot.hours_since_sepsis >= 0) & (snapshot.hours_since_sepsis < 72)
    late = Criterion("window", "In time", rule, source="a paper")
    assert derived(late, window_hours=72) == {"illness": ("sepsis_onset_at",)}


def test_what_is_known_elsewhere_is_never_asked():
    consent = Criterion("consent", "Consent", snapshot.consent_given)
    assert derived(ADULT, consent) == {"who_and_where": ("age_years",)}


@pytest.mark.parametrize("column", [column.name for column in (*BEDSIDE, *DERIVED)])
def test_a_column_rests_on_columns_that_a_source_gives(column):
    assert set(columns_behind(column)) <= set(PATIENTS.columns)
    assert set(columns_behind(column)).isdisjoint({*NEVER_ASKED, *OF_RECORDS})


@pytest.mark.parametrize("column", [column.name for column in DERIVED])
def test_each_way_to_know_a_derived_column_is_among_what_it_rests_on(column):
    assert all(set(way) <= set(columns_behind(column)) for way in ways_to_know(column))


@pytest.mark.parametrize("column", TOTALS)
def test_a_total_is_known_as_one_number_or_by_every_part(column):
    assert ways_to_know(column) == (("sofa",), SOFA_PARTS)


def test_the_snapshot_is_derived_in_steps_that_can_be_followed_back():
    assert set(derive_snapshot(PATIENTS).columns) == {c.name for c in (*BEDSIDE, *DERIVED)}


FORM_SLIPS = [
    (form("age_years", "ferritine"), "form 'all': there is no column 'ferritine'"),
    (form("age_years", "ferritin_ng_ml", "assessed_at"), "'assessed_at' is on no form"),
    (form("age_years", "ferritin_ng_ml", "sofa_total"), "'sofa_total' is derived from other"),
    (form("age_years", "ferritin_ng_ml", "age_years"), "'age_years' is on the forms 2 times (all)"),
    (form("age_years", "ferritin_ng_ml", label=" "), "form 'all': it has no label"),
    (form("age_years", "ferritin_ng_ml", filled_by="nurse"), "filled_by is 'nurse', expected"),
    (form("age_years", "ferritin_ng_ml", id="All of it"), "Write 'all_of_it'"),
    (form("age_years"), "a rule reads 'ferritin_ng_ml', and no form asks for what decides it"),
    (form(columns="age_years"), "form 'all': `columns` is str, expected a tuple"),
    (form(), "form 'all': it has no columns"),
]


@pytest.mark.parametrize(("given", "said"), FORM_SLIPS)
def test_a_form_that_cannot_be_filled_in(given, said):
    assert any(said in found for found in problems(forms=(given,)))


def test_a_column_on_two_forms():
    forms = (form("age_years", "ferritin_ng_ml"), form("age_years", id="again"))
    assert problem(forms=forms).startswith("column 'age_years' is on the forms 2 times (all, again")


def test_two_forms_of_one_name():
    forms = (form("age_years"), form("ferritin_ng_ml"))
    assert problem(forms=forms).startswith("form 'all' is there more than once")


def test_something_else_in_the_place_of_a_form():
    assert problem(forms=("age_years",)) == "`forms`, item 1, is str, expected Form"


@pytest.mark.parametrize("asked", [("sofa",), SOFA_PARTS, ("sofa", "gcs")])
def test_forms_with_sofa_as_a_total_or_by_its_parts(asked):
    given = form("age_years", "ferritin_ng_ml", *asked)
    assert Trial(**VALID | {"exclusion": (SICK,), "forms": (given,)}).forms == (given,)


def test_forms_that_forget_a_drug_which_would_score_as_not_given():
    asked = [name for name in SOFA_PARTS if name != "norepinephrine_ug_kg_min"]
    found = problem(exclusion=(SICK,), forms=(form("age_years", "ferritin_ng_ml", *asked),))
    assert found.endswith("asks for what decides it: add sofa; or norepinephrine_ug_kg_min")


def test_a_misspelt_rule_is_reported_once_and_not_as_a_forgotten_column():
    odd = Criterion("odd", "Odd", True)
    assert len(problems(exclusion=(odd,), forms=(form("age_years", "ferritin_ng_ml"),))) == 1


def test_a_column_of_another_table_is_reported_with_its_rule_alone():
    other = ibis.table({"ferritine": "float64"}, name="mine")
    odd = Criterion("odd", "Odd", other.ferritine > 1, source="a paper")
    found = problems(exclusion=(odd,), forms=(form("age_years", "ferritin_ng_ml"),))
    assert all(each.startswith("criterion 'odd'") for each in found)


@pytest.mark.parametrize("trial", TRIALS.values(), ids=TRIALS)
def test_every_rule_of_a_trial_can_be_decided_from_its_forms(trial):
    asked = {name for each in trial.screening_forms for name in each.columns}
    for read in columns_ruled_on(trial):
        assert any(asked.issuperset(way) for way in ways_to_know(read))


def test_immunosep_asks_first_what_is_known_at_the_door_and_last_the_laboratory():
    forms = TRIALS["immunosep"].screening_forms
    assert (forms[0].columns[0], forms[-1].filled_by) == ("age_years", FilledBy.LABORATORY)
    assert [each.filled_by for each in forms[:-1]] == [FilledBy.BEDSIDE] * (len(forms) - 1)
