"""How a patient came to take part, or not: screening, criteria, consent and its withdrawal."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from immunosep.protocol.forms import FilledBy
from immunosep.tables.dictionary import COLUMNS
from immunosep.web.enrolment.models import Entry, Patient
from immunosep.web.enrolment.not_enrolling import reasons_in_words
from immunosep.web.enrolment.questions import columns_of, value_in_words
from immunosep.web.enrolment.withdrawing import KINDS
from immunosep.web.records.archive.sheets import COLUMN, STANDS, VALUE, Row, Sheet
from immunosep.web.trial import trial_of

SCREENED = ("asked", COLUMN, VALUE, "drawn_at", "entered_at", "entered_by", "reason", STANDS)


def joining_of(patient: Patient) -> Iterator[Sheet]:
    """Each of them, in the order in which it happens; with no rows where it did not."""
    sheet = partial(Sheet, centre=patient.centre, of=(("participant", patient.pk),))
    yield sheet(
        id="screening", label="Screening", columns=SCREENED, rows=tuple(_screening(patient))
    )
    yield sheet(
        id="criteria", label="Criteria, as they were answered at randomisation",
        columns=("criterion", "text", "answer"), rows=tuple(_criteria(patient)),
    )  # fmt: skip
    yield sheet(
        id="not_enrolled", label="Why the patient did not join",
        columns=("reason", "note", "recorded_at", "recorded_by"),
        rows=tuple(_not_enrolled(patient)),
    )  # fmt: skip
    yield sheet(
        id="consent", label="Consent",
        columns=("given_by", "version", "given_at", "recorded_at", "recorded_by"),
        rows=tuple(
            (each.given_by, str(each.version), each.given_at, each.recorded_at,
             each.recorded_by.name)
            for each in patient.consents.select_related("version", "recorded_by")
        ),
    )  # fmt: skip
    yield sheet(
        id="withdrawal", label="Consent taken back",
        columns=("from_what", "taken_back_at", "reason", "recorded_at", "recorded_by"),
        rows=tuple(
            (_kind(each.kind), each.at, each.reason, each.recorded_at, each.recorded_by.name)
            for each in patient.withdrawals.select_related("recorded_by")
        ),
    )  # fmt: skip


def _screening(patient: Patient) -> Iterator[Row]:
    """Column by column as the forms ask, the last value of each first."""
    centre = patient.centre
    asked = [name for filled_by in FilledBy for name in columns_of(filled_by, centre)]
    by_column: dict[str, list[Entry]] = {name: [] for name in asked}
    entries = Entry.objects.filter(patient=patient).select_related("entered_by")
    for entry in entries.order_by("-id"):
        by_column.setdefault(entry.column, []).append(entry)
    for name, held in by_column.items():
        for at, entry in enumerate(held):
            yield (
                COLUMNS[name].label, name, value_in_words(name, entry.value, centre=centre),
                entry.observed_at, entry.entered_at, entry.entered_by.name, entry.reason, at == 0,
            )  # fmt: skip


def _criteria(patient: Patient) -> Iterator[Row]:
    allocation = getattr(patient, "allocation", None)
    words = {each.id: each.text for each in trial_of(patient.centre).criteria}
    answers: dict[str, Any] = allocation.answers if allocation else {}
    return ((id_, words.get(id_, id_), answer) for id_, answer in answers.items())


def _not_enrolled(patient: Patient) -> Iterator[Row]:
    closed = getattr(patient, "not_enrolled", None)
    if closed is None:
        return
    words = reasons_in_words(patient.centre)
    for reason in closed.reasons:
        yield words.get(reason, reason), closed.note, closed.recorded_at, closed.recorded_by.name


def _kind(kind: str) -> str:
    return {each.value: str(words) for each, words in KINDS.items()}.get(kind, kind)
