"""Log-in through the hospital: for an account of the address it vouches for, and no other."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client

from immunosep.web.accounts.actions import deactivate
from immunosep.web.accounts.models import User
from immunosep.web.audit.models import Event
from tests.web.hospital import Hospital, open_hospital
from tests.web.people import NOW, Cast
from tests.web.proving import is_in

NURSE = "nora.nurse@example.org"


@pytest.fixture
def hospital(settings: Any) -> Iterator[Hospital]:
    """A hospital that the site trusts."""
    with open_hospital() as opened:
        app = {
            "provider_id": "hospital",
            "name": "The hospital",
            "client_id": "site",
            "secret": "s",
            "settings": {"server_url": opened.url},
        }
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
        yield opened


def ask(client: Client, **more: str) -> dict[str, str]:
    """Press the button; the answer is what the site asks of the hospital."""
    address = "/account/oidc/hospital/login/?" + urlencode({"next": "/home/?a=1", **more})
    sent = client.post(address)
    return {name: value for name, (value,) in parse_qs(urlsplit(sent["Location"]).query).items()}


def come_back(client: Client, asked: dict[str, str]) -> Any:
    """From the hospital, with its answer to what was asked."""
    back = {"code": "a code", "state": asked["state"]}
    return client.get("/account/oidc/hospital/login/callback/", back)


def come(client: Client, hospital: Hospital, **person: Any) -> Any:
    """Press the button, be known by the hospital, come back."""
    hospital.person = {"sub": "person 1", **person}
    asked = ask(client)
    hospital.nonce = asked["nonce"]
    return come_back(client, asked)


def test_the_log_in_page_offers_the_hospital(hospital: Hospital, db: None) -> None:
    assert b"The hospital" in Client().get("/account/login/").content


def test_without_a_hospital_the_page_offers_none(db: None) -> None:
    assert b"/account/oidc/" not in Client().get("/account/login/").content
    assert Client().get("/account/oidc/hospital/login/").status_code == 404


def test_a_link_alone_sends_nobody_to_the_hospital(hospital: Hospital, db: None) -> None:
    answer = Client().get("/account/oidc/hospital/login/")
    assert answer.status_code == 200
    assert b"Go on" in answer.content


def test_a_verified_address_opens_its_account(cast: Cast, hospital: Hospital) -> None:
    client = Client()
    answer = come(client, hospital, email=NURSE.upper(), email_verified=True)
    assert is_in(client)
    assert answer.status_code == 302
    assert Event.objects.latest("sequence").after == {"methods": ["socialaccount"]}
    assert mail.outbox[0].to == [NURSE]
    assert User.objects.get(pk=cast.nurse.pk).has_usable_password()


def test_a_link_once_made_holds_without_the_address(cast: Cast, hospital: Hospital) -> None:
    come(Client(), hospital, email=NURSE, email_verified=True)
    client = Client()
    come(client, hospital)
    assert is_in(client)
    assert SocialAccount.objects.get().user == cast.nurse


@pytest.mark.parametrize(
    "person",
    [
        {"email": NURSE, "email_verified": False},
        {"email": NURSE},
        {"email": "nobody@example.org", "email_verified": True},
        {},
    ],
)
def test_anybody_else_is_told_whom_to_ask(
    cast: Cast, hospital: Hospital, person: dict[str, Any]
) -> None:
    before = User.objects.count()
    client = Client()
    answer = come(client, hospital, **person)
    assert answer.status_code == 403
    assert b"Ask the administrator" in answer.content
    assert not is_in(client)
    assert (User.objects.count(), SocialAccount.objects.count()) == (before, 0)
    assert Event.objects.latest("sequence").action == "accounts.refuse_hospital_log_in"


def test_a_closed_account_stays_closed(cast: Cast, hospital: Hospital) -> None:
    come(Client(), hospital, email=NURSE, email_verified=True)
    deactivate(cast.nurse, by=cast.administrator, now=NOW, reason="left")
    client = Client()
    come(client, hospital, email=NURSE, email_verified=True)
    assert not is_in(client)


def test_an_answer_nobody_asked_for_logs_nobody_in(cast: Cast, hospital: Hospital) -> None:
    client = Client()
    hospital.person = {"sub": "person 1", "email": NURSE, "email_verified": True}
    answer = client.get(
        "/account/oidc/hospital/login/callback/", {"code": "a code", "state": "made up"}
    )
    assert answer.status_code in (200, 401, 403)
    assert not is_in(client)


def test_each_question_has_a_nonce_that_the_address_cannot_choose(
    hospital: Hospital, db: None
) -> None:
    one, other = ask(Client()), ask(Client(), auth_params="nonce=chosen&prompt=login")
    assert len({one["nonce"], other["nonce"], "chosen"}) == 3
    assert len(one["nonce"]) > 40
    assert other["prompt"] == "login"


@pytest.mark.parametrize(
    "otherwise",
    [
        {"nonce": "of another question"},
        {"nonce": None},
        {"nonce": ""},
        {"sub": "somebody else"},
        {"sub": ""},
        {"aud": "another site"},
        {"iss": "https://elsewhere.example"},
    ],
)
def test_a_token_that_answers_another_question_logs_nobody_in(
    cast: Cast, hospital: Hospital, otherwise: dict[str, Any]
) -> None:
    hospital.otherwise = otherwise
    client = Client()
    answer = come(client, hospital, email=NURSE, email_verified=True)
    assert b"did not answer as expected" in answer.content
    assert not is_in(client)
    assert not SocialAccount.objects.exists()


def test_a_token_is_not_used_again(cast: Cast, hospital: Hospital) -> None:
    come(Client(), hospital, email=NURSE, email_verified=True)
    client = Client()
    come_back(client, ask(client))  # the hospital still answers with the first one's nonce
    assert not is_in(client)
    assert Event.objects.latest("sequence").action == "accounts.refuse_hospital_answer"
