"""Recovery codes: shown once when they are made, and kept as hashes alone (ASVS 5.0, 6.5.2).

Each is hashed as a password is, with a salt of its own, and the hash is sealed: a copy of the
database without the site's secret key cannot even be tried. The library keeps the row and sees that
each code works once; it is given what is kept of a code, never the code.
"""

import secrets
from collections.abc import Iterator
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import QuerySet

from immunosep.errors import RefusedError
from immunosep.web.accounts.models import User
from immunosep.web.accounts.sealing import open_sealed, seal
from immunosep.web.accounts.second_factor import has_second_factor
from immunosep.web.audit.actions import Actor, record

COUNT = 10  # so that one digit, a code's first, says which it is, and one hash is enough
DIGITS = 12  # 36 bits that nobody knows; ASVS 5.0, 6.5.4 asks for 20
OLD_DIGITS = 8  # of those made before they were hashed
UNPLACED = "-"  # of which it is not known which they are
APP_DIGITS = 6
NONE = "no code"
_KEPT = "migrated_codes"  # where the library looks for codes that are not drawn from a seed


@transaction.atomic
def make_codes(user: User, *, by: Actor, now: datetime) -> list[str]:
    """Ten new ones, in groups of four digits; those before no longer work."""
    User.objects.select_for_update().get(pk=user.pk)
    if not has_second_factor(user):
        raise RefusedError(
            "no recovery codes were made",
            ["There is no second factor. Set up an authenticator app or a passkey first."],
        )
    _rows(user).delete()
    codes = [f"{n}{secrets.randbelow(10 ** (DIGITS - 1)):0{DIGITS - 1}}" for n in range(COUNT)]
    Authenticator.objects.create(
        user=user,
        type=Authenticator.Type.RECOVERY_CODES,
        created_at=now,
        data={_KEPT: [seal(f"{code[0]} {make_password(code)}") for code in codes]},
    )
    record(
        "accounts.change_way_in", by=by, now=now, subject=f"account {user.pk}",
        after={"what": "recovery_codes_generated"},
    )  # fmt: skip
    return [" ".join((code[:4], code[4:8], code[8:])) for code in codes]


def codes_left(user: User) -> int:
    """How many have not been used."""
    return sum(len(row.data[_KEPT]) for row in _rows(user))


def as_kept(typed: str, *, user: User) -> str:
    """What is kept of a recovery code, for the library to find; an app's code as it is.

    Nothing else that is typed reaches the library: what is kept must not serve as a code.
    """
    code = "".join(typed.replace("-", " ").split())
    if not (code.isascii() and code.isdigit()):
        return NONE
    if len(code) == APP_DIGITS:
        return code
    place = code[0] if len(code) == DIGITS else UNPLACED
    fitting = (kept for kept in _kept(user) if kept[0] == place)
    return next((kept for kept in fitting if check_password(code, kept[2:])), NONE)


def _kept(user: User) -> Iterator[str]:
    """Place and hash of each that is left and that the site's secret key opens."""
    for row in _rows(user):
        yield from filter(None, map(open_sealed, row.data[_KEPT]))


def _rows(user: User) -> QuerySet[Authenticator]:
    kind = Authenticator.Type.RECOVERY_CODES
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user=user, type=kind)
    return found
