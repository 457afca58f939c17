"""Writing on a casebook's page: who may, what is refused, what is asked, what the trail says."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction

from immunosep.errors import RefusedError
from immunosep.web.audit.models import Event
from immunosep.web.casebook.models import Page, PageEntry
from immunosep.web.casebook.recording import Written, open_page, record_page
from immunosep.web.casebook.values import values_of
from tests.web.people import NOW, Cast
from tests.web.supplied import screened, treated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]

LATER = NOW + timedelta(days=1)
PRESENT: dict[str, Any] = {
    "day_status": "present",
    "gcs": 14,
    "map_mmhg": 65,
    "platelets_10e3_ul": 90,
}


@pytest.fixture
def number(cast: Cast) -> str:
    """A participant of Jena who was given the first dose."""
    return str(treated(cast).pk)


def day_2(number: str, cast: Cast) -> Page:
    return open_page(number, "daily_sofa", visit="day_2", by=cast.nurse, now=LATER)


def write(page: Page, cast: Cast, *, seen: int = 0, reason: str = "", **answers: Any) -> Written:
    return record_page(page, answers, seen=seen, by=cast.nurse, now=LATER, reason=reason)


def last(page: Page) -> int:
    return int(PageEntry.objects.filter(page=page).latest("id").pk)


@pytest.mark.parametrize("who", ["stranger", "monitor", "foreign_consultant", "sponsor"])
def test_others_open_no_page(cast: Cast, number: str, who: str) -> None:
    with pytest.raises(PermissionDenied):
        open_page(number, "daily_sofa", visit="day_2", by=getattr(cast, who), now=LATER)


def test_the_nurse_enters_no_results_of_the_laboratory(cast: Cast, number: str) -> None:
    with pytest.raises(PermissionDenied):
        open_page(number, "biomarkers", visit="day_2", by=cast.nurse, now=LATER)


def test_a_visit_has_one_page_of_a_form(cast: Cast, number: str) -> None:
    assert day_2(number, cast) == day_2(number, cast)


def test_an_unscheduled_page_is_another(cast: Cast, number: str) -> None:
    planned = day_2(number, cast)
    extra = open_page(
        number, "daily_sofa", visit="day_2", unscheduled=True, by=cast.nurse, now=LATER
    )
    assert (planned.number, extra.number) == (1, 2)


def test_a_log_has_a_page_for_each_event(cast: Cast, number: str) -> None:
    pages = [open_page(number, "medication", by=cast.nurse, now=LATER) for _ in range(2)]
    assert [page.number for page in pages] == [1, 2]


def test_a_visit_without_the_assessment_has_no_page(cast: Cast, number: str) -> None:
    with pytest.raises(RefusedError, match="does not ask for this form"):
        open_page(number, "daily_sofa", visit="day_28", by=cast.nurse, now=LATER)


def test_nobody_is_followed_up_who_was_not_randomised(cast: Cast) -> None:
    screened(cast, "01-0007")
    with pytest.raises(RefusedError, match="Nobody was randomised"):
        open_page("01-0007", "daily_sofa", visit="day_2", by=cast.nurse, now=LATER)


def test_what_is_entered_is_the_page(cast: Cast, number: str) -> None:
    page = day_2(number, cast)
    write(page, cast, **PRESENT)
    assert values_of(page) == PRESENT


def test_a_change_says_why(cast: Cast, number: str) -> None:
    page = day_2(number, cast)
    write(page, cast, **PRESENT)
    with pytest.raises(RefusedError, match="Say why"):
        write(page, cast, seen=last(page), gcs=12)
    write(page, cast, seen=last(page), gcs=12, reason="misread the chart")
    assert values_of(page)["gcs"] == 12


def test_nobody_types_over_somebody_else(cast: Cast, number: str) -> None:
    page = day_2(number, cast)
    write(page, cast, **PRESENT)
    with pytest.raises(RefusedError, match="Somebody else changed"):
        write(page, cast, seen=0, gcs=3, reason="mine")


def test_an_answer_no_longer_asked_for_is_taken_back(cast: Cast, number: str) -> None:
    page = day_2(number, cast)
    write(page, cast, **PRESENT)
    write(page, cast, seen=last(page), day_status="discharged", reason="left at noon")
    assert values_of(page) == {"day_status": "discharged"}


def test_a_rule_may_ask_about_what_is_saved(cast: Cast, number: str) -> None:
    written = write(day_2(number, cast), cast, day_status="present", pao2_mmhg=80)
    assert [check.id for check in written.queried] == ["gas_with_fio2"]


def test_a_rule_may_refuse(cast: Cast, number: str) -> None:
    page = open_page(number, "medication", by=cast.nurse, now=LATER)
    times: Any = {"medication_from": LATER.isoformat(), "medication_until": NOW.isoformat()}
    with pytest.raises(RefusedError, match="ended before it began"):
        write(page, cast, medication="meropenem", **times)
    assert not page.entries.exists()


def test_a_rule_reads_the_day_from_the_visit(cast: Cast, number: str) -> None:
    page = open_page(number, "daily_sofa", visit="day_1", by=cast.nurse, now=LATER)
    written = write(page, cast, day_status="discharged")
    assert [check.id for check in written.queried] == ["first_day_present"]


def test_an_entry_takes_completion_and_verification_back(cast: Cast, number: str) -> None:
    page = day_2(number, cast)
    Page.objects.filter(pk=page.pk).update(stage=Page.Stage.COMPLETE, verified=True)
    write(page, cast, reason="seen again", **PRESENT)
    page.refresh_from_db()
    assert (page.stage, page.verified) == (Page.Stage.STARTED, False)


@pytest.mark.parametrize("stage", ["frozen", "locked"])
def test_a_closed_page_takes_no_entry(cast: Cast, number: str, stage: str) -> None:
    page = day_2(number, cast)
    Page.objects.filter(pk=page.pk).update(stage=stage)
    with pytest.raises(RefusedError, match=f"The page is {stage}"):
        write(page, cast, **PRESENT)


def test_the_trail_says_what_changed(cast: Cast, number: str) -> None:
    page = day_2(number, cast)
    write(page, cast, **PRESENT)
    event = Event.objects.latest("sequence")
    assert (event.action, event.after) == ("casebook.record_page", PRESENT)


def test_the_trail_says_nothing_that_hints_at_the_arm(cast: Cast, number: str) -> None:
    page = open_page(number, "biomarkers", visit="day_2", by=cast.laboratory, now=LATER)
    answers = {"sample_drawn_at": LATER.isoformat(), "ferritin_ng_ml": 512}
    record_page(page, answers, seen=0, by=cast.laboratory, now=LATER)
    after = Event.objects.latest("sequence").after
    assert after is not None
    assert after["ferritin_ng_ml"] == "hidden"


def test_two_pages_of_one_visit_are_refused_by_the_database(cast: Cast, number: str) -> None:
    page = day_2(number, cast)
    page.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        page.save(force_insert=True)


def test_the_database_keeps_every_entry(cast: Cast, number: str) -> None:
    write(day_2(number, cast), cast, **PRESENT)
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM casebook_pageentry")
