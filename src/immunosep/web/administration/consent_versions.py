"""The versions of the information sheet and consent form that may be used at a centre."""

from datetime import date, datetime

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.web.audit.actions import Actor, record
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import ConsentVersion


@transaction.atomic
def add_consent_version(
    centre: Centre,
    *,
    version: str,
    language: str,
    approved_on: date,
    by: Actor,
    now: datetime,
    role: str = "",
) -> ConsentVersion:
    """A version that a centre's ethics committee approved."""
    problems = []
    if approved_on > now.astimezone(centre.zone).date():
        problems.append("The day of the approval is still to come. Correct it.")
    same = ConsentVersion.objects.filter(centre=centre, version=version, language=language)
    if same.exists():
        problems.append("This centre has this version in this language already.")
    if problems:
        raise RefusedError("the consent version cannot be added", problems)
    added = ConsentVersion.objects.create(
        centre=centre, version=version, language=language, approved_on=approved_on
    )
    record(
        "centres.add_consent_version",
        by=by,
        role=role,
        now=now,
        subject=f"consent {added}",
        centre=centre.pk,
        time_zone=centre.time_zone,
        after={"version": version, "language": language, "approved_on": approved_on.isoformat()},
    )
    return added


@transaction.atomic
def withdraw_consent_version(
    withdrawn: ConsentVersion, *, by: Actor, now: datetime, role: str = "", reason: str
) -> None:
    """From today on no consent is given to this version; what was given stands."""
    centre = withdrawn.centre
    today = now.astimezone(centre.zone).date()
    changed = ConsentVersion.objects.filter(pk=withdrawn.pk, withdrawn_on=None).update(
        withdrawn_on=today
    )
    if not changed:
        raise RefusedError("the version cannot be withdrawn", ["It is withdrawn already."])
    record(
        "centres.withdraw_consent_version",
        by=by,
        role=role,
        now=now,
        subject=f"consent {withdrawn}",
        centre=centre.pk,
        time_zone=centre.time_zone,
        before={"withdrawn_on": None},
        after={"withdrawn_on": today.isoformat()},
        reason=reason,
    )
