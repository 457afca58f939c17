"""Making accounts, granting and revoking roles, ending what somebody may do."""

from collections.abc import Iterable
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import F, Q, QuerySet

from immunosep.errors import RefusedError
from immunosep.web.accounts.models import Membership, User
from immunosep.web.accounts.roles import ROLES, Permission, Role
from immunosep.web.audit.actions import Actor, record
from immunosep.web.centres.models import Centre


@transaction.atomic
def create_account(
    email: str, *, name: str, password: str | None, by: Actor, now: datetime, role: str = ""
) -> User:
    """An account without roles; without a password it is reached by a link or the hospital."""
    user = User(email=email.strip().lower(), name=name.strip(), created_at=now)
    if User.objects.filter(email=user.email).exists():
        raise RefusedError("the account cannot be made", ["This address has an account already."])
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
    """Give an account a role; RefusedError where duties or blinding would not stay apart."""
    user = User.objects.select_for_update().get(pk=user.pk)
    problems = [*_problems_of_person(user, by=by), *_problems_of_role(user, granted, centre)]
    if problems:
        raise RefusedError("the role cannot be granted", problems)
    if not ROLES[granted].blinded and user.unblinded_at is None:
        user.unblinded_at = now
        user.save(update_fields=["unblinded_at"])
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
        after={"role": granted, "unblinded": user.unblinded_at is not None},
    )
    return held


@transaction.atomic
def revoke(held: Membership, *, by: Actor, now: datetime, role: str = "", reason: str = "") -> None:
    """Take a role back, at once: what somebody may do is asked on every page."""
    _refuse_ending_the_last(Membership.objects.filter(pk=held.pk), subject="the role")
    ended = Membership.objects.filter(pk=held.pk, revoked_at=None).update(
        revoked_at=now, revoked_by_id=by.pk
    )
    if not ended:
        raise RefusedError("the role cannot be revoked", ["It is revoked already."])
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


@transaction.atomic
def deactivate(user: User, *, by: Actor, now: datetime, role: str = "", reason: str = "") -> None:
    """End a leaver's access at once: every role, every log-in, and the account."""
    if user.pk == by.pk:
        raise RefusedError(
            "the account cannot be closed", ["It is your own. Ask another administrator."]
        )
    held = Membership.objects.filter(user=user, revoked_at=None)
    _refuse_ending_the_last(held, subject="the account")
    roles = sorted(held.values_list("role", flat=True))
    held.update(revoked_at=now, revoked_by_id=by.pk)
    User.objects.filter(pk=user.pk).update(is_active=False, log_ins_ended=F("log_ins_ended") + 1)
    record(
        "accounts.deactivate",
        by=by,
        role=role,
        now=now,
        subject=f"account {user.pk}",
        before={"roles": roles},
        reason=reason,
    )


@transaction.atomic
def reactivate(user: User, *, by: Actor, now: datetime, role: str = "", reason: str = "") -> None:
    """Open an account again, without roles: each is granted anew."""
    User.objects.filter(pk=user.pk).update(is_active=True)
    record(
        "accounts.reactivate", by=by, role=role, now=now, subject=f"account {user.pk}",
        reason=reason,
    )  # fmt: skip


@transaction.atomic
def end_log_ins(user: User, *, by: Actor, now: datetime, role: str = "") -> None:
    """End every log-in of an account, on every device."""
    User.objects.filter(pk=user.pk).update(log_ins_ended=F("log_ins_ended") + 1)
    record("accounts.end_log_ins", by=by, role=role, now=now, subject=f"account {user.pk}")


@transaction.atomic
def remove_second_factors(
    user: User, *, by: Actor, now: datetime, role: str = "", reason: str = ""
) -> None:
    """For somebody who lost them all: end every log-in; the next sets up a new one."""
    if user.pk == by.pk:
        raise RefusedError(
            "the second factors cannot be removed",
            ["They are your own. Ask another administrator."],
        )
    Authenticator.objects.filter(user=user).delete()
    User.objects.filter(pk=user.pk).update(log_ins_ended=F("log_ins_ended") + 1)
    record(
        "accounts.remove_second_factors", by=by, role=role, now=now,
        subject=f"account {user.pk}", reason=reason,
    )  # fmt: skip


def _problems_of_person(user: User, *, by: Actor) -> Iterable[str]:
    if user.pk == by.pk:
        yield "Nobody grants a role to themselves. Ask another administrator."
    if not user.is_active:
        yield "The account is closed. Open it again first."


def _problems_of_role(user: User, granted: Role, centre: Centre | None) -> Iterable[str]:
    description = ROLES[granted]
    held = list(Membership.objects.filter(user=user, revoked_at=None))
    if description.at_centre and centre is None:
        yield f"The role {granted.label.lower()} belongs to a centre. Name it."
    if any(m.role == granted and m.centre_id == (centre and centre.pk) for m in held):
        yield "This person holds that role there already."
    if description.blinded and user.unblinded_at:
        yield "This person is unblinded, and cannot take a blinded role again."
    blinded = [Role(m.role).label.lower() for m in held if ROLES[Role(m.role)].blinded]
    if blinded and not description.blinded:
        yield (
            f"This person holds a blinded role ({', '.join(blinded)}). Nobody holds a blinded and "
            "an unblinded role: revoke it first. Unblinded is for ever."
        )


def _refuse_ending_the_last(ending: QuerySet[Membership], *, subject: str) -> None:
    """Somebody must be left who can grant roles."""
    granting = [
        role.value for role, held in ROLES.items() if Permission.MANAGE_ACCOUNTS in held.permissions
    ]
    ended = list(ending.filter(role__in=granting).values_list("pk", flat=True))
    left = Membership.objects.filter(
        Q(role__in=granting, revoked_at=None, user__is_active=True) & ~Q(pk__in=ended)
    )
    if ended and not left.exists():
        raise RefusedError(
            f"{subject} cannot be ended",
            ["Nobody would be left who manages accounts. Grant the role to another first."],
        )
