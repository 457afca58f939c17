"""Completing a page, reopening it, and a visit that did not take place."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from immunosep.concepts.sofa_version import ALGORITHM
from immunosep.errors import RefusedError
from immunosep.web.audit.models import Event
from immunosep.web.casebook.completing import complete_page, miss_visit, reopen_page
from immunosep.web.casebook.models import Page, Step
from immunosep.web.casebook.recording import open_page, record_page, write_page
from immunosep.web.casebook.values import values_of
from immunosep.web.enrolment.models import Withdrawal
from tests.web.people import NOW, Cast
from tests.web.supplied import treated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]

LATER = NOW + timedelta(days=1)


@pytest.fixture
def number(cast: Cast) -> str:
    """A participant of Jena who was given the first dose."""
    return str(treated(cast).pk)


def day_2(number: str, cast: Cast, **answers: Any) -> Page:
    said = answers or {"day_status": "present", "platelets_10e3_ul": 90, "gcs": 14}
    return write_page(
        number, "daily_sofa", said, visit="day_2", by=cast.nurse, now=LATER
    ).page  # fmt: skip


def missed(number: str, cast: Cast, reason: str = "scanner", **more: Any) -> list[Step]:
    return miss_visit(number, "day_15", reason=reason, by=cast.nurse, now=LATER, **more)


@pytest.mark.parametrize("who", ["stranger", "monitor", "foreign_consultant", "laboratory"])
def test_others_complete_no_page_of_the_bedside(cast: Cast, number: str, who: str) -> None:
    page = day_2(number, cast)
    with pytest.raises(PermissionDenied):
        complete_page(page, by=getattr(cast, who), now=LATER)
    with pytest.raises(PermissionDenied):
        miss_visit(number, "day_3", reason="x", forms=["daily_sofa"], by=getattr(cast, who),
                   now=LATER)  # fmt: skip


def test_a_whole_page_is_complete_and_stays_so(cast: Cast, number: str) -> None:
    page = day_2(number, cast)
    step = complete_page(page, by=cast.nurse, now=LATER)
    assert complete_page(page, by=cast.nurse, now=LATER) == step
    page.refresh_from_db()
    assert (page.stage, step.kind, step.entries) == ("complete", "completed", 3)


def test_the_trail_keeps_the_score_and_its_algorithm(cast: Cast, number: str) -> None:
    complete_page(day_2(number, cast), by=cast.nurse, now=LATER)
    event = Event.objects.latest("sequence")
    assert event.action == "casebook.completed_page"
    assert event.after == {
        "stage": "complete", "entries": 3, "sofa_lowest": 3, "sofa_highest": 19,
        "algorithm": ALGORITHM,
    }  # fmt: skip


def test_a_page_that_lacks_an_answer_is_not_complete(cast: Cast, number: str) -> None:
    page = open_page(number, "medication", by=cast.nurse, now=LATER)
    record_page(page, {"medication": "meropenem"}, seen=0, by=cast.nurse, now=LATER)
    with pytest.raises(RefusedError, match="Not answered yet: From"):
        complete_page(page, by=cast.nurse, now=LATER)


def test_an_empty_page_is_not_complete(cast: Cast, number: str) -> None:
    page = open_page(number, "daily_sofa", visit="day_3", by=cast.nurse, now=LATER)
    with pytest.raises(RefusedError, match="Nothing is entered"):
        complete_page(page, by=cast.nurse, now=LATER)


@pytest.mark.parametrize("stage", ["frozen", "locked"])
def test_a_closed_page_is_neither_completed_nor_opened(cast: Cast, number: str, stage: str) -> None:
    page = day_2(number, cast)
    Page.objects.filter(pk=page.pk).update(stage=stage)
    with pytest.raises(RefusedError, match=f"The page is {stage}"):
        complete_page(page, by=cast.nurse, now=LATER)
    with pytest.raises(RefusedError, match=f"The page is {stage}"):
        reopen_page(page, reason="wrong day", by=cast.nurse, now=LATER)


def test_nothing_is_completed_once_all_consent_is_withdrawn(cast: Cast, number: str) -> None:
    page = day_2(number, cast)
    Withdrawal.objects.create(
        patient_id=number, kind="stop_all_keep_data", at=LATER, recorded_at=LATER,
        recorded_by=cast.nurse,
    )  # fmt: skip
    with pytest.raises(RefusedError, match="All consent was withdrawn"):
        complete_page(page, by=cast.nurse, now=LATER)


def test_reopening_says_why(cast: Cast, number: str) -> None:
    page = day_2(number, cast)
    complete_page(page, by=cast.nurse, now=LATER)
    with pytest.raises(RefusedError, match="Say why"):
        reopen_page(page, reason=" ", by=cast.nurse, now=LATER)
    step = reopen_page(page, reason="the chart came", by=cast.nurse, now=LATER)
    page.refresh_from_db()
    assert (page.stage, step.reason) == ("started", "the chart came")


def test_an_open_page_is_not_reopened(cast: Cast, number: str) -> None:
    with pytest.raises(RefusedError, match="The page is open"):
        reopen_page(day_2(number, cast), reason="why not", by=cast.nurse, now=LATER)


def test_a_missed_visit_has_a_reason_on_each_page_of_the_role(cast: Cast, number: str) -> None:
    steps = missed(number, cast)
    assert {step.page.form for step in steps} == {
        "daily_sofa", "infection_outcome", "treatment_end",
    }  # fmt: skip
    assert {(step.kind, step.reason, step.entries) for step in steps} == {("missed", "scanner", 0)}
    assert set(Page.objects.values_list("stage", flat=True)) == {"complete"}


def test_a_reason_too_long_is_refused(cast: Cast, number: str) -> None:
    with pytest.raises(RefusedError, match="longer than 300"):
        missed(number, cast, reason="x" * 301)
    assert not Page.objects.exists()


def test_a_visit_without_the_form_cannot_be_missed(cast: Cast, number: str) -> None:
    with pytest.raises(RefusedError, match="no such visit"):
        missed(number, cast, forms=["vital_status"])


def test_a_page_with_entries_was_not_missed(cast: Cast, number: str) -> None:
    day_2(number, cast)
    with pytest.raises(RefusedError, match="has entries"):
        miss_visit(number, "day_2", reason="x", by=cast.nurse, now=LATER)
    with pytest.raises(RefusedError, match="has entries"):
        miss_visit(number, "day_2", reason="x", forms=["daily_sofa"], by=cast.nurse, now=LATER)


def test_an_entry_on_a_missed_page_opens_it_again(cast: Cast, number: str) -> None:
    page = missed(number, cast, forms=["daily_sofa"])[0].page
    said = {"day_status": "present"}
    record_page(page, said, seen=0, by=cast.nurse, now=LATER, reason="the chart came")
    page.refresh_from_db()
    assert page.stage == "started"


def test_a_page_without_an_answer_is_not_opened(cast: Cast, number: str) -> None:
    with pytest.raises(RefusedError, match="Nothing was entered"):
        day_2(number, cast, day_status=None)
    assert not Page.objects.exists()


def test_a_moment_to_come_is_refused(cast: Cast, number: str) -> None:
    after = (LATER + timedelta(minutes=1)).isoformat()
    said = {"medication": "meropenem", "medication_from": after}
    with pytest.raises(RefusedError, match="From: that is in the future"):
        write_page(number, "medication", said, by=cast.nurse, now=LATER)
    assert not Page.objects.exists()


def test_a_guess_at_a_hidden_result_tells_nothing(cast: Cast, number: str) -> None:
    """The same value and another are taken alike: both ask why, both are written."""
    drawn = {"sample_drawn_at": LATER.isoformat(), "ferritin_ng_ml": 512}
    page = write_page(
        number, "biomarkers", drawn, visit="day_2", by=cast.laboratory, now=LATER
    ).page  # fmt: skip
    seen = page.entries.latest("id").pk
    for guess in (512, 640):
        with pytest.raises(RefusedError, match="Say why"):
            record_page(page, {"ferritin_ng_ml": guess}, seen=seen, by=cast.laboratory, now=LATER)
    told = record_page(
        page, {"ferritin_ng_ml": 512}, seen=seen, by=cast.laboratory, now=LATER, reason="again"
    )
    assert [entry.column for entry in told.entries] == ["ferritin_ng_ml"]
    assert values_of(page)["ferritin_ng_ml"] == 512
