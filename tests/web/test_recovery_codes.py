"""Recovery codes: made by whoever just proved who they are, shown once, kept as sealed hashes."""

from importlib import import_module
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.apps import apps
from django.core import mail
from django.test import Client

from immunosep.errors import RefusedError
from immunosep.web.accounts.models import User
from immunosep.web.accounts.recovery_codes import NONE, as_kept, codes_left, make_codes
from immunosep.web.accounts.sealing import open_sealed
from immunosep.web.audit.models import Event
from tests.web.conftest import LogIn
from tests.web.people import NOW, PASSWORD, Cast
from tests.web.proving import is_in, log_in_by_password, proven, set_up

PAGE = "/account/2fa/codes/"
CONSULTANT = "clara.consultant@example.org"


@pytest.fixture
def owner(cast: Cast, log_in: LogIn) -> User:
    """The consultant, who has an authenticator app."""
    set_up(log_in(cast.consultant), cast.consultant)
    return cast.consultant


def kept(user: User) -> list[str]:
    """What the database holds, unsealed."""
    row = Authenticator.objects.get(user=user, type="recovery_codes")
    return [open_sealed(each) for each in row.data["migrated_codes"]]


def comes_in_by(code: str) -> bool:
    """Whether the consultant comes in by password and this code."""
    client = Client()
    log_in_by_password(client, CONSULTANT)
    client.post("/account/2fa/authenticate/", {"code": code})
    return is_in(client)


def test_nobody_makes_any_without_a_second_factor(cast: Cast, log_in: LogIn) -> None:
    client = proven(log_in(cast.nurse), cast.nurse)
    assert client.post(PAGE)["Location"] == "/account/2fa/"
    with pytest.raises(RefusedError, match="no recovery codes were made"):
        make_codes(cast.nurse, by=cast.nurse, now=NOW)
    assert codes_left(cast.nurse) == 0


def test_the_password_is_asked_again_first_and_they_are_then_made(
    owner: User, log_in: LogIn
) -> None:
    client = log_in(owner)
    asked = client.post(PAGE)["Location"]
    assert asked.startswith("/account/reauthenticate/")
    assert codes_left(owner) == 0
    assert len(client.post(asked, {"password": PASSWORD}).context["codes"]) == 10


def test_setting_up_another_factor_leads_to_none_for_who_has_some(
    cast: Cast, log_in: LogIn
) -> None:
    Authenticator.objects.create(user=cast.nurse, type="webauthn", data={})
    make_codes(cast.nurse, by=cast.nurse, now=NOW)
    set_up(log_in(cast.nurse), cast.nurse, leads_to="/account/2fa/")


def test_they_are_shown_once_to_who_made_them(owner: User, log_in: LogIn) -> None:
    client = proven(log_in(owner), owner)
    shown = client.post(PAGE)
    codes = shown.context["codes"]
    assert all(code in shown.content.decode() for code in codes)
    assert (len(set(codes)), shown["Cache-Control"]) == (10, "no-store")
    assert not any(code in client.get(PAGE).content.decode() for code in codes)
    assert b"10 left" in client.get("/account/2fa/").content


def test_the_page_is_in_its_readers_language(owner: User, log_in: LogIn) -> None:
    answer = proven(log_in(owner), owner).get(PAGE, headers={"Accept-Language": "de"})
    assert "Sie sehen dann zehn Codes" in answer.content.decode()


def test_making_them_is_mailed_and_one_line_of_the_trail(owner: User, log_in: LogIn) -> None:
    client = proven(log_in(owner), owner)
    mail.outbox.clear()
    codes = client.post(PAGE).context["codes"]
    last = Event.objects.latest("sequence")
    assert last.after == {"what": "recovery_codes_generated"}
    assert Event.objects.filter(after=last.after).count() == 1
    (sent,) = mail.outbox
    assert sent.to == [CONSULTANT]
    assert not any(code in f"{sent.body}{last.__dict__}" for code in codes)


def test_a_recovery_code_works_once(owner: User) -> None:
    code = make_codes(owner, by=owner, now=NOW)[3]
    assert [comes_in_by(code), comes_in_by(code.replace(" ", ""))] == [True, False]
    assert codes_left(owner) == 9


def test_new_ones_end_those_before(owner: User) -> None:
    before = make_codes(owner, by=owner, now=NOW)
    after = make_codes(owner, by=owner, now=NOW)
    assert [comes_in_by(before[0]), comes_in_by(after[0].replace(" ", "-"))] == [False, True]


def test_they_are_kept_as_sealed_hashes_with_a_salt_each(owner: User) -> None:
    codes = [code.replace(" ", "") for code in make_codes(owner, by=owner, now=NOW)]
    held = str(Authenticator.objects.get(type="recovery_codes").data)
    hashes = [each.split(" ")[1] for each in kept(owner)]
    assert not any(code in f"{held}{hashes}" for code in codes)
    assert not any(each in held for each in hashes)
    assert len({each.split("$")[1] for each in hashes}) == 10


def test_what_is_kept_is_no_code(owner: User) -> None:
    make_codes(owner, by=owner, now=NOW)
    for said in (*kept(owner)[:2], kept(owner)[0].split(" ")[1], "", NONE, "１２３４５６"):
        assert as_kept(said, user=owner) == NONE
    assert not comes_in_by(kept(owner)[0])
    assert codes_left(owner) == 10


def test_with_another_secret_key_none_is_right(owner: User, settings: Any) -> None:
    code = make_codes(owner, by=owner, now=NOW)[0]
    settings.SECRET_KEY = "another"
    assert as_kept(code, user=owner) == NONE


def test_codes_from_before_are_hashed_by_the_upgrade_and_work_once_more(owner: User) -> None:
    before = RecoveryCodes.activate(owner)
    codes = before.generate_codes()
    assert before.validate_code(codes[4])
    upgrade = import_module("immunosep.web.accounts.migrations.0006_hashed_recovery_codes")
    upgrade.hash_codes(apps, None)
    assert codes_left(owner) == 9
    assert set(Authenticator.objects.get(type="recovery_codes").data) == {"migrated_codes"}
    assert [comes_in_by(codes[at]) for at in (4, 9, 9)] == [False, True, False]


def test_codes_of_another_secret_key_are_gone_after_the_upgrade(owner: User, settings: Any) -> None:
    RecoveryCodes.activate(owner)
    settings.SECRET_KEY = "another"
    upgrade = import_module("immunosep.web.accounts.migrations.0006_hashed_recovery_codes")
    upgrade.hash_codes(apps, None)
    assert codes_left(owner) == 0
