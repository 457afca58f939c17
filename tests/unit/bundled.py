"""A FHIR Bundle as a laboratory sends it: one patient, and Observations of hers."""

import json
from typing import Any

from immunosep.sources.fhir import read_bundle
from immunosep.sources.results import PARTICIPANT, Results

AT = "2026-03-02T10:00:00+01:00"
FERRITIN = {"coding": [{"system": "http://loinc.org", "code": "2276-4"}]}
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p",
    "identifier": [
        {"system": "urn:oid:1.2.3", "value": "hospital-17"},
        {"system": PARTICIPANT, "value": "01-0001"},
    ],
    "gender": "male",
    "birthDate": "1961-03-03",
}
GONE = object()


def quantity(value: Any = 800, code: str = "ng/mL", **more: Any) -> dict[str, Any]:
    """A number with its unit."""
    return {"value": value, "system": "http://unitsofmeasure.org", "code": code} | more


def observation(**changed: Any) -> dict[str, Any]:
    """Ferritin of the patient; what is GONE is left out."""
    whole = {
        "resourceType": "Observation",
        "status": "final",
        "code": FERRITIN,
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": AT,
        "valueQuantity": quantity(),
    } | changed
    return {key: value for key, value in whole.items() if value is not GONE}


def bundle(*resources: Any, kind: str = "collection", **more: Any) -> str:
    """The Bundle as text, the patient first; her address is that of a server."""
    entries = [{"fullUrl": "https://lab.example.org/fhir/Patient/p", "resource": PATIENT}]
    entries += [
        {"fullUrl": f"https://lab.example.org/fhir/Observation/{n}", "resource": each}
        for n, each in enumerate(resources)
    ]
    return json.dumps({"resourceType": "Bundle", "type": kind, "entry": entries} | more)


def read(*resources: Any, system: str = PARTICIPANT, **more: Any) -> Results:
    """What is read of them."""
    return read_bundle(bundle(*resources, **more), system=system)


def reason(**changed: Any) -> str:
    """Why one Observation, changed in this way, is not taken."""
    read_ = read(observation(**changed))
    assert not read_.taken
    (refused,) = read_.refused
    return refused.reason


def loinc(code: str) -> dict[str, Any]:
    """A code of LOINC."""
    return {"coding": [{"system": "http://loinc.org", "code": code}]}
