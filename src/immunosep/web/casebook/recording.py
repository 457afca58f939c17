"""Writing on a page: values kept for ever, a reason for each change, rules asked before saving.

Nobody types over somebody else, and nothing is written on a page that is frozen or locked. An entry
takes back the page's verification and completion, and so voids its signatures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import prefetch_related_objects

from immunosep.errors import RefusedError
from immunosep.languages import Said, inside, listed, say
from immunosep.protocol.casebook import CaseForm, EditCheck, Severity
from immunosep.protocol.forms import FilledBy
from immunosep.tables.casebook import CASE_COLUMNS
from immunosep.tables.columns import Kind
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.audit.actions import record
from immunosep.web.casebook.asking import ask
from immunosep.web.casebook.checking import context_of, faults_of, not_asked
from immunosep.web.casebook.forms import asked_at, find_form, find_visit
from immunosep.web.casebook.hidden import ENTERED
from immunosep.web.casebook.locked import is_locked
from immunosep.web.casebook.models import Page, PageEntry
from immunosep.web.casebook.values import values_of
from immunosep.web.centres.locked import LOCKED
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.recording import changes_of, data_is_closed, lock
from immunosep.web.enrolment.wording import typed_problems, wording_problems
from immunosep.web.trial import trial_of

MAY_ENTER = {
    FilledBy.BEDSIDE: Permission.ENTER_FOLLOW_UP,
    FilledBy.LABORATORY: Permission.ENTER_LABORATORY,
}
CLOSED_TO_ENTRY = (Page.Stage.FROZEN, Page.Stage.LOCKED)
REASON_LENGTH = 300
WAS_COMPLETE = say("The page was complete, or said to be missed. Say why it changes.")


@dataclass(frozen=True, kw_only=True)
class Written:
    """What a page's saving did: the entries, and what the rules ask about."""

    page: Page
    entries: list[PageEntry]
    queried: list[EditCheck]


@transaction.atomic
def open_page(
    number: str,
    form_id: str,
    *,
    visit: str = "",
    unscheduled: bool = False,
    by: User,
    now: datetime,
    request: UUID | None = None,
) -> Page:
    """The page of a visit, or the next of a log; the same `request` again finds the same page."""
    patient = lock(number)
    form = find_form(form_id, trial_of(patient.centre))
    role = require(by, MAY_ENTER[form.filled_by], patient.centre)
    made = Page.objects.filter(request=request, patient=patient).first() if request else None
    there = Page.objects.filter(patient=patient, form=form.id, visit=visit).order_by("number")
    last = there.last()
    if last and visit and not unscheduled:
        made = made or (last if last.number == 1 else there.filter(number=1).first())
    if made:
        return made
    prefetch_related_objects([patient], "withdrawals")  # what follows asks of them more than once
    _refuse_page(patient, form, visit)
    page = Page.objects.create(
        patient=patient, form=form.id, visit=visit, opened_at=now, opened_by=by, request=request,
        number=max(last.number + 1 if last else 1, 2 if unscheduled else 1),
    )  # fmt: skip
    record(
        "casebook.open_page", by=by, role=role, now=now, subject=f"page {page.pk}",
        centre=patient.centre_id, time_zone=patient.centre.time_zone, participant=number,
        after={"form": form.id, "visit": visit, "number": page.number},
    )  # fmt: skip
    return page


def _refuse_page(patient: Patient, form: CaseForm, visit: str) -> None:
    problems = [
        problem
        for problem, applies in (
            (say("Nobody was randomised under this number."), not hasattr(patient, "allocation")),
            (say("All consent was withdrawn: nothing more may be recorded."),
             data_is_closed(patient)),
            (LOCKED, is_locked(patient)),
            (say("This form is a log, and belongs to no visit."), bool(form.repeats and visit)),
            (say("This form belongs to a visit. Say which."), not form.repeats and not visit),
            (say("This visit does not ask for this form."),
             bool(visit) and not form.repeats
             and not asked_at(find_visit(visit, trial_of(patient.centre)), form)),
        )
        if applies
    ]  # fmt: skip
    if problems:
        raise RefusedError(f"no page of {patient.pk} was opened", problems)


@transaction.atomic
def record_page(
    page: Page, answers: Mapping[str, Any], *, seen: int, by: User, now: datetime, reason: str = ""
) -> Written:
    """Write what changed since entry `seen`; RefusedError with every reason not to.

    An answer whose question another answer leaves unasked is taken back.
    """
    rows = Page.objects.select_for_update(of=("self",)).select_related("patient__centre")
    return _write(rows.get(pk=page.pk), answers, seen=seen, by=by, now=now, reason=reason)


def _write(
    page: Page, answers: Mapping[str, Any], *, seen: int, by: User, now: datetime, reason: str = ""
) -> Written:
    """The same, of a page that is held, or that was opened in this transaction."""
    patient = page.patient
    form = find_form(page.form, trial_of(patient.centre))
    role = require(by, MAY_ENTER[form.filled_by], patient.centre)
    current = values_of(page) if page.entries_made else {}
    shown = values_of(page, seen) if seen else {}
    merged = {**current, **answers}
    idle = {name: None for name in not_asked(form, merged) if merged.get(name) is not None}
    changes = changes_of({**answers, **idle}, shown=shown, current=current)
    wanted = {**changes.wanted, **_typed_unseen(form, answers)}
    after = {**current, **wanted}
    known = {name: value for name, value in after.items() if value is not None}
    faults = faults_of(form, known, context=context_of(page, form)) if wanted else []
    _refuse(page, form, wanted, changes.clashes, current, faults, reason=reason.strip(), now=now)
    written = [
        PageEntry(page=page, column=name, value=value, entered_at=now, entered_by=by,
                  reason=reason.strip(), trial_digest=trial_of(patient.centre).digest)
        for name, value in wanted.items()
    ]  # fmt: skip
    if not written:
        return Written(page=page, entries=[], queried=[])
    PageEntry.objects.bulk_create(written)
    page.entries_made += len(written)
    page.stage, page.verified = Page.Stage.STARTED, False
    page.save(update_fields=["entries_made", "stage", "verified"])
    record(
        "casebook.record_page", by=by, role=role, now=now, subject=f"page {page.pk}",
        centre=patient.centre_id, time_zone=patient.centre.time_zone, participant=patient.pk,
        before=_told(form, {name: current.get(name) for name in wanted}),
        after=_told(form, wanted), reason=_reason_told(form, reason.strip()),
    )  # fmt: skip
    queried = [fault for fault in faults if fault.severity is Severity.QUERIED]
    ask(page, queried, changed=wanted, now=now)
    return Written(page=page, entries=written, queried=queried)


@transaction.atomic
def write_page(
    number: str,
    form_id: str,
    answers: Mapping[str, Any],
    *,
    by: User,
    now: datetime,
    visit: str = "",
    unscheduled: bool = False,
    request: UUID | None = None,
) -> Written:
    """Open a page and write it; where something stands against that, it is not opened either.

    Sent twice, the second finds what the first wrote.
    """
    if all(value is None for value in answers.values()):
        raise RefusedError(f"no page of {number} was opened", [say("Nothing was entered.")])
    page = open_page(
        number, form_id, visit=visit, unscheduled=unscheduled, by=by, now=now, request=request
    )
    if request and page.request == request and page.entries_made:
        return Written(page=page, entries=[], queried=[])
    if page.entries_made:
        return record_page(page, answers, seen=0, by=by, now=now)
    return _write(page, answers, seen=0, by=by, now=now)


def _typed_unseen(form: CaseForm, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed into columns that nobody is shown: it is written even if it is the same.

    Otherwise whoever types a guess would learn from the answer whether it is right.
    """
    return {name: answers[name] for name in form.hidden if answers.get(name) is not None}


def _told(form: CaseForm, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the audit trail may say: of a hidden column that it changed, not what it says."""
    return {name: "hidden" if name in form.hidden else value for name, value in values.items()}


def _reason_told(form: CaseForm, reason: str) -> str:
    """Why a page with hidden columns changed is hidden with them: it may say what they were."""
    return ENTERED if reason and form.hidden else reason


def _worded(page: Page, form: CaseForm, wanted: Mapping[str, Any], reason: str) -> list[str]:
    """What is said in words that blinded people must not read."""
    trial = trial_of(page.patient.centre)
    reasoned = [] if form.hidden else wording_problems(reason, trial=trial)
    return list(dict.fromkeys([*typed_problems(wanted, trial=trial), *reasoned]))


def _to_come(wanted: Mapping[str, Any], now: datetime) -> list[str]:
    """The labels of moments that have not been yet."""
    times = {name: CASE_COLUMNS[name] for name in wanted if name in CASE_COLUMNS}
    return [
        column.label
        for name, column in times.items()
        if column.kind is Kind.TIME
        and wanted[name] is not None
        and datetime.fromisoformat(wanted[name]) > now
    ]


def _refuse(
    page: Page,
    form: CaseForm,
    wanted: Mapping[str, Any],
    clashes: Mapping[str, Any],
    current: Mapping[str, Any],
    faults: list[EditCheck],
    *,
    reason: str,
    now: datetime,
) -> None:
    foreign = [name for name in wanted if name not in form.columns]
    overwritten = any(current.get(name) is not None for name in wanted)
    problems = [
        problem
        for problem, applies in (
            (say("{foreign}: not on this form.", foreign=', '.join(foreign)), bool(foreign)),
            (say("Somebody else changed this meanwhile: {labels}. Compare, and save again.",
                 labels=listed(Said(CASE_COLUMNS[name].label)
                               for name in clashes if name in CASE_COLUMNS)), bool(clashes)),
            (say("A recorded value changes. Say why."), overwritten and not reason),
            (WAS_COMPLETE,
             page.stage == Page.Stage.COMPLETE and not overwritten and not reason),
            (say("The reason is longer than {count} characters. Shorten it.", count=REASON_LENGTH),
             len(reason) > REASON_LENGTH),
            (say("The page is {stage}. Ask the data manager to open it.",
                 stage=inside(page.get_stage_display())),
             page.stage in CLOSED_TO_ENTRY),
            (say("All consent was withdrawn: nothing more may be recorded."),
             data_is_closed(page.patient)),
            *((say("{label}: that is in the future. Enter it once it has happened.",
                   label=Said(label)), True)
              for label in _to_come(wanted, now)),
            *((fault.says, fault.severity is Severity.REFUSED) for fault in faults),
            *((problem, True) for problem in _worded(page, form, wanted, reason)),
        )
        if applies and wanted
    ]  # fmt: skip
    if problems:
        raise RefusedError(f"nothing was saved of {page.patient_id}", problems)
