"""What a centre needs before an amendment goes live there: approvals, and a consent version."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from immunosep.errors import RefusedError
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.amendments.models import Amendment, BoundConsent
from immunosep.web.audit.actions import record
from immunosep.web.centres.actions import record_approval
from immunosep.web.centres.models import Approval, Body, Centre
from immunosep.web.enrolment.consenting import versions_open
from immunosep.web.enrolment.models import ConsentVersion
from immunosep.web.trial import trial_with


def approvals_of(amendment: Amendment, centre: Centre) -> "QuerySet[Approval]":
    """Those of its version recorded for a centre since it was proposed, none from before.

    Who goes back to an earlier version asks anew.
    """
    return centre.approvals.filter(
        trial_version=amendment.version.name, recorded_at__gte=amendment.proposed_at
    ).exclude(body="")


def bodies_needed(amendment: Amendment) -> tuple[Body, ...]:
    """Who has to approve an amendment for a centre."""
    return tuple(Body) if amendment.needs_authority else (Body.ETHICS_COMMITTEE,)


@transaction.atomic
def approve(
    amendment: Amendment,
    centre: Centre,
    *,
    body: Body,
    given_by: str,
    reference: str,
    approved_on: date,
    by: User,
    now: datetime,
) -> Approval:
    """Keep that a body approved an amendment for a centre."""
    role = require(by, Permission.MANAGE_AMENDMENTS, centre)
    return record_approval(
        centre,
        given_by=given_by,
        reference=reference,
        approved_on=approved_on,
        body=body,
        trial=trial_with(amendment.version_id),
        by=by,
        now=now,
        role=role,
    )


@transaction.atomic
def bind_consent(
    amendment: Amendment, version: ConsentVersion, *, by: User, now: datetime
) -> BoundConsent:
    """Say that a consent version of a centre comes with an amendment; said again, it is found."""
    centre = version.centre
    role = require(by, Permission.MANAGE_AMENDMENTS, centre)
    made = BoundConsent.objects.filter(consent_version=version).first()
    if made is not None and made.amendment_id == amendment.pk:
        return made
    today = now.astimezone(centre.zone).date()
    problems = [
        *(["This amendment asks nobody for consent again."] if not amendment.asks_again else []),
        *([f"It came with {made.amendment}."] if made else []),
        *(["It is not in use today."] if version not in versions_open(centre, today) else []),
    ]
    if problems:
        raise RefusedError("the consent version cannot be bound", problems)
    bound = BoundConsent.objects.create(
        amendment=amendment, consent_version=version, bound_at=now, bound_by=by
    )
    record(
        "amendments.bind_consent",
        by=by,
        role=role,
        now=now,
        subject=str(amendment),
        centre=centre.pk,
        time_zone=centre.time_zone,
        after={"consent": str(version)},
    )
    return bound


def bound_here(amendment: Amendment, centre: Centre) -> list[ConsentVersion]:
    """The consent versions of a centre that came with an amendment."""
    return list(ConsentVersion.objects.filter(centre=centre, amendment__amendment=amendment))
