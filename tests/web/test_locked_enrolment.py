"""Under a lock nothing of screening, consent or treatment is written: by action, or past it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from immunosep.errors import RefusedError
from immunosep.protocol.consent import ConsentBy, WithdrawalKind
from immunosep.protocol.forms import FilledBy
from immunosep.web.casebook.locking import (
    lock_participant,
    lock_trial,
    unlock_centre,
    unlock_participant,
    unlock_trial,
)
from immunosep.web.casebook.models import Lock
from immunosep.web.centres.actions import set_status
from immunosep.web.centres.models import Centre, Status
from immunosep.web.checking import check_site
from immunosep.web.enrolment.consenting import record_consent
from immunosep.web.enrolment.dosing import give_dose
from immunosep.web.enrolment.models import (
    Allocation,
    Consent,
    Dose,
    Entry,
    InError,
    NotEnrolled,
    Patient,
    Withdrawal,
)
from immunosep.web.enrolment.not_enrolling import not_enrol, screen_again
from immunosep.web.enrolment.randomising import mark_in_error
from immunosep.web.enrolment.recording import add_patient, last_entry, record_values
from immunosep.web.enrolment.withdrawing import withdraw
from immunosep.web.supply.models import Order, Preparation
from tests.web.casebooks import LATER, early_death
from tests.web.people import NOW, Cast
from tests.web.supplied import on_the_ward, screened, treated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]
LOCKED = "The records are locked"
AGAIN = LATER + timedelta(hours=1)


@pytest.fixture
def patient(cast: Cast) -> Patient:
    """Treated, a dose on the ward, dead on day 2, every page clean; nobody is locked yet."""
    patient = treated(cast)
    on_the_ward(cast, Order.objects.get(), "sc")
    early_death(patient, cast)
    return patient


@pytest.fixture
def locked(cast: Cast, patient: Patient) -> Patient:
    lock_participant(patient, by=cast.data_manager, now=LATER)
    return patient


def close_trial(cast: Cast) -> None:
    """Both centres paused, and everything locked."""
    for centre in (cast.jena, cast.athens):
        held = Centre.objects.get(pk=centre.pk)
        set_status(held, Status.PAUSED, by=cast.administrator, now=LATER)
    lock_trial(by=cast.data_manager, now=LATER)


def correct(number: str, cast: Cast) -> list[Entry]:
    patient = Patient.objects.get(pk=number)
    return record_values(number, {"age_years": 65}, filled_by=FilledBy.BEDSIDE, reason="typo",
                         seen=last_entry(patient), by=cast.nurse, now=AGAIN)  # fmt: skip


def consent_again(number: str, cast: Cast) -> Consent:
    version = cast.jena.consentversion_set.get()
    return record_consent(number, given_by=ConsentBy.RELATIVE, version=version, given_at=NOW,
                          by=cast.nurse, now=AGAIN)  # fmt: skip


def take_back(number: str, cast: Cast) -> Withdrawal:
    kind = WithdrawalKind.ALL_ERASE_DATA
    return withdraw(number, kind=kind, at=AGAIN, reason="", by=cast.nurse, now=AGAIN)


def in_error(number: str, cast: Cast) -> InError:
    return mark_in_error(number, reason="Too young", by=cast.consultant, now=AGAIN)


ACTIONS: list[Callable[[str, Cast], object]] = [correct, consent_again, take_back, in_error]


@pytest.mark.parametrize("act", ACTIONS)
def test_nothing_is_recorded_of_a_locked_participant(
    cast: Cast, locked: Patient, act: Callable[[str, Cast], object]
) -> None:
    with pytest.raises(RefusedError, match=LOCKED):
        act(locked.pk, cast)


@pytest.mark.parametrize("act", ACTIONS)
def test_an_unlocked_participant_is_recorded_of_again(
    cast: Cast, locked: Patient, act: Callable[[str, Cast], object]
) -> None:
    unlock_participant(locked, reason="A late report", by=cast.data_manager, now=LATER)
    assert act(locked.pk, cast)


def test_no_dose_is_given_to_a_locked_participant(cast: Cast, patient: Patient) -> None:
    preparation = Preparation.objects.get(route="sc")
    lock_participant(patient, by=cast.data_manager, now=LATER)
    given_at = preparation.prepared_at + timedelta(minutes=5)
    with pytest.raises(RefusedError, match=LOCKED):
        give_dose(patient.pk, preparation.number, given_at=given_at, by=cast.nurse, now=LATER)
    unlock_participant(patient, reason="A late dose", by=cast.data_manager, now=LATER)
    give_dose(patient.pk, preparation.number, given_at=given_at, by=cast.nurse, now=LATER)
    assert Dose.objects.filter(preparation=preparation).exists()


def test_the_trials_lock_closes_its_screening_log(cast: Cast, patient: Patient) -> None:
    screened(cast, "01-0002")
    not_enrol("01-0002", reasons=["declined"], by=cast.nurse, now=LATER)
    close_trial(cast)
    with pytest.raises(RefusedError, match=LOCKED):
        screen_again("01-0002", reason="Misread", by=cast.nurse, now=AGAIN)
    with pytest.raises(RefusedError, match=LOCKED):
        correct("01-0002", cast)
    for unlock in (unlock_trial, lambda **how: unlock_centre(cast.jena, **how)):
        unlock(reason="A late report", by=cast.data_manager, now=AGAIN)
    assert correct("01-0002", cast)
    screen_again("01-0002", reason="Misread", by=cast.nurse, now=AGAIN)
    assert not NotEnrolled.objects.exists()


def test_a_patient_is_not_closed_out_of_a_locked_centre(cast: Cast, patient: Patient) -> None:
    screened(cast, "01-0002")
    close_trial(cast)
    with pytest.raises(RefusedError, match=LOCKED):
        not_enrol("01-0002", reasons=["declined"], by=cast.nurse, now=AGAIN)


def test_a_locked_centre_neither_opens_nor_takes_patients(cast: Cast, patient: Patient) -> None:
    close_trial(cast)
    with pytest.raises(RefusedError, match="Its records are locked"):
        set_status(cast.jena, Status.OPEN, by=cast.administrator, now=AGAIN)
    with pytest.raises(RefusedError, match=LOCKED):
        add_patient(cast.jena, by=cast.nurse, now=AGAIN)


# ── Past the actions ────────────────────────────────────────────────────────────────────────────


def _rows(patient: Patient, cast: Cast) -> dict[str, Any]:
    """A row of each table that a lock closes, not yet saved."""
    by, version = cast.nurse, cast.jena.consentversion_set.get()
    allocation = Allocation.objects.get(patient=patient)
    recorded = {"recorded_at": AGAIN, "recorded_by": by}
    return {
        "entry": Entry(patient=patient, form="all", column="age_years", value=65, entered_at=AGAIN,
                       entered_by=by, trial_digest="0" * 64),
        "consent": Consent(patient=patient, given_by="patient", version=version, given_at=AGAIN,
                           **recorded),
        "withdrawal": Withdrawal(patient=patient, kind="all_keep_data", at=AGAIN, **recorded),
        "not_enrolled": NotEnrolled(patient=patient, reasons=["declined"], **recorded),
        "in_error": InError(allocation=allocation, reason="Too young", **recorded),
        "dose": Dose(allocation=allocation, given_at=AGAIN,
                     preparation=Preparation.objects.filter(given=None)[0], **recorded),
        "patient": Patient(number="01-0009", centre=cast.jena, added_at=AGAIN, added_by=by),
    }  # fmt: skip


@pytest.mark.parametrize(
    "table", ["entry", "consent", "withdrawal", "not_enrolled", "in_error", "dose", "patient"]
)
def test_the_database_itself_refuses_under_a_lock_and_not_before(
    cast: Cast, patient: Patient, table: str
) -> None:
    row = _rows(patient, cast)[table]
    with transaction.atomic():
        row.save()
        transaction.set_rollback(True)
    row = _rows(patient, cast)[table]
    close_trial(cast)
    with pytest.raises(DatabaseError, match="the records are locked"), transaction.atomic():
        row.save()


def test_the_database_refuses_to_randomise_at_a_locked_centre(cast: Cast, patient: Patient) -> None:
    other = screened(cast, "01-0002")
    held = Allocation.objects.get(patient=patient)
    close_trial(cast)
    slot = held.slot.stratum.slots.filter(allocation=None)[0]
    row = Allocation(patient=other, slot=slot, immune_state="mals", answers={}, values={},
                     allocated_at=AGAIN, allocated_by=cast.consultant)  # fmt: skip
    with pytest.raises(DatabaseError, match="the records are locked"), transaction.atomic():
        row.save()


@pytest.mark.parametrize("verb", ["DELETE FROM {}", "UPDATE {} SET note = 'another'"])
def test_the_database_refuses_to_change_a_locked_screening_log(
    cast: Cast, patient: Patient, verb: str
) -> None:
    screened(cast, "01-0002")
    not_enrol("01-0002", reasons=["declined"], by=cast.nurse, now=LATER)
    close_trial(cast)
    with (
        pytest.raises(DatabaseError, match="the records are locked"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(verb.format("enrolment_notenrolled"))


def test_a_lock_of_one_participant_closes_no_other(cast: Cast, locked: Patient) -> None:
    screened(cast, "01-0002")
    assert correct("01-0002", cast)
    assert Lock.objects.get().patient == locked


def test_a_lock_without_its_trigger_is_found(cast: Cast) -> None:
    on = " ON enrolment_dose" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER enrolment_dose_locked_insert{on}")
    faults = [fault for finding in check_site() for fault in finding.faults]
    assert faults == ["enrolment_dose takes rows under a lock: a trigger is gone"]
