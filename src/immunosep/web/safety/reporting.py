"""A serious event told to the sponsor by its centre, and what is added later.

Reporting needs no more than a name and that it is serious: what is missing follows. Neither a lock
nor a withdrawal stands against it.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.web.accounts.access import may, require
from immunosep.web.accounts.mailing import mail_holders
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.audit.actions import record
from immunosep.web.casebook.models import Page
from immunosep.web.casebook.steps import hold
from immunosep.web.casebook.values import row_of, values_of
from immunosep.web.centres.models import Centre
from immunosep.web.safety.cases import FORM
from immunosep.web.safety.models import FollowUp, SeriousReport
from immunosep.web.safety.texts import text_problems
from immunosep.web.trial import site_trial


@transaction.atomic
def report_serious(page: Page, *, aware_at: datetime, by: User, now: datetime) -> SeriousReport:
    """Tell the sponsor of a serious event; RefusedError with every reason not to."""
    page = hold(page)
    role = require(by, Permission.ENTER_FOLLOW_UP, page.patient.centre)
    row = row_of(values_of(page))
    began = row.get("event_from")
    problems = [
        problem
        for problem, applies in (
            (say("This page is no adverse event."), page.form != FORM),
            (say("The event has no name yet. Enter it on its page."), not row.get("event_term")),
            (say("The event is not said to be serious. Say so on its page."),
             not row.get("serious")),
            (say("It is reported already. Add what is new as a follow-up."), is_reported(page)),
            (say("You knew of it in the future: look at the time."), aware_at > now),
            (say("You knew of it before it began: look at the time."),
             began is not None and aware_at.timestamp() < began),
        )
        if applies
    ]  # fmt: skip
    if problems:
        raise RefusedError(f"page {page.pk} was not reported", problems)
    report = SeriousReport.objects.create(page=page, aware_at=aware_at, reported_at=now, by=by)
    audit("report_serious", page, by=by, role=role, now=now,
          after={"report": report.pk, "aware_at": aware_at.isoformat()})  # fmt: skip
    transaction.on_commit(lambda: _tell(report), robust=True)
    return report


@transaction.atomic
def follow_up(report: SeriousReport, *, text: str, by: User, now: datetime) -> FollowUp:
    """Add what became known, from the centre or from the sponsor's side."""
    page = hold(report.page)
    role = _role_to_add(by, page.patient.centre)
    if problems := text_problems(text, centre=page.patient.centre):
        raise RefusedError("nothing was added", problems)
    made = FollowUp.objects.create(report=report, text=text.strip(), role=role, at=now, by=by)
    audit("follow_up", page, by=by, role=role, now=now, after={"follow_up": made.pk})
    return made


def is_reported(page: Page) -> bool:
    """Whether the sponsor was told."""
    return SeriousReport.objects.filter(page=page).exists()


def audit(
    action: str, page: Page, *, by: User, role: str, now: datetime, after: dict[str, Any]
) -> None:
    """One event about an adverse event's page."""
    centre = page.patient.centre
    record(
        f"safety.{action}", by=by, role=role, now=now, subject=f"page {page.pk}",
        centre=centre.pk, time_zone=centre.time_zone, participant=page.patient_id, after=after,
    )  # fmt: skip


def _role_to_add(by: User, centre: Centre) -> str:
    if may(by, Permission.ENTER_FOLLOW_UP, centre):
        return require(by, Permission.ENTER_FOLLOW_UP, centre)
    return require(by, Permission.REVIEW_SAFETY, centre)


def _tell(report: SeriousReport) -> None:
    """One message to all who review: that there is one, and nothing of what."""
    patient, trial = report.page.patient, site_trial()
    mail_holders(
        Permission.REVIEW_SAFETY,
        centre=patient.centre_id,
        subject=say(
            "{trial}: serious adverse event of participant {number}",
            trial=trial.acronym or trial.id,
            number=patient.pk,
        ),
        lines=[
            say(
                "A serious adverse event of participant {number} was reported. Its clocks are "
                "running:",
                number=patient.pk,
            ),
            f"{settings.SITE_URL}/safety/events/{report.page_id}/",
        ],
    )
