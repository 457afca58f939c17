"""Consent taken back: from treatment, or from all of it, with the data used or not."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.protocol.consent import WithdrawalKind
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.audit.actions import record
from immunosep.web.centres.locked import LOCKED, is_locked
from immunosep.web.enrolment.models import Patient, Withdrawal
from immunosep.web.enrolment.recording import lock, touch
from immunosep.web.enrolment.wording import wording_problems
from immunosep.web.supply.models import Order, Preparation
from immunosep.web.trial import trial_of

KINDS = {
    WithdrawalKind.TREATMENT_KEEP_FOLLOW_UP: say("From treatment only; follow-up goes on"),
    WithdrawalKind.ALL_KEEP_DATA: say("From everything; what was collected so far is used"),
    WithdrawalKind.ALL_ERASE_DATA: say("From everything; nothing collected is used"),
}
"""From the least to the most that can be taken back."""


@transaction.atomic
def withdraw(
    number: str, *, kind: WithdrawalKind, at: datetime, reason: str, by: User, now: datetime
) -> Withdrawal:
    """A withdrawal, once of a kind, and the end of what was ordered but not prepared."""
    patient = lock(number)
    role = require(by, Permission.RECORD_CONSENT, patient.centre)
    made = patient.withdrawals.filter(kind=kind).first()
    if made:
        return made
    problems = _problems(patient, kind, at=at, now=now)
    problems += wording_problems(reason, trial=trial_of(patient.centre))
    if problems:
        raise RefusedError(f"the withdrawal of {number} cannot be recorded", problems)
    withdrawal = Withdrawal.objects.create(
        patient=patient, kind=kind, at=at, reason=reason.strip(), recorded_at=now, recorded_by=by
    )
    touch(patient)
    cancelled = _cancel_orders(number, now=now)
    record(
        "enrolment.withdraw",
        by=by,
        role=role,
        now=now,
        subject=f"participant {number}",
        centre=patient.centre_id,
        time_zone=patient.centre.time_zone,
        participant=number,
        after={"kind": kind, "at": at.isoformat(), "orders_cancelled": cancelled},
        reason=reason.strip(),
    )
    return withdrawal


def _problems(patient: Patient, kind: WithdrawalKind, *, at: datetime, now: datetime) -> list[str]:
    first = patient.consents.first()
    order = list(KINDS)
    further = [each.kind for each in patient.withdrawals.all() if
               order.index(WithdrawalKind(each.kind)) > order.index(kind)]  # fmt: skip
    return [
        problem
        for problem, applies in (
            (say("There is no consent to take back. If the patient declined, record that instead."),
             first is None),
            (say("That time is in the future. Record the withdrawal once it is made."), at > now),
            (say("That time is before consent was given. Check it."),
             first is not None and at < first.given_at),
            (say("More than that was taken back already."), bool(further)),
            (LOCKED, is_locked(patient.centre_id, patient.pk)),
        )
        if applies
    ]  # fmt: skip


def _cancel_orders(number: str, *, now: datetime) -> list[str]:
    """Cancel each open order of which nothing is prepared; the pharmacy sees it at once."""
    prepared = Preparation.objects.filter(order=OuterRef("pk")).exclude(
        status=Preparation.Status.DISCARDED
    )
    locked = Order.objects.select_for_update().filter(participant=number, cancelled_at=None)
    orders = [order.pk for order in locked]
    still_open = Order.objects.filter(~Exists(prepared), pk__in=orders)
    numbers = list(still_open.values_list("number", flat=True))
    still_open.update(cancelled_at=now)
    return numbers
