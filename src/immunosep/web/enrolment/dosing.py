"""A preparation received at the bedside, and given: the first dose ends the trial's window.

The window is read again here, by the time the dose was given: 71 h 59 min after Sepsis-3 is in
time, 72 h 0 min is not. What is in the preparation is not known, and not asked.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from immunosep.errors import CodeError, RefusedError
from immunosep.languages import say
from immunosep.randomisation.tokens import read_token
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.audit.actions import record
from immunosep.web.centres.locked import LOCKED, is_locked
from immunosep.web.centres.templatetags.clock import at_centre
from immunosep.web.enrolment.models import Allocation, Dose, Patient
from immunosep.web.enrolment.recording import lock
from immunosep.web.supply import handover
from immunosep.web.supply.models import Preparation

EARLY = timedelta(hours=1)  # a dose given earlier than this before it is due is confirmed
TOO_LATE = say(
    "The window for the first dose had closed by then, so this dose must not be given. Keep it "
    "apart, give it back to the pharmacy, and tell the sponsor. If it was given already, report a "
    "protocol deviation to the sponsor now."
)
NOT_THEIRS = say(
    "This label is not of a preparation for this participant. Do not give it. Compare participant "
    "and label, and call the pharmacy."
)


def receive_preparation(number: str, label: str, *, by: User, now: datetime) -> Preparation:
    """Take over at the bedside what the pharmacy handed over; received already, it stays so."""
    patient = Patient.objects.select_related("centre").get(pk=number)
    require(by, Permission.GIVE_DOSES, patient.centre)
    preparation = _next_of(_find(number, label))
    if preparation.status != Preparation.Status.RECEIVED:
        handover.receive(preparation, by=by, now=now)
    return preparation


@transaction.atomic
def give_dose(
    number: str, label: str, *, given_at: datetime, by: User, now: datetime, early: bool = False
) -> Dose:
    """Record that a preparation was given; the same again finds it. RefusedError with why not.

    `early` says that it was given long before it was due, on purpose.
    """
    patient = lock(number)
    role = require(by, Permission.GIVE_DOSES, patient.centre)
    labelled = _find(number, label)
    made = _made(labelled, given_at)
    if made:
        return made
    preparation = _next_of(labelled)
    allocation = patient.allocation
    earliest = first_dose_of(allocation)
    problems = _problems(allocation, preparation, earliest, given_at=given_at, now=now)
    too_early = _too_early(patient, preparation, earliest, given_at)
    if too_early and not early:
        problems.append(too_early)
    if problems:
        raise RefusedError(f"the dose of {number} cannot be recorded", problems)
    first = earliest is None
    handover.mark_given(preparation, now=given_at)
    dose = Dose.objects.create(
        allocation=allocation,
        preparation=preparation,
        given_at=given_at,
        recorded_at=now,
        recorded_by=by,
    )
    record(
        "enrolment.give_dose",
        by=by,
        role=role,
        now=now,
        subject=f"preparation {preparation.number}",
        centre=patient.centre_id,
        time_zone=patient.centre.time_zone,
        participant=number,
        after={
            "route": preparation.route,
            "dose": preparation.dose,
            "given_at": given_at.isoformat(),
            "first": first,
            "early": bool(too_early),
        },
    )
    return dose


def first_dose_of(allocation: Allocation) -> Dose | None:
    """The dose that starts day 1: the first given, whenever it was recorded."""
    return allocation.doses.order_by("given_at", "id").first()


def due_of(preparation: Preparation, first: Dose | None) -> datetime | None:
    """When a dose is due: by its route and number alone. Nothing before the first dose."""
    if first is None:
        return None
    dose = (preparation.route, preparation.dose)
    doses = preparation.order.doses
    hour = next(each["hour"] for each in doses if (each["route"], each["dose"]) == dose)
    return first.given_at + timedelta(hours=hour)


def _find(number: str, label: str) -> list[Preparation]:
    """What of the participant's has this label, as typed or scanned: one dose, or a kit of them."""
    try:
        token = read_token(label)
    except CodeError as error:
        raise RefusedError("the label cannot be read", [error.args[0]]) from None
    theirs = Preparation.objects.filter(order__participant=number).select_related("order__centre")
    found = list(theirs.filter(Q(number=token) | Q(kit=token)).order_by("dose", "pk"))
    if not found:
        raise RefusedError("this is another preparation", [NOT_THEIRS])
    return found


def _made(labelled: list[Preparation], given_at: datetime) -> Dose | None:
    """The dose recorded already of what has one label, given at this time."""
    if not any(each.status == Preparation.Status.GIVEN for each in labelled):
        return None
    return Dose.objects.filter(preparation__in=labelled, given_at=given_at).first()


def _next_of(labelled: list[Preparation]) -> Preparation:
    """The next dose to be given of what has one label."""
    received = (each for each in labelled if each.status == Preparation.Status.RECEIVED)
    return next(received, labelled[0])


def _to_the_minute(moment: datetime) -> datetime:
    """As people enter a time: a dose may be given in the minute in which it was prepared."""
    return moment.replace(second=0, microsecond=0)


def _too_early(
    patient: Patient, preparation: Preparation, first: Dose | None, given_at: datetime
) -> str:
    """What to say of a dose given long before it was due; nothing if it was not."""
    due = due_of(preparation, first)
    if due is None or given_at >= due - EARLY:
        return ""
    return say(
        "By that time the dose was more than an hour early: dose {dose} is due {moment}. Check "
        "label and time. If it was given early on purpose, say so below.",
        dose=preparation.dose,
        moment=at_centre(due, patient.centre),
    )


def _problems(
    allocation: Allocation,
    preparation: Preparation,
    first: Dose | None,
    *,
    given_at: datetime,
    now: datetime,
) -> list[str]:
    closes = allocation.window_closes_at
    in_window = first is not None and first.given_at <= given_at
    withdrawn = allocation.patient.withdrawals.filter(at__lte=given_at).exists()
    return [
        problem
        for problem, applies in (
            (say("It is recorded as given already, at another time."),
             preparation.status == Preparation.Status.GIVEN),
            (say("Receive it first, by the number on its label."),
             preparation.status == Preparation.Status.HANDED_OVER),
            (say("That time is in the future. Record the dose once it is given."), given_at > now),
            (say("That time is before the dose was prepared. Check it."),
             given_at < _to_the_minute(preparation.prepared_at)),
            (say("The preparation was past its use-before time. Do not give it: discard it, and "
                 "have the dose prepared again."), given_at >= preparation.use_before),
            (TOO_LATE, not in_window and closes is not None and given_at >= closes),
            (say("Consent had been withdrawn by then. Do not give it."), withdrawn),
            (LOCKED, is_locked(allocation.patient.centre_id, allocation.patient_id)),
        )
        if applies
    ]  # fmt: skip
