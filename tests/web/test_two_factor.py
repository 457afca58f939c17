"""The second factor: asked for, checked, sealed in the database, and needed by some roles."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from immunosep.web.accounts import sealing
from immunosep.web.accounts.models import User
from immunosep.web.accounts.second_factor import needs_second_factor
from immunosep.web.audit.models import Event
from tests.web.conftest import LogIn
from tests.web.people import PASSWORD, Cast
from tests.web.proving import code_of, is_in, log_in_by_password, proven, set_up

CONSULTANT = "clara.consultant@example.org"


@pytest.fixture
def secret(cast: Cast, log_in: LogIn) -> str:
    """The consultant's authenticator app."""
    return set_up(log_in(cast.consultant), cast.consultant)


def test_setting_up_asks_for_the_password_again(cast: Cast, log_in: LogIn) -> None:
    answer = log_in(cast.consultant).get("/account/2fa/totp/activate/")
    assert answer["Location"].startswith("/account/reauthenticate/")


def test_a_code_is_asked_for_after_the_password(cast: Cast, secret: str) -> None:
    client = Client()
    answer = log_in_by_password(client, CONSULTANT, next="/home/?a=1")
    assert answer["Location"] == "/account/2fa/authenticate/"
    assert not is_in(client)
    answer = client.post("/account/2fa/authenticate/", {"code": code_of(secret)})
    assert answer["Location"] == "/home/?a=1"
    assert Event.objects.latest("sequence").after == {"methods": ["password", "mfa"]}


def test_a_wrong_code_is_refused_and_in_the_trail(cast: Cast, secret: str) -> None:
    client = Client()
    log_in_by_password(client, CONSULTANT)
    answer = client.post("/account/2fa/authenticate/", {"code": "000000"})
    assert b"Incorrect code" in answer.content
    assert not is_in(client)
    assert Event.objects.latest("sequence").action == "accounts.fail_second_factor"


def test_codes_cannot_be_tried_without_end(cast: Cast, secret: str) -> None:
    client = Client()
    log_in_by_password(client, CONSULTANT)
    for _ in range(10):
        client.post("/account/2fa/authenticate/", {"code": "000000"})
    client.post("/account/2fa/authenticate/", {"code": code_of(secret)})
    assert not is_in(client)


def test_secrets_are_sealed_in_the_database(cast: Cast, secret: str) -> None:
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept


def test_what_was_sealed_opens_with_the_same_key_alone(settings: Any) -> None:
    sealed = sealing.seal("a secret")
    assert sealing.open_sealed(sealed) == "a secret"
    settings.SECRET_KEY = "another"
    assert sealing.open_sealed(sealed) == ""


def test_with_another_secret_key_no_code_is_right_not_even_that_of_an_empty_secret(
    cast: Cast, secret: str, settings: Any
) -> None:
    settings.SECRET_KEY = "another"
    client = Client()
    log_in_by_password(client, CONSULTANT)
    for code in (code_of(""), code_of(secret)):
        client.post("/account/2fa/authenticate/", {"code": code})
    assert not is_in(client)


def test_a_change_of_factor_is_mailed_and_in_the_trail(
    cast: Cast, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.db.transaction.on_commit", lambda done: done())
    secret = set_up(log_in(cast.consultant), cast.consultant)
    said = Event.objects.filter(action="accounts.change_way_in").order_by("sequence")
    assert [event.after for event in said] == [{"what": "totp_activated"}]
    assert [sent.to for sent in mail.outbox] == [[CONSULTANT]]
    assert secret not in str(mail.outbox[0].body)


def test_roles_that_unblind_prepare_or_manage_need_one(cast: Cast, settings: Any) -> None:
    settings.SECOND_FACTOR = True
    people = (cast.consultant, cast.pharmacist, cast.administrator)
    assert [needs_second_factor(User.objects.get(pk=user.pk)) for user in people] == [True] * 3
    others = (cast.nurse, cast.laboratory, cast.monitor, cast.stranger)
    assert not any(needs_second_factor(User.objects.get(pk=user.pk)) for user in others)


def test_whoever_needs_one_and_has_none_is_sent_to_set_it_up(
    cast: Cast, log_in: LogIn, settings: Any
) -> None:
    settings.SECOND_FACTOR = True
    client = log_in(cast.consultant)
    answer = client.get("/home/")
    assert answer["Location"] == "/account/2fa/"
    assert b"need a second factor" in client.get("/account/2fa/").content
    assert client.get("/health/").status_code == 200
    assert client.get("/nothere/")["Location"] == "/account/2fa/"
    set_up(client, cast.consultant)
    assert is_in(client)


def test_a_part_of_a_page_sends_the_whole_page_there(
    cast: Cast, log_in: LogIn, settings: Any
) -> None:
    settings.SECOND_FACTOR = True
    answer = log_in(cast.consultant).get("/home/", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == "/account/2fa/"


def test_the_last_factor_of_a_role_that_needs_one_stays(
    cast: Cast, log_in: LogIn, secret: str, settings: Any
) -> None:
    client = proven(log_in(cast.consultant), cast.consultant)
    settings.SECOND_FACTOR = True
    client.post("/account/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(type="totp").exists()
    settings.SECOND_FACTOR = False
    client.post("/account/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()


def test_a_code_proves_again_who_somebody_is(cast: Cast, log_in: LogIn, secret: str) -> None:
    client = log_in(cast.consultant)
    wrong = client.post("/account/2fa/reauthenticate/", {"code": "000000"})
    assert b"Incorrect code" in wrong.content
    client.post("/account/2fa/reauthenticate/", {"code": code_of(secret)})
    assert client.post("/account/2fa/codes/").status_code == 200


def test_a_wrong_password_given_again_is_in_the_trail(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.consultant)
    answer = client.post("/account/reauthenticate/", {"password": "wrong"})
    assert answer.status_code == 200
    event = Event.objects.latest("sequence")
    assert (event.action, event.by) == ("accounts.fail_to_log_in", cast.consultant.pk)
    assert client.post("/account/reauthenticate/", {"password": PASSWORD}).status_code == 302
