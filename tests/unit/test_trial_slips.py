"""Slips that a trial's author makes, and that only show when patients are screened."""

from dataclasses import replace
from typing import Any

import pytest

from immunosep.concepts.bounds import Bounds
from immunosep.concepts.snapshot import snapshot
from immunosep.protocol import Criterion, Intervention, Regimen, Trial
from tests.unit.small_trial import (
    ADULT,
    DRUG,
    INFUSION,
    INJECTION,
    SALINE,
    TREATED,
    VALID,
    cell,
    component,
    problem,
    problems,
)

NOBODYS = [
    (snapshot.infection == "pneumonia", "infection with 'pneumonia'"),
    (snapshot.infection != "pneumonia", "community_acquired_pneumonia, hospital_acquired"),
    (snapshot.infection.isin(["skin", "menigitis"]), "The nearest: meningitis"),
    (snapshot.sex == "woman", "expected one of female, male"),
    (snapshot.sex == "Female", "The nearest: female"),
    ((snapshot.sex == "man") & snapshot.hiv, "The nearest: male"),
    (snapshot.age_years >= 180, "age_years with 180, expected 0 to 125 years"),
    (snapshot.age_years.between(18, 180), "age_years with 180"),
    (snapshot.gcs.isin([1, 15]), "gcs with 1, expected 3 to 15"),
    (~(snapshot.sofa_lowest < 25), "sofa_lowest with 25, expected 0 to 24"),
    (snapshot.sofa_liver >= 5, "sofa_liver with 5, expected 0 to 4"),
    (Bounds(snapshot.sofa_lowest, snapshot.sofa_highest).at_least(40), "sofa_lowest with 40"),
]


@pytest.mark.parametrize(("rule", "said"), NOBODYS)
def test_a_rule_on_what_no_patient_can_have(rule, said):
    found = problems(exclusion=(Criterion("odd", "Odd", rule, source="a paper"),))
    assert found[0].startswith("criterion 'odd': it compares ")
    assert any(said in problem for problem in found)


@pytest.mark.parametrize(
    "rule",
    [
        snapshot.infection.isin(["skin", "meningitis"]),
        snapshot.ferritin_ng_ml > 0,
        snapshot.unit == "Ward 3",
        snapshot.sofa_lowest - snapshot.sofa_admission >= 2,
        snapshot.age_years <= 125,
    ],
)
def test_a_rule_on_what_patients_can_have(rule):
    criterion = Criterion("some", "Some", rule, source="a paper")
    assert Trial(**VALID | {"exclusion": (criterion,)}).id == "mine"


def treated(**changes: Any) -> dict[str, Any]:
    """The valid trial, in which every infusion is changed alike, or only the drug's dose."""
    plain = {k: v for k, v in changes.items() if k not in ("dose", "unit")}
    drug, dummy = replace(TREATED, **changes), replace(INFUSION, **plain)
    states = ("high", "low")
    cells = [cell(state, "active", drug, INJECTION) for state in states]
    return {"regimens": (*cells, *(cell(s, "placebo", dummy, INJECTION) for s in states))}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"every_hours": 0}, "the iv 'drug': every_hours is 0, expected a whole number, 1 or more"),
        ({"days": -7}, "the iv 'drug': days is -7, expected a whole number, 1 or more"),
        ({"days": 0.5}, "days is 0.5"),
        ({"volume_ml": -1}, "volume_ml is -1, expected a number above 0"),
        ({"dose": -200}, "the iv 'drug': dose is -200, expected a number above 0"),
        ({"dose": "200 mg"}, "dose is '200 mg', expected a number above 0"),
        ({"dose": None}, "the iv 'drug' is active and has no dose"),
        ({"unit": ""}, "its dose has no unit"),
        ({"unit": "milligram"}, "'milligram', expected a unit of a dose. The nearest is mg"),
        ({"unit": "mcg/kg"}, "The nearest is ug/kg"),
        ({"unit": "ml"}, "The nearest is mL"),
        ({"unit": "mm[Hg]"}, "expected a unit of a dose"),
        ({"unit": "zzz"}, "Write g, mg, ug"),
        ({"looks": ""}, "the iv components of drug, saline do not say how they look"),
    ],
)
def test_a_component_that_cannot_be_given(changes, said):
    assert said in problems(**treated(**changes))[0]


@pytest.mark.parametrize("unit", ["mg", "ug/kg", "mL", "IU", "mg/m2", "ug/kg/min", "g"])
def test_a_unit_of_a_dose(unit):
    assert Trial(**VALID | treated(unit=unit)).id == "mine"


def test_a_placebo_with_a_dose():
    dummy = replace(INFUSION, dose=200, unit="mg")
    regimens = (*VALID["regimens"][:3], cell("low", "placebo", dummy, INJECTION))
    assert "the iv 'saline' has a dose of 200 mg, but is not active" in problem(regimens=regimens)


def test_a_placebo_said_to_be_active():
    sham = Intervention(id="placebo", label="Placebo", active=True)
    found = problem(interventions=(DRUG, SALINE, sham))
    assert found.startswith("intervention 'placebo' is a placebo by its name, but has active=True")


def test_placebo_in_every_arm():
    found = problem(regimens=(cell("high", "active"), *VALID["regimens"][1:]))
    assert found.startswith("in immune state 'high' every arm is given placebo only")


@pytest.mark.parametrize(("control", "said"), [(True, "2 arms of 2"), (False, "no arms of 2")])
def test_a_blinded_trial_without_one_control_arm(control, said):
    arms = tuple(replace(arm, control=control) for arm in VALID["arms"])
    assert problem(arms=arms).startswith(said)
    assert Trial(**VALID | {"arms": arms, "double_blind": False}).arms == arms


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": "My trial"}, "trial id 'My trial' is not one word of lower-case letters"),
        ({"id": ""}, "Give it one"),
        ({"inclusion": (replace(ADULT, id="Age>18"),)}, "Write 'age_18'"),
        ({"id": 3}, "trial id 3 is not one word"),
        ({"inclusion": (replace(ADULT, text=" "),)}, "criterion 'adult' has no text"),
    ],
)
def test_words_that_results_cannot_use(changes, said):
    assert said in problem(**changes)


def test_a_component_without_its_comma():
    forgotten: Any = INFUSION
    given = Regimen(state="low", arm="placebo", components=forgotten)
    assert "with the comma" in problem(regimens=(*VALID["regimens"][:3], given))


def test_a_route_that_is_a_word():
    given = cell("low", "placebo", component(route="iv"))
    assert "Route.INTRAVENOUS" in problem(regimens=(*VALID["regimens"][:3], given))
