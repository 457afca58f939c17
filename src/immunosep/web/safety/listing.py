"""The line listing: every adverse event by immune state, without arms.

One row is one event. Of the participant it has the number and the immune state, of time the day of
the trial, so that a committee reads it without a calendar date.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, Min, QuerySet

from immunosep.languages import Said as Words
from immunosep.languages import listed as listed_words
from immunosep.protocol.consent import WithdrawalKind
from immunosep.web.casebook.forms import first_day
from immunosep.web.casebook.models import Page
from immunosep.web.casebook.values import row_of, values_of_pages
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.questions import choice_in_words
from immunosep.web.safety.cases import CRITERIA, FORM
from immunosep.web.safety.saying import NOTHING, Said, said_of

A_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


@dataclass(frozen=True, kw_only=True)
class Line:
    """One event, in words; in the order of the CSV file."""

    immune_state: str
    participant: str
    number: int
    term: str
    preferred_term: str
    organ_class: str
    began_day: int | None
    ended_day: int | None
    grade: int | None
    serious: str
    criteria: str
    relatedness: str
    relatedness_by_sponsor: str
    expected: str
    susar: str
    action: str
    outcome: str


@dataclass(frozen=True, kw_only=True)
class OfState:
    """How much happened in one immune state."""

    state: str
    participants: int
    events: int


def listed(centres: Iterable[Centre]) -> "QuerySet[Page]":
    """The pages of the events of some centres, by immune state and participant.

    Whoever took back their data is not listed.
    """
    erased = WithdrawalKind.ALL_ERASE_DATA
    return (
        Page.objects.filter(form=FORM, patient__centre__in=centres)
        .exclude(patient__withdrawal__kind=erased)
        .select_related("patient__centre", "patient__allocation")
        .annotate(first_dose=Min("patient__allocation__doses__given_at"))
        .order_by("patient__allocation__immune_state", "patient", "number")
    )


def counts_by_state(pages: "QuerySet[Page]") -> list[OfState]:
    """How many events, of how many participants, each immune state has."""
    state = "patient__allocation__immune_state"
    counted = Page.objects.filter(pk__in=pages.values("pk")).values(state).order_by(state)
    rows = counted.annotate(events=Count("pk"), participants=Count("patient", distinct=True))
    return [
        OfState(state=row[state], participants=row["participants"], events=row["events"])
        for row in rows
    ]


def lines_of(pages: Iterable[Page]) -> Iterator[tuple[Page, Line]]:
    """Each page with its line, in three queries."""
    held = list(pages)
    values = values_of_pages(held)
    said = said_of(page.pk for page in held)
    for page in held:
        yield page, _line(page, row_of(values[page.pk]), said.get(page.pk, NOTHING))


def as_csv(lines: Iterable[Line]) -> str:
    """The lines as RFC 4180 has them."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(field.name for field in fields(Line))
    writer.writerows([_plain(cell) for cell in astuple(line)] for line in lines)
    return file.getvalue()


def _line(page: Page, row: dict[str, Any], said: Said) -> Line:
    term, judged = row.get("event_term"), said.assessment
    return Line(
        immune_state=page.patient.allocation.immune_state,
        participant=page.patient_id,
        number=page.number,
        term=term or "",
        preferred_term=said.preferred_term(term) or "",
        organ_class=said.organ_class(term) or "",
        began_day=_day(page, row.get("event_from")),
        ended_day=_day(page, row.get("event_until")),
        grade=row.get("event_grade"),
        serious=_word(row.get("serious")),
        criteria=listed_words(criteria_in_words(row), by="; "),
        relatedness=_words(row.get("relatedness")),
        relatedness_by_sponsor=judged.get_relatedness_display().lower() if judged else "",
        expected=_word(said.expected),
        susar="yes" if said.susar else "",
        action=_words(row.get("event_action")),
        outcome=_words(row.get("event_outcome")),
    )


def criteria_in_words(row: dict[str, Any]) -> list[Words]:
    """Why an event is serious."""
    return [
        Words(choice_in_words(name.removeprefix("serious_"))) for name in CRITERIA if row.get(name)
    ]


def _day(page: Page, seconds: int | None) -> int | None:
    """The day of the trial: 1 is that of the first dose, and -1 the day before."""
    first: datetime | None = page.first_dose  # type: ignore[attr-defined]
    if seconds is None or first is None:
        return None
    centre = page.patient.centre
    on = datetime.fromtimestamp(seconds, UTC).astimezone(centre.zone).date()
    apart = (on - first_day(first, centre)).days
    return apart + 1 if apart >= 0 else apart


def _words(choice: str | None) -> str:
    return choice_in_words(choice) if choice else ""


def _word(answer: bool | None) -> str:
    return "" if answer is None else ("no", "yes")[answer]


def _plain(cell: object) -> object:
    """A text that a spreadsheet would take for a formula is marked as text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(A_FORMULA) else cell
