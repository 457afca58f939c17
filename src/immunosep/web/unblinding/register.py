"""The register of unblinding: entering an act, telling those who review, reviewing it afterwards.

An entry says who learnt a treatment, when and why, never which. It is for ever: no one who learnt
a participant's treatment is blinded for that participant again.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.web.accounts.access import may, require
from immunosep.web.accounts.mailing import mail_holders
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.audit.actions import record
from immunosep.web.enrolment import wording
from immunosep.web.enrolment.models import Allocation
from immunosep.web.enrolment.wording import NAMES_A_TREATMENT
from immunosep.web.trial import site_trial
from immunosep.web.unblinding.models import Review, Unblinding

BY_HAND = (Unblinding.Kind.ENVELOPE, Unblinding.Kind.ACCIDENTAL)


@transaction.atomic
def enter(
    allocation: Allocation,
    *,
    who: User,
    kind: Unblinding.Kind,
    reason: str,
    at: datetime,
    by: User,
    role: str,
    now: datetime,
) -> Unblinding:
    """Write one entry, its audit event, and the notice to those who review."""
    patient = allocation.patient
    entry = Unblinding.objects.create(
        allocation=allocation,
        who=who,
        kind=kind,
        reason=reason.strip(),
        at=at,
        recorded_at=now,
        recorded_by=by,
    )
    record(
        "unblinding.enter",
        by=by,
        role=role,
        now=now,
        subject=f"participant {patient.pk}",
        centre=patient.centre_id,
        time_zone=patient.centre.time_zone,
        participant=patient.pk,
        after={"who": who.pk, "kind": kind.value, "at": at.isoformat()},
        reason=reason.strip(),
    )
    transaction.on_commit(lambda: _tell(entry), robust=True)
    return entry


@transaction.atomic
def record_unblinding(
    allocation: Allocation,
    *,
    who: User,
    kind: Unblinding.Kind,
    reason: str,
    at: datetime,
    by: User,
    now: datetime,
) -> Unblinding:
    """Enter what happened elsewhere: an envelope that was opened, or an accident."""
    centre = allocation.patient.centre
    permission = (
        Permission.UNBLIND if may(by, Permission.UNBLIND, centre) else Permission.REVIEW_UNBLINDING
    )
    role = require(by, permission, centre)
    problems = _problems_of_text(reason)
    if kind not in BY_HAND:
        problems.append(say("An unblinding on this site is entered by the site itself."))
    if at > now:
        problems.append(say("The time is in the future."))
    if at < allocation.allocated_at:
        problems.append(say("The time is before the participant was randomised."))
    if problems:
        raise RefusedError("this cannot be entered into the register", problems)
    return enter(allocation, who=who, kind=kind, reason=reason, at=at, by=by, role=role, now=now)


@transaction.atomic
def review(entry: Unblinding, *, assessment: str, by: User, now: datetime) -> Review:
    """What the medical monitor thinks of an unblinding, once, after the fact."""
    patient = entry.allocation.patient
    role = require(by, Permission.REVIEW_UNBLINDING, patient.centre)
    problems = _problems_of_text(assessment)
    if Review.objects.filter(unblinding=entry).exists():
        problems.append(say("It is reviewed already. A review is not changed."))
    if problems:
        raise RefusedError("this review cannot be kept", problems)
    made = Review.objects.create(unblinding=entry, assessment=assessment.strip(), at=now, by=by)
    record(
        "unblinding.review",
        by=by,
        role=role,
        now=now,
        subject=f"participant {patient.pk}",
        centre=patient.centre_id,
        time_zone=patient.centre.time_zone,
        participant=patient.pk,
        after={"unblinding": entry.pk},
        reason=assessment.strip(),
    )
    return made


def has_learnt(user: User, allocation: Allocation) -> bool:
    """Whether somebody ever learnt this participant's treatment, in any way."""
    return Unblinding.objects.filter(who=user, allocation=allocation).exists()


def names_a_treatment(text: str) -> bool:
    """Whether a text names an intervention or an arm: the register must not."""
    return wording.names_a_treatment(site_trial(), text)


def _problems_of_text(text: str) -> list[str]:
    if not text.strip():
        return [say("There is no text. Say in a few words what happened.")]
    if names_a_treatment(text):
        return [NAMES_A_TREATMENT]
    return []


def _tell(entry: Unblinding) -> None:
    """One message to all who review: that a treatment was learnt, and nothing of what."""
    patient, trial = entry.allocation.patient, site_trial()
    mail_holders(
        Permission.REVIEW_UNBLINDING,
        centre=patient.centre_id,
        subject=say(
            "{trial}: participant {number} was unblinded",
            trial=trial.acronym or trial.id,
            number=patient.pk,
        ),
        lines=[
            say(
                "Participant {number} was unblinded. Who, when and why is in the register:",
                number=patient.pk,
            ),
            f"{settings.SITE_URL}/unblinding/",
            say(
                "Please review it there. Neither this message nor the register says the treatment."
            ),
        ],
    )
