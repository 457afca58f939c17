"""Filling in forms: what a page shows, what was typed into it, and what keeps it from being saved.

The bedside's page and the laboratory's are the same but for the sample's time and for what stands
beside them.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.protocol.forms import FilledBy
from immunosep.web.accounts.models import User
from immunosep.web.centres.models import Centre
from immunosep.web.centres.templatetags.clock import at_centre
from immunosep.web.enrolment.models import Entry, Patient
from immunosep.web.enrolment.questions import (
    Posted,
    Question,
    Section,
    answers_of,
    ask,
    ask_moment,
    columns_of,
    questions_of,
    read,
    read_moment,
    value_in_words,
)
from immunosep.web.enrolment.recording import (
    REASON_MISSING,
    Values,
    changes_of,
    last_entry,
    record_values,
    same,
    values_up_to,
)

DRAWN = ("observed_at", say("Sample drawn at"))


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A page of forms as it stands: questions, the entry it was made from, what is wrong."""

    patient: Patient
    filled_by: FilledBy
    sections: list[Section]
    seen: int
    has_recorded: bool  # so that a change needs a reason
    drawn: Question | None = None
    drawn_at: datetime | None = None
    reason: str = ""
    looked_again: bool = False
    asks_to_look: bool = False
    problems: list[str] = field(default_factory=list)

    @property
    def faulty(self) -> list[Question]:
        """The questions whose answer cannot be read."""
        drawn = [self.drawn] if self.drawn else []
        return [each for each in (*drawn, *questions_of(self.sections)) if each.problem]

    @property
    def reason_missing(self) -> bool:
        """Whether a reason is wanted and was not given."""
        return REASON_MISSING in self.problems

    @property
    def is_wrong(self) -> bool:
        """Whether anything stands against saving."""
        return bool(self.faulty or self.problems or self.asks_to_look)


def opened(patient: Patient, filled_by: FilledBy) -> Filled:
    """The page with what is recorded."""
    seen = last_entry(patient)
    values = values_up_to(patient, seen)
    return Filled(
        patient=patient,
        filled_by=filled_by,
        sections=ask(filled_by, values, centre=patient.centre),
        seen=seen,
        has_recorded=_answered(filled_by, values, patient.centre),
        drawn=_drawn(patient) if filled_by is FilledBy.LABORATORY else None,
    )


def typed(patient: Patient, filled_by: FilledBy, posted: Posted) -> Filled:
    """The page with what was typed."""
    seen = posted.get("seen", "")
    shown = int(seen) if seen.isascii() and seen.isdigit() else 0
    values = values_up_to(patient, shown)
    filled = Filled(
        patient=patient,
        filled_by=filled_by,
        sections=read(filled_by, posted, values=values, centre=patient.centre),
        seen=shown,
        has_recorded=_answered(filled_by, values_up_to(patient), patient.centre),
        reason=posted.get("reason", ""),
        looked_again=bool(posted.get("looked_again")),
    )
    if filled_by is FilledBy.BEDSIDE:
        return filled
    drawn, at = read_moment(*DRAWN, posted, centre=patient.centre)
    return replace(filled, drawn=drawn, drawn_at=at)


def save(filled: Filled, *, by: User, now: datetime) -> Filled:
    """Record what was typed; if anything stands against it, the page that says so."""
    filled = _compared(filled)
    if filled.is_wrong:
        return filled
    try:
        record_values(
            filled.patient.pk,
            answers_of(filled.sections),
            filled_by=filled.filled_by,
            seen=filled.seen,
            by=by,
            now=now,
            reason=filled.reason,
            observed_at=filled.drawn_at,
        )
    except RefusedError as error:
        return replace(filled, problems=list(error.problems))
    return filled


def values_shown(filled: Filled) -> dict[str, Any]:
    """Everything recorded of the patient, with what was typed on this page in its place."""
    values = values_up_to(filled.patient) | answers_of(filled.sections)
    return {name: value for name, value in values.items() if value is not None}


def _compared(filled: Filled) -> Filled:
    """The page with what others changed meanwhile, and with what wants a second look."""
    shown = values_up_to(filled.patient, filled.seen)
    current = values_up_to(filled.patient)
    changes = changes_of(answers_of(filled.sections), shown=shown, current=current)
    doubtful = any(q.warning and q.name in changes.wanted for q in questions_of(filled.sections))
    if changes.clashes:
        filled = _with_what_others_changed(filled, shown, current, changes.clashes)
    return replace(filled, asks_to_look=doubtful and not filled.looked_again)


def _with_what_others_changed(
    filled: Filled, shown: Values, current: Values, clashes: Values
) -> Filled:
    """The page made anew: what was typed stays, what nobody touched here is as it stands now."""
    fresh = {
        question.name: question
        for question in questions_of(ask(filled.filled_by, current, centre=filled.patient.centre))
    }

    def renewed(question: Question) -> Question:
        if question.name in clashes:
            return _told(question, filled.patient)
        touched = question.problem or not same(
            question.name, question.stored, shown.get(question.name)
        )
        return question if touched else fresh[question.name]

    sections = [
        replace(section, questions=[renewed(question) for question in section.questions])
        for section in filled.sections
    ]
    return replace(filled, sections=sections, seen=last_entry(filled.patient))


def _told(question: Question, patient: Patient) -> Question:
    """A question that somebody else answered meanwhile, with what they said."""
    entries = Entry.objects.filter(patient=patient, column=question.name)
    last = entries.select_related("entered_by").last()
    assert last is not None
    said = value_in_words(last.column, last.value, centre=patient.centre)
    return replace(
        question,
        problem=(
            say(
                "{name} changed this to {value} at {moment}, after you opened the page. To keep "
                "what you typed, save again and say why",
                name=last.entered_by.name,
                value=said,
                moment=at_centre(last.entered_at, patient.centre),
            )
        ),
    )


def _answered(filled_by: FilledBy, values: Values, centre: Centre) -> bool:
    return any(values.get(name) is not None for name in columns_of(filled_by, centre))


def _drawn(patient: Patient) -> Question:
    """When the last sample was drawn, as a start."""
    entries = Entry.objects.filter(patient=patient).exclude(observed_at=None)
    last = entries.order_by("id").last()
    at = last.observed_at if last else None
    return ask_moment(*DRAWN, centre=patient.centre, at=at)
