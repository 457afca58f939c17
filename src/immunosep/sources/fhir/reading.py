"""From a FHIR Bundle (R4 or R5) to results: every Observation is taken, or reported with why not.

Taken is a number of a column of the dictionary that is final, of one known person, at a known
moment, in a unit of UCUM. Nothing is guessed, and no reason repeats a value.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from immunosep.sources.bedside.headers import GIVEN, conversion
from immunosep.sources.fhir.bundles import Bundle, Entry, bundle_of
from immunosep.sources.fhir.codes import UnknownCodeError, column_of
from immunosep.sources.fhir.json_values import listed, mapping, text
from immunosep.sources.fhir.moments import moment_of
from immunosep.sources.fhir.people import person_of
from immunosep.sources.fhir.quantities import UnreadableError, number_of
from immunosep.sources.results import Refused, Result, Results

FINAL = ("final", "amended", "corrected", "appended")  # the last is R5's
STATUSES: Mapping[str, str] = {
    "registered": "is registered, without a result yet; send it again once it is final",
    "specimen-in-process": "has no result yet; send it again once it is final",
    "partial": "is partial; send it again once it is final",
    "preliminary": "is preliminary; send it again once it is final",
    "entered-in-error": "was entered in error; if it was recorded here, correct it there",
    "cancelled": "was cancelled; if it was recorded here, correct it there",
    "unknown": "its status is unknown",
}
PAGE = "the Bundle is one page of a search that has more; what is on the other pages is not in it"
WRITES = ("", "POST", "PUT")
"""What a transaction may ask for; an empty one is no transaction's."""

_Found = Result | Refused


def read_bundle(written: str, *, system: str = "") -> Results:
    """The results of a Bundle's Observations; a SourceError where it is no Bundle to be read.

    `system` is that of the identifier a person is known by.
    """
    bundle = bundle_of(written)
    found = [
        each
        for entry in bundle.entries
        if entry.kind == "Observation" or not entry.resource
        for each in _of_entry(entry, bundle, system)
    ]
    found = _without_contradictions(found)
    return Results(
        taken=[each for each in found if isinstance(each, Result)],
        refused=[each for each in found if isinstance(each, Refused)],
        notes=[PAGE] if bundle.is_page else [],
    )


def _of_entry(entry: Entry, bundle: Bundle, system: str) -> Iterator[_Found]:
    """One result of an Observation with a value, and one of each of its components."""
    why = _not_read(entry)
    if why:
        faulty = text(entry.resource.get("status")) not in STATUSES
        column = _column(entry.resource)
        yield Refused(place=entry.place, reason=why, column=column, faulty=faulty and bool(column))
        return
    observed = entry.resource
    parts = listed(observed.get("component"))
    has_own = any(key.startswith("value") or key == "dataAbsentReason" for key in observed)
    if has_own or not parts:
        yield _taken(entry, bundle, observed, entry.place, system)
    for number, part in enumerate(parts, 1):
        place = f"{entry.place}, component {number}"
        yield _taken(entry, bundle, mapping(part), place, system)


def _not_read(entry: Entry) -> str:
    """Why an entry is not read at all, if so."""
    observation, status = entry.resource, text(entry.resource.get("status"))
    if not observation:
        return "has no resource"
    if entry.method not in WRITES:
        return "asks for something else than to be recorded; nothing is deleted or fetched here"
    if "implicitRules" in observation or "modifierExtension" in observation:
        return "a modifier extension or rules of its own, whose meaning is not known here"
    if "focus" in observation:
        return "is about something else than its patient (focus)"
    if status not in FINAL:
        return STATUSES.get(status, "has no status that FHIR knows")
    return ""


def _column(observed: Mapping[str, Any]) -> str:
    try:
        return column_of(observed.get("code"))
    except UnknownCodeError:
        return ""


def _taken(
    entry: Entry, bundle: Bundle, observed: Mapping[str, Any], place: str, system: str
) -> _Found:
    try:
        name = column_of(observed.get("code"))
    except UnknownCodeError as error:
        return Refused(place=place, reason=str(error), faulty=error.faulty)
    try:
        if "modifierExtension" in observed:
            raise UnreadableError("a modifier extension, whose meaning is not known here")
        number, unit = number_of(observed, GIVEN[name])
        specimen = bundle.find(entry.resource.get("specimen"), of=entry, kind="Specimen")
        return Result(
            place=place,
            person=person_of(entry, bundle, system=system),
            column=name,
            text=number,
            unit="" if unit == GIVEN[name].unit else unit,
            at=moment_of(entry.resource, specimen),
        )
    except UnreadableError as error:
        return Refused(place=place, reason=str(error), column=name)


def _without_contradictions(found: list[_Found]) -> list[_Found]:
    """Of results of one person, column and moment, the first if all say the same, else none."""
    alike = defaultdict(list)
    for each in found:
        if isinstance(each, Result):
            alike[each.person, each.column, datetime.fromisoformat(each.at)].append(each)
    said = {why.place: why for group in alike.values() for why in _repeated(group)}
    return [said.get(each.place, each) for each in found]


def _repeated(group: list[Result]) -> Iterator[Refused]:
    first, *others = group
    if len({_measured(each) for each in group}) == 1:
        for each in others:
            reason = f"the same as {first.place}, which is taken"
            yield Refused(place=each.place, reason=reason, column=each.column, faulty=False)
        return
    places = ", ".join(each.place for each in group)
    for each in group:
        reason = f"another value of the same moment: {places}"
        yield Refused(place=each.place, reason=reason, column=each.column)


def _measured(result: Result) -> str:
    column = GIVEN[result.column]
    factor = conversion(result.unit, column) if result.unit else 1.0
    return f"{float(result.text) * factor:.12g}"
