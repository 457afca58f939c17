"""Learning one participant's treatment in an emergency: at once, by the treating physician alone.

Nobody approves it (ICH E6(R3), sponsor's duties for the investigational product; EMA's questions
and answers on good clinical practice). The register and the audit trail are written in the same
transaction, before anything is shown; if they cannot be, nothing is.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.protocol.treatment import Arm, Component
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.enrolment.models import Allocation, Patient
from immunosep.web.trial import site_trial
from immunosep.web.unblinding.models import Unblinding
from immunosep.web.unblinding.opening import arm_of, regimen_of
from immunosep.web.unblinding.register import enter


@dataclass(frozen=True, kw_only=True)
class Revealed:
    """One participant's treatment."""

    allocation: Allocation
    arm: Arm
    components: tuple[Component, ...]


@transaction.atomic
def reveal(patient: Patient, *, reason: str, by: User, now: datetime) -> Revealed:
    """Enter the act into the register, then open the one place of the list."""
    role = require(by, Permission.UNBLIND, patient.centre)
    allocation = randomised_as(patient)
    enter(
        allocation,
        who=by,
        kind=Unblinding.Kind.EMERGENCY,
        reason=reason,
        at=now,
        by=by,
        role=role,
        now=now,
    )
    held = arm_of(allocation.slot)
    return Revealed(
        allocation=allocation,
        arm=next(arm for arm in site_trial().arms if arm.id == held),
        components=regimen_of(allocation).components,
    )


def randomised_as(patient: Patient) -> Allocation:
    """The patient's allocation; RefusedError where there is none."""
    allocation = (
        Allocation.objects.select_related("slot__stratum", "patient__centre")
        .filter(patient=patient)
        .first()
    )
    if allocation is None:
        raise RefusedError(
            f"the treatment of {patient.pk} cannot be revealed",
            [say("This patient was not randomised, so there is no treatment to learn.")],
        )
    return allocation
