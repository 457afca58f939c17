"""Completing a page, opening it again, and saying that a visit did not take place.

A page is complete once everything it requires is answered. One that was missed has no entry, and a
reason. Both are done with: no list asks for them any more, until an entry or somebody reopens them.
"""

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.languages import Said, inside, listed, say
from immunosep.protocol.casebook import CaseForm
from immunosep.protocol.trial import Trial
from immunosep.tables.casebook import CASE_COLUMNS
from immunosep.web.accounts.access import may, require
from immunosep.web.accounts.models import User
from immunosep.web.casebook.checking import lacking
from immunosep.web.casebook.forms import asked_pages, find_form
from immunosep.web.casebook.models import Page, Step
from immunosep.web.casebook.recording import MAY_ENTER, open_page
from immunosep.web.casebook.scoring import has_score, score_of
from immunosep.web.casebook.steps import hold, reason_problems, take_step
from immunosep.web.casebook.values import values_of
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.recording import data_is_closed
from immunosep.web.trial import trial_of

CLOSED = (Page.Stage.FROZEN, Page.Stage.LOCKED)
Kind = Step.Kind


@transaction.atomic
def complete_page(page: Page, *, by: User, now: datetime) -> Step:
    """Say that a page is whole; asked again it stays so. RefusedError with what is lacking."""
    page, form, role = _taken(page, by)
    values = values_of(page)
    if page.stage == Page.Stage.COMPLETE:
        return _last_step(page)
    missing = [CASE_COLUMNS[name].label for name in lacking(form, values)]
    problems = [
        *_closed(page),
        *([say("Nothing is entered.")] if not values else []),
        *(
            [say("Not answered yet: {missing}.", missing=listed(map(Said, missing)))]
            if missing
            else []
        ),
    ]
    if problems:
        raise RefusedError(f"a page of {page.patient_id} is not complete", problems)
    score = score_of(values) if has_score(form) else None
    return take_step(
        page, Kind.COMPLETED, to=Page.Stage.COMPLETE, by=by, role=role, now=now,
        told=score.in_the_trail() if score else None,
    )  # fmt: skip


@transaction.atomic
def reopen_page(page: Page, *, reason: str, by: User, now: datetime) -> Step:
    """Take completion, or that it was missed, back; RefusedError without a reason."""
    page, _, role = _taken(page, by)
    started = [say("The page is open.")] if page.stage == Page.Stage.STARTED else []
    problems = [*_closed(page), *started, *reason_problems(reason, page)]
    if problems:
        raise RefusedError(f"a page of {page.patient_id} was not opened again", problems)
    return take_step(
        page, Kind.REOPENED, to=Page.Stage.STARTED, by=by, role=role, now=now, reason=reason
    )


@transaction.atomic
def miss_visit(
    number: str,
    visit: str,
    *,
    reason: str,
    by: User,
    now: datetime,
    forms: Collection[str] = (),
) -> list[Step]:
    """Say that a visit did not take place: each of its pages that this account would fill in.

    `forms` names some of them. A page with entries is none that was missed: named, it is refused;
    otherwise it is left as it is.
    """
    centre = Patient.objects.select_related("centre").get(pk=number).centre
    asked = _asked(visit, trial_of(centre), forms)
    wanted = [form for form in asked if may(by, MAY_ENTER[form.filled_by], centre)]
    if asked and not wanted:
        raise PermissionDenied
    problems = reason_problems(reason)
    if not asked:
        problems.append(say("There is no such visit, or it does not ask for this form."))
    if problems:
        raise RefusedError(f"nothing of {number} was said to be missed", problems)
    steps = [
        step
        for form in wanted
        if (step := _miss(number, form, visit, named=bool(forms), reason=reason, by=by, now=now))
    ]
    if not steps:
        raise RefusedError(f"nothing of {number} was said to be missed", [HAS_ENTRIES])
    return steps


def _asked(visit: str, trial: Trial, forms: Collection[str]) -> list[CaseForm]:
    """The forms that a visit asks for, or those of them that are named."""
    return [
        form
        for planned, form in asked_pages(trial)
        if planned.id == visit and (not forms or form.id in forms)
    ]


HAS_ENTRIES = say("Every page of the visit has entries, or was said to be missed already.")


def _miss(
    number: str, form: CaseForm, visit: str, *, named: bool, reason: str, by: User, now: datetime
) -> Step | None:
    page, _, role = _taken(open_page(number, form.id, visit=visit, by=by, now=now), by)
    if values_of(page) or page.stage != Page.Stage.STARTED:
        if named:
            raise RefusedError(f"nothing of {number} was said to be missed", [HAS_ENTRIES])
        return None
    return take_step(
        page, Kind.MISSED, to=Page.Stage.COMPLETE, by=by, role=role, now=now, reason=reason
    )


def _taken(page: Page, by: User) -> tuple[Page, CaseForm, str]:
    """The page, held until the action is done; its form; the role that lets one write it."""
    page = hold(page)
    form = find_form(page.form, trial_of(page.patient.centre))
    return page, form, require(by, MAY_ENTER[form.filled_by], page.patient.centre)


def _closed(page: Page) -> list[str]:
    return [
        problem
        for problem, applies in (
            (say("The page is {stage}. Ask the data manager to open it.",
                 stage=inside(page.get_stage_display())),
             page.stage in CLOSED),
            (say("All consent was withdrawn: nothing more may be recorded."),
             data_is_closed(page.patient)),
        )
        if applies
    ]  # fmt: skip


def _last_step(page: Page) -> Step:
    step = page.steps.filter(kind__in=(Kind.COMPLETED, Kind.MISSED)).last()
    assert step is not None  # there is no other way to be complete
    return step
