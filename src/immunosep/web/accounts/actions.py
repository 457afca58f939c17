"""Making accounts, granting and revoking roles."""

from datetime import datetime

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.web.accounts.models import Membership, User
from immunosep.web.accounts.roles import ROLES, Role
from immunosep.web.audit.actions import Actor, record
from immunosep.web.centres.models import Centre


@transaction.atomic
def create_account(
    email: str, *, name: str, password: str | None, by: Actor, now: datetime, role: str = ""
) -> User:
    """An account without roles; without a password it is reached by a link or the hospital."""
    user = User(email=email.strip().lower(), name=name.strip(), created_at=now)
    user.set_password(password)
    user.save(force_insert=True)
    record(
        "accounts.create", by=by, role=role, now=now, subject=f"account {user.pk}",
        after={"name": user.name},
    )  # fmt: skip
    return user


@transaction.atomic
def grant(
    user: User,
    granted: Role,
    *,
    centre: Centre | None,
    by: Actor,
    now: datetime,
    role: str = "",
) -> Membership:
    """Give an account a role; RefusedError where an unblinded person would become blinded."""
    user = User.objects.select_for_update().get(pk=user.pk)
    description = ROLES[granted]
    problems = []
    if description.at_centre and centre is None:
        problems.append(f"The role {granted.label.lower()} belongs to a centre. Name it.")
    if description.blinded and user.unblinded_at:
        problems.append("This person is unblinded, and cannot take a blinded role again.")
    if problems:
        raise RefusedError("the role cannot be granted", problems)
    if not description.blinded and user.unblinded_at is None:
        _unblind(user, by=by, now=now, role=role)
    held = Membership.objects.create(
        user=user,
        role=granted,
        centre=centre,
        granted_at=now,
        granted_by_id=by.pk,
    )
    record(
        "accounts.grant",
        by=by,
        role=role,
        now=now,
        subject=f"account {user.pk}",
        centre=centre.pk if centre else "",
        after={"role": granted},
    )
    return held


def _unblind(user: User, *, by: Actor, now: datetime, role: str) -> None:
    """Revoke what blinded roles an account holds, and remember it for ever."""
    user.unblinded_at = now
    user.save(update_fields=["unblinded_at"])
    for held in Membership.objects.filter(user=user, revoked_at=None):
        if ROLES[Role(held.role)].blinded:
            revoke(held, by=by, now=now, role=role, reason="became unblinded")


@transaction.atomic
def revoke(held: Membership, *, by: Actor, now: datetime, role: str = "", reason: str = "") -> None:
    """Take a role back."""
    Membership.objects.filter(pk=held.pk, revoked_at=None).update(
        revoked_at=now, revoked_by_id=by.pk
    )
    record(
        "accounts.revoke",
        by=by,
        role=role,
        now=now,
        subject=f"account {held.user_id}",
        centre=held.centre_id or "",
        before={"role": held.role},
        reason=reason,
    )
