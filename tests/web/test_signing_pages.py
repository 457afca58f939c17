"""The pages that sign: two components first, one after, and what stands where it was signed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from immunosep.web.casebook.models import Page, Signature
from immunosep.web.enrolment.models import Patient
from tests.web.casebooks import LATER, complete, signed, started, write
from tests.web.conftest import LogIn
from tests.web.people import PASSWORD, Cast
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


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(AGAIN, tick=False):
        yield


SIGN = "/casebook/participants/01-0001/sign/day_90/"
CONFIRM = f"{SIGN}confirm/"


@pytest.fixture
def last_visit(cast: Cast, patient: Patient) -> Page:
    return complete(patient, cast, "vital_status", "day_90")


def asked(client: Client, **more: str) -> Any:
    """What the form of the page sends, as it was shown."""
    shown = client.get(SIGN).context["shown"]
    return client.post(SIGN, {"meaning": "endorsed", "shown": shown, **more})


def proved(client: Client) -> Any:
    return client.post("/account/reauthenticate/", {"password": PASSWORD})


OWN = {"address": "clara.consultant@example.org"}


@pytest.mark.parametrize("who", ["stranger", "nurse", "monitor", "data_manager"])
def test_others_open_no_page_that_signs(
    cast: Cast, log_in: LogIn, last_visit: Page, who: str
) -> None:
    client = log_in(getattr(cast, who))
    assert {client.get(url).status_code for url in (SIGN, CONFIRM)} == {403}


def test_the_first_signature_takes_both_components(
    cast: Cast, log_in: LogIn, last_visit: Page
) -> None:
    client = log_in(cast.consultant)
    assert asked(client, address="nora.nurse@example.org").status_code == 422
    assert asked(client, **OWN)["Location"] == CONFIRM
    assert client.post(CONFIRM)["Location"].startswith("/account/reauthenticate/")
    assert not Signature.objects.exists()
    proved(client)
    assert client.post(CONFIRM).status_code == 302
    assert Signature.objects.get().name == "Clara Consultant"


def test_a_proof_before_asking_does_not_serve(cast: Cast, log_in: LogIn, last_visit: Page) -> None:
    client = log_in(cast.consultant)
    with time_machine.travel(AGAIN - timedelta(minutes=1), tick=False):
        proved(client)
    asked(client, **OWN)
    assert client.post(CONFIRM)["Location"].startswith("/account/reauthenticate/")


def test_each_later_signature_takes_one_component(
    cast: Cast, log_in: LogIn, last_visit: Page
) -> None:
    client = log_in(cast.consultant)
    asked(client, **OWN)
    proved(client)
    client.post(CONFIRM)
    with time_machine.travel(AGAIN + timedelta(seconds=30), tick=False):
        assert asked(client)["Location"] == CONFIRM
        assert client.post(CONFIRM)["Location"].startswith("/account/reauthenticate/")
        proved(client)
        assert client.post(CONFIRM).status_code == 302
    assert Signature.objects.count() == 2


def test_what_changed_after_it_was_shown_is_not_signed(
    cast: Cast, log_in: LogIn, last_visit: Page
) -> None:
    client = log_in(cast.consultant)
    asked(client, **OWN)
    write(last_visit, cast, status_learned_by="records", reason="found", now=AGAIN)
    proved(client)
    answered = client.post(CONFIRM)
    assert answered.status_code == 422
    assert not Signature.objects.exists()


def test_what_was_asked_is_forgotten_after_ten_minutes(
    cast: Cast, log_in: LogIn, last_visit: Page
) -> None:
    client = log_in(cast.consultant)
    asked(client, **OWN)
    with time_machine.travel(AGAIN + timedelta(minutes=11), tick=False):
        assert client.get(CONFIRM)["Location"] == SIGN


def test_a_signature_without_meaning_is_not_asked_for(
    cast: Cast, log_in: LogIn, last_visit: Page
) -> None:
    client = log_in(cast.consultant)
    answered = asked(client, meaning="", **OWN)
    assert "Say what the signature means" in answered.content.decode()


def test_what_cannot_be_signed_yet_says_why(cast: Cast, log_in: LogIn, patient: Patient) -> None:
    started(patient, cast, "vital_status", "day_90")
    body = log_in(cast.consultant).get(SIGN).content.decode()
    assert "1 page not complete." in body
    assert 'name="meaning"' not in body


def test_the_heading_names_what_is_signed(cast: Cast, log_in: LogIn, last_visit: Page) -> None:
    body = log_in(cast.consultant).get(SIGN).content.decode()
    assert "<h1>Sign Day 90 of" in body


def test_no_such_block_is_not_found(cast: Cast, log_in: LogIn, patient: Patient) -> None:
    client = log_in(cast.consultant)
    assert client.get(SIGN.replace("day_90", "day_91")).status_code == 404


def test_name_time_and_meaning_stand_on_the_page(
    cast: Cast, log_in: LogIn, last_visit: Page, patient: Patient
) -> None:
    signed(patient, cast, "day_90")
    body = log_in(cast.monitor).get(reverse("clean_page", args=[last_visit.pk])).content.decode()
    assert "Clara Consultant</strong>, 5 Jun 2026 11:00 CEST (UTC+02:00)" in body
    assert "They are complete and agree with the source." in body


def test_a_void_signature_is_said_to_be_void(
    cast: Cast, log_in: LogIn, last_visit: Page, patient: Patient
) -> None:
    signed(patient, cast, "day_90")
    write(last_visit, cast, status_learned_by="records", reason="found")
    client = log_in(cast.monitor)
    assert "Void" in client.get(reverse("clean_page", args=[last_visit.pk])).content.decode()
    assert "Void" in client.get(reverse("clean_participant", args=["01-0001"])).content.decode()
