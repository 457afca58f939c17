"""What may be done with a centre: take it from the trial value, open it, pause it, close it."""

from datetime import datetime

from django.db import transaction

from immunosep.protocol.trial import Trial
from immunosep.web.audit.actions import Actor, record
from immunosep.web.centres.models import Centre, Status


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
def set_status(
    centre: Centre, status: Status, *, by: Actor, now: datetime, role: str = "", reason: str = ""
) -> None:
    """Open, pause or close a centre."""
    centre = Centre.objects.select_for_update().get(pk=centre.pk)
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
