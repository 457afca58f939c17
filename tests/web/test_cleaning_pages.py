"""The pages of cleaning the data: who opens them, what they show, what their buttons do."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from immunosep.web.casebook.models import Lock, Page, Query
from immunosep.web.casebook.querying import answer, raise_query
from immunosep.web.enrolment.models import Patient
from tests.web.casebooks import LATER, clean, complete, early_death, frozen, write
from tests.web.conftest import LogIn
from tests.web.people import Cast
from tests.web.supplied import treated

pytestmark = pytest.mark.django_db
AGAIN = LATER + timedelta(days=10)


@pytest.fixture
def patient(cast: Cast, keyed: None, settings: Any) -> Patient:
    """Treated in the keyed process, and looked at in a site process."""
    found = treated(cast)
    settings.KEYED, settings.CODE_KEY_FILE = False, ""
    settings.ROOT_URLCONF = "immunosep.web.urls"
    return found


@pytest.fixture
def page(cast: Cast, patient: Patient) -> Page:
    return complete(patient, cast)


@pytest.fixture
def query(cast: Cast, page: Page) -> Query:
    return raise_query(page, column="gcs", text="Before sedation?", by=cast.monitor, now=LATER)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(AGAIN, tick=False):
        yield


def addresses(page: Page, query: Query) -> list[str]:
    return [
        reverse("cleaning"),
        reverse("clean_centre", args=["01_jena"]),
        reverse("clean_participant", args=["01-0001"]),
        reverse("clean_page", args=[page.pk]),
        reverse("queries"),
        reverse("query", args=[query.pk]),
    ]


# ── Who ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("who", "answers"),
    [
        ("stranger", [403] * 6),
        ("pharmacist", [403] * 6),
        ("administrator", [403] * 6),
        ("foreign_consultant", [200, 404, 404, 404, 200, 404]),
        ("laboratory", [403, 403, 403, 403, 200, 404]),
        ("nurse", [200] * 6),
        ("consultant", [200] * 6),
        ("monitor", [200] * 6),
        ("data_manager", [200] * 6),
    ],
)
def test_who_opens_which_page(
    cast: Cast, log_in: LogIn, page: Page, query: Query, who: str, answers: list[int]
) -> None:
    client = log_in(getattr(cast, who))
    assert [client.get(each).status_code for each in addresses(page, query)] == answers


def test_nobody_without_a_log_in(page: Page, query: Query) -> None:
    found = {Client().get(each).status_code for each in addresses(page, query)}
    assert found == {302}


def test_another_centres_list_is_empty(cast: Cast, log_in: LogIn, query: Query) -> None:
    body = log_in(cast.foreign_consultant).get(reverse("queries"))
    assert "No such question" in body.content.decode()


@pytest.mark.parametrize(
    ("who", "do"),
    [("nurse", "ask"), ("nurse", "verify"), ("consultant", "freeze"), ("monitor", "lock"),
     ("data_manager", "verify")],
)  # fmt: skip
def test_a_button_that_is_not_ones_own_is_refused(
    cast: Cast, log_in: LogIn, page: Page, who: str, do: str
) -> None:
    client, url = log_in(getattr(cast, who)), reverse("clean_page", args=[page.pk])
    sent = {"do": do, "text": "Why?", "seen": page.entries_made, "reason": "Because"}
    assert client.post(url, sent).status_code == 403
    page.refresh_from_db()
    assert (page.stage, page.verified, page.queries.count()) == ("complete", False, 0)


# ── Questions ───────────────────────────────────────────────────────────────────────────────────


def test_a_question_is_asked_answered_and_closed(cast: Cast, log_in: LogIn, page: Page) -> None:
    url = reverse("clean_page", args=[page.pk])
    sent = {"do": "ask", "column": "gcs", "text": "Before sedation?"}
    assert log_in(cast.monitor).post(url, sent).status_code == 302
    query = reverse("query", args=[Query.objects.get().pk])
    log_in(cast.nurse).post(query, {"do": "answer", "text": "Yes."})
    log_in(cast.monitor).post(query, {"do": "close", "text": "Thank you."})
    assert Query.objects.get().status == "closed"


def test_a_question_without_a_text_keeps_the_page(cast: Cast, log_in: LogIn, page: Page) -> None:
    url = reverse("clean_page", args=[page.pk])
    answered = log_in(cast.monitor).post(url, {"do": "ask", "column": "gcs", "text": " "})
    assert answered.status_code == 422
    assert "Nothing is written" in answered.content.decode()


def test_what_was_answered_meanwhile_is_said(cast: Cast, log_in: LogIn, query: Query) -> None:
    answer(query, text="Yes.", by=cast.consultant, now=AGAIN)
    url = reverse("query", args=[query.pk])
    answered = log_in(cast.nurse).post(url, {"do": "answer", "text": "Indeed."})
    assert answered.status_code == 422
    assert "Indeed." in answered.content.decode()


@pytest.mark.parametrize(
    ("narrowed", "there"),
    [
        ("", True),
        ("?state=open", True),
        ("?state=closed", False),
        ("?state=all&age=7", True),
        ("?age=14", False),
        ("?centre=02_attikon", False),
        ("?centre=01_jena", True),
        ("?status=closed&column=day_status", True),
        ("?age=page__entries__value", True),
    ],
)
def test_a_list_is_narrowed_by_its_own_keys_alone(
    cast: Cast, log_in: LogIn, query: Query, narrowed: str, there: bool
) -> None:
    body = log_in(cast.monitor).get(reverse("queries") + narrowed).content.decode()
    assert (f"Question {query.pk}<" in body) is there


def test_a_longer_list_asks_the_database_no_more(
    cast: Cast, log_in: LogIn, page: Page, query: Query, django_assert_max_num_queries: Any
) -> None:
    client = log_in(cast.monitor)
    with django_assert_max_num_queries(200) as few:
        client.get(reverse("queries"))
    for _ in range(20):
        raise_query(page, text="And now?", by=cast.monitor, now=LATER)
    with django_assert_max_num_queries(len(few)):
        client.get(reverse("queries"))


def test_the_laboratory_answers_what_is_asked_about_its_pages(
    cast: Cast, log_in: LogIn, patient: Patient
) -> None:
    page = complete(patient, cast, "biomarkers")
    query = raise_query(page, text="Which tube?", by=cast.monitor, now=LATER)
    client, url = log_in(cast.laboratory), reverse("query", args=[query.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"do": "answer", "text": "The serum."}).status_code == 302


# ── What is hidden ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", ["nurse", "consultant", "monitor", "data_manager"])
def test_hidden_results_are_only_said_to_be_entered(
    cast: Cast, log_in: LogIn, patient: Patient, who: str
) -> None:
    page = complete(patient, cast, "biomarkers")
    body = log_in(getattr(cast, who)).get(reverse("clean_page", args=[page.pk])).content.decode()
    assert "entered, hidden until the records are locked" in body
    assert "512" not in body


def test_hidden_results_are_not_on_the_page_that_is_signed(
    cast: Cast, log_in: LogIn, patient: Patient
) -> None:
    complete(patient, cast, "biomarkers")
    url = reverse("sign_block", args=["01-0001", "casebook"])
    assert "512" not in log_in(cast.consultant).get(url).content.decode()


# ── Verifying, freezing, locking ────────────────────────────────────────────────────────────────


def test_a_monitor_verifies_and_freezes(cast: Cast, log_in: LogIn, page: Page) -> None:
    client, url = log_in(cast.monitor), reverse("clean_page", args=[page.pk])
    assert "compare" in client.get(url).content.decode()
    client.post(url, {"do": "verify", "seen": page.entries_made})
    client.post(url, {"do": "freeze"})
    page.refresh_from_db()
    assert (page.verified, page.stage) == (True, "frozen")


def test_a_page_that_changed_while_it_was_compared_is_not_verified(
    cast: Cast, log_in: LogIn, page: Page
) -> None:
    write(page, cast, gcs=12, reason="misread")
    sent = {"do": "verify", "seen": page.entries_made - 1}
    answered = log_in(cast.monitor).post(reverse("clean_page", args=[page.pk]), sent)
    assert answered.status_code == 422


def test_what_is_complete_is_frozen_by_one_button(cast: Cast, log_in: LogIn, page: Page) -> None:
    url = reverse("clean_participant", args=["01-0001"])
    log_in(cast.data_manager).post(url, {"do": "freeze"})
    page.refresh_from_db()
    assert page.stage == "frozen"


def test_every_reason_not_to_lock_stands_on_the_page_with_its_link(
    cast: Cast, log_in: LogIn, query: Query
) -> None:
    url = reverse("clean_participant", args=["01-0001"])
    body = log_in(cast.data_manager).get(url).content.decode()
    assert f'<a href="/casebook/queries/{query.pk}/">01-0001: SOFA of the day' in body
    assert "The whole casebook: not signed by the investigator." in body


def test_a_lock_that_is_refused_says_why_and_changes_nothing(
    cast: Cast, log_in: LogIn, page: Page
) -> None:
    answered = log_in(cast.data_manager).post(reverse("cleaning"), {"do": "lock"})
    assert answered.status_code == 422
    assert "participants may still join" in answered.content.decode()
    assert not Lock.objects.exists()


def test_a_data_manager_locks_and_opens_a_participant(
    cast: Cast, log_in: LogIn, patient: Patient
) -> None:
    early_death(patient, cast)
    client, url = log_in(cast.data_manager), reverse("clean_participant", args=["01-0001"])
    assert client.post(url, {"do": "lock"}).status_code == 302
    assert "Unlock" in client.get(url).content.decode()
    assert client.post(url, {"do": "unlock", "reason": ""}).status_code == 422
    assert client.post(url, {"do": "unlock", "reason": "A late report"}).status_code == 302
    assert [lock.locked for lock in Lock.objects.all()] == [True, False]


@pytest.mark.parametrize("name", ["cleaning", "clean_centre"])
def test_a_longer_table_asks_the_database_no_more(
    cast: Cast, log_in: LogIn, page: Page, django_assert_max_num_queries: Any, name: str
) -> None:
    client = log_in(cast.data_manager)
    url = reverse(name, args=["01_jena"] if name == "clean_centre" else [])
    with django_assert_max_num_queries(200) as few:
        client.get(url)
    for visit in ("day_3", "day_4", "day_5"):
        frozen(page.patient, cast, visit=visit)
    with django_assert_max_num_queries(len(few)):
        client.get(url)


@pytest.mark.slow
def test_a_whole_casebook_is_signed_and_locked_by_its_pages(
    cast: Cast, log_in: LogIn, patient: Patient
) -> None:
    clean(patient, cast)
    url = reverse("clean_participant", args=["01-0001"])
    log_in(cast.data_manager).post(url, {"do": "lock"})
    assert Lock.objects.get().locked
