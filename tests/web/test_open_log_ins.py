"""Where somebody is logged in: their own log-ins alone, the kind of browser, and an end to any."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import Client

from immunosep.errors import RefusedError
from immunosep.web.accounts.log_ins import change_password
from immunosep.web.accounts.models import OpenLogIn
from immunosep.web.accounts.open_log_ins import (
    browser_of,
    end_log_in,
    forget_ended,
    open_log_ins,
)
from immunosep.web.audit.models import Event
from tests.web.people import NOW, Cast
from tests.web.proving import is_in, log_in_by_password, proven

PAGE = "/account/log-ins/"
NURSE, CONSULTANT = "nora.nurse@example.org", "clara.consultant@example.org"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
CHROME = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/137.0.0.0 Mobile Safari/537.36"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/137.0.0.0 Safari/537.36 Edg/137.0.0.0"
)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as held:
        yield held


def browser(address: str, agent: str = FIREFOX) -> Client:
    """A browser in which somebody has logged in."""
    client = Client(headers={"User-Agent": agent})
    log_in_by_password(client, address)
    return client


def shown(client: Client) -> list[tuple[str, bool]]:
    """The kinds of browser on the page, and which of them is this one."""
    return [(seen.browser, here) for seen, here in client.get(PAGE).context["rows"]]


def id_of(client: Client) -> str:
    """What names this one's log-in on the page."""
    (found,) = [seen.id for seen, here in client.get(PAGE).context["rows"] if here]
    return str(found)


def test_nobody_who_is_not_logged_in_sees_any(cast: Cast) -> None:
    assert Client().get(PAGE)["Location"].startswith("/account/login/")


def test_ones_own_are_listed_and_nobody_elses(cast: Cast, clock: Any) -> None:
    browser(CONSULTANT)
    browser(NURSE, SAFARI)
    clock.shift(timedelta(minutes=5))
    here = browser(NURSE)
    assert shown(here) == [("Firefox, Windows", True), ("Safari, iPhone", False)]
    assert [seen.began for seen in open_log_ins(cast.nurse, now=NOW + timedelta(minutes=5))] == [
        NOW + timedelta(minutes=5),
        NOW,
    ]


def test_one_that_would_open_no_page_is_not_listed(cast: Cast, clock: Any) -> None:
    browser(NURSE)
    clock.shift(timedelta(minutes=16))
    assert open_log_ins(cast.nurse, now=NOW + timedelta(minutes=16)) == []
    browser(NURSE)
    change_password(cast.nurse, "another long password", now=NOW)
    assert open_log_ins(cast.nurse, now=NOW + timedelta(minutes=16)) == []
    assert OpenLogIn.objects.filter(account=cast.nurse).count() == 2


def test_the_password_is_asked_again_and_the_log_in_is_then_ended(cast: Cast) -> None:
    here, there = browser(NURSE), browser(NURSE, SAFARI)
    asked = here.post(PAGE, {"end": id_of(there)})["Location"]
    assert asked.startswith("/account/reauthenticate/")
    assert is_in(there)
    here.post(asked, {"password": "nine green bottles standing"})
    assert (is_in(here), is_in(there)) == (True, False)


def test_ending_one_is_in_the_trail(cast: Cast) -> None:
    here, there = browser(NURSE), browser(NURSE, SAFARI)
    key = there.session.session_key
    proven(here, cast.nurse).post(PAGE, {"end": id_of(there)})
    event = Event.objects.latest("sequence")
    assert (event.action, event.by) == ("accounts.end_log_in", cast.nurse.pk)
    assert event.before == {"began": "2026-03-02T09:00:00+00:00", "browser": "Safari, iPhone"}
    assert key
    assert key not in str(event.__dict__)


def test_ending_this_one_logs_out(cast: Cast) -> None:
    here = proven(browser(NURSE), cast.nurse)
    assert here.post(PAGE, {"end": id_of(here)})["Location"] == "/account/login/"
    assert not is_in(here)


def test_one_of_somebody_else_is_as_one_that_never_was(cast: Cast) -> None:
    there, here = browser(CONSULTANT), proven(browser(NURSE), cast.nurse)
    answers = [here.post(PAGE, {"end": each}) for each in (id_of(there), "made up", "")]
    assert [answer.status_code for answer in answers] == [422] * 3
    assert is_in(there)
    (seen,) = open_log_ins(cast.consultant, now=NOW)
    with pytest.raises(RefusedError, match="cannot be ended"):
        end_log_in(seen, by=cast.nurse, now=NOW)


def test_no_page_holds_a_key_of_a_session(cast: Cast) -> None:
    here, there = browser(NURSE), browser(NURSE)
    page = here.get(PAGE).content.decode()
    assert not any(str(each.session.session_key) in page for each in (here, there))
    assert "Firefox/140" not in str(there.session.items())


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        (FIREFOX, "Firefox, Windows"), (SAFARI, "Safari, iPhone"), (CHROME, "Chrome, Android"),
        (EDGE, "Edge, Windows"), ("curl/8.5.0", ""), ("", ""), ("Linux thing", "Linux"),
    ],
)  # fmt: skip
def test_a_browser_is_known_by_its_kind(agent: str, kind: str) -> None:
    assert browser_of(agent) == kind


def test_the_page_is_in_its_readers_language(cast: Cast) -> None:
    answer = browser(NURSE).get(PAGE, headers={"Accept-Language": "de"})
    assert "Wo Sie angemeldet sind" in answer.content.decode()


def test_a_session_of_nobody_is_kept_as_such(cast: Cast) -> None:
    client = Client()
    session = client.session
    session["seen"] = "before"
    session.save()
    assert OpenLogIn.objects.get().account is None


def test_the_upgrade_forgets_those_kept_before(cast: Cast) -> None:
    from importlib import import_module

    Session.objects.create(session_key="k", session_data="", expire_date=NOW)
    import_module("immunosep.web.accounts.migrations.0007_open_log_ins").forget(apps, None)
    assert not Session.objects.exists()


def test_what_is_kept_of_log_ins_is_removed_once_they_are_over(cast: Cast) -> None:
    browser(NURSE)
    over = OpenLogIn.objects.get().expire_date
    forget_ended(now=over - timedelta(seconds=1))
    assert OpenLogIn.objects.exists()
    forget_ended(now=over)
    assert not OpenLogIn.objects.exists()
