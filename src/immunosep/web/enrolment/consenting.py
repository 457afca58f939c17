"""Consent as given: by whom, to which version, when; and when it has to be asked for again."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.protocol.consent import ConsentBy, ConsentPlan
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.audit.actions import record
from immunosep.web.centres.locked import LOCKED, is_locked
from immunosep.web.centres.models import Centre
from immunosep.web.centres.templatetags.clock import at_centre
from immunosep.web.enrolment.models import Consent, ConsentVersion, Patient
from immunosep.web.enrolment.recording import lock, touch
from immunosep.web.trial import trial_of

GIVEN_BY = {
    ConsentBy.PATIENT: say("The patient"),
    ConsentBy.RELATIVE: say("A relative, because the patient is unable to consent"),
    ConsentBy.DEFERRED: say("Deferred: nobody could be asked in time"),
}


def plan(centre: Centre) -> ConsentPlan | None:
    """How consent is asked for at a centre."""
    return trial_of(centre).consent


def may_give(centre: Centre) -> list[ConsentBy]:
    """Who may consent at a centre: deferred only where the trial names the centre's country."""
    asked = plan(centre)
    if asked is None:
        return [ConsentBy.PATIENT]
    return [
        each
        for each in asked.given_by
        if each is not ConsentBy.DEFERRED or centre.country in asked.deferred_countries
    ]


def versions_open(centre: Centre, on: date) -> Sequence[ConsentVersion]:
    """The versions approved at a centre and not withdrawn on a day, newest first."""
    return list(
        ConsentVersion.objects.filter(
            Q(withdrawn_on=None) | Q(withdrawn_on__gt=on), centre=centre, approved_on__lte=on
        ).order_by("-approved_on", "-id")
    )


@transaction.atomic
def record_consent(
    number: str,
    *,
    given_by: ConsentBy,
    version: ConsentVersion,
    given_at: datetime,
    by: User,
    now: datetime,
) -> Consent:
    """Consent, once: the same again finds it. RefusedError with every reason against."""
    patient = lock(number)
    role = require(by, Permission.RECORD_CONSENT, patient.centre)
    made = patient.consents.filter(given_by=given_by, version=version, given_at=given_at).first()
    if made:
        return made
    problems = _problems(patient, given_by, version, given_at=given_at, now=now)
    if problems:
        raise RefusedError(f"consent of {number} cannot be recorded", problems)
    consent = Consent.objects.create(
        patient=patient,
        given_by=given_by,
        version=version,
        given_at=given_at,
        recorded_at=now,
        recorded_by=by,
    )
    touch(patient)
    record(
        "enrolment.record_consent",
        by=by,
        role=role,
        now=now,
        subject=f"participant {number}",
        centre=patient.centre_id,
        time_zone=patient.centre.time_zone,
        participant=number,
        after={"by": given_by, "version": str(version), "at": given_at.isoformat()},
    )
    return consent


def _problems(
    patient: Patient,
    given_by: ConsentBy,
    version: ConsentVersion,
    *,
    given_at: datetime,
    now: datetime,
) -> list[str]:
    centre = patient.centre
    on = given_at.astimezone(centre.zone).date()
    ended = version.withdrawn_on is not None and version.withdrawn_on <= on
    return [
        problem
        for problem, applies in (
            (say("Consent was withdrawn. It cannot be given again here."),
             patient.withdrawals.exists()),
            (say("The patient is recorded as not enrolled. Take that back first."),
             hasattr(patient, "not_enrolled")),
            (say("This kind of consent is not allowed at this centre."),
             given_by not in may_give(centre)),
            (say("Consent is recorded already, so it is no longer deferred."),
             given_by is ConsentBy.DEFERRED and patient.consents.exists()),
            (say("This version was approved for another centre."), version.centre_id != centre.pk),
            (say("This version was not yet approved on that day."), on < version.approved_on),
            (say("This version was no longer in use on that day."), ended),
            (say("That time is in the future. Record consent once it is given."), given_at > now),
            (LOCKED, is_locked(centre.pk, patient.pk)),
        )
        if applies
    ]  # fmt: skip


def consent_to_ask(patient: Patient, *, now: datetime) -> str:
    """What is still to be asked, in words: by the patient, or in place of deferred consent."""
    last = patient.consents.select_related("version").last()
    if last is None or patient.withdrawals.exists():
        return ""
    if last.given_by == ConsentBy.DEFERRED:
        until = deferred_until(last)
        if until is None:
            return say(
                "Consent was deferred: ask a relative, or the patient once able, without delay."
            )
        return say(
            "Consent was deferred: ask a relative, or the patient once able, without delay, by "
            "{until}.",
            until=at_centre(until, patient.centre),
        )
    if last.given_by == ConsentBy.RELATIVE:
        return say("A relative consented: ask the participant as soon as able to decide.")
    newest = versions_open(patient.centre, now.astimezone(patient.centre.zone).date())
    if newest and newest[0].approved_on > last.version.approved_on:
        return say(
            "The information was revised since: ask the participant again with the new version."
        )
    return ""


def deferred_until(consent: Consent) -> datetime | None:
    """When deferred consent has to be made good."""
    asked = plan(consent.patient.centre)
    if asked is None or asked.deferred_within_hours is None:
        return None
    return consent.given_at + timedelta(hours=asked.deferred_within_hours)
