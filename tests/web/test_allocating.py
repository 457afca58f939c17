"""Randomising one participant: who may, when it is refused, and what is written."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from immunosep.errors import RefusedError
from immunosep.randomisation.strata import plan_of
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web.audit.models import Event
from immunosep.web.casebook.models import Lock
from immunosep.web.centres.models import Centre, Status
from immunosep.web.code.models import Slot
from immunosep.web.enrolment import allocating
from immunosep.web.enrolment.allocating import allocate, take_next_slot
from immunosep.web.enrolment.models import (
    Allocation,
    Consent,
    Entry,
    NotEnrolled,
    Patient,
    Withdrawal,
)
from immunosep.web.enrolment.randomising import (
    NOT_ENROLLED,
    mark_in_error,
    randomise,
    state_by_corrected_values,
)
from immunosep.web.enrolment.screening import Snapshot, answer, snapshot_of
from immunosep.web.supply.models import Order
from immunosep.web.supply.ordering import new_number
from tests.web.people import ELIGIBLE, NOW, Cast


def screened(cast: Cast, number: str = "01-0001", **changed: object) -> Patient:
    """A patient with everything recorded, consent too, ready to be randomised."""
    patient = Patient.objects.create(
        number=number, centre=cast.jena, added_at=NOW, added_by=cast.nurse, entries_made=1
    )
    Entry.objects.bulk_create(
        Entry(patient=patient, form="all", column=column, value=value, entered_at=NOW,
              entered_by=cast.nurse, trial_digest="0" * 64)
        for column, value in (ELIGIBLE | changed).items()
    )  # fmt: skip
    version = cast.jena.consentversion_set.get()
    Consent.objects.create(
        patient=patient, given_by="patient", version=version, given_at=NOW, recorded_at=NOW,
        recorded_by=cast.nurse,
    )  # fmt: skip
    return patient


def test_an_eligible_participant_takes_the_first_slot(cast: Cast) -> None:
    screened(cast)
    allocation = allocate("01-0001", by=cast.consultant, now=NOW)
    assert allocation.slot.position == 1
    assert Order.objects.get().participant == "01-0001"
    assert Event.objects.latest("sequence").action == "enrolment.randomise"


def test_an_allocation_keeps_what_it_was_decided_on(cast: Cast) -> None:
    made = randomise(screened(cast).pk, by=cast.consultant, now=NOW)
    kept = Allocation.objects.get()
    assert made == kept
    assert kept.answers == {
        each.id: "met" if each in IMMUNOSEP.inclusion else "not_met" for each in IMMUNOSEP.criteria
    }
    assert (kept.immune_state, kept.values) == ("immunoparalysis", ELIGIBLE)
    assert kept.window_closes_at == NOW - timedelta(hours=20) + timedelta(hours=72)
    assert (kept.allocated_at, kept.allocated_by) == (NOW, cast.consultant)
    assert kept.trial_digest == IMMUNOSEP.digest


def test_the_trail_names_the_place_and_not_what_is_in_it(cast: Cast) -> None:
    allocate(screened(cast).pk, by=cast.consultant, now=NOW)
    event, order = Event.objects.latest("sequence"), Order.objects.get()
    assert event.after == {
        "stratum": "01_jena", "position": 1, "immune_state": "immunoparalysis",
        "order": order.number,
    }  # fmt: skip
    assert (event.role, event.participant, event.centre, event.time_zone) == (
        "investigator", "01-0001", "01_jena", "Europe/Berlin",
    )  # fmt: skip
    assert order.day == 1


def test_randomising_takes_at_most_eight_queries(cast: Cast) -> None:
    screened(cast)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        allocate("01-0001", by=cast.consultant, now=NOW)
    inside = [q["sql"] for q in queries.captured_queries]
    begun = next(at for at, sql in enumerate(inside) if sql.startswith("SAVEPOINT"))
    assert len([q for q in inside[begun:] if "SAVEPOINT" not in q]) <= 8


def test_a_nurse_may_not_randomise(cast: Cast) -> None:
    screened(cast)
    with pytest.raises(PermissionDenied):
        allocate("01-0001", by=cast.nurse, now=NOW)


def test_asking_again_gives_the_same_answer(cast: Cast) -> None:
    screened(cast)
    first = allocate("01-0001", by=cast.consultant, now=NOW)
    closed = NOW + timedelta(hours=100)  # the window is
    again = allocate("01-0001", by=cast.consultant, now=closed)
    assert (first.pk, Allocation.objects.count(), Order.objects.count()) == (again.pk, 1, 1)


def test_every_reason_against_is_said(cast: Cast) -> None:
    screened(cast, hiv=True, do_not_resuscitate=True, ferritin_ng_ml=None)
    with pytest.raises(RefusedError) as refused:
        allocate("01-0001", by=cast.consultant, now=NOW)
    assert len(refused.value.problems) >= 3


def reasons(number: str, cast: Cast) -> tuple[str, ...]:
    with pytest.raises(RefusedError) as refused:
        randomise(number, by=cast.consultant, now=NOW)
    assert not Order.objects.exists()
    return refused.value.problems


def test_without_consent_nobody_is_randomised(cast: Cast) -> None:
    Patient.objects.create(number="01-0001", centre=cast.jena, added_at=NOW, added_by=cast.nurse)
    assert reasons("01-0001", cast)[0] == "Consent is not recorded."


def test_nor_after_it_was_withdrawn(cast: Cast) -> None:
    patient = screened(cast)
    Withdrawal.objects.create(
        patient=patient, kind="stop_all_keep_data", at=NOW, recorded_at=NOW, recorded_by=cast.nurse
    )
    assert "Consent was withdrawn." in reasons(patient.pk, cast)


def test_nor_at_a_centre_that_is_paused(cast: Cast) -> None:
    patient = screened(cast)
    Centre.objects.filter(pk=cast.jena.pk).update(status=Status.PAUSED)
    assert reasons(patient.pk, cast) == ("The centre is not open for randomisation.",)


def test_nor_who_is_recorded_as_not_enrolled(cast: Cast) -> None:
    patient = screened(cast)
    NotEnrolled.objects.create(
        patient=patient, reasons=["no_time"], recorded_at=NOW, recorded_by=cast.nurse
    )
    assert reasons(patient.pk, cast) == (NOT_ENROLLED,)


def test_a_reason_names_its_criterion(cast: Cast) -> None:
    patient = screened(cast, hiv=True)
    assert reasons(patient.pk, cast) == ("An exclusion criterion applies: HIV infection.",)


def test_a_stratum_without_a_list_is_told_whom_to_ask(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan that asks for a list of each immune state, where there is one of each centre."""
    patient, plan = screened(cast), plan_of(IMMUNOSEP)
    split = replace(plan, strata=("centre", "immune_state"))
    monkeypatch.setattr(allocating, "plan_of", lambda _: split)
    assert "no randomisation list" in reasons(patient.pk, cast)[0]


def test_a_list_that_is_used_up_gives_no_place(cast: Cast) -> None:
    slots = list(Slot.objects.filter(stratum__key="01_jena"))
    others = [
        Patient(number=f"01-9{at:03}", centre=cast.jena, added_at=NOW, added_by=cast.nurse)
        for at in range(len(slots))
    ]
    Allocation.objects.bulk_create(
        Allocation(patient=patient, slot=slot, immune_state="mals", answers={}, values={},
                   allocated_at=NOW, allocated_by=cast.consultant, trial_digest="0" * 64)
        for patient, slot in zip(Patient.objects.bulk_create(others), slots, strict=True)
    )  # fmt: skip
    used_up = "The list of this stratum is used up. Call the sponsor."
    assert reasons(screened(cast).pk, cast) == (used_up,)


def test_a_place_is_taken_on_what_was_decided_and_once(cast: Cast) -> None:
    patient = Patient.objects.select_related("centre").get(pk=screened(cast).pk)
    seen = snapshot_of(patient)
    found = answer(seen.values, number=patient.pk, consent=True, now=NOW)

    def taken(snapshot: Snapshot) -> Allocation:
        return take_next_slot(
            snapshot, found, order_number=new_number(Order), by=cast.consultant,
            role="investigator", now=NOW,
        )  # fmt: skip

    with pytest.raises(RefusedError, match="changed while you were deciding"):
        taken(replace(seen, entries=seen.entries - 1))
    first = taken(seen)
    assert taken(replace(seen, entries=seen.entries - 1)) == first
    assert (Allocation.objects.count(), Order.objects.count()) == (1, 1)


def test_a_mark_in_error_is_an_investigators_and_in_the_trail(cast: Cast) -> None:
    number = screened(cast).pk
    with pytest.raises(RefusedError, match="Nobody was randomised under this number"):
        mark_in_error(number, reason="clicked twice", by=cast.consultant, now=NOW)
    allocation = allocate(number, by=cast.consultant, now=NOW)
    with pytest.raises(PermissionDenied):
        mark_in_error(number, reason="clicked twice", by=cast.nurse, now=NOW)
    with pytest.raises(RefusedError, match="Say why it was an error"):
        mark_in_error(number, reason=" ", by=cast.consultant, now=NOW)
    with pytest.raises(RefusedError, match="names a treatment"):
        mark_in_error(number, reason="got anakinra", by=cast.consultant, now=NOW)
    made = mark_in_error(number, reason=" HIV known before ", by=cast.consultant, now=NOW)
    assert (made.allocation, made.reason) == (allocation, "HIV known before")
    assert mark_in_error(number, reason="again", by=cast.consultant, now=NOW) == made
    event = Event.objects.latest("sequence")
    assert (event.action, event.participant, event.reason) == (
        "enrolment.mark_in_error", number, "HIV known before",
    )  # fmt: skip


def test_nothing_is_marked_under_a_lock(cast: Cast) -> None:
    number = screened(cast).pk
    allocate(number, by=cast.consultant, now=NOW)
    Lock.objects.create(
        scope="participant", patient_id=number, locked=True, pages=0, at=NOW,
        by=cast.data_manager,
    )  # fmt: skip
    with pytest.raises(RefusedError, match="The records are locked"):
        mark_in_error(number, reason="clicked twice", by=cast.consultant, now=NOW)


@pytest.mark.parametrize("digest", [IMMUNOSEP.digest, "0" * 64])
def test_corrected_values_tell_the_state_they_would_have_given(cast: Cast, digest: str) -> None:
    """By the version it was made with, or by the centre's where the site no longer has that."""
    allocation = allocate(screened(cast).pk, by=cast.consultant, now=NOW)
    allocation.trial_digest = digest
    told = {
        name: state_by_corrected_values(allocation, {**ELIGIBLE, **corrected})
        for name, corrected in {
            "nothing": {}, "age": {"age_years": 65}, "ferritin": {"ferritin_ng_ml": 9000},
        }.items()
    }  # fmt: skip
    assert told == {"nothing": "", "age": "", "ferritin": "mals"}
