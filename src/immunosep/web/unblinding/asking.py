"""Asking to learn a treatment: the reason, kept in the session until the keyed process answers.

The site process asks the reason, the keyed process asks for the password or the second factor
again and reveals. Both read one session, which the browser's cookie names. What was asked serves
one act: it ends with the answer, or after ten minutes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.web.accounts.reauthentication import proved_since

ASKED = "unblinding_asked"
LASTS = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Whose treatment somebody asks to learn, why, and since when."""

    number: str
    reason: str
    at: float  # seconds, as allauth counts them


def ask(request: HttpRequest, number: str, *, reason: str, now: datetime) -> None:
    """Keep the reason until the other process asks for it."""
    if not reason.strip():
        raise RefusedError(
            f"the treatment of {number} cannot be revealed",
            [say("There is no reason. Say in a few words why you must know.")],
        )
    request.session[ASKED] = {
        "number": number,
        "reason": reason.strip(),
        "at": now.timestamp(),
    }


def asked_for(request: HttpRequest, number: str, *, now: datetime) -> Asked | None:
    """What this session asked about this participant; None if nothing, or too long ago."""
    held = request.session.get(ASKED)
    if held is None or held["number"] != number:
        return None
    asked = Asked(**held)
    return asked if now.timestamp() - asked.at < LASTS.total_seconds() else None


def is_proved(request: HttpRequest, asked: Asked, *, now: datetime) -> bool:
    """Whether the person proved again who they are, after they asked and a moment ago."""
    return proved_since(request, asked.at, now=now)


def end(request: HttpRequest) -> None:
    """Forget what was asked: the next time begins with a reason again."""
    request.session.pop(ASKED, None)
