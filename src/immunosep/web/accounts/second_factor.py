"""Who needs a second factor, and who has one.

Roles that can unblind, prepare, open the code or manage accounts, centres and amendments need one
(EMA/INS/GCP/112288/2023, A4.2: remote access), unless the site is for teaching.
"""

from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings

from immunosep.web.accounts.access import may
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission

NEEDING = (
    Permission.UNBLIND,
    Permission.PREPARE,
    Permission.OPEN_CODE,
    Permission.MANAGE_ACCOUNTS,
    Permission.MANAGE_CENTRES,
    Permission.MANAGE_AMENDMENTS,
)
KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def needs_second_factor(user: User) -> bool:
    """Whether this site asks somebody with these roles for a second factor."""
    return settings.SECOND_FACTOR and any(may(user, permission) for permission in NEEDING)


def has_second_factor(user: User) -> bool:
    """Whether an authenticator app or a passkey is set up."""
    return bool(Authenticator.objects.filter(user=user, type__in=KINDS).exists())


def may_remove(authenticator: Any) -> bool:
    """Whether an account may do without this one."""
    others = Authenticator.objects.filter(user=authenticator.user, type__in=KINDS)
    left = others.exclude(pk=authenticator.pk).exists()
    return bool(left) or not needs_second_factor(authenticator.user)
