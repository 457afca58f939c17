"""Who could see what on a date, and the review of it every 90 days."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from immunosep.errors import RefusedError
from immunosep.web.accounts.actions import deactivate, grant, revoke
from immunosep.web.accounts.models import AccessReview, Membership
from immunosep.web.accounts.reviewing import (
    access_at,
    end_of_day,
    record_access_review,
    review_due_on,
)
from immunosep.web.accounts.roles import Permission, Role
from immunosep.web.audit.models import Event
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast

DAY = timedelta(days=1)


def names(moment: datetime) -> list[str]:
    return [row.membership.user.name for row in access_at(moment)]


def test_access_is_shown_as_it_was(cast: Cast) -> None:
    held = Membership.objects.get(user=cast.nurse)
    revoke(held, by=cast.administrator, now=NOW + DAY, reason="left")
    assert "Nora Nurse" in names(NOW)
    assert "Nora Nurse" not in names(NOW + DAY)
    assert names(NOW - DAY) == []


def test_a_leaver_had_access_until_they_left(cast: Cast) -> None:
    deactivate(cast.nurse, by=cast.administrator, now=NOW + DAY, reason="left")
    assert "Nora Nurse" in names(NOW + DAY / 2)
    assert "Nora Nurse" not in names(NOW + 2 * DAY)


def test_access_says_what_a_role_lets_do_and_who_was_unblinded(cast: Cast) -> None:
    grant(cast.stranger, Role.STATISTICIAN, centre=None, by=cast.administrator, now=NOW + DAY)
    before = {row.membership.user.name: row for row in access_at(NOW)}
    after = {row.membership.user.name: row for row in access_at(NOW + DAY)}
    assert before["Paul Pharmacist"].unblinded
    assert Permission.PREPARE in before["Paul Pharmacist"].permissions
    assert not before["Nora Nurse"].unblinded
    assert after["Stan Stranger"].unblinded


def test_the_first_review_is_due_90_days_after_the_first_role(cast: Cast) -> None:
    assert review_due_on() == (NOW + 90 * DAY).date()


def test_without_a_role_no_review_is_due(db: None) -> None:
    assert review_due_on() == date.max


def test_a_review_puts_the_next_off_by_90_days(cast: Cast) -> None:
    record_access_review(
        "nothing to change", by=cast.administrator, role="administrator", now=NOW + 10 * DAY
    )
    assert review_due_on() == (NOW + 100 * DAY).date()
    event = Event.objects.latest("sequence")
    assert (event.action, event.reason) == ("accounts.review_access", "nothing to change")
    assert str(AccessReview.objects.get()) == "access review of 2026-03-12"


def test_a_review_that_says_nothing_is_refused(cast: Cast) -> None:
    with pytest.raises(RefusedError, match="says nothing"):
        record_access_review("  ", by=cast.administrator, role="", now=NOW)
    with pytest.raises(IntegrityError, match="a review says what was found"), transaction.atomic():
        AccessReview.objects.create(
            reviewed_at=NOW, reviewed_by=cast.administrator, accounts=1, findings=""
        )


@pytest.fixture
def admin(cast: Cast, log_in: LogIn) -> Client:
    """The administrator at her desk."""
    return log_in(cast.administrator)


def test_the_page_shows_a_day_that_is_asked_for(cast: Cast, admin: Client) -> None:
    held = Membership.objects.get(user=cast.nurse)
    revoke(held, by=cast.administrator, now=NOW + DAY, reason="left")
    then = admin.get("/people/access/", {"on": NOW.date().isoformat()}).content.decode()
    now = admin.get("/people/access/").content.decode()
    assert "Nora Nurse" in then
    assert "Nora Nurse" not in now


@pytest.mark.parametrize("on", ["yesterday", "9999-01-01", ""])
def test_the_page_shows_today_for_a_day_that_cannot_be(cast: Cast, admin: Client, on: str) -> None:
    assert "Clara Consultant" in admin.get("/people/access/", {"on": on}).content.decode()


def test_a_day_before_the_trial_had_nobody(admin: Client) -> None:
    shown = admin.get("/people/access/", {"on": "2000-01-01"}).content.decode()
    assert "Nobody held a role then" in shown


def test_the_page_records_a_review(admin: Client) -> None:
    assert admin.post("/people/access/", {"findings": ""}).status_code == 422
    assert admin.post("/people/access/", {"findings": "one left"}).status_code == 302
    assert "one left" in admin.get("/people/access/").content.decode()


def test_an_overdue_review_is_shown(cast: Cast, log_in: LogIn) -> None:
    with time_machine.travel(NOW + 91 * DAY):
        client = log_in(cast.administrator)
        assert "overdue" in client.get("/people/access/").content.decode()
        assert "overdue since" in client.get("/home/").content.decode()


def test_a_day_ends_at_midnight_in_utc() -> None:
    assert end_of_day(date(2026, 3, 2)) < datetime(2026, 3, 3, tzinfo=UTC)
