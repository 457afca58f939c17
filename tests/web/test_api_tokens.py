"""Tokens: made by whoever just proved who they are, shown once, kept as a digest, ended at once."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from immunosep.errors import RefusedError
from immunosep.web.accounts.actions import deactivate, end_log_ins, grant, revoke
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Role
from immunosep.web.api.models import Token
from immunosep.web.api.tokens import make_token
from immunosep.web.audit.actions import Site
from immunosep.web.audit.models import Event
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast
from tests.web.programs import Program, program, token_for
from tests.web.proving import proven
from tests.web.supplied import screened

PAGE = "/tokens/"


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as held:
        yield held


def sent(user: User, **changed: str) -> dict[str, str]:
    role = str(user.memberships.get().pk)
    return {"name": "The ward's program", "role": role, "scope": "read", "days": "7"} | changed


def test_nobody_who_is_not_logged_in_makes_one(cast: Cast) -> None:
    assert Client().post(PAGE, sent(cast.nurse)).status_code == 302
    assert not Token.objects.exists()


def test_the_password_is_asked_again_first(cast: Cast, log_in: LogIn) -> None:
    answer = log_in(cast.nurse).post(PAGE, sent(cast.nurse))
    assert answer["Location"].startswith("/account/reauthenticate/")
    assert not Token.objects.exists()


def test_a_token_is_shown_once_and_kept_as_a_digest(cast: Cast, log_in: LogIn) -> None:
    client = proven(log_in(cast.nurse), cast.nurse)
    shown = client.post(PAGE, sent(cast.nurse))
    secret = shown.content.decode().split('value="immunosep_')[1].split('"')[0]
    kept = Token.objects.get()
    assert shown["Cache-Control"] == "no-store"
    assert Program(f"immunosep_{secret}").get("centres").status_code == 200
    assert secret not in client.get(PAGE).content.decode()
    assert secret not in repr(list(Token.objects.values())) + repr(list(Event.objects.values()))
    assert kept.digest not in shown.content.decode()
    assert Event.objects.latest("sequence").action == "api.make_token"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"role": "0"}, "Choose one of your roles"),
        ({"name": " "}, "Give it a name"),
        ({"scope": "all"}, "Say how far"),
        ({"scope": "randomise"}, "does not randomise"),
        ({"days": "91"}, "It may last"),
        ({"days": "a week"}, "It may last"),
    ],
)
def test_what_cannot_be_is_said(
    cast: Cast, log_in: LogIn, wrong: dict[str, str], says: str
) -> None:
    client = proven(log_in(cast.nurse), cast.nurse)
    answer = client.post(PAGE, sent(cast.nurse, **wrong))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Token.objects.exists()


def test_unblinded_roles_have_no_tokens(cast: Cast, log_in: LogIn) -> None:
    held = cast.pharmacist.memberships.get()
    with pytest.raises(RefusedError, match="Unblinded roles have no tokens"):
        make_token(cast.pharmacist, held, name="x", scope="read", days=1, now=NOW)
    assert "you have none" in log_in(cast.pharmacist).get(PAGE).content.decode()


def test_nobody_uses_or_revokes_anothers(cast: Cast, log_in: LogIn) -> None:
    token_for(cast.nurse)
    pk = Token.objects.get().pk
    client = log_in(cast.consultant)
    assert client.post(f"{PAGE}{pk}/revoke/").status_code == 404
    assert "None yet." in client.get(PAGE).content.decode()


def test_a_revoked_one_is_over_at_once(cast: Cast, log_in: LogIn) -> None:
    asks = program(cast.nurse)
    pk = Token.objects.get().pk
    client = log_in(cast.nurse)
    assert client.post(f"{PAGE}{pk}/revoke/").status_code == 302
    answer = asks.get("centres")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert client.post(f"{PAGE}{pk}/revoke/").status_code == 422
    assert Event.objects.latest("sequence").action == "api.revoke_token"


def close(user: User) -> None:
    deactivate(user, by=Site(), now=NOW, reason="Left.")


def end(user: User) -> None:
    end_log_ins(user, by=Site(), now=NOW)


def lose_the_role(user: User) -> None:
    revoke(user.memberships.get(), by=Site(), now=NOW)


def change_password(user: User) -> None:
    user.set_password("another long enough one")
    user.save()


@pytest.mark.parametrize("ends", [close, end, lose_the_role, change_password])
def test_what_ends_a_log_in_ends_a_token(cast: Cast, ends: Any) -> None:
    asks = program(cast.nurse)
    assert asks.get("centres").status_code == 200
    ends(cast.nurse)
    assert asks.get("centres").status_code == 401


def test_it_expires(cast: Cast, clock: Any) -> None:
    asks = program(cast.nurse)
    clock.move_to(NOW + timedelta(days=30, seconds=1))
    assert asks.get("centres").status_code == 401


@pytest.mark.parametrize("secret", ["", "immunosep_" + "0" * 64, "é"])
def test_anything_else_is_no_token(cast: Cast, secret: str) -> None:
    assert Program(secret).get("centres").status_code == 401


def test_a_log_in_in_a_browser_is_none(cast: Cast, log_in: LogIn) -> None:
    assert log_in(cast.nurse).get("/api/1/patients").status_code == 401


def test_it_acts_in_its_role_alone(cast: Cast) -> None:
    """The consultant is also a monitor of all centres; her token as consultant of Jena is not."""
    screened(cast, "02-0001")
    grant(cast.consultant, Role.MONITOR, centre=None, by=Site(), now=NOW)
    asks = program(cast.consultant)
    assert asks.get("patients/02-0001").status_code == 404
    assert [each["id"] for each in asks.get("centres").json()["items"]] == ["01_jena"]


def test_a_token_that_reads_changes_nothing(cast: Cast) -> None:
    screened(cast)
    asks = program(cast.nurse, "read")
    assert asks.get("patients/01-0001").status_code == 200
    sent = {"reasons": ["declined"]}
    assert asks.post("patients/01-0001/not-enrolled", sent).status_code == 403


def test_whoever_lacks_the_second_factor_is_refused(cast: Cast, settings: Any) -> None:
    asks = program(cast.consultant)
    settings.SECOND_FACTOR = True
    assert asks.get("centres").status_code == 403


def test_nobody_has_more_than_ten(cast: Cast) -> None:
    for _ in range(10):
        token_for(cast.nurse, "read")
    with pytest.raises(RefusedError, match="Revoke one first"):
        token_for(cast.nurse)


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"expires_at": NOW}, "a token expires after it is made"),
        ({"scope": "all"}, "a token reads, writes or randomises"),
        ({"name": ""}, "a token has a name"),
    ],
)
def test_the_database_keeps_what_a_token_is(cast: Cast, changed: Any, name: str) -> None:
    token_for(cast.nurse)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Token.objects.update(**changed)
