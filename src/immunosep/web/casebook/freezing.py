"""Freezing: a page that is complete and free of questions takes no entry until it is unfrozen."""

from datetime import datetime

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.casebook.models import Page, Query, Step
from immunosep.web.casebook.steps import hold, is_done, reason_problems, take_step
from immunosep.web.enrolment.models import Patient

CLOSED = (Page.Stage.FROZEN, Page.Stage.LOCKED)


@transaction.atomic
def freeze(page: Page, *, by: User, now: datetime) -> Step:
    """Close one page to entries."""
    page = hold(page)
    role = require(by, Permission.FREEZE, page.patient.centre)
    problems = _problems(page)
    if problems:
        raise RefusedError(f"page {page.pk} was not frozen", problems)
    return take_step(page, Step.Kind.FROZEN, to=Page.Stage.FROZEN, by=by, role=role, now=now)


@transaction.atomic
def freeze_complete(patient: Patient, *, by: User, now: datetime) -> list[Step]:
    """Freeze each page of a participant that may be; RefusedError if there is none."""
    require(by, Permission.FREEZE, patient.centre)
    asked = Query.objects.exclude(status=Query.Status.CLOSED).values("page")
    pages = Page.objects.filter(patient=patient).exclude(pk__in=asked).exclude(stage__in=CLOSED)
    steps = [
        freeze(page, by=by, now=now)
        for page in pages.select_related("patient__centre")
        if is_done(page)
    ]
    if not steps:
        raise RefusedError(
            f"nothing of {patient.pk} was frozen",
            ["No page is complete and free of open questions."],
        )
    return steps


@transaction.atomic
def unfreeze(page: Page, *, reason: str, by: User, now: datetime) -> Step:
    """Open a frozen page to entries again."""
    page = hold(page)
    role = require(by, Permission.FREEZE, page.patient.centre)
    problems = reason_problems(reason, page)
    if page.stage != Page.Stage.FROZEN:
        problems.append(f"The page is {page.get_stage_display().lower()}, not frozen.")
    if problems:
        raise RefusedError(f"page {page.pk} was not unfrozen", problems)
    return take_step(
        page, Step.Kind.UNFROZEN, to=stage_before(page), by=by, role=role, now=now, reason=reason
    )


def stage_before(page: Page) -> Page.Stage:
    """What a page was before it was frozen."""
    kinds = (Step.Kind.COMPLETED, Step.Kind.MISSED, Step.Kind.REOPENED)
    last = page.steps.filter(kind__in=kinds).last()
    done = last is not None and last.kind != Step.Kind.REOPENED
    return Page.Stage.COMPLETE if done else Page.Stage.STARTED


def _problems(page: Page) -> list[str]:
    open_ = page.queries.exclude(status=Query.Status.CLOSED).count()
    return [
        problem
        for problem, applies in (
            (f"The page is {page.get_stage_display().lower()}, expected complete.",
             page.stage in CLOSED or not is_done(page)),
            (f"{open_} question{'s are' if open_ != 1 else ' is'} not closed.", bool(open_)),
        )
        if applies
    ]  # fmt: skip
