"""What happened day by day: scores, samples, vital status, doses, and the logs.

What a page is about is known by the columns that the trial gave its form, never by the form's name:
another trial calls its forms otherwise, or asks for a day's values on two of them.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from immunosep.concepts.sofa import COMPONENTS
from immunosep.tables.dictionary import SOFA_INPUTS
from immunosep.web.casebook.scoring import STATUS, scores_of
from immunosep.web.casebook.values import row_of
from immunosep.web.followup.due import CONTACT
from immunosep.web.followup.planned_doses import NUMBER, ROUTE, WHY
from immunosep.web.records.gathering import Casebook
from immunosep.web.records.people import Row, entry_values, seconds
from immunosep.web.safety.saying import NOTHING, said_of
from immunosep.web.supply.models import Order
from immunosep.web.supply.words import ROUTES

SERIOUS = "serious_"
MARKERS = ("ferritin_ng_ml", "hla_dr_per_monocyte")
DAY = (STATUS, *(column.name for column in SOFA_INPUTS))


def day_rows(books: list[Casebook]) -> Iterator[Row]:
    """One row per participant and day of SOFA that has a page, scored all at once."""
    days = [(book, day, values) for book in books for day, values in _days(book).items()]
    for (book, day, values), score in zip(days, scores_of(v for *_, v in days), strict=True):
        yield {
            "participant": book.participant,
            "day": day,
            "status": values.get(STATUS),
            **(
                {
                    "sofa": score.lowest,
                    "sofa_lowest": score.lowest,
                    "sofa_highest": score.highest,
                    **{part: score.parts[part] for part in COMPONENTS},
                    "algorithm": score.algorithm,
                }
                if score
                else {}
            ),
        }


def _days(book: Casebook) -> dict[int, dict[str, Any]]:
    """The values of each planned day as kept, those of all its forms together."""
    found: dict[int, dict[str, Any]] = {}
    for page, values in book.planned_with(*DAY):
        told = {name: value for name, value in values.items() if name in DAY}
        found.setdefault(book.day_of(page), {}).update(told)
    return found


def sample_rows(book: Casebook) -> Iterator[Row]:
    """One row per sample; the one that the immune state was decided on is day 0."""
    entry = entry_values(book)
    if entry.get("ferritin_ng_ml") is not None or entry.get("hla_dr_per_monocyte") is not None:
        yield {"participant": book.participant, "day": 0, **_results(entry)}
    for page, values in book.visits_with(*MARKERS):
        row = row_of(values)
        yield {
            "participant": book.participant,
            "day": book.day_of(page),
            "drawn_s": row.get("sample_drawn_at"),
            **_results(row),
        }


def _results(row: Mapping[str, Any]) -> Row:
    return {name: row.get(name) for name in MARKERS}


def status_rows(book: Casebook) -> Iterator[Row]:
    """One row per planned day of vital status that has a page."""
    for page, values in book.planned_with(CONTACT):
        yield {
            "participant": book.participant,
            "day": book.day_of(page),
            "status": values.get(CONTACT),
            "learned_s": seconds(page.opened_at),
        }


def dose_rows(book: Casebook, orders: list[Order]) -> Iterator[Row]:
    """One row per planned dose that was ordered, of whoever had a first one."""
    if book.first_dose is None:
        return
    given = {
        (each.preparation.route, each.preparation.dose): seconds(each.given_at)
        for each in book.doses
    }
    reasons = {
        (_ROUTES[row[ROUTE]], row[NUMBER]): row.get(WHY)
        for _, row in book.entries_of(ROUTE)
        if row.get(NUMBER)
    }
    for order in orders:
        for dose in order.doses:
            key = (dose["route"], dose["dose"])
            yield {
                "participant": book.participant,
                "route": dose["route"],
                "number": dose["dose"],
                "due_s": seconds(book.first_dose + timedelta(hours=dose["hour"])),
                "given_s": given.get(key),
                "reason": reasons.get(key),
            }


_ROUTES = {word.lower(): route for route, word in ROUTES.items()}


def event_rows(books: list[Casebook]) -> Iterator[Row]:
    """One row per adverse event that has a name."""
    events = [(book, page, row) for book in books for page, row in book.entries_of("event_term")]
    said = said_of(page.pk for _, page, _ in events)
    for book, page, row in events:
        judged, term = said.get(page.pk, NOTHING), row["event_term"]
        criteria = [name.removeprefix(SERIOUS) for name in row
                    if name.startswith(SERIOUS) and row[name]]  # fmt: skip
        yield {
            "participant": book.participant,
            "number": page.number,
            "term": term,
            "preferred_term": judged.preferred_term(term),
            "organ_class": judged.organ_class(term),
            "began_s": row.get("event_from"),
            "ended_s": row.get("event_until"),
            "grade": row.get("event_grade"),
            "serious": row.get("serious"),
            "criteria": ";".join(criteria) or None,
            "relatedness": row.get("relatedness"),
            "expected": judged.expected,
            "action": row.get("event_action"),
            "outcome": row.get("event_outcome"),
            "susar": judged.susar,
        }


def medication_rows(book: Casebook) -> Iterator[Row]:
    """One row per concomitant medicine and course."""
    first = seconds(book.first_dose)
    for page, row in book.entries_of("medication"):
        began = row.get("medication_from")
        yield {
            "participant": book.participant,
            "number": page.number,
            "medication": row["medication"],
            "kind": row.get("medication_class"),
            "from_s": began,
            "until_s": row.get("medication_until"),
            "before_first_dose": None if began is None or first is None else began < first,
        }


def procedure_rows(book: Casebook) -> Iterator[Row]:
    """One row per procedure."""
    for page, row in book.entries_of("procedure"):
        yield {
            "participant": book.participant,
            "number": page.number,
            "procedure": row["procedure"],
            "from_s": row.get("procedure_from"),
            "until_s": row.get("procedure_until"),
        }
