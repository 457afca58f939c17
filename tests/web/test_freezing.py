"""Freezing a page, and opening it again: who may, what stands against it, what it keeps out."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from immunosep.errors import RefusedError
from immunosep.protocol.consent import WithdrawalKind
from immunosep.web.audit.models import Event
from immunosep.web.casebook.freezing import freeze, freeze_complete, unfreeze
from immunosep.web.casebook.models import Page, PageEntry, Step
from immunosep.web.casebook.querying import answer, raise_query
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.withdrawing import withdraw
from tests.web.casebooks import LATER, complete, frozen, started, write
from tests.web.people import Cast
from tests.web.supplied import treated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]


@pytest.fixture
def patient(cast: Cast) -> Patient:
    return treated(cast)


@pytest.fixture
def page(cast: Cast, patient: Patient) -> Page:
    return complete(patient, cast)


@pytest.mark.parametrize("who", ["stranger", "nurse", "consultant", "medical_monitor", "sponsor"])
def test_others_freeze_nothing(cast: Cast, page: Page, who: str) -> None:
    with pytest.raises(PermissionDenied):
        freeze(page, by=getattr(cast, who), now=LATER)
    with pytest.raises(PermissionDenied):
        unfreeze(page, reason="Wrong", by=getattr(cast, who), now=LATER)


def test_a_frozen_page_takes_no_entry(cast: Cast, page: Page) -> None:
    freeze(page, by=cast.monitor, now=LATER)
    with pytest.raises(RefusedError, match="The page is frozen"):
        write(page, cast, gcs=12, reason="misread")
    assert Event.objects.latest("sequence").action == "casebook.frozen_page"


def test_the_database_itself_refuses_an_entry_on_a_frozen_page(cast: Cast, page: Page) -> None:
    freeze(page, by=cast.monitor, now=LATER)
    entry = PageEntry(page=page, column="gcs", value=3, entered_at=LATER, entered_by=cast.nurse,
                      trial_digest="0" * 64)  # fmt: skip
    with pytest.raises(DatabaseError, match="closed to entries"), transaction.atomic():
        entry.save()


def test_a_page_that_is_not_complete_is_not_frozen(cast: Cast, patient: Patient) -> None:
    with pytest.raises(RefusedError, match="started, expected complete"):
        freeze(started(patient, cast), by=cast.monitor, now=LATER)


@pytest.mark.parametrize("answered", [False, True])
def test_a_page_with_a_question_is_not_frozen(cast: Cast, page: Page, answered: bool) -> None:
    query = raise_query(page, text="Sedated?", by=cast.monitor, now=LATER)
    if answered:
        answer(query, text="No.", by=cast.nurse, now=LATER)
    with pytest.raises(RefusedError, match="1 question is not closed"):
        freeze(page, by=cast.monitor, now=LATER)
    assert not page.steps.filter(kind=Step.Kind.FROZEN).exists()


def test_what_is_complete_is_frozen_together(cast: Cast, patient: Patient, page: Page) -> None:
    asked = complete(patient, cast, visit="day_3")
    raise_query(asked, text="Sedated?", by=cast.monitor, now=LATER)
    open_ = started(patient, cast, visit="day_4")
    steps = freeze_complete(patient, by=cast.data_manager, now=LATER)
    assert [step.page for step in steps] == [page]
    assert set(Page.objects.exclude(stage="frozen")) == {asked, open_}


def test_nothing_to_freeze_is_said(cast: Cast, patient: Patient) -> None:
    with pytest.raises(RefusedError, match="No page is complete"):
        freeze_complete(patient, by=cast.data_manager, now=LATER)


def test_a_page_is_unfrozen_for_a_reason(cast: Cast, page: Page) -> None:
    freeze(page, by=cast.monitor, now=LATER)
    with pytest.raises(RefusedError, match="no reason"):
        unfreeze(page, reason="", by=cast.monitor, now=LATER)
    unfreeze(page, reason="A query came late", by=cast.monitor, now=LATER)
    write(page, cast, gcs=12, reason="misread")
    assert page.steps.latest("id").reason == "A query came late"


def test_a_page_that_is_not_frozen_is_not_unfrozen(cast: Cast, page: Page) -> None:
    with pytest.raises(RefusedError, match="complete, not frozen"):
        unfreeze(page, reason="Why not", by=cast.monitor, now=LATER)


def test_an_unfrozen_page_stays_verified(cast: Cast, patient: Patient) -> None:
    page = frozen(patient, cast)
    unfreeze(page, reason="Another look", by=cast.monitor, now=LATER)
    page.refresh_from_db()
    assert (page.stage, page.verified) == ("complete", True)


def test_what_a_withdrawn_participant_left_open_is_frozen_as_it_is(
    cast: Cast, patient: Patient
) -> None:
    page = started(patient, cast)
    withdraw(patient.pk, kind=WithdrawalKind.ALL_KEEP_DATA, at=LATER, reason="Family's wish",
             by=cast.consultant, now=LATER)  # fmt: skip
    freeze(page, by=cast.monitor, now=LATER)
    unfreeze(page, reason="Another look", by=cast.monitor, now=LATER)
    page.refresh_from_db()
    assert page.stage == Page.Stage.STARTED


def test_a_change_after_completion_says_why(cast: Cast, page: Page) -> None:
    with pytest.raises(RefusedError, match="The page was complete"):
        write(page, cast, platelets_10e3_ul=90)
    write(page, cast, platelets_10e3_ul=90, reason="The laboratory was late")
    assert PageEntry.objects.latest("id").reason == "The laboratory was late"
