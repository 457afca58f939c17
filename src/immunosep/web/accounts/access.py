"""Whether somebody may do a thing at a centre: asked by every view before anything else."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from immunosep.web.accounts.clearance import Tasks, is_cleared, tasks_of
from immunosep.web.accounts.models import Membership, User, active_memberships
from immunosep.web.accounts.roles import ROLES, Permission, Role
from immunosep.web.centres.models import Centre

View = Callable[..., HttpResponse]


def permissions_of(membership: Membership) -> tuple[Permission, ...]:
    """What one role lets its holder do."""
    return ROLES[Role(membership.role)].permissions


def memberships_with(user: User, permission: Permission) -> list[Membership]:
    """The roles an account holds now that include a permission, and are cleared for it."""
    held = [m for m in _memberships(user) if permission in permissions_of(m)]
    if not held:
        return held
    tasks = _tasks(user)
    return [m for m in held if is_cleared(m, permission, tasks)]


def may(user: User, permission: Permission, centre: Centre | None = None) -> bool:
    """Whether an account may do a thing: anywhere, or at `centre`."""
    return any(
        centre is None or m.centre_id is None or m.centre_id == centre.pk
        for m in memberships_with(user, permission)
    )


def require(user: User, permission: Permission, centre: Centre | None = None) -> str:
    """The role that lets an account do a thing, for the audit trail; else PermissionDenied."""
    for membership in memberships_with(user, permission):
        if centre is None or membership.centre_id in (None, centre.pk):
            return str(membership.role)
    raise PermissionDenied


def centres_of(user: User, permission: Permission) -> "QuerySet[Centre]":
    """The centres at which an account may do a thing; a role of the whole trial has all."""
    held = memberships_with(user, permission)
    if any(m.centre_id is None for m in held):
        return Centre.objects.all()
    return Centre.objects.filter(pk__in=[m.centre_id for m in held])


def needs(permission: Permission) -> Callable[[View], View]:
    """A view for those who hold a permission somewhere; the view itself asks for the centre."""

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not may(account_of(request), permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return checked

    return decorate


def blinded_roles() -> Iterable[Role]:
    """The roles that must never learn an arm."""
    return (role for role, description in ROLES.items() if description.blinded)


def account_of(request: HttpRequest) -> User:
    """Whose request it is, where a view has asked for a log-in."""
    assert isinstance(request.user, User)
    return request.user


def act_only_as(user: User, held: Membership) -> None:
    """From here on this account object may do no more than one of its roles lets it."""
    user._held = [held]  # type: ignore[attr-defined]


def _memberships(user: User) -> list[Membership]:
    """Read once per request: the account object lives as long."""
    held: list[Membership] | None = getattr(user, "_held", None)
    if held is None:
        held = list(active_memberships(user)) if user.is_active else []
        user._held = held  # type: ignore[attr-defined]
    return held


def _tasks(user: User) -> Tasks:
    """Read once per request likewise: what training and delegation clear the roles for."""
    tasks: Tasks | None = getattr(user, "_cleared", None)
    if tasks is None:
        tasks = tasks_of(user, _memberships(user), now=timezone.now())
        user._cleared = tasks  # type: ignore[attr-defined]
    return tasks
