"""The decision to randomise, around the allocation itself; and the mark "randomised in error"."""

from datetime import datetime

from django.db import transaction

from immunosep.errors import RefusedError, SettingsError
from immunosep.languages import say
from immunosep.protocol.trial import Trial
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.audit.actions import record
from immunosep.web.centres.locked import LOCKED, is_locked
from immunosep.web.enrolment.allocating import allocate
from immunosep.web.enrolment.models import Allocation, InError, Patient
from immunosep.web.enrolment.recording import lock
from immunosep.web.enrolment.screening import answer, consent_stands
from immunosep.web.enrolment.wording import wording_problems
from immunosep.web.trial import trial_of, trial_with

NOT_ENROLLED = say("The patient is recorded as not enrolled. Take that back first.")


def randomise(number: str, *, by: User, now: datetime) -> Allocation:
    """The participant's one allocation, made now or found; RefusedError with all reasons."""
    patient = Patient.objects.get(pk=number)
    if hasattr(patient, "not_enrolled"):
        raise RefusedError(f"{number} cannot be randomised", [NOT_ENROLLED])
    return allocate(number, by=by, now=now)


@transaction.atomic
def mark_in_error(number: str, *, reason: str, by: User, now: datetime) -> InError:
    """Say that a participant should not have been randomised. The place stays taken."""
    patient = lock(number)
    role = require(by, Permission.RANDOMISE, patient.centre)
    allocation = getattr(patient, "allocation", None)
    made = InError.objects.filter(allocation=allocation).first()
    if made:
        return made
    problems = [
        *([say("Nobody was randomised under this number.")] if allocation is None else []),
        *([say("Say why it was an error.")] if not reason.strip() else []),
        *([LOCKED] if is_locked(patient.centre_id, number) else []),
        *wording_problems(reason, trial=trial_of(patient.centre)),
    ]
    if problems or allocation is None:
        raise RefusedError(f"{number} cannot be marked", problems)
    mark = InError.objects.create(
        allocation=allocation, reason=reason.strip(), recorded_at=now, recorded_by=by
    )
    record(
        "enrolment.mark_in_error",
        by=by,
        role=role,
        now=now,
        subject=f"participant {number}",
        centre=patient.centre_id,
        time_zone=patient.centre.time_zone,
        participant=number,
        reason=reason.strip(),
    )
    return mark


def state_by_corrected_values(allocation: Allocation, values: dict[str, object]) -> str:
    """The immune state that today's values would have given, if it is another; else nothing.

    Only shown: the allocation keeps the state and the values it was made with.
    """
    trial = _version_of(allocation)
    if not trial.immune_states or values == allocation.values:
        return ""
    found = answer(
        values,
        number=allocation.patient_id,
        consent=consent_stands(allocation.patient),
        now=allocation.allocated_at,
        trial=trial,
    )
    return "" if found.immune_state == allocation.immune_state else found.immune_state


def _version_of(allocation: Allocation) -> Trial:
    """The version a participant was allocated by, or else the one in force at the centre."""
    try:
        return trial_with(allocation.trial_digest)
    except SettingsError:  # the site was begun with another value of the trial
        return trial_of(allocation.patient.centre)
