"""A Bundle as a bedside file: one row per patient, with what is known of them from it.

Sex and age are those of the Patient, the age in whole years at the patient's last result. Of a
column with several results nobody could tell which one to screen by, so that is refused.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from immunosep.errors import SourceError
from immunosep.sources.bedside.headers import GIVEN
from immunosep.sources.bedside.sheets import Measured, Sheet
from immunosep.sources.fhir.bundles import Bundle, bundle_of
from immunosep.sources.fhir.json_values import text
from immunosep.sources.fhir.people import person_of
from immunosep.sources.fhir.quantities import UnreadableError
from immunosep.sources.fhir.reading import read_bundle
from immunosep.sources.results import Refused, Result

SEXES = ("female", "male")
SEVERAL = "several results of one patient; send the one to screen by"
Row = dict[str, Any]


def sheet_of_bundle(written: str, subject: str) -> Sheet:
    """One row per patient with a result; a SourceError says all that cannot be read."""
    read = read_bundle(written)
    by_person: dict[str, list[Result]] = defaultdict(list)
    for result in read.taken:
        by_person[result.person].append(result)
    problems = [f"{each.place}: {_said(each)}" for each in read.refused if each.faulty]
    problems += [said for results in by_person.values() for said in _ambiguous(results)]
    if problems:
        raise SourceError(subject, problems)
    about = _people(bundle_of(written))
    rows = [_row(person, results, about) for person, results in by_person.items()]
    headers = list(dict.fromkeys(name for row in rows for name in row))
    return Sheet(
        headers=tuple(headers),
        columns=tuple([row.get(name) for row in rows] for name in headers),
        places=[f"patient {number}" for number in range(1, len(rows) + 1)],
        given_in=tuple([n for n, row in enumerate(rows) if name in row] for name in headers),
        notes=(*read.notes, *_left_out(read.refused)),
    )


def _row(person: str, results: list[Result], about: Mapping[str, Row]) -> Row:
    seen = about.get(person, {})
    last = max(datetime.fromisoformat(each.at) for each in results).date()
    measured = {
        each.column: Measured(float(each.text), each.unit or GIVEN[each.column].unit)
        for each in results
    }
    born = {"age_years": _years(seen["born"], last)} if "born" in seen else {}
    sex = {"sex": seen["sex"]} if "sex" in seen else {}
    return {"patient_id": person, **sex, **born, **measured}


def _people(bundle: Bundle) -> dict[str, Row]:
    """Sex and day of birth by identifier, of those whose Patient says them."""
    found = {}
    for entry in bundle.entries:
        patient = bundle.find(entry.resource.get("subject"), of=entry, kind="Patient")
        if entry.kind != "Observation" or patient is None:
            continue
        try:
            person = person_of(entry, bundle)
        except UnreadableError:
            continue
        sex, born = patient.get("gender"), _day(text(patient.get("birthDate")))
        found[person] = ({"sex": sex} if sex in SEXES else {}) | ({"born": born} if born else {})
    return found


def _day(written: str) -> date | None:
    """A whole day; a year or a month alone is no age."""
    try:
        return date.fromisoformat(written) if len(written) == len("2026-01-31") else None
    except ValueError:
        return None


def _years(born: date, at: date) -> int:
    return at.year - born.year - ((at.month, at.day) < (born.month, born.day))


def _ambiguous(results: list[Result]) -> list[str]:
    places = defaultdict(list)
    for each in results:
        places[each.column].append(each.place)
    return [f"{', '.join(p)}: {name}: {SEVERAL}" for name, p in places.items() if len(p) > 1]


def _said(refused: Refused) -> str:
    return f"{refused.column}: {refused.reason}" if refused.column else refused.reason


def _left_out(refused: Any) -> list[str]:
    count = sum(not each.faulty for each in refused)
    return [f"{count} values not taken: of no column, not final, or sent twice"] if count else []
