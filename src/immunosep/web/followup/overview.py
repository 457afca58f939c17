"""A participant's casebook at a glance: every page the plan asks for, and where it stands."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from immunosep.languages import Said, inside, listed, say
from immunosep.protocol.casebook import CaseForm
from immunosep.protocol.schedule import Visit
from immunosep.protocol.trial import Trial
from immunosep.tables.casebook import CASE_COLUMNS
from immunosep.web.casebook.forms import asked_pages, first_day, logs_of
from immunosep.web.casebook.models import Page, Query, Step
from immunosep.web.casebook.values import values_of_pages
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.dosing import first_dose_of
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.questions import value_in_words
from immunosep.web.enrolment.recording import data_is_closed
from immunosep.web.followup.endings import COLUMNS, Ending, Endings, endings_of
from immunosep.web.trial import trial_of

TELLING = 3  # columns of a log's entry that its line shows


class State(StrEnum):
    """Where a page stands."""

    NOT_DUE = "not due"
    DUE = "due"
    OVERDUE = "overdue"
    STARTED = "started"
    COMPLETE = "complete"
    MISSED = "missed"
    FROZEN = "frozen"
    LOCKED = "locked"
    DEAD = "dead"
    DISCHARGED = "discharged"
    WITHDRAWN = "withdrawn"


TONES = {
    State.DUE: "warn",
    State.OVERDUE: "not-met",
    State.STARTED: "calm",
    State.COMPLETE: "met",
    State.MISSED: "unknown",
}
"""The class of a state's badge; the others have none."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One page as the casebook shows it: planned, or there, or both."""

    form: CaseForm
    state: State
    visit: Visit | None = None
    page: Page | None = None
    first: date | None = None
    last: date | None = None
    ending: Ending | None = None
    late: bool = False  # begun, and its window is over
    queries: int = 0
    says: str = ""

    @property
    def tone(self) -> str:
        """The class of its badge."""
        return "not-met" if self.late else TONES.get(self.state, "")

    @property
    def word(self) -> str:
        """What its badge says."""
        state = Said(self.state.value)
        return say("{state}, overdue", state=state) if self.late else state

    @property
    def is_open(self) -> bool:
        """Whether somebody should fill it in now."""
        return self.late or self.state in (State.DUE, State.OVERDUE)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A visit with a cell for each planned form; None where it does not ask for one."""

    visit: Visit
    first: date
    on: date
    last: date
    cells: list[tuple[CaseForm, Line | None]]


@dataclass(frozen=True, kw_only=True)
class Log:
    """A log and its entries."""

    form: CaseForm
    lines: list[Line]


@dataclass(frozen=True, kw_only=True)
class Casebook:
    """Everything on the page of a participant's casebook."""

    patient: Patient
    began: datetime | None
    forms: list[CaseForm]
    rows: list[Row] = field(default_factory=list)
    logs: list[Log] = field(default_factory=list)
    unscheduled: list[Line] = field(default_factory=list)
    endings: Endings = field(default_factory=Endings)

    @property
    def lines(self) -> Iterator[Line]:
        """Every planned page."""
        return (line for row in self.rows for _, line in row.cells if line)

    def count(self, *states: State) -> int:
        """How many planned pages are in one of these states."""
        return sum(line.state in states for line in self.lines)


def pages_with_counts(pages: "QuerySet[Page]") -> "QuerySet[Page]":
    """Each page with how many queries are open, and whether it was said to be missed."""
    undone = Step.objects.filter(page=OuterRef("page"), kind__in=("completed", "reopened"))
    missed = Step.objects.filter(page=OuterRef("pk"), kind="missed").exclude(
        Exists(undone.filter(pk__gt=OuterRef("pk")))
    )
    to_answer = Count("queries", filter=~Q(queries__status=Query.Status.CLOSED))
    return pages.annotate(open_queries=to_answer, was_missed=Exists(missed))


def casebook_of(patient: Patient, *, today: date) -> Casebook:
    """The casebook of one participant: six queries, however many pages there are."""
    centre, trial = patient.centre, trial_of(patient.centre)
    first = first_dose_of(patient.allocation) if hasattr(patient, "allocation") else None
    pages = list(pages_with_counts(Page.objects.filter(patient=patient)))
    values = values_of_pages(pages)
    logs = logs_of(trial)
    ids = {form.id for form in logs}
    book = Casebook(
        patient=patient,
        began=first.given_at if first else None,
        forms=[form for form in trial.casebook if not form.repeats],
        logs=[Log(form=form, lines=list(_entries(form, pages, values, centre))) for form in logs],
    )
    if first is None:
        return book
    day_1 = first_day(first.given_at, centre)
    ending = {pk: {c: v for c, v in said.items() if c in COLUMNS} for pk, said in values.items()}
    endings = endings_of(pages, ending, day_1=day_1, centre=centre, trial=trial)
    planned = {(p.visit, p.form): p for p in pages if p.number == 1 and p.form not in ids}
    withdrew = data_is_closed(patient)
    return Casebook(
        patient=patient,
        began=book.began,
        forms=book.forms,
        logs=book.logs,
        rows=list(_rows(trial, planned, day_1, endings, today=today, withdrew=withdrew)),
        unscheduled=list(_unscheduled(trial, pages, ids)),
        endings=endings,
    )


def state_of(page: Any, *, first: date, last: date, today: date, ending: Ending | None) -> State:
    """Where a planned page stands; without an entry, its window and how the stay ended decide."""
    if page is not None and page.stage in (Page.Stage.FROZEN, Page.Stage.LOCKED):
        return State(page.stage)
    if page is not None and page.stage == Page.Stage.COMPLETE:
        return State.MISSED if getattr(page, "was_missed", False) else State.COMPLETE
    if page is not None and page.entries_made:
        return State.STARTED
    if ending is not None:
        return State(ending.kind)
    if today < first:
        return State.NOT_DUE
    return State.DUE if today <= last else State.OVERDUE


def _rows(
    trial: Trial,
    pages: Mapping[tuple[str, str], Page],
    day_1: date,
    endings: Endings,
    *,
    today: date,
    withdrew: bool,
) -> Iterator[Row]:
    asked: dict[str, tuple[Visit, set[str]]] = {}
    for visit, form in asked_pages(trial):
        asked.setdefault(visit.id, (visit, set()))[1].add(form.id)
    forms = [form for form in trial.casebook if not form.repeats]
    for visit, wanted in asked.values():
        on = day_1 + timedelta(days=visit.day - 1)
        first, last = on - timedelta(days=visit.days_before), on + timedelta(days=visit.days_after)
        cells: list[tuple[CaseForm, Line | None]] = []
        for form in forms:
            if form.id not in wanted:
                cells.append((form, None))
                continue
            page, ending = pages.get((visit.id, form.id)), endings.of(visit, form)
            state = state_of(page, first=first, last=last, today=today, ending=ending)
            if withdrew and state in (State.NOT_DUE, State.DUE, State.OVERDUE):
                state = State.WITHDRAWN
            late = state is State.STARTED and today > last and not withdrew
            line = Line(
                form=form, state=state, visit=visit, page=page, first=first, last=last,
                ending=ending, late=late, queries=getattr(page, "open_queries", 0),
            )  # fmt: skip
            cells.append((form, line))
        yield Row(visit=visit, first=first, on=on, last=last, cells=cells)


def _there(page: Page, form: CaseForm, **more: Any) -> Line:
    """A page that exists outside the plan."""
    missed = getattr(page, "was_missed", False)
    state = State.MISSED if missed else State(page.stage)
    return Line(form=form, state=state, page=page, queries=getattr(page, "open_queries", 0), **more)


def _entries(
    form: CaseForm,
    pages: Iterable[Page],
    values: Mapping[int, Mapping[str, Any]],
    centre: Centre,
) -> Iterator[Line]:
    for page in pages:
        if page.form == form.id:
            yield _there(page, form, says=_summary(form, values[page.pk], centre))


def _summary(form: CaseForm, values: Mapping[str, Any], centre: Centre) -> str:
    """The first columns that are answered, none that hints at the arm."""
    shown = [name for name in form.columns if name in values and name not in form.hidden]
    return listed((_told(name, values[name], centre) for name in shown[:TELLING]), by="; ")


def _told(name: str, value: Any, centre: Centre) -> str:
    column, words = CASE_COLUMNS[name], value_in_words(name, value, centre=centre)
    if column.kind.value == "text":
        return words
    return say("{label} {value}", label=inside(column.label), value=words)


def _unscheduled(trial: Trial, pages: Iterable[Page], logs: set[str]) -> Iterator[Line]:
    forms = {form.id: form for form in trial.casebook}
    visits = {visit.id: visit for visit in trial.schedule}
    for page in pages:
        if page.number > 1 and page.form not in logs and page.form in forms:
            yield _there(page, forms[page.form], visit=visits.get(page.visit))
