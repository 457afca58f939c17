"""Checks of who may do what: roles, accounts, log-ins, keys, logs."""

import os
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import get_hashers
from django.urls import Resolver404, resolve

from immunosep.web.accounts.models import Membership, User
from immunosep.web.accounts.roles import ROLES, Permission
from immunosep.web.accounts.second_factor import has_second_factor, needs_second_factor
from immunosep.web.logs import MAY_BE_SAID
from immunosep.web.validation.evidence import Seen

ONLY_UNBLINDED = {Permission.PREPARE, Permission.OPEN_CODE}
OPENING = "immunosep.randomisation.opening"
KEYED_PAGES = ("/pharmacy/", "/reveal/")
UNSAID = {"path", "args", "message", "exc_info", "body", "query"}


def roles_blinded() -> Seen:
    """No blinded role may do what shows a content, and nobody holds both kinds of role."""
    faults = [
        f"{role.label} is blinded and may {permission.value}"
        for role, described in ROLES.items()
        for permission in described.permissions
        if described.blinded and permission in ONLY_UNBLINDED
    ]
    held = Membership.objects.filter(revoked_at=None).values_list("user_id", "role")
    kinds: dict[int, set[bool]] = {}
    for user, role in held:
        kinds.setdefault(user, set()).add(_is_blinded(role))
    both = [user for user, blinded in kinds.items() if len(blinded) > 1]
    faults += [f"account {user} holds a blinded and an unblinded role" for user in both]
    blinded = [role.label for role, described in ROLES.items() if described.blinded]
    return Seen(
        seen=(f"blinded: {', '.join(blinded)}", f"{len(kinds)} accounts with roles compared"),
        faults=tuple(faults),
    )


def _is_blinded(role: str) -> bool:
    return next(described.blinded for known, described in ROLES.items() if known.value == role)


def no_key_here() -> Seen:
    """This process was started as the site is: no key, no page and no code to open a list."""
    faults = ["it was started with the code key"] * bool(settings.KEYED)
    faults += [f"{name} is set" for name in os.environ if name.startswith("IMMUNOSEP_CODE_KEY")]
    faults += ["what opens the list is loaded"] * (OPENING in sys.modules)
    faults += [f"{page} is served here" for page in KEYED_PAGES if _is_served(page)]
    return Seen(
        seen=(f"{len(sys.modules):,} modules loaded, {OPENING} "
              f"{'' if OPENING in sys.modules else 'not '}among them",
              f"{' and '.join(KEYED_PAGES)} asked for"),
        faults=tuple(faults),
    )  # fmt: skip


def _is_served(page: str) -> bool:
    try:
        resolve(page, "immunosep.web.urls")
    except Resolver404:
        return False
    return True


def accounts_in_order() -> Seen:
    """Who has roles is active, and has a second factor where the roles need one."""
    users = User.objects.filter(memberships__revoked_at=None, memberships__isnull=False).distinct()
    faults = [f"account {user.pk} is closed and holds a role" for user in users
              if not user.is_active]  # fmt: skip
    needing = [user for user in users if user.is_active and needs_second_factor(user)]
    without = [user for user in needing if not has_second_factor(user)]
    faults += [f"account {user.pk} has no second factor, which its roles need" for user in without]
    return Seen(
        seen=(f"{len(users)} accounts with roles, {len(needing)} of them need a second factor",),
        faults=tuple(faults),
    )


def log_ins_guarded() -> Seen:
    """What guards them, as this installation has it set."""
    rules: list[Any] = settings.AUTH_PASSWORD_VALIDATORS
    options = [rule["OPTIONS"] for rule in rules if rule["NAME"].endswith("MinimumLengthValidator")]
    length = max((option["min_length"] for option in options), default=0)
    hasher = get_hashers()[0].algorithm
    expected = (
        (f"passwords have {length} characters or more", length >= 12),
        (f"passwords are kept by {hasher}", hasher == "argon2"),
        (f"{settings.AXES_FAILURE_LIMIT} failures close a log-in",
         settings.AXES_FAILURE_LIMIT <= 5),
        (f"{settings.IDLE_SECONDS // 60} minutes without anybody end it",
         settings.IDLE_SECONDS <= 15 * 60),
        (f"a log-in lasts {settings.SESSION_SECONDS // 3600} hours",
         settings.SESSION_SECONDS <= 12 * 3600),
        (f"a password given again counts for {settings.ACCOUNT_REAUTHENTICATION_TIMEOUT} seconds",
         settings.ACCOUNT_REAUTHENTICATION_TIMEOUT <= 120),
    )  # fmt: skip
    return Seen(
        seen=tuple(words for words, holds in expected if holds),
        faults=tuple(f"too little: {words}" for words, holds in expected if not holds),
    )


def logs_filtered() -> Seen:
    """Lines of the log hold what is on a list, and the list holds nothing that was sent."""
    both = sorted(UNSAID & set(MAY_BE_SAID))
    configured = settings.LOGGING_CONFIG == "immunosep.web.logs.configure"
    return Seen(
        seen=(f"a line may hold: {', '.join(MAY_BE_SAID)}",),
        faults=tuple([f"a line may hold {name}" for name in both]
                     + ["another configuration of logs is in place"] * (not configured)),
    )  # fmt: skip
