"""Granting and revoking: duties stay apart, unblinded is for ever, somebody is always left."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from immunosep.errors import RefusedError
from immunosep.web.accounts.access import may, require
from immunosep.web.accounts.actions import (
    create_account,
    deactivate,
    end_log_ins,
    grant,
    reactivate,
    revoke,
)
from immunosep.web.accounts.models import Membership, User
from immunosep.web.accounts.roles import ROLES, Permission, Role
from immunosep.web.accounts.unblinded_for_ever import TRIGGER
from immunosep.web.audit.actions import Site
from immunosep.web.audit.models import Event
from immunosep.web.checking import check_site
from tests.web.people import NOW, PASSWORD, Cast

LATER = NOW + timedelta(days=1)


def again(user: User) -> User:
    """The account as another request would read it."""
    return User.objects.get(pk=user.pk)


def held_by(user: User) -> Membership:
    return Membership.objects.get(user=user, revoked_at=None)


def refusal(*args: object, **kw: object) -> str:
    with pytest.raises(RefusedError) as refused:
        grant(*args, **kw)  # type: ignore[arg-type]
    return " ".join(refused.value.problems)


def test_every_role_is_described() -> None:
    assert len(ROLES) == len(Role) == 13
    assert all(held.about and held.permissions for held in ROLES.values())


def test_nobody_grants_a_role_to_themselves(cast: Cast) -> None:
    ada = cast.administrator
    said = refusal(ada, Role.SPONSOR, centre=None, by=ada, now=NOW)
    assert "Nobody grants a role to themselves" in said


def test_a_role_of_a_centre_needs_one(cast: Cast) -> None:
    said = refusal(cast.stranger, Role.STUDY_NURSE, centre=None, by=cast.administrator, now=NOW)
    assert "belongs to a centre" in said


def test_a_role_is_granted_once(cast: Cast) -> None:
    said = refusal(cast.nurse, Role.STUDY_NURSE, centre=cast.jena, by=cast.administrator, now=NOW)
    assert "already" in said


@pytest.mark.parametrize("role", [Role.PHARMACIST, Role.STATISTICIAN])
def test_nobody_holds_a_blinded_and_an_unblinded_role(cast: Cast, role: Role) -> None:
    said = refusal(cast.nurse, role, centre=cast.jena, by=cast.administrator, now=NOW)
    assert "holds a blinded role (study nurse)" in said
    assert again(cast.nurse).unblinded_at is None


def test_a_pharmacist_cannot_take_the_depot(cast: Cast) -> None:
    said = refusal(cast.pharmacist, Role.DEPOT, centre=None, by=cast.administrator, now=NOW)
    assert "unblinded, and cannot take a blinded role again" in said


def test_once_unblinded_never_blinded_again(cast: Cast) -> None:
    revoke(held_by(cast.pharmacist), by=cast.administrator, now=NOW, reason="moved")
    said = refusal(
        cast.pharmacist, Role.STUDY_NURSE, centre=cast.jena, by=cast.administrator, now=LATER
    )
    assert "cannot take a blinded role again" in said


@pytest.mark.parametrize("value", [None, LATER])
def test_the_database_keeps_somebody_unblinded(cast: Cast, value: object) -> None:
    with pytest.raises(DatabaseError, match="never blinded again"), transaction.atomic():
        User.objects.filter(pk=cast.pharmacist.pk).update(unblinded_at=value)


def test_a_site_that_could_blind_somebody_again_is_found(cast: Cast) -> None:
    on = " ON accounts_user" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {TRIGGER}{on}")
    faults = [fault for finding in check_site() for fault in finding.faults]
    assert faults == ["accounts_user can be blinded again: its trigger is gone"]


def test_a_blinded_role_can_become_unblinded_once_revoked(cast: Cast) -> None:
    revoke(held_by(cast.nurse), by=cast.administrator, now=NOW, reason="becomes pharmacist")
    grant(cast.nurse, Role.PHARMACIST, centre=cast.jena, by=cast.administrator, now=LATER)
    assert again(cast.nurse).unblinded_at == LATER


def test_a_revoked_role_ends_at_once(cast: Cast) -> None:
    revoke(held_by(cast.consultant), by=cast.administrator, now=NOW, reason="left")
    assert not may(again(cast.consultant), Permission.RANDOMISE, cast.jena)


def test_a_role_is_revoked_once(cast: Cast) -> None:
    held = held_by(cast.nurse)
    revoke(held, by=cast.administrator, now=NOW, reason="left")
    with pytest.raises(RefusedError, match="revoked already"):
        revoke(held, by=cast.administrator, now=NOW, reason="left")


def test_somebody_is_left_who_manages_accounts(cast: Cast) -> None:
    with pytest.raises(RefusedError, match="Nobody would be left"):
        revoke(held_by(cast.administrator), by=Site(), now=NOW, reason="left")
    with pytest.raises(RefusedError, match="Nobody would be left"):
        deactivate(cast.administrator, by=Site(), now=NOW, reason="left")


def test_an_administrator_can_go_once_another_is_there(cast: Cast) -> None:
    grant(cast.stranger, Role.ADMINISTRATOR, centre=None, by=cast.administrator, now=NOW)
    deactivate(cast.administrator, by=cast.stranger, now=LATER, reason="left")
    assert not may(again(cast.administrator), Permission.MANAGE_ACCOUNTS)


def test_nobody_closes_their_own_account(cast: Cast) -> None:
    with pytest.raises(RefusedError, match="your own"):
        deactivate(cast.nurse, by=cast.nurse, now=NOW, reason="tired")


def test_a_closed_account_holds_nothing_and_takes_nothing(cast: Cast) -> None:
    deactivate(cast.nurse, by=cast.administrator, now=NOW, reason="left")
    nurse = again(cast.nurse)
    assert (nurse.is_active, nurse.log_ins_ended) == (False, 1)
    assert not nurse.memberships.filter(revoked_at=None).exists()
    said = refusal(nurse, Role.SPONSOR, centre=None, by=cast.administrator, now=NOW)
    assert "closed" in said


def test_an_account_opened_again_has_no_role(cast: Cast) -> None:
    deactivate(cast.nurse, by=cast.administrator, now=NOW, reason="left")
    reactivate(cast.nurse, by=cast.administrator, now=LATER, reason="came back")
    assert again(cast.nurse).is_active
    assert not again(cast.nurse).memberships.filter(revoked_at=None).exists()


def test_an_address_has_one_account(cast: Cast) -> None:
    with pytest.raises(RefusedError, match="has an account already"):
        create_account("NORA.NURSE@example.org", name="N", password=None, by=Site(), now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="Nora.Nurse@example.org", name="N")


def test_what_was_done_is_in_the_trail_with_the_reason(cast: Cast) -> None:
    revoke(held_by(cast.nurse), by=cast.administrator, now=NOW, role="administrator", reason="left")
    event = Event.objects.latest("sequence")
    assert (event.action, event.reason, event.before) == (
        "accounts.revoke", "left", {"role": "study_nurse"},
    )  # fmt: skip
    assert (event.by, event.role, event.centre) == (
        cast.administrator.pk, "administrator", cast.jena.pk,
    )  # fmt: skip


def test_ending_log_ins_changes_what_a_session_needs(cast: Cast) -> None:
    before = again(cast.nurse).get_session_auth_hash()
    end_log_ins(cast.nurse, by=cast.nurse, now=NOW)
    assert again(cast.nurse).get_session_auth_hash() != before
    assert again(cast.nurse).check_password(PASSWORD)


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"role": "king"}, "a role is one of the list"),
        ({"revoked_at": NOW - timedelta(days=1)}, "a role ends after it begins"),
    ],
)
def test_the_database_keeps_roles_in_order(cast: Cast, wrong: dict[str, object], rule: str) -> None:
    made = {"user": cast.stranger, "role": Role.SPONSOR, "granted_at": NOW} | wrong
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Membership.objects.create(**made)


@pytest.mark.parametrize("at_centre", [True, False])
def test_the_database_grants_a_role_once(cast: Cast, at_centre: bool) -> None:
    centre = cast.jena if at_centre else None
    made = {"user": cast.stranger, "role": Role.MONITOR, "granted_at": NOW, "centre": centre}
    Membership.objects.create(**made)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(**made)


def test_a_role_names_itself_and_its_holder(cast: Cast) -> None:
    assert str(held_by(cast.nurse)) == "Nora Nurse as study_nurse"
    assert require(cast.nurse, Permission.SCREEN, cast.jena) == "study_nurse"
