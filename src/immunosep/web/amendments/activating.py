"""An amendment goes live at one centre: from then on its patients are asked by that version.

What was decided before stays as it was: immune state, stratum and window of who is randomised. What
is still to come, screening begun under the old version too, is decided by the new one.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from immunosep.errors import RefusedError, SettingsError
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.amendments.approving import approvals_of, bodies_needed, bound_here
from immunosep.web.amendments.fitting import course_misfits, misfits
from immunosep.web.amendments.models import Activation, Amendment
from immunosep.web.amendments.weighing import weigh
from immunosep.web.audit.actions import record
from immunosep.web.centres.models import Centre, Status
from immunosep.web.trial import trial_of, trial_with


@transaction.atomic
def activate(amendment: Amendment, centre: Centre, *, by: User, now: datetime) -> Activation:
    """Let a centre work by the amendment's version; live already, that is found.

    The centre's row is locked, which whoever randomises there or records of a patient locks too.
    """
    role = require(by, Permission.MANAGE_AMENDMENTS, centre)
    centre = Centre.objects.select_for_update(no_key=True).get(pk=centre.pk)
    made = Activation.objects.filter(amendment=amendment, centre=centre).first()
    if made:
        return made
    if problems := list(stands_against(amendment, centre, now=now)):
        raise RefusedError(f"{amendment} cannot go live at this centre", problems)
    old, new = trial_of(centre), trial_with(amendment.version_id)
    impact = weigh([centre], new, now=now)
    centre.trial_digest = new.digest
    centre.save(update_fields=["trial_digest"])
    activation = Activation.objects.create(
        amendment=amendment, centre=centre, replaced=old.digest, activated_at=now, activated_by=by
    )
    record(
        "amendments.activate",
        by=by,
        role=role,
        now=now,
        subject=f"{amendment} at centre {centre.pk}",
        centre=centre.pk,
        time_zone=centre.time_zone,
        before={"version": old.version, "trial_digest": old.digest},
        after={"version": new.version, "trial_digest": new.digest, "impact": impact},
        reason=amendment.reason,
    )
    return activation


def stands_against(amendment: Amendment, centre: Centre, *, now: datetime) -> Iterator[str]:
    """Why an amendment cannot go live at a centre now, each reason as a sentence."""
    if centre.status == Status.CLOSED:
        yield "The centre is closed."
    later = Activation.objects.filter(centre=centre, amendment__gt=amendment.pk).exists()
    if later:
        yield "A later amendment is live here. Going back is another amendment: propose it."
    approved = {approval.body for approval in approvals_of(amendment, centre)}
    for body in bodies_needed(amendment):
        if body.value not in approved:
            yield f"No approval of this amendment by the {body.label.lower()} is recorded here."
    if amendment.asks_again and not bound_here(amendment, centre):
        yield "No consent version of this centre comes with it, and participants are asked again."
    try:
        new = trial_with(amendment.version_id)
    except SettingsError as error:
        yield str(error)
        return
    if not later and new.digest == trial_of(centre).digest:
        yield "The centre works by this version already."
    yield from misfits(new)
    yield from course_misfits(new, centre, now=now)
