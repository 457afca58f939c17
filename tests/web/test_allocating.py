"""Randomising one participant: who may, when it is refused, and what is written."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from immunosep.errors import RefusedError
from immunosep.web.audit.models import Event
from immunosep.web.enrolment.allocating import allocate
from immunosep.web.enrolment.models import Allocation, Consent, Entry, Patient
from immunosep.web.supply.models import Order
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
    again = allocate("01-0001", by=cast.consultant, now=NOW)
    assert (first.pk, Allocation.objects.count(), Order.objects.count()) == (again.pk, 1, 1)


def test_every_reason_against_is_said(cast: Cast) -> None:
    screened(cast, hiv=True, do_not_resuscitate=True, ferritin_ng_ml=None)
    with pytest.raises(RefusedError) as refused:
        allocate("01-0001", by=cast.consultant, now=NOW)
    assert len(refused.value.problems) >= 3
