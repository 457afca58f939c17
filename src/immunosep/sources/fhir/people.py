"""Whose an Observation is: the identifier of its subject, in the Bundle or in the reference itself.

The id of a resource is a server's own and identifies nobody elsewhere, so it is never taken.
"""

from collections.abc import Mapping
from typing import Any

from immunosep.sources.fhir.bundles import Bundle, Entry, Resource
from immunosep.sources.fhir.json_values import listed, mapping, text
from immunosep.sources.fhir.quantities import UnreadableError


def person_of(entry: Entry, bundle: Bundle, *, system: str = "") -> str:
    """The identifier of `system`; of no system named, or without one beside it, the only one."""
    subject = mapping(entry.resource.get("subject"))
    patient = bundle.find(subject, of=entry, kind="Patient")
    told = [subject.get("identifier")] if "identifier" in subject else []
    if patient is None and not told:
        raise UnreadableError(
            "its patient is not in the Bundle; put the Patient in, or an identifier into subject"
        )
    if patient is not None and _is_replaced(patient):
        raise UnreadableError("its patient was merged into another; send it with that one")
    return _one_of([*told, *listed((patient or {}).get("identifier"))], system)


def _one_of(identifiers: list[Any], system: str) -> str:
    held = [mapping(each) for each in identifiers]
    pairs = {
        (text(each.get("system")), text(each.get("value")).strip())
        for each in held
        if each.get("use") != "old" and text(each.get("value")).strip()
    }
    named = {value for of, value in pairs if of == system} if system else set()
    if not named and len({value for _, value in pairs}) == 1:
        named = {value for of, value in pairs if not (system and of)}
    if len(named) != 1:
        raise UnreadableError(
            f"its patient has no single identifier of the system {system}"
            if system
            else "its patient has no identifier, or several; send the one to know them by"
        )
    return named.pop()


def _is_replaced(patient: Resource) -> bool:
    links: list[Mapping[str, Any]] = [mapping(each) for each in listed(patient.get("link"))]
    return any(each.get("type") == "replaced-by" for each in links)
