"""Randomising one participant: one transaction, at most eight queries, and no look ahead.

The stratum's row is locked, so that places are taken in order and one at a time; unique constraints
on the place and on the participant hold even without that lock. The same request again, by a
double click or after a restart, finds the allocation there is. What the place holds stays sealed:
this process could not read it. Gates: `tests/web/test_allocating_races.py`.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.languages import Said, say, unfinished
from immunosep.protocol.supply import SupplyModel
from immunosep.protocol.trial import Trial
from immunosep.randomisation.allocation import (
    Reason,
    Refusal,
    Standing,
    check_may_randomise,
)
from immunosep.randomisation.strata import plan_of, stratum_of
from immunosep.screening.assessment import Assessment
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.audit.actions import record
from immunosep.web.centres.models import Centre, Status
from immunosep.web.code.models import Slot, Stratum
from immunosep.web.enrolment.models import Allocation, Patient
from immunosep.web.enrolment.screening import Snapshot, answer, consent_stands, snapshot_of
from immunosep.web.supply.models import Order
from immunosep.web.supply.needing import is_supplied
from immunosep.web.supply.ordering import new_number, order_day
from immunosep.web.trial import trial_of


def allocate(number: str, *, by: User, now: datetime) -> Allocation:
    """The participant's allocation, made now unless there is one; RefusedError with all reasons."""
    patient = Patient.objects.select_related("centre", "allocation").get(pk=number)
    role = require(by, Permission.RANDOMISE, patient.centre)
    if hasattr(patient, "allocation"):
        return patient.allocation
    snapshot = snapshot_of(patient)
    consent = consent_stands(patient)
    trial = trial_of(patient.centre)
    found = answer(snapshot.values, number=number, consent=consent, now=now, trial=trial)
    _refuse(number, refusals_of(patient, found, consent=consent, now=now), trial)
    drawn = new_number(Order)  # asked for before anything is locked
    return take_next_slot(snapshot, found, order_number=drawn, by=by, role=role, now=now)


def refusals_of(
    patient: Patient, found: Assessment, *, consent: bool | None, now: datetime
) -> tuple[Refusal, ...]:
    """Every reason why this patient may not be randomised now; none if they may.

    Whether the centre is supplied is asked when the place is taken, not here: a person who only
    looks learns nothing of the next place.
    """
    standing = Standing(
        consented=consent is not None,
        withdrawn=consent is False,
        randomised=False,
        centre_open=patient.centre.status == Status.OPEN,
        supplied=True,
    )
    return check_may_randomise(trial_of(patient.centre), found, standing=standing, now=now)


def in_words(refusals: Iterable[Refusal], trial: Trial) -> list[str]:
    """Each reason as a sentence, with the criterion it is about."""
    texts = {criterion.id: criterion.text for criterion in trial.criteria}
    return [
        say(
            "{sentence}: {criterion}.",
            sentence=unfinished(refusal.sentence),
            criterion=Said(texts[refusal.criterion]),
        )
        if refusal.criterion
        else Said(refusal.sentence)
        for refusal in refusals
    ]


def _refuse(number: str, refusals: Iterable[Refusal], trial: Trial) -> None:
    reasons = in_words(refusals, trial)
    if reasons:
        raise RefusedError(f"{number} cannot be randomised", reasons)


@transaction.atomic
def take_next_slot(
    snapshot: Snapshot, found: Assessment, *, order_number: str, by: User, role: str, now: datetime
) -> Allocation:
    """The transaction itself, for a patient whom `found` lets in: eight queries."""
    centre = snapshot.patient.centre
    stratum = _locked_stratum(centre, found.immune_state)
    patient = _locked_patient(snapshot)
    if hasattr(patient, "allocation"):
        return patient.allocation
    slot = _next_slot(stratum, centre, found.immune_state, now=now)
    allocation = Allocation.objects.create(
        patient=patient,
        slot=slot,
        immune_state=found.immune_state,
        answers={name: given.value for name, given in found.criteria.items()},
        values=dict(snapshot.values),
        window_closes_at=found.window_closes_at,
        allocated_at=now,
        allocated_by=by,
        trial_digest=trial_of(centre).digest,
    )
    order = order_day(
        slot, number=order_number, participant=patient.pk, centre=centre, state=found.immune_state,
        day=1, now=now,
    )  # fmt: skip
    record(
        "enrolment.randomise",
        by=by,
        role=role,
        now=now,
        subject=f"participant {patient.pk}",
        centre=centre.pk,
        time_zone=centre.time_zone,
        participant=patient.pk,
        after={
            "stratum": stratum.key,
            "position": slot.position,
            "immune_state": found.immune_state,
            "order": order.number,
        },
    )
    return allocation


def _locked_stratum(centre: Centre, state: str) -> Stratum:
    key = stratum_of(plan_of(trial_of(centre)), {"centre": centre.pk, "immune_state": state})
    strata = Stratum.objects.select_for_update().filter(key=key, code__active=True)
    stratum = strata.first()
    if stratum is None:
        raise RefusedError(
            "no participant can be randomised at this centre",
            [say("The site has no randomisation list for it. Ask the administrator to load one.")],
        )
    return stratum


def _locked_patient(snapshot: Snapshot) -> Patient:
    """The patient's row, locked, if it is still what the answer was computed from.

    Whatever could change the answer (a value, consent, its withdrawal, a decision not to enrol)
    counts as an entry (`recording.touch`), so the count tells; and so does the centre's version,
    whose row is locked too, lest another goes live meanwhile.
    """
    locked = Patient.objects.select_for_update(of=("self", "centre"), no_key=True)
    patient = locked.select_related("allocation", "centre").get(pk=snapshot.patient.pk)
    stands = (patient.entries_made, patient.centre.trial_digest)
    decided_on = (snapshot.entries, snapshot.patient.centre.trial_digest)
    if stands != decided_on and not hasattr(patient, "allocation"):
        raise RefusedError(
            f"{patient.pk} cannot be randomised",
            [say("The record changed while you were deciding. Look at it again.")],
        )
    return patient


def _next_slot(stratum: Stratum, centre: Centre, state: str, *, now: datetime) -> Slot:
    """The first place without a participant. Whether it can be supplied is the same for any arm."""
    slots = stratum.slots.filter(allocation=None).order_by("position")
    trial = trial_of(centre)
    plan = trial.supply
    if plan and plan.model is SupplyModel.KITS:
        today = now.astimezone(centre.zone).date()
        slots = slots.annotate(supplied=is_supplied(centre, state, on=today))
    slot = slots.first()
    if slot is None:
        _refuse(centre.pk, [Refusal(reason=Reason.STRATUM_EXHAUSTED)], trial)
    assert slot is not None
    if not getattr(slot, "supplied", True):
        _refuse(centre.pk, [Refusal(reason=Reason.NO_SUPPLY)], trial)
    return slot
