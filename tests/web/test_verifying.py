"""Source data verification: who is drawn, what is compared, and what takes it back."""

from collections import Counter

import pytest
from django.core.exceptions import PermissionDenied

from immunosep.errors import RefusedError
from immunosep.protocol.casebook import CaseForm
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.trials.immunosep.casebook import (
    ADVERSE_EVENTS,
    BIOMARKERS,
    DAILY_SOFA,
    MEDICATION,
)
from immunosep.web.audit.models import Event
from immunosep.web.casebook.models import Page
from immunosep.web.casebook.verifying import (
    columns_to_verify,
    draw_of,
    is_targeted,
    progress_of,
    take_back,
    verify,
)
from immunosep.web.enrolment.models import Patient
from tests.web.casebooks import LATER, complete, started, write
from tests.web.people import Cast
from tests.web.supplied import treated

NUMBERS = [f"{centre:02d}-{serial:04d}" for centre in range(1, 34) for serial in range(1, 31)]


def drawn(form: CaseForm) -> float:
    return sum(is_targeted(form, number) for number in NUMBERS) / len(NUMBERS)


def test_a_participant_is_drawn_alike_every_time() -> None:
    assert draw_of("01-0001", "a" * 64) == draw_of("01-0001", "a" * 64)
    assert draw_of("01-0001", "a" * 64) != draw_of("01-0001", "b" * 64)


def test_the_share_of_the_plan_is_drawn() -> None:
    assert (drawn(DAILY_SOFA), drawn(MEDICATION)) == (1, 0)
    assert drawn(BIOMARKERS) == pytest.approx(0.2, abs=0.04)  # 990 draws: three standard errors


def test_the_draw_is_spread_evenly() -> None:
    tenths = Counter(int(10 * draw_of(number, IMMUNOSEP.digest)) for number in NUMBERS)
    assert set(tenths) == set(range(10))
    assert min(tenths.values()) > 60  # of 99 expected, four standard errors


def test_the_plan_names_columns_or_means_all() -> None:
    assert columns_to_verify(DAILY_SOFA) == DAILY_SOFA.columns
    assert columns_to_verify(ADVERSE_EVENTS)[0] == "event_term"
    assert "event_grade" not in columns_to_verify(ADVERSE_EVENTS)


@pytest.fixture
def patient(cast: Cast, keyed: None) -> Patient:
    return treated(cast)


@pytest.fixture
def page(cast: Cast, patient: Patient) -> Page:
    return complete(patient, cast)


def verified(page: Page, cast: Cast) -> Page:
    verify(page, seen=page.entries_made, by=cast.monitor, now=LATER)
    page.refresh_from_db()
    return page


@pytest.mark.parametrize("who", ["stranger", "nurse", "consultant", "data_manager", "sponsor"])
def test_others_verify_nothing(cast: Cast, page: Page, who: str) -> None:
    with pytest.raises(PermissionDenied):
        verify(page, seen=page.entries_made, by=getattr(cast, who), now=LATER)


def test_a_page_is_verified_as_it_stood(cast: Cast, page: Page) -> None:
    assert verified(page, cast).verified
    step = page.steps.latest("id")
    assert (step.kind, step.entries, step.by) == ("verified", page.entries_made, cast.monitor)
    assert Event.objects.latest("sequence").action == "casebook.verified_page"


def test_a_page_that_changed_meanwhile_is_not(cast: Cast, page: Page) -> None:
    with pytest.raises(RefusedError, match="changed since you opened it"):
        verify(page, seen=page.entries_made - 1, by=cast.monitor, now=LATER)
    page.refresh_from_db()
    assert not page.verified


def test_a_page_that_is_not_complete_is_not_verified(cast: Cast, patient: Patient) -> None:
    with pytest.raises(RefusedError, match="not complete"):
        verify(started(patient, cast), seen=0, by=cast.monitor, now=LATER)


def test_a_page_is_not_verified_twice(cast: Cast, page: Page) -> None:
    verified(page, cast)
    with pytest.raises(RefusedError, match="verified already"):
        verify(page, seen=page.entries_made, by=cast.monitor, now=LATER)


def test_an_entry_takes_verification_back(cast: Cast, page: Page) -> None:
    verified(page, cast)
    write(page, cast, gcs=12, reason="misread")
    page.refresh_from_db()
    assert not page.verified


def test_a_monitor_takes_verification_back_with_a_reason(cast: Cast, page: Page) -> None:
    verified(page, cast)
    with pytest.raises(RefusedError, match="no reason"):
        take_back(page, reason=" ", by=cast.monitor, now=LATER)
    take_back(page, reason="Wrong chart", by=cast.monitor, now=LATER)
    page.refresh_from_db()
    assert not page.verified
    assert page.steps.latest("id").reason == "Wrong chart"


def test_progress_counts_what_the_plan_asks_for(cast: Cast, patient: Patient) -> None:
    verified(complete(patient, cast), cast)
    complete(patient, cast, visit="day_3")
    jena, athens = progress_of([cast.jena, cast.athens])
    assert (jena.asked, jena.verified, athens.asked) == (2, 1, 0)


def test_progress_of_many_centres_is_one_question(
    cast: Cast, patient: Patient, django_assert_num_queries: object
) -> None:
    complete(patient, cast)
    with django_assert_num_queries(1):  # type: ignore[operator]
        progress_of([cast.jena, cast.athens])
