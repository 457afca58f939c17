"""Making, finding and revoking tokens."""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.web.accounts.access import act_only_as, permissions_of
from immunosep.web.accounts.models import Membership, User, active_memberships
from immunosep.web.accounts.roles import ROLES, Permission, Role
from immunosep.web.api.models import Token
from immunosep.web.audit.actions import record

LONGEST_DAYS = 90
MOST = 10  # tokens of one person at a time
MARK = "immunosep_"  # by which a token that slipped into a file is found
Scope = Token.Scope


def may_have_tokens(user: User) -> list[Membership]:
    """The roles of an account for which a token can be made: those that are blinded."""
    return [held for held in active_memberships(user) if ROLES[Role(held.role)].blinded]


@transaction.atomic
def make_token(
    user: User, held: Membership | None, *, name: str, scope: str, days: int, now: datetime
) -> tuple[Token, str]:
    """A token and the secret that is shown once; RefusedError with every reason not to."""
    problems = list(_problems(user, held, name.strip(), scope, days, now))
    if problems or held is None:
        raise RefusedError("no token was made", problems)
    secret = MARK + secrets.token_bytes(32).hex()
    token = Token.objects.create(
        user=user, membership=held, name=name.strip(), scope=scope, digest=digest_of(secret),
        made_with=user.get_session_auth_hash(), made_at=now,
        expires_at=now + timedelta(days=days),
    )  # fmt: skip
    record(
        "api.make_token", by=user, role=held.role, now=now, subject=f"token {token.pk}",
        centre=held.centre_id or "",
        after={"scope": scope, "acts_as": held.role, "expires_at": token.expires_at.isoformat()},
    )  # fmt: skip
    return token, secret


@transaction.atomic
def revoke_token(token: Token, *, by: User, now: datetime) -> None:
    """End a token at once; one that is ended stays so."""
    ended = Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)
    if not ended:
        raise RefusedError("the token cannot be revoked", [say("It is revoked already.")])
    held = token.membership
    record(
        "api.revoke_token", by=by, role=held.role, now=now, subject=f"token {token.pk}",
        centre=held.centre_id or "",
    )  # fmt: skip


def find_token(secret: str, *, now: datetime) -> Token | None:
    """The token whose secret this is, if it may be used now; its person acts in its role alone."""
    found = (
        Token.objects.select_related("user", "membership__centre")
        .filter(
            digest=digest_of(secret), revoked_at=None, expires_at__gt=now, user__is_active=True,
            membership__revoked_at=None,
        )
        .first()
    )  # fmt: skip
    if found is None or not is_in_force(found):
        return None
    act_only_as(found.user, found.membership)
    return found


def is_in_force(token: Token) -> bool:
    """Whether its person's log-ins were not ended since, by a new password or on demand."""
    return constant_time_compare(token.made_with, token.user.get_session_auth_hash())


def digest_of(secret: str) -> str:
    """What is kept of a secret."""
    return salted_hmac("immunosep token", secret, algorithm="sha256").hexdigest()


def _problems(
    user: User, held: Membership | None, name: str, scope: str, days: int, now: datetime
) -> Iterator[str]:
    if held is None or held.pk not in {each.pk for each in may_have_tokens(user)}:
        yield say("Choose one of your roles. Unblinded roles have no tokens.")
    if not name or len(name) > 60:
        yield say("Give it a name of 1 to 60 characters, so that you know it again.")
    if scope not in Scope.values:
        yield say("Say how far it reaches.")
    elif held and scope == Scope.RANDOMISE and Permission.RANDOMISE not in permissions_of(held):
        yield say("This role does not randomise. Choose less.")
    if not 1 <= days <= LONGEST_DAYS:
        yield say("It may last 1 to {count} days.", count=LONGEST_DAYS)
    live = Token.objects.filter(user=user, revoked_at=None, expires_at__gt=now)
    if live.count() >= MOST:
        yield say("You have {count} tokens. Revoke one first.", count=MOST)
