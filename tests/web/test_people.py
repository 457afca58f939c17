"""The pages of accounts and roles."""

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from immunosep.web.accounts.models import Membership, User
from tests.web.conftest import LogIn
from tests.web.people import Cast
from tests.web.proving import is_in, proven


@pytest.fixture
def admin(cast: Cast, log_in: LogIn) -> Client:
    """The administrator, who has just proved who she is."""
    return proven(log_in(cast.administrator), cast.administrator)


def page(user: User) -> str:
    return f"/people/{user.pk}/"


@pytest.mark.parametrize("url", ["/people/", "/people/1/", "/people/access/"])
@pytest.mark.parametrize("who", ["stranger", "consultant", "monitor", "pharmacist"])
def test_other_roles_are_refused(cast: Cast, log_in: LogIn, url: str, who: str) -> None:
    client = log_in(getattr(cast, who))
    assert client.get(url).status_code == 403
    assert client.post(url).status_code == 403


def test_nobody_is_asked_to_log_in_first(cast: Cast) -> None:
    assert Client().get("/people/")["Location"] == "/account/login/?next=/people/"


def test_people_shows_roles_blinding_and_last_log_in(cast: Cast, admin: Client) -> None:
    shown = admin.get("/people/").content.decode()
    assert "Unblinded pharmacist\n" in shown or "Unblinded pharmacist (Jena)" in shown
    assert shown.count('<span class="badge warn">unblinded</span>') == 2
    assert "never" in shown


def test_a_change_asks_for_the_password_again_and_is_then_made(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.administrator)
    sent = {"do": "grant", "granted": "sponsor", "centre": ""}
    asked = client.post(page(cast.stranger), sent)
    assert asked["Location"].startswith("/account/reauthenticate/")
    assert not Membership.objects.filter(user=cast.stranger).exists()
    proven_now = client.post(
        asked["Location"], {"password": "nine green bottles standing", "next": page(cast.stranger)}
    )
    assert proven_now.status_code == 302
    assert Membership.objects.get(user=cast.stranger).role == "sponsor"


def test_an_account_is_made_and_its_owner_gets_a_link(cast: Cast, admin: Client) -> None:
    answer = admin.post("/people/", {"name": "New Person", "email": "New@example.org"})
    made = User.objects.get(email="new@example.org")
    assert answer["Location"] == page(made)
    assert mail.outbox[0].to == ["new@example.org"]
    assert "/account/password/reset/key/" in str(mail.outbox[0].body)
    assert not made.has_usable_password()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": "N", "email": "not an address"}, "valid email address"),
        ({"name": "", "email": "n@example.org"}, "This field is required"),
        ({"name": "N", "email": "nora.nurse@example.org"}, "has an account already"),
    ],
)
def test_an_account_that_cannot_be_made_says_why(
    admin: Client, sent: dict[str, str], said: str
) -> None:
    answer = admin.post("/people/", sent)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_role_is_granted_and_revoked(cast: Cast, admin: Client) -> None:
    sent = {"do": "grant", "granted": "study_nurse", "centre": cast.jena.pk}
    assert admin.post(page(cast.stranger), sent).status_code == 302
    held = Membership.objects.get(user=cast.stranger)
    assert (held.centre, held.granted_by) == (cast.jena, cast.administrator)
    sent = {"do": "revoke", "membership": str(held.pk), "reason": "left the ward"}
    assert admin.post(page(cast.stranger), sent).status_code == 302
    held.refresh_from_db()
    assert held.revoked_by == cast.administrator
    assert "still held" not in admin.get(page(cast.stranger)).content.decode()


def test_a_refused_role_says_every_reason(cast: Cast, admin: Client) -> None:
    sent = {"do": "grant", "granted": "investigator", "centre": ""}
    answer = admin.post(page(cast.pharmacist), sent)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "belongs to a centre" in shown
    assert "cannot take a blinded role again" in shown


@pytest.mark.parametrize("do", ["revoke", "deactivate", "reactivate", "remove_second_factors"])
def test_an_end_without_a_reason_is_refused(cast: Cast, admin: Client, do: str) -> None:
    held = Membership.objects.get(user=cast.nurse)
    answer = admin.post(page(cast.nurse), {"do": do, "membership": held.pk, "reason": " "})
    assert answer.status_code == 422
    assert "No reason was given" in answer.content.decode()
    assert Membership.objects.get(user=cast.nurse).revoked_at is None


@pytest.mark.parametrize("given", ["x", "999999"])
def test_a_role_of_somebody_else_is_not_found(cast: Cast, admin: Client, given: str) -> None:
    sent = {"do": "revoke", "membership": given, "reason": "left"}
    assert admin.post(page(cast.nurse), sent).status_code == 404


@pytest.mark.parametrize("sent", [{}, {"do": "crown"}, {"do": "grant", "granted": "king"}])
def test_a_form_that_asks_for_nothing_known_changes_nothing(
    cast: Cast, admin: Client, sent: dict[str, str]
) -> None:
    assert admin.post(page(cast.stranger), sent).status_code == 422
    assert not Membership.objects.filter(user=cast.stranger).exists()


def test_a_leaver_is_closed_and_opened_again(cast: Cast, admin: Client, log_in: LogIn) -> None:
    nurse = log_in(cast.nurse)
    assert is_in(nurse)
    admin.post(page(cast.nurse), {"do": "deactivate", "reason": "left"})
    assert not is_in(nurse)
    assert "Open the account again" in admin.get(page(cast.nurse)).content.decode()
    admin.post(page(cast.nurse), {"do": "reactivate", "reason": "came back"})
    assert User.objects.get(pk=cast.nurse.pk).is_active


def test_log_ins_of_somebody_else_are_ended(cast: Cast, admin: Client, log_in: LogIn) -> None:
    nurse = log_in(cast.nurse)
    admin.post(page(cast.nurse), {"do": "end_log_ins"})
    assert not is_in(nurse)
    assert User.objects.get(pk=cast.nurse.pk).is_active


def test_nobody_there_is_not_found(admin: Client) -> None:
    assert admin.get("/people/999999/").status_code == 404


def test_lost_second_factors_are_removed_and_log_ins_end(
    cast: Cast, admin: Client, log_in: LogIn
) -> None:
    nurse = log_in(cast.nurse)
    Authenticator.objects.create(user=cast.nurse, type="totp", data={"secret": "x"})
    sent = {"do": "remove_second_factors", "reason": "lost her telephone, known by voice"}
    assert admin.post(page(cast.nurse), sent).status_code == 302
    assert not Authenticator.objects.exists()
    assert not is_in(nurse)


def test_nobody_removes_their_own_second_factors_here(cast: Cast, admin: Client) -> None:
    Authenticator.objects.create(user=cast.administrator, type="totp", data={"secret": "x"})
    sent = {"do": "remove_second_factors", "reason": "tired"}
    assert b"your own" in admin.post(page(cast.administrator), sent).content
    assert Authenticator.objects.exists()
