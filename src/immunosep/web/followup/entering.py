"""A page of the casebook as it is filled in: its questions, what was typed, what stands against it.

What hints at the arm is asked and never shown: once there is a value, its field stays empty, and
leaving it empty keeps the value. A question that another answer leaves unasked is folded away with
the others of its kind; it can be opened without a script.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from immunosep.errors import RefusedError
from immunosep.languages import Said, listed, say, unfinished
from immunosep.protocol.casebook import CaseForm, EditCheck, Severity
from immunosep.protocol.schedule import Visit
from immunosep.tables.casebook import CASE_COLUMNS
from immunosep.web.accounts.models import User
from immunosep.web.casebook.checking import context_of, faults_of, lacking, not_asked
from immunosep.web.casebook.hidden import hidden_in, trial_is_locked
from immunosep.web.casebook.models import Page, PageEntry
from immunosep.web.casebook.recording import WAS_COMPLETE, Written, record_page, write_page
from immunosep.web.casebook.scoring import Score, has_score, score_of
from immunosep.web.casebook.values import values_of
from immunosep.web.centres.models import Centre
from immunosep.web.centres.templatetags.clock import at_centre
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.questions import (
    Posted,
    Question,
    recorded_question,
    typed_question,
    value_in_words,
)
from immunosep.web.enrolment.recording import REASON_MISSING, changes_of, same


@dataclass(frozen=True, kw_only=True)
class About:
    """What a page is about: a participant's form, of a visit or of a log, opened or not yet."""

    patient: Patient
    form: CaseForm
    visit: Visit | None = None
    page: Page | None = None
    unscheduled: bool = False

    @property
    def centre(self) -> Centre:
        """Whose clock its times are by."""
        return self.patient.centre

    @property
    def as_page(self) -> Page:
        """The page, or one as it would be, for the rules that ask what is known besides."""
        visit = self.visit.id if self.visit else ""
        return self.page or Page(patient=self.patient, form=self.form.id, visit=visit)

    def hides(self, name: str) -> bool:
        """Whether a column hints at the arm and is not to be shown now."""
        return name in self._hidden

    @cached_property
    def _hidden(self) -> frozenset[str]:
        return hidden_in(self.form, trial_locked=bool(self.form.hidden) and trial_is_locked())


@dataclass(frozen=True, kw_only=True)
class Group:
    """Questions that stand or fall together: asked always, or only if another has an answer."""

    id: str
    questions: list[Question]
    condition: str = ""
    asked: bool = True

    @property
    def summary(self) -> str:
        """What a folded group says of itself."""
        label, more = Said(self.questions[0].column.label), len(self.questions) - 1
        if not more:
            return say("Only if {condition}: {label}", condition=self.condition, label=label)
        return say(
            "Only if {condition}: {label} and {more} more",
            condition=self.condition,
            label=label,
            more=more,
        )


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A page as it stands in the browser."""

    about: About
    groups: list[Group]
    seen: int
    values: Mapping[str, Any]  # as they would stand, hidden ones too
    entered: frozenset[str] = frozenset()  # hidden columns with a value
    unusual: frozenset[str] = frozenset()  # whose value wants a second look; a rule's is a query
    has_recorded: bool = False
    findings: list[EditCheck] = field(default_factory=list)
    score: Score | None = None
    reason: str = ""
    request: UUID | None = None
    looked_again: bool = False
    asks_to_look: bool = False
    problems: list[str] = field(default_factory=list)

    @property
    def questions(self) -> Iterator[Question]:
        """Every question, in the order of the page."""
        return (question for group in self.groups for question in group.questions)

    @property
    def faulty(self) -> list[Question]:
        """Those whose answer cannot be read."""
        return [question for question in self.questions if question.problem]

    @property
    def reason_missing(self) -> bool:
        """Whether a reason is wanted and was not given."""
        return bool({REASON_MISSING, WAS_COMPLETE}.intersection(self.problems))

    @property
    def is_wrong(self) -> bool:
        """Whether anything stands against saving."""
        return bool(self.faulty or self.problems or self.asks_to_look)

    @property
    def lacking(self) -> list[str]:
        """The labels of what must be answered before the page is complete."""
        return [CASE_COLUMNS[n].label for n in lacking(self.about.form, self.values)]

    @property
    def scores(self) -> bool:
        """Whether the page has a score."""
        return has_score(self.about.form)


def opened(about: About, start: Posted | None = None) -> Filled:
    """The page with what is recorded; one not opened yet with the answers it is to start from."""
    seen = last_entry(about.page)
    values = values_of(about.page, seen) if about.page else {}
    given = {} if about.page else dict(start.items()) if start else {}
    questions = [
        typed_question(CASE_COLUMNS[name], given, about.centre)
        if name in given
        else _shown(about, name, values.get(name))
        for name in about.form.columns
    ]
    values |= {q.name: q.stored for q in questions if q.name in given and q.stored is not None}
    return _answered(
        Filled(
            about=about,
            groups=_grouped(about.form, questions, values),
            seen=seen,
            values=values,
            entered=_entered(about, values),
            has_recorded=_asks_why(about, values),
            request=uuid4(),
        )
    )


def typed(about: About, posted: Posted) -> Filled:
    """The page with what was typed."""
    sent = posted.get("seen", "")
    seen = int(sent) if sent.isascii() and sent.isdigit() else 0
    current = values_of(about.page) if about.page else {}
    shown = values_of(about.page, seen) if about.page else {}
    questions = [
        typed_question(CASE_COLUMNS[name], posted, about.centre)
        if name in posted
        else _shown(about, name, shown.get(name))
        for name in about.form.columns
    ]
    would_be = shown | {q.name: q.stored for q in questions if not _kept(about, q)}
    values = {name: value for name, value in would_be.items() if value is not None}
    questions = [_asked(about, question, values, shown) for question in questions]
    return _answered(
        Filled(
            about=about,
            groups=_grouped(about.form, questions, values),
            seen=seen,
            values=values,
            entered=_entered(about, current),
            unusual=frozenset(question.name for question in questions if question.warning),
            has_recorded=_asks_why(about, current),
            reason=posted.get("reason", ""),
            request=_uuid(posted.get("request", "")),
            looked_again=bool(posted.get("looked_again")),
        )
    )


def save(filled: Filled, *, by: User, now: datetime) -> tuple[Filled, Written | None]:
    """Write what was typed; if anything stands against it, the page that says so."""
    filled = _compared(filled)
    if filled.is_wrong:
        return filled, None
    about = filled.about
    answers = {q.name: q.stored for q in filled.questions if not _kept(about, q)}
    try:
        if about.page:
            written = record_page(
                about.page, answers, seen=filled.seen, by=by, now=now, reason=filled.reason
            )
        else:
            written = write_page(
                about.patient.pk, about.form.id, answers, by=by, now=now, request=filled.request,
                visit=about.visit.id if about.visit else "", unscheduled=about.unscheduled,
            )  # fmt: skip
    except RefusedError as error:
        return replace(filled, problems=list(error.problems)), None
    return filled, written


def condition_in_words(form: CaseForm, name: str) -> str:
    """When a column is asked for, such as: on this day the participant is present."""
    other, wanted = form.asked_if[name]
    answers = [Said(word.replace("_", " ")) for word in wanted]
    either = answers[0]
    for answer in answers[1:]:
        either = say("{one} or {other}", one=either, other=answer)
    return say("“{label}” is {answers}", label=Said(CASE_COLUMNS[other].label), answers=either)


def last_entry(page: Page | None) -> int:
    """The last entry of a page, 0 before the first: what the browser's page was made from."""
    if page is None:
        return 0
    pks = PageEntry.objects.filter(page=page).order_by("-id").values_list("pk", flat=True)
    return pks.first() or 0


def _shown(about: About, name: str, stored: Any) -> Question:
    hidden = about.hides(name)
    return recorded_question(CASE_COLUMNS[name], None if hidden else stored, about.centre)


def _asks_why(about: About, values: Mapping[str, Any]) -> bool:
    """Whether a change may need a reason: of what is recorded, or of a page that was done with."""
    page = about.page
    return page is not None and (bool(values) or page.stage == Page.Stage.COMPLETE)


def _kept(about: About, question: Question) -> bool:
    """Whether an empty field leaves what is there as it is: of what nobody is shown, it does."""
    return about.hides(question.name) and question.stored is None


def _entered(about: About, values: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(name for name in values if about.hides(name))


def _asked(
    about: About, question: Question, values: Mapping[str, Any], shown: Mapping[str, Any]
) -> Question:
    """A question that was answered though another answer leaves it unasked says so."""
    idle = question.name in not_asked(about.form, values)
    new = not same(question.name, question.stored, shown.get(question.name))
    if not idle or question.stored is None or not new:
        return question
    why = condition_in_words(about.form, question.name)
    return replace(
        question, problem=say("asked only if {why}: choose that, or clear this", why=why)
    )


def _grouped(form: CaseForm, questions: list[Question], values: Mapping[str, Any]) -> list[Group]:
    """Neighbours that hang on the same answer, together."""
    idle = not_asked(form, values)
    groups: list[Group] = []
    for question in questions:
        condition = (
            condition_in_words(form, question.name) if question.name in form.asked_if else ""
        )
        if groups and groups[-1].condition == condition:
            groups[-1].questions.append(question)
            continue
        asked = question.name not in idle
        groups.append(
            Group(id=question.name, questions=[question], condition=condition, asked=asked)
        )
    return groups


def _answered(filled: Filled) -> Filled:
    """The page with what the rules say of it, and its score."""
    about = filled.about
    idle = not_asked(about.form, filled.values)
    values = {name: value for name, value in filled.values.items() if name not in idle}
    findings = faults_of(about.form, values, context=context_of(about.as_page)) if values else []
    return replace(
        filled,
        findings=findings,
        groups=[_marked(group, findings) for group in filled.groups],
        score=score_of(values) if filled.scores else None,
    )


def _marked(group: Group, findings: list[EditCheck]) -> Group:
    """The questions with what the rules ask about them; what refuses the page is an error."""

    def marked(question: Question) -> Question:
        for check in findings:
            if question.name not in check.columns or question.problem:
                continue
            if check.severity is Severity.REFUSED:
                return replace(question, problem=unfinished(check.says))
            says = listed(filter(None, (question.warning, Said(check.says))), by=" ")
            question = replace(question, warning=says)
        return question

    return replace(group, questions=[marked(question) for question in group.questions])


def _compared(filled: Filled) -> Filled:
    """The page with what others changed meanwhile, and with what wants a second look."""
    page = filled.about.page
    shown = values_of(page, filled.seen) if page else {}
    current = values_of(page) if page else {}
    answers = {q.name: q.stored for q in filled.questions if not _kept(filled.about, q)}
    changes = changes_of(answers, shown=shown, current=current)
    doubtful = bool(filled.unusual & changes.wanted.keys())
    if changes.clashes and page:
        filled = _with_what_others_changed(filled, page, shown, current, set(changes.clashes))
    return replace(filled, asks_to_look=doubtful and not filled.looked_again)


def _with_what_others_changed(
    filled: Filled,
    page: Page,
    shown: Mapping[str, Any],
    current: Mapping[str, Any],
    clashes: set[str],
) -> Filled:
    """The page made anew: what was typed stays, what nobody touched here is as it stands now."""
    about = filled.about

    def renewed(question: Question) -> Question:
        if question.name in clashes:
            return _told(question, page, about)
        touched = question.problem or not same(
            question.name, question.stored, shown.get(question.name)
        )
        return question if touched else _shown(about, question.name, current.get(question.name))

    groups = [
        replace(group, questions=[renewed(question) for question in group.questions])
        for group in filled.groups
    ]
    return replace(filled, groups=groups, seen=last_entry(page))


def _told(question: Question, page: Page, about: About) -> Question:
    """A question that somebody else answered meanwhile, with what they said if it may be shown."""
    entries = PageEntry.objects.filter(page=page, column=question.name)
    last = entries.select_related("entered_by").order_by("id").last()
    assert last is not None
    said = value_in_words(last.column, last.value, centre=about.centre)
    by, moment = last.entered_by.name, at_centre(last.entered_at, about.centre)
    if about.hides(question.name):
        return replace(question, problem=say(
            "{name} changed this at {moment}, after you opened the page. To keep what you typed, "
            "save again and say why", name=by, moment=moment,
        ))  # fmt: skip
    return replace(question, problem=say(
        "{name} changed this to {value} at {moment}, after you opened the page. To keep what you "
        "typed, save again and say why", name=by, value=said, moment=moment,
    ))  # fmt: skip


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
