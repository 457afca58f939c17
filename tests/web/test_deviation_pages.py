"""The pages of deviations: who opens them, what they show, what their buttons do."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from immunosep.web.oversight.models import Deviation, Judgement, Search
from immunosep.web.oversight.recording import report_deviation
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)
LIST = "/oversight/deviations/"
SAID = {"kind": "other", "what": "The sheet was lost.", "happened_at": "2026-03-02T10:30"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def found(cast: Cast) -> Deviation:
    return made(cast)


def made(cast: Cast, **changed: Any) -> Deviation:
    said: dict[str, Any] = {"kind": "other", "what": "The sheet was lost.", "happened_at": NOW}
    said |= changed
    return report_deviation(cast.jena, by=cast.nurse, now=LATER, **said)


# ── Who ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", ["stranger", "laboratory", "pharmacist", "administrator"])
def test_others_open_none_of_them(cast: Cast, log_in: LogIn, found: Deviation, who: str) -> None:
    client = log_in(getattr(cast, who))
    pages = [LIST, f"{LIST}csv/", f"{LIST}{found.pk}/", f"{LIST}at/01_jena/"]
    assert [client.get(page).status_code for page in pages] == [403] * 4
    assert client.post(f"{LIST}look/").status_code == 403


def test_of_another_centre_there_is_nothing(cast: Cast, log_in: LogIn, found: Deviation) -> None:
    client = log_in(cast.foreign_consultant)
    assert b"No such deviation" in client.get(LIST).content
    assert b"Deviation" not in client.get(f"{LIST}csv/").content
    assert client.get(f"{LIST}{found.pk}/").status_code == 404
    assert client.get(f"{LIST}at/01_jena/").status_code == 404


@pytest.mark.parametrize("who", ["sponsor", "committee_member", "data_manager"])
def test_those_who_only_see_change_nothing(
    cast: Cast, log_in: LogIn, found: Deviation, who: str
) -> None:
    client = log_in(getattr(cast, who))
    assert client.get(LIST).status_code == client.get(f"{LIST}{found.pk}/").status_code == 200
    judged = {"verdict": "none", "reason": "So"}
    assert client.post(f"{LIST}{found.pk}/", judged).status_code == 403
    assert client.post(f"{LIST}look/").status_code == 403
    assert client.get(f"{LIST}at/01_jena/").status_code == 403


def test_nobody_without_a_log_in(client: Any, found: Deviation) -> None:
    assert client.get(LIST).status_code == 302


# ── What ────────────────────────────────────────────────────────────────────────────────────────


def test_a_nurse_reports_one(cast: Cast, log_in: LogIn) -> None:
    answer = log_in(cast.nurse).post(f"{LIST}at/01_jena/", SAID)
    assert (answer.status_code, answer["Location"]) == (302, LIST)
    only = Deviation.objects.get()
    assert (only.centre_id, only.happened_at.isoformat()) == (
        "01_jena", "2026-03-02T09:30:00+00:00",
    )  # fmt: skip  # half past ten in Jena


def test_what_was_typed_stays_beside_what_is_wrong(cast: Cast, log_in: LogIn) -> None:
    answer = log_in(cast.nurse).post(f"{LIST}at/01_jena/", SAID | {"participant": "01-9999"})
    assert answer.status_code == 422
    assert b"Nobody at this centre has this number" in answer.content
    assert b"The sheet was lost." in answer.content


def test_without_a_time_nothing_is_recorded(cast: Cast, log_in: LogIn) -> None:
    answer = log_in(cast.nurse).post(f"{LIST}at/01_jena/", SAID | {"happened_at": ""})
    assert (answer.status_code, Deviation.objects.count()) == (422, 0)


def test_a_medical_monitor_judges(cast: Cast, log_in: LogIn, found: Deviation) -> None:
    client, page = log_in(cast.medical_monitor), f"{LIST}{found.pk}/"
    assert client.post(page, {"verdict": "important", "reason": "Rights"}).status_code == 302
    assert Judgement.objects.get().verdict == "important"
    assert b"Rights" in client.get(page).content


def test_a_judgement_without_a_reason_is_refused(
    cast: Cast, log_in: LogIn, found: Deviation
) -> None:
    answer = log_in(cast.medical_monitor).post(f"{LIST}{found.pk}/", {"verdict": "important"})
    assert (answer.status_code, Judgement.objects.count()) == (422, 0)


def test_the_rules_look_at_a_button(cast: Cast, log_in: LogIn) -> None:
    assert log_in(cast.nurse).post(f"{LIST}look/").status_code == 302
    assert Search.objects.get().by == cast.nurse


@pytest.mark.parametrize(
    ("asked", "shown"),
    [("", True), ("kind=other", True), ("kind=dose_late", False), ("found_by=rule", False),
     ("found_by=person", True), ("judged=unjudged", True), ("judged=important", False),
     ("centre=01_jena", True), ("centre=02_attikon", False), ("kind=x'--", True),
     ("recorded_by=1", True), ("centre=99", True)],
)  # fmt: skip
def test_the_list_is_narrowed_by_its_own_keys_alone(
    cast: Cast, log_in: LogIn, found: Deviation, asked: str, shown: bool
) -> None:
    page = log_in(cast.monitor).get(f"{LIST}?{asked}").content.decode()
    assert (f"{LIST}{found.pk}/" in page) is shown


def test_the_file_has_no_name_and_no_words(cast: Cast, log_in: LogIn, found: Deviation) -> None:
    lines = log_in(cast.sponsor).get(f"{LIST}csv/").content.decode().splitlines()
    assert lines == [
        "centre,participant,kind,happened_at,recorded_at,found_by,judged",
        "01_jena,,other,2026-03-02T09:00:00+00:00,2026-03-03T09:00:00+00:00,person,",
    ]


def test_a_longer_list_asks_the_database_no_more(
    cast: Cast, log_in: LogIn, found: Deviation
) -> None:
    client = log_in(cast.monitor)
    client.get(LIST)
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    for _ in range(5):
        made(cast)
    with CaptureQueriesContext(connection) as more:
        client.get(LIST)
    assert len(more) == len(one)


def test_the_head_of_every_page_leads_there(cast: Cast, log_in: LogIn) -> None:
    assert f'href="{LIST}"' in log_in(cast.sponsor).get("/home/").content.decode()
    assert f'href="{LIST}"' not in log_in(cast.laboratory).get("/home/").content.decode()
    assert reverse("deviations") == LIST
