"""Whose an Observation of a FHIR Bundle is: by references and identifiers, never by a guess."""

import json
from typing import Any

import pytest

from immunosep.sources.fhir import read_bundle
from tests.unit.bundled import GONE, PATIENT, bundle, observation, read, reason


@pytest.mark.parametrize(
    "reference",
    [
        "Patient/p",
        "Patient/p/_history/3",
        "https://lab.example.org/fhir/Patient/p",
        "https://lab.example.org/fhir/Patient/p/_history/1",
    ],
)
def test_a_reference_finds_the_patient(reference: str) -> None:
    (taken,) = read(observation(subject={"reference": reference})).taken
    assert taken.person == "01-0001"


def test_a_contained_patient_is_found_and_an_urn_too() -> None:
    inside = {**PATIENT, "id": "c"}
    assert read(observation(contained=[inside], subject={"reference": "#c"})).taken
    urn = "urn:uuid:6b0e3b9c-0000-4000-8000-000000000001"
    whole = json.loads(bundle(observation(subject={"reference": urn})))
    whole["entry"].append({"fullUrl": urn, "resource": PATIENT})
    assert read_bundle(json.dumps(whole), system="urn:immunosep:participant").taken


def test_an_identifier_in_the_reference_is_enough() -> None:
    of = {"identifier": {"system": "urn:immunosep:participant", "value": "01-0007"}}
    (taken,) = read(observation(subject=of)).taken
    assert taken.person == "01-0007"


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        (GONE, "not in the Bundle"),
        ({"reference": "Patient/01-0001"}, "not in the Bundle"),
        ({"reference": "https://other.example.org/Patient/p"}, "not in the Bundle"),
        ({"reference": "#nobody"}, "not in the Bundle"),
        ({"reference": "Patient/p", "identifier": {"system": "urn:immunosep:participant",
                                                   "value": "01-0002"}}, "no single"),
        ({"identifier": {"system": "urn:oid:1.2.3", "value": "hospital-17"}}, "no single"),
        ({"identifier": {"value": " "}}, "no single"),
    ],
)  # fmt: skip
def test_whoever_is_not_known_for_sure_is_refused(subject: Any, told: str) -> None:
    assert told in reason(subject=subject)


def test_a_patient_merged_into_another_is_refused() -> None:
    gone = {**PATIENT, "id": "m", "link": [{"type": "replaced-by"}]}
    (refused,) = read(observation(contained=[gone], subject={"reference": "#m"})).refused
    assert "merged" in refused.reason
