"""Proving who signs (21 CFR 11.200(a)(1)): both components first, then one for each signature.

The first signature of a session asks for the address of the account and for the password or second
factor; each later one for the password or second factor again. What is to be signed is kept in the
session meanwhile, for ten minutes, and serves one signature.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.web.accounts.access import account_of
from immunosep.web.accounts.reauthentication import proved_since

ASKED, BEGAN = "signing_asked", "signing_began"
LASTS = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody asked to sign: of whom, which pages as they were shown, with what meaning."""

    number: str
    block: str
    meaning: str
    shown: str
    at: float


def is_first(request: HttpRequest) -> bool:
    """Whether nothing was signed in this session, so that both components are asked for."""
    return not request.session.get(BEGAN)


def keep(request: HttpRequest, asked: Asked, *, address: str) -> None:
    """Keep what is to be signed until the signer has proved who they are."""
    own = account_of(request).email
    if is_first(request) and address.strip().casefold() != own.casefold():
        raise RefusedError(
            "nothing was signed",
            [say("This is not the address you log in with. Give your own: it is part of signing.")],
        )
    request.session[ASKED] = asdict(asked)


def asked_for(request: HttpRequest, number: str, block: str, *, now: datetime) -> Asked | None:
    """What this session asked to sign here; None if nothing, or too long ago."""
    held = request.session.get(ASKED)
    if held is None or (held["number"], held["block"]) != (number, block):
        return None
    asked = Asked(**held)
    return asked if now.timestamp() - asked.at < LASTS.total_seconds() else None


def is_proved(request: HttpRequest, asked: Asked, *, now: datetime) -> bool:
    """Whether they proved who they are after they asked, and a moment ago."""
    return proved_since(request, asked.at, now=now)


def end(request: HttpRequest) -> None:
    """One proof serves one signature."""
    request.session.pop(ASKED, None)
    request.session[BEGAN] = True
