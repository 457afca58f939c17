"""What may be done with a centre: take it from the trial value, open it, pause it, close it."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from types import MappingProxyType

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.protocol.trial import Trial
from immunosep.web.audit.actions import Actor, record
from immunosep.web.centres.locked import is_locked
from immunosep.web.centres.models import Approval, Body, Centre, Status
from immunosep.web.trial import trial_of

NEXT: Mapping[Status, tuple[Status, ...]] = MappingProxyType(
    {
        Status.PLANNED: (Status.OPEN,),
        Status.OPEN: (Status.PAUSED, Status.CLOSED),
        Status.PAUSED: (Status.OPEN, Status.CLOSED),
        Status.CLOSED: (),
    }
)


@transaction.atomic
def take_centres(trial: Trial, *, by: Actor, now: datetime) -> None:
    """A row for each centre of the trial value that has none yet, planned and not open."""
    known = set(Centre.objects.values_list("pk", flat=True))
    added = [
        Centre(
            id=centre.id,
            number=f"{number:02d}",
            name=centre.name,
            city=centre.city,
            country=centre.country,
            time_zone=centre.time_zone,
        )
        for number, centre in enumerate(trial.centres, start=1)
        if centre.id not in known
    ]
    Centre.objects.bulk_create(added)
    record(
        "centres.take",
        by=by,
        now=now,
        subject=f"centres of {trial.id}",
        after={"centres": [centre.pk for centre in added]},
    )


@transaction.atomic
def record_approval(
    centre: Centre,
    *,
    given_by: str,
    reference: str,
    approved_on: date,
    by: Actor,
    now: datetime,
    role: str = "",
    body: Body | None = None,
    trial: Trial | None = None,
) -> Approval:
    """Keep that a committee or authority approved a version for a centre: as given, its own."""
    version = (trial or trial_of(centre)).version
    problems = []
    if approved_on > now.astimezone(centre.zone).date():
        problems.append("The day of the approval is still to come. Correct it.")
    same = centre.approvals.filter(given_by=given_by, reference=reference, trial_version=version)
    if same.exists():
        problems.append("This approval is recorded already.")
    if problems:
        raise RefusedError("the approval cannot be recorded", problems)
    approval = Approval.objects.create(
        centre=centre,
        body=body or "",
        given_by=given_by,
        reference=reference,
        approved_on=approved_on,
        trial_version=version,
        recorded_at=now,
        recorded_by=by.pk,
    )
    record(
        "centres.record_approval",
        by=by,
        role=role,
        now=now,
        subject=f"centre {centre.pk}",
        centre=centre.pk,
        time_zone=centre.time_zone,
        after={
            "given_by": given_by,
            "reference": reference,
            "approved_on": approved_on.isoformat(),
            "trial_version": approval.trial_version,
        },
    )
    return approval


@transaction.atomic
def set_status(
    centre: Centre, status: Status, *, by: Actor, now: datetime, role: str = "", reason: str = ""
) -> None:
    """Open, pause or close a centre; RefusedError where that may not follow."""
    centre = Centre.objects.select_for_update().get(pk=centre.pk)
    problems = list(_problems(centre, status))
    if problems:
        raise RefusedError(f"centre {centre.number} cannot become {status.value}", problems)
    before, centre.status = centre.status, status
    if status == Status.OPEN and centre.opened_at is None:
        centre.opened_at = now
    centre.save(update_fields=["status", "opened_at"])
    record(
        "centres.set_status",
        by=by,
        role=role,
        now=now,
        subject=f"centre {centre.pk}",
        centre=centre.pk,
        time_zone=centre.time_zone,
        before={"status": before},
        after={"status": status},
        reason=reason,
    )


def _problems(centre: Centre, status: Status) -> Iterator[str]:
    if status not in NEXT[Status(centre.status)]:
        yield f"It is {centre.status}. Look at the page again."
    if status == Status.OPEN and is_locked(centre.pk):
        yield "Its records are locked. Ask the data manager to open them."
    version = trial_of(centre).version
    if status == Status.OPEN and not centre.approvals.filter(trial_version=version).exists():
        yield (
            f"No approval of version {version} of the trial is recorded for this centre. "
            "Record it first."
        )
