"""Five failures close the log-in for one address from one place, for a quarter of an hour."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.test import Client, RequestFactory

from immunosep.web.accounts.lock_out import address_of, place_of
from immunosep.web.audit.models import Event
from tests.web.people import Cast
from tests.web.proving import is_in, log_in_by_password

NURSE, NOBODY = "nora.nurse@example.org", "nobody@example.org"


def fail(address: str, times: int, **place: str) -> list[int]:
    client = Client(**place)  # type: ignore[arg-type]
    return [log_in_by_password(client, address, "wrong").status_code for _ in range(times)]


@pytest.mark.parametrize("address", [NURSE, NOBODY])
def test_the_fifth_failure_closes_the_log_in(cast: Cast, address: str) -> None:
    assert fail(address, 6) == [200, 200, 200, 200, 429, 429]


def test_a_closed_log_in_refuses_the_right_password(cast: Cast) -> None:
    fail(NURSE, 5)
    client = Client()
    answer = log_in_by_password(client, NURSE.upper())
    assert b"whether or not the address has an account" in answer.content
    assert not is_in(client)


def test_a_closed_log_in_opens_again_by_itself(cast: Cast) -> None:
    fail(NURSE, 5)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=16)):
        client = Client()
        log_in_by_password(client, NURSE)
        assert is_in(client)


def test_another_place_and_another_person_are_not_locked(cast: Cast) -> None:
    fail(NURSE, 5)
    elsewhere, colleague = Client(REMOTE_ADDR="192.0.2.9"), Client()
    log_in_by_password(elsewhere, NURSE)
    log_in_by_password(colleague, "clara.consultant@example.org")
    assert is_in(elsewhere)
    assert is_in(colleague)


def test_attempts_are_kept_without_passwords(cast: Cast) -> None:
    fail(NURSE, 3)
    attempt = AccessAttempt.objects.get()
    assert (attempt.username, attempt.failures_since_start) == (NURSE, 3)
    assert "wrong" not in attempt.post_data
    assert Event.objects.filter(action="accounts.fail_to_log_in").count() == 3


def test_the_address_is_found_however_it_is_sent() -> None:
    request = RequestFactory().post("/", {"login": " A@X.org"})
    assert address_of(request, None) == "a@x.org"
    assert address_of(request, {"email": "B@x.org"}) == "b@x.org"


def test_the_place_is_what_the_trusted_proxy_saw(settings: object) -> None:
    request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR="203.0.113.7, 198.51.100.2")
    assert place_of(request) == "127.0.0.1"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1  # type: ignore[attr-defined]
    assert place_of(request) == "198.51.100.2"
