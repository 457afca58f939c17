"""PROVIDE's value, and where it differs from ImmunoSep."""

from typing import Any

import pytest

from immunosep.trials.provide import PROVIDE
from tests.spec.eligible import assessed


def verdict(**changes: Any) -> tuple[str, str | None]:
    (found,) = assessed(PROVIDE, [changes])
    return found["verdict"], found["against"]


def test_a_patient_in_septic_shock_is_eligible():
    assert verdict() == ("eligible", None)


def test_a_patient_without_shock_is_not():
    assert verdict(septic_shock=False) == ("ineligible", "septic_shock")


@pytest.mark.parametrize(
    "infection",
    [
        "community_acquired_pneumonia",
        "hospital_acquired_pneumonia",
        "ventilator_associated_pneumonia",
        "acute_cholangitis",
        "primary_bacteraemia",
    ],
)
def test_an_infection_that_qualifies(infection):
    assert verdict(infection=infection) == ("eligible", None)


def test_another_infection_of_the_abdomen_excludes():
    assert verdict(infection="intra_abdominal") == ("ineligible", "infection excluded_infection")


def test_neutrophils_and_covid_are_not_asked_for():
    assert verdict(neutrophils_per_mm3=None, covid_19=None) == ("eligible", None)


def test_36_were_enrolled_of_278_asked_for():
    assert PROVIDE.sample_size is not None
    assert (PROVIDE.sample_size.enrolled, PROVIDE.sample_size.total) == (36, 278)


def test_patients_are_sampled_on_two_consecutive_days():
    sampled = [visit.day for visit in PROVIDE.schedule if "ferritin" in visit.assessments]
    assert sampled == [-1, 0]


def test_centres_that_are_not_published_are_a_choice_and_not_invented():
    assert PROVIDE.centres == ()
    assert "14" in PROVIDE.choice("centre_names").question
