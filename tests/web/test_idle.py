"""Logged out after 15 minutes of nothing, and after 12 hours of anything."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from immunosep.web.audit.models import Event
from tests.web.conftest import LogIn
from tests.web.people import Cast

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/home/?a=1"}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that stands until it is moved."""
    with time_machine.travel(START, tick=False) as moved:
        yield moved


@pytest.fixture
def client(cast: Cast, log_in: LogIn, clock: time_machine.Traveller) -> Client:
    """The nurse, who has just looked at a page."""
    nurse = log_in(cast.nurse)
    assert nurse.get("/home/").status_code == 200
    return nurse


def test_a_page_within_15_minutes_goes_on(client: Client, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(minutes=15))
    assert client.get("/home/").status_code == 200


def test_a_page_after_15_minutes_leads_to_the_log_in_and_back(
    client: Client, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(minutes=15, seconds=1))
    answer = client.get("/home/?a=1")
    assert answer["Location"] == "/account/login/?next=%2Fhome%2F%3Fa%3D1"
    assert b"nothing was done for 15 minutes" in client.get(answer["Location"]).content
    assert Event.objects.latest("sequence").action == "accounts.log_out"


def test_a_form_after_15_minutes_leads_back_to_its_page(
    client: Client, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(minutes=16))
    answer = client.post("/people/", headers={"referer": "http://testserver/people/"})
    assert answer["Location"] == "/account/login/?next=%2Fpeople%2F"


def test_a_form_from_another_site_leads_nowhere_but_the_log_in(
    client: Client, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(minutes=16))
    answer = client.post("/people/", headers={"referer": "http://elsewhere.example/people/"})
    assert answer["Location"] == "/account/login/?"


def test_a_page_that_refreshes_itself_keeps_nobody_logged_in(
    client: Client, clock: time_machine.Traveller
) -> None:
    for _ in range(3):
        clock.shift(timedelta(minutes=5))
        assert client.get("/home/", headers=HTMX).status_code == 200
    clock.shift(timedelta(minutes=5))
    answer = client.get("/home/", headers=HTMX)
    assert answer["HX-Redirect"] == "/account/login/?next=%2Fhome%2F%3Fa%3D1"


def test_what_somebody_types_keeps_them_logged_in(
    client: Client, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(minutes=10))
    client.post("/people/", headers=HTMX)
    clock.shift(timedelta(minutes=10))
    assert client.get("/home/").status_code == 200


def test_a_log_in_ends_after_12_hours_whatever_is_done(
    client: Client, clock: time_machine.Traveller
) -> None:
    for _ in range(72):
        clock.shift(timedelta(minutes=10))
        assert client.get("/home/").status_code == 200
    clock.shift(timedelta(minutes=1))
    answer = client.get("/home/")
    assert b"lasts 12 hours" in client.get(answer["Location"]).content
