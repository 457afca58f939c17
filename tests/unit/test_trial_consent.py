"""Consent: who may give it, and plans that cannot be followed."""

from dataclasses import replace
from typing import Any

import pytest

from immunosep.protocol import Centre, ConsentBy, ConsentPlan, Trial, WithdrawalKind
from immunosep.trials import TRIALS
from tests.unit.small_trial import VALID, problem, problems

PLAN = ConsentPlan(
    given_by=(ConsentBy.PATIENT, ConsentBy.RELATIVE), relatives="the spouse", source="a law"
)
DEFERRED = replace(
    PLAN,
    given_by=(*PLAN.given_by, ConsentBy.DEFERRED),
    deferred_countries=("Germany",),
    deferred_within_hours=72,
)
JENA = Centre(id="jena", name="Jena", city="", country="Germany", latitude=50.9, longitude=11.6)


@pytest.mark.parametrize("plan", [PLAN, DEFERRED, replace(PLAN, given_by=(ConsentBy.PATIENT,))])
def test_a_plan_that_can_be_followed(plan):
    assert Trial(**VALID | {"consent": plan, "centres": (JENA,)}).consent == plan


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (replace(PLAN, source=""), "the consent plan has no source"),
        (replace(PLAN, given_by=()), "nobody may consent"),
        (replace(PLAN, given_by=("mother",)), "is given by 'mother', expected ConsentBy"),  # type: ignore[arg-type]
        (replace(PLAN, relatives=" "), "`relatives` does not say which"),
        (replace(PLAN, deferred_within_hours=72), "consent is not deferred, but has"),
        (replace(PLAN, deferred_countries=("Germany",)), "consent is not deferred, but has"),
        (replace(DEFERRED, deferred_countries=()), "`deferred_countries` is empty"),
        (replace(DEFERRED, deferred_within_hours=None), "deferred_within_hours is None"),
        (replace(DEFERRED, deferred_within_hours=0), "deferred_within_hours is 0, expected"),
        (replace(PLAN, given_by=ConsentBy.PATIENT), "`given_by` is ConsentBy, expected a tuple"),  # type: ignore[arg-type]
    ],
)
def test_a_plan_that_cannot_be_followed(plan, said):
    assert said in problem(consent=plan)


@pytest.mark.parametrize(("country", "hint"), [("Germny", " The nearest is Germany"), ("Peru", "")])
def test_consent_deferred_where_the_trial_has_no_centre(country, hint):
    plan = replace(DEFERRED, deferred_countries=(country,))
    (found,) = problems(consent=plan, centres=(JENA,))
    assert found.endswith(f"{country!r}, where the trial has no centre{'.' if hint else ''}{hint}")


def test_something_else_in_the_place_of_a_plan():
    word: Any = "patient"
    assert "expected ConsentPlan" in problem(consent=word)


@pytest.mark.parametrize("trial", TRIALS.values(), ids=TRIALS)
def test_the_patient_or_a_close_relative_consents(trial):
    assert trial.consent.given_by == (ConsentBy.PATIENT, ConsentBy.RELATIVE)
    assert "spouse" in trial.consent.relatives


def test_a_withdrawal_fits_in_a_column_of_40_characters():
    assert all(len(kind) <= 40 for kind in WithdrawalKind)
