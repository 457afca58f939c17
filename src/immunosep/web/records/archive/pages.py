"""The pages of one participant's casebook: every value with its history, steps and questions.

What hints at the arm is hidden here as on every page of the site (`casebook.hidden`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from immunosep.protocol.casebook import CaseForm
from immunosep.tables.casebook import CASE_COLUMNS
from immunosep.web.casebook.forms import find_form, find_visit
from immunosep.web.casebook.hidden import ENTERED, hidden_in
from immunosep.web.casebook.models import Page, PageEntry, Query
from immunosep.web.casebook.obstacles import name_of
from immunosep.web.casebook.scoring import Score, has_score, scores_of
from immunosep.web.casebook.templatetags.cleaning import asks_about
from immunosep.web.casebook.values import values_of_pages
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.questions import value_in_words
from immunosep.web.records.archive.sheets import COLUMN, STANDS, VALUE, Row, Sheet
from immunosep.web.trial import trial_of

ASKED = ("asked", COLUMN, VALUE, "entered_at", "entered_by", "reason", STANDS)
STEPS = ("what", "at", "by", "reason")
TURNS = ("question", "about", "status", "text", "at", "by")
A_RULE = "a rule"


@dataclass(frozen=True, kw_only=True)
class PageCopy:
    """One page: what it is called, how it stands, and all that was done to it."""

    page: Page
    name: str
    entries: Sheet
    steps: Sheet
    turns: Sheet
    unanswered: tuple[str, ...]
    score: Score | None

    @property
    def anchor(self) -> str:
        """What a link of the same file leads to."""
        return "-".join(
            filter(None, ("page", self.page.form, self.page.visit, str(self.page.number)))
        )

    @property
    def subject(self) -> str:
        """What the audit trail calls it."""
        return f"page {self.page.pk}"

    @property
    def heard(self) -> list[Sheet]:
        """Steps and questions, where there are any."""
        return [sheet for sheet in (self.steps, self.turns) if sheet.rows]

    @property
    def row(self) -> Row:
        """The page itself, as a row of the list of pages."""
        page = self.page
        return (
            page.form, page.visit, page.number, self.name, self.subject, page.get_stage_display(),
            page.verified, page.opened_at, page.opened_by.name,
        )  # fmt: skip


PAGES = (
    "form", "visit", "number", "page", "in_the_trail", "stage", "verified", "opened_at",
    "opened_by",
)  # fmt: skip


def scores_at(centre: Centre) -> Mapping[int, Score | None]:
    """The score of every page at a centre that has one, in one evaluation."""
    scored = [form.id for form in trial_of(centre).casebook if has_score(form)]
    pages = Page.objects.filter(patient__centre=centre, form__in=scored).order_by("pk")
    values = values_of_pages(pages)
    return dict(zip(values, scores_of(values.values()), strict=True))


def copies_of(
    patient: Patient, scores: Mapping[int, Score | None], *, trial_locked: bool
) -> list[PageCopy]:
    """Every page of a participant: visits by their day, then logs, in the order of the forms."""
    trial = trial_of(patient.centre)
    order = {form.id: at for at, form in enumerate(trial.casebook)}
    held = Page.objects.filter(patient=patient).select_related("opened_by").order_by("pk")
    pages = list(held.prefetch_related("steps__by", "queries__steps__by"))

    def place(page: Page) -> tuple[bool, int, int, int]:
        day = find_visit(page.visit, trial).day if page.visit else 0
        return (not page.visit, day, order[page.form], page.number)

    entries: dict[int, list[PageEntry]] = {page.pk: [] for page in pages}
    rows = PageEntry.objects.filter(page__patient=patient).select_related("entered_by")
    for entry in rows.order_by("-pk"):
        entries[entry.page_id].append(entry)
    for page in pages:
        page.patient = patient  # whose centre is at hand
    return [
        _copy(page, entries[page.pk], scores.get(page.pk), trial_locked=trial_locked)
        for page in sorted(pages, key=place)
    ]


def _copy(
    page: Page, entries: list[PageEntry], score: Score | None, *, trial_locked: bool
) -> PageCopy:
    centre, name = page.patient.centre, name_of(page)
    form = find_form(page.form, trial_of(centre))
    of = (("participant", page.patient_id), ("form", page.form), ("visit", page.visit),
          ("number", page.number))  # fmt: skip
    answered = {entry.column for entry in entries}
    blank = (CASE_COLUMNS[name].label for name in form.columns if name not in answered)
    said = tuple(_entries(form, entries, centre, trial_locked=trial_locked))
    steps = tuple((s.get_kind_display(), s.at, s.by.name, s.reason) for s in page.steps.all())
    turns = tuple(row for query in page.queries.all() for row in _turns(query, page))

    def sheet(id_: str, label: str, columns: tuple[str, ...], rows: tuple[Row, ...]) -> Sheet:
        return Sheet(
            centre=centre, id=id_, label=label, columns=columns, rows=rows, of=of, where=name
        )

    return PageCopy(
        page=page,
        name=name,
        entries=sheet("entries", "Entries", ASKED, said),
        steps=sheet("steps", "Done to the page", STEPS, steps),
        turns=sheet("questions", "Questions", TURNS, turns),
        unanswered=tuple(blank),
        score=score,
    )


def _entries(
    form: CaseForm, entries: Iterable[PageEntry], centre: Centre, *, trial_locked: bool
) -> Iterator[Row]:
    """Column by column as the form asks, the last value of each first."""
    hidden = hidden_in(form, trial_locked=trial_locked)
    by_column: dict[str, list[PageEntry]] = {name: [] for name in form.columns}
    for entry in entries:
        by_column.setdefault(entry.column, []).append(entry)
    for name, held in by_column.items():
        for at, entry in enumerate(held):
            said = value_in_words(name, entry.value, centre=centre)
            reason = ENTERED if hidden and entry.reason else entry.reason
            yield (
                CASE_COLUMNS[name].label, name, ENTERED if name in hidden else said,
                entry.entered_at, entry.entered_by.name, reason, at == 0,
            )  # fmt: skip


def _turns(query: Query, page: Page) -> Iterator[Row]:
    query.page = page
    about: Any = asks_about(query)
    for step in query.steps.all():
        by = step.by.name if step.by else A_RULE
        yield query.pk, about, step.get_status_display(), step.text, step.at, by
