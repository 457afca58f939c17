"""What recording would do, found by doing it and taking it back: the same actions, the same rules.

Of a hidden column the rehearsal tells whether something is entered, as its page does, and never
whether it is the same: what is in a file of guesses learns nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.sources.results import Refused
from immunosep.tables.casebook import CASE_COLUMNS
from immunosep.tables.dictionary import COLUMNS
from immunosep.web.accounts.models import User
from immunosep.web.casebook.checking import not_asked
from immunosep.web.casebook.hidden import ENTERED, hidden_in, trial_is_locked
from immunosep.web.casebook.models import Page, PageEntry
from immunosep.web.casebook.recording import WAS_COMPLETE, record_page, write_page
from immunosep.web.casebook.values import values_of
from immunosep.web.enrolment import recording as enrolment
from immunosep.web.enrolment.questions import value_in_words
from immunosep.web.enrolment.recording import REASON_MISSING
from immunosep.web.importing.planning import Answer, Plan, Writing, refused_of
from immunosep.web.importing.targets import DRAWN, Target

NEW, CHANGES, SAME = "new", "changes", "same"
HIDDEN = say("not shown")
PLACEHOLDER = "rehearsal"  # stands for a reason that nobody gave yet; it is taken back
IDLE = say("is asked only if another answer of its page says so; give that answer too")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One result as the page shows it before anything is recorded."""

    place: str
    number: str
    label: str
    said: str
    was: str
    where: str
    becomes: str
    warning: str = ""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What recording would do: its lines, what is refused, what each page said when asked."""

    lines: list[Line] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    seen: Mapping[str, int] = field(default_factory=dict)
    reason_for: frozenset[str] = frozenset()  # the targets that change for a reason not given yet
    asks: list[str] = field(default_factory=list)  # questions that rules would open


@dataclass(frozen=True, kw_only=True)
class Done:
    """What one writing did: the columns written, the questions that rules opened."""

    columns: frozenset[str]
    asks: list[str]


def rehearse(plan: Plan, *, by: User, now: datetime) -> Preview:
    """Everything a plan would do, each writing taken back at once, so that nobody has to wait."""
    found = Preview(refused=list(plan.refused))
    for writing in plan.writings:
        with transaction.atomic():
            found = _with(found, writing, by=by, now=now)
            transaction.set_rollback(True)
    return replace(
        found,
        lines=sorted(found.lines, key=lambda line: in_file(line.place)),
        refused=sorted(found.refused, key=lambda each: in_file(each.place)),
    )


def _with(found: Preview, writing: Writing, *, by: User, now: datetime) -> Preview:
    target = writing.target
    before, last = current_values(target), last_entry(target)
    try:
        done, needs_reason = _tried(writing, seen=last, by=by, now=now)
    except RefusedError as error:
        return replace(found, refused=[*found.refused, *refused_of(writing, error.problems)])
    told = [_line(each, before, done) for each in writing.answers]
    return replace(
        found,
        lines=[*found.lines, *told, *_moved(writing, before, done)],
        seen={**found.seen, target.key: last},
        reason_for=found.reason_for | ({target.key} if needs_reason else frozenset()),
        asks=[*found.asks, *(f"{target.patient.pk}: {each}" for each in done.asks)],
    )


def in_file(place: str) -> list[int]:
    """Where a place stands in its file: line 9 is before line 10."""
    return [int(number) for number in re.findall(r"\d+", place)]


def _tried(writing: Writing, *, seen: int, by: User, now: datetime) -> tuple[Done, bool]:
    """What a writing does, and whether it wants a reason that the file does not give."""
    try:
        with transaction.atomic():
            return write(writing, seen=seen, by=by, now=now, reason=writing.reason), False
    except RefusedError as error:
        if not {REASON_MISSING, WAS_COMPLETE} & set(error.problems):
            raise
    with transaction.atomic():
        return write(writing, seen=seen, by=by, now=now, reason=PLACEHOLDER), True


def write(writing: Writing, *, seen: int, by: User, now: datetime, reason: str) -> Done:
    """Record it as if it had been typed on a page that was made from entry `seen`."""
    target = writing.target
    if target.form is None:
        entries = enrolment.record_values(
            target.patient.pk, writing.values, filled_by=target.filled_by, seen=seen, by=by,
            now=now, reason=reason, observed_at=target.at,
        )  # fmt: skip
        return Done(columns=frozenset(entry.column for entry in entries), asks=[])
    _refuse_idle(writing)
    page = page_of(target)
    if page is None:
        written = write_page(
            target.patient.pk, target.form.id, writing.values, visit=target.visit, by=by, now=now
        )
    else:
        written = record_page(page, writing.values, seen=seen, by=by, now=now, reason=reason)
    columns = frozenset(entry.column for entry in written.entries)
    return Done(columns=columns, asks=[str(check.says) for check in written.queried])


def _refuse_idle(writing: Writing) -> None:
    """Refuse what the page would take back at once, for another answer leaves it unasked."""
    form = writing.target.form
    assert form is not None
    merged = {**current_values(writing.target), **writing.values}
    idle = not_asked(form, merged) & writing.values.keys()
    if idle:
        labels = ", ".join(str(CASE_COLUMNS[name].label) for name in sorted(idle))
        raise RefusedError("nothing was written", [f"{labels}: {IDLE}"])


def page_of(target: Target) -> Page | None:
    """The planned page, if somebody opened it."""
    if target.form is None:
        return None
    held = Page.objects.filter(patient=target.patient, form=target.form.id, visit=target.visit)
    return held.filter(number=1).select_related("patient__centre").first()


def current_values(target: Target) -> dict[str, Any]:
    """What stands where the results would go."""
    if target.form is None:
        return enrolment.values_up_to(target.patient)
    page = page_of(target)
    return values_of(page) if page else {}


def last_entry(target: Target) -> int:
    """The last entry there, 0 before the first."""
    if target.form is None:
        return enrolment.last_entry(target.patient)
    entries = PageEntry.objects.filter(page=page_of(target)).order_by("-id")
    return entries.values_list("pk", flat=True).first() or 0


def _moved(writing: Writing, before: Mapping[str, Any], done: Done) -> list[Line]:
    """That the moment of a sample changes, which no line of the file says by itself."""
    there = before.get(DRAWN)
    if there is None or DRAWN not in done.columns:
        return []
    centre = writing.target.patient.centre
    return [
        Line(
            place=writing.answers[0].result.place,
            number=writing.target.patient.pk,
            label=str(CASE_COLUMNS[DRAWN].label),
            said=str(value_in_words(DRAWN, writing.values[DRAWN], centre=centre)),
            was=str(value_in_words(DRAWN, there, centre=centre)),
            where=writing.target.label,
            becomes=CHANGES,
        )
    ]


def _line(answer: Answer, before: Mapping[str, Any], done: Done) -> Line:
    target, name = answer.target, answer.result.column
    form, centre = target.form, target.patient.centre
    hidden = form is not None and name in hidden_in(form, trial_locked=trial_is_locked())
    there = before.get(name)
    becomes = SAME if name not in done.columns else NEW if there is None else CHANGES
    column = CASE_COLUMNS.get(name) or COLUMNS[name]
    return Line(
        place=answer.result.place,
        number=target.patient.pk,
        label=str(column.label),
        said=HIDDEN if hidden else str(value_in_words(name, answer.stored, centre=centre)),
        was="" if there is None
        else ENTERED if hidden
        else str(value_in_words(name, there, centre=centre)),
        where=target.label,
        becomes=becomes,
        warning=answer.warning,
    )  # fmt: skip
