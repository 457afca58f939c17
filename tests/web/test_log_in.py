"""Coming in and going out: by password; a wrong one; a link; every device; nobody signs up."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse

from immunosep.web.accounts.actions import deactivate
from immunosep.web.accounts.entrance_urls import urlpatterns
from immunosep.web.accounts.log_ins import change_password
from immunosep.web.accounts.models import User
from immunosep.web.audit.models import Event
from tests.web.conftest import LogIn
from tests.web.people import NOW, PASSWORD, Cast
from tests.web.proving import is_in, log_in_by_password

NURSE, NOBODY = "nora.nurse@example.org", "nobody@example.org"
NOT_ROUTED = (
    "account_email", "account_request_login_code", "account_confirm_login_code",
    "account_email_verification_sent", "account_signup_by_passkey", "socialaccount_signup",
    "socialaccount_connections", "mfa_signup_webauthn", "mfa_trust",
)  # fmt: skip


def actions() -> list[str]:
    return list(Event.objects.order_by("sequence").values_list("action", flat=True))


def test_a_page_behind_the_log_in_leads_there_and_back(cast: Cast) -> None:
    client = Client()
    asked = client.get("/home/?a=1")
    assert asked["Location"] == "/account/login/?next=/home/%3Fa%3D1"
    answer = log_in_by_password(client, NURSE, next="/home/?a=1")
    assert answer["Location"] == "/home/?a=1"


def test_the_way_back_never_leads_to_another_site(cast: Cast) -> None:
    answer = log_in_by_password(Client(), NURSE, next="https://elsewhere.example/")
    assert answer["Location"] == "/home/"


def test_log_in_and_log_out_are_in_the_trail(cast: Cast) -> None:
    client = Client()
    log_in_by_password(client, NURSE)
    client.post("/account/logout/")
    assert actions()[-2:] == ["accounts.log_in", "accounts.log_out"]
    assert Event.objects.get(action="accounts.log_in").after == {"methods": ["password"]}
    assert not is_in(client)


def test_the_address_may_be_written_in_any_case(cast: Cast) -> None:
    client = Client()
    log_in_by_password(client, NURSE.upper())
    assert is_in(client)


def test_a_session_has_another_key_after_log_in(cast: Cast) -> None:
    client = Client()
    client.get("/account/login/")
    session = client.session
    session["seen"] = "before"
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before or ""
    log_in_by_password(client, NURSE)
    assert client.session.session_key != before


def words_of(answer: object) -> str:
    """A page without what differs from request to request."""
    text = answer.content.decode()  # type: ignore[attr-defined]
    text = re.sub(r'value="[\w-]+"', "", text)
    return text.replace(NURSE, "").replace(NOBODY, "")


def test_a_wrong_password_says_the_same_whether_or_not_there_is_an_account(cast: Cast) -> None:
    known = log_in_by_password(Client(), NURSE, "wrong")
    unknown = log_in_by_password(Client(), NOBODY, "wrong")
    assert words_of(known) == words_of(unknown)
    assert known.status_code == unknown.status_code


def test_a_failed_log_in_is_in_the_trail_without_what_was_typed(cast: Cast) -> None:
    log_in_by_password(Client(), NURSE, "wrong")
    log_in_by_password(Client(), "by.mistake@example.org", "wrong")
    known, unknown = Event.objects.filter(action="accounts.fail_to_log_in")
    assert (known.subject, unknown.subject) == (f"account {cast.nurse.pk}", "no account")
    assert "mistake" not in str(unknown.__dict__)


def test_a_closed_account_answers_as_a_wrong_password_does(cast: Cast) -> None:
    deactivate(cast.nurse, by=cast.administrator, now=NOW, reason="left")
    wrong = log_in_by_password(Client(), NOBODY, "wrong")
    client = Client()
    closed = log_in_by_password(client, NURSE)
    assert not is_in(client)
    assert "password" in words_of(wrong)
    assert closed.status_code in (200, 302)


def test_a_leaver_is_out_at_once(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.nurse)
    assert is_in(client)
    deactivate(cast.nurse, by=cast.administrator, now=NOW, reason="left")
    assert not is_in(client)


def test_logging_out_everywhere_ends_every_log_in(cast: Cast, log_in: LogIn) -> None:
    here, there = log_in(cast.nurse), log_in(cast.nurse)
    assert b"every device" in here.get("/account/logout/everywhere/").content
    asked = here.post("/account/logout/everywhere/")["Location"]
    assert asked.startswith("/account/reauthenticate/")
    here.post(asked, {"password": PASSWORD})
    assert not is_in(here)
    assert not is_in(there)
    assert actions()[-1] == "accounts.end_log_ins"


def test_a_new_password_ends_every_log_in(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.nurse)
    change_password(cast.nurse, "another long password", now=NOW)
    assert not is_in(client)


def test_a_password_is_changed_with_the_old_one(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.nurse)
    new = "seven swans a-swimming"
    sent = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.get("/account/password/change/").status_code == 200
    assert client.post("/account/password/change/", sent).status_code == 302
    assert User.objects.get(pk=cast.nurse.pk).check_password(new)
    assert mail.outbox[-1].subject == "Your password was changed"


@pytest.mark.parametrize("bad", ["short", "password1234", "nora.nurse@example.org"])
def test_a_poor_password_is_refused(cast: Cast, log_in: LogIn, bad: str) -> None:
    sent = {"oldpassword": PASSWORD, "password1": bad, "password2": bad}
    answer = log_in(cast.nurse).post("/account/password/change/", sent)
    assert answer.status_code == 200
    assert b'class="error"' in answer.content
    assert User.objects.get(pk=cast.nurse.pk).check_password(PASSWORD)


def test_a_password_of_64_characters_is_taken(cast: Cast, log_in: LogIn) -> None:
    long = "four words " * 6
    sent = {"oldpassword": PASSWORD, "password1": long, "password2": long}
    assert log_in(cast.nurse).post("/account/password/change/", sent).status_code == 302


def test_asking_for_a_link_says_the_same_whether_or_not_there_is_an_account(cast: Cast) -> None:
    asked = [
        Client().post("/account/password/reset/", {"email": address}, follow=True)
        for address in (NURSE, NOBODY)
    ]
    assert words_of(asked[0]) == words_of(asked[1])
    assert [sent.to for sent in mail.outbox] == [[NURSE], [NOBODY]]


def test_a_mailed_link_sets_a_password_once(cast: Cast) -> None:
    client = Client()
    client.post("/account/password/reset/", {"email": NURSE})
    found = re.search(r"http://testserver(\S+)", str(mail.outbox[0].body))
    assert found
    form = client.get(found[1], follow=True)
    new = "seven swans a-swimming"
    done = client.post(form.request["PATH_INFO"], {"password1": new, "password2": new}, follow=True)
    assert b"The password is saved" in done.content
    assert User.objects.get(pk=cast.nurse.pk).check_password(new)
    assert b"does not work" in Client().get(found[1], follow=True).content
    assert "accounts.change_password" in actions()


def test_nobody_signs_up() -> None:
    assert Client().get("/account/signup/")["Location"] == "/account/login/"
    assert Client().post("/account/signup/").status_code == 302


@pytest.mark.parametrize("name", NOT_ROUTED)
def test_what_is_not_needed_has_no_address(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize(
    "name",
    [str(pattern.name) for pattern in urlpatterns if not pattern.pattern.regex.groups],
)
def test_every_page_of_the_entrance_opens(cast: Cast, name: str, log_in: LogIn) -> None:
    clients = (Client(), log_in(cast.nurse))
    answers = [client.get(reverse(name), follow=True) for client in clients]
    assert {answer.status_code for answer in answers} <= {200, 401, 404, 405}


def test_pages_behind_the_log_in_are_not_kept(cast: Cast, log_in: LogIn) -> None:
    assert log_in(cast.nurse).get("/home/")["Cache-Control"] == "no-store"
