"""Where somebody is logged in now, so that they see a log-in that is not theirs, and can end it.

Of a browser its kind and that of its system are kept, with the session and as long: enough to know
one's own again, and too little to follow anybody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.web.accounts.models import OpenLogIn, User
from immunosep.web.audit.actions import Actor, record

GONE = say("It is none of yours, or has ended already.")
_BROWSERS = (  # each names itself after those that it descends from: the youngest first
    ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"), ("CriOS/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One log-in as its owner sees it; `id` names it on the page, and opens nothing."""

    id: str
    key: str
    began: datetime
    last_seen: datetime
    browser: str


def browser_of(agent: str) -> str:
    """The kind of browser and system, such as "Firefox, Windows"; nothing if neither is known."""
    kinds = (_first(_BROWSERS, agent), _first(_SYSTEMS, agent))
    return ", ".join(kind for kind in kinds if kind)


def open_log_ins(user: User, *, now: datetime) -> list[Seen]:
    """Those that would open a page now, the one used last first, then the one begun last."""
    found = OpenLogIn.objects.filter(account=user, expire_date__gt=now)
    seen = [_seen(row) for row in found if _holds(row, user, now=now)]
    return sorted(seen, key=lambda each: (each.last_seen, each.began, each.browser), reverse=True)


@transaction.atomic
def end_log_in(seen: Seen, *, by: Actor, now: datetime) -> None:
    """End one of somebody's own; its next click leads to the log-in page."""
    mine = OpenLogIn.objects.filter(session_key=seen.key, account_id=by.pk)
    if not mine.delete()[0]:
        raise RefusedError("the log-in cannot be ended", [GONE])
    record(
        "accounts.end_log_in", by=by, now=now, subject=f"account {by.pk}",
        before={"began": seen.began.isoformat(timespec="seconds"), "browser": seen.browser},
    )  # fmt: skip


def forget_ended(*, now: datetime) -> None:
    """Remove what is kept of those whose longest time is over; a night's timer asks for it."""
    OpenLogIn.objects.filter(expire_date__lte=now).delete()


def _first(kinds: Iterable[tuple[str, str]], agent: str) -> str:
    return next((kind for mark, kind in kinds if mark in agent), "")


def _seen(row: OpenLogIn) -> Seen:
    held = row.get_decoded()
    return Seen(
        id=salted_hmac("immunosep open log-in", row.session_key, algorithm="sha256").hexdigest(),
        key=row.session_key,
        began=datetime.fromtimestamp(held["began"], UTC),
        last_seen=datetime.fromtimestamp(held["last_seen"], UTC),
        browser=held.get("browser", ""),
    )


def _holds(row: OpenLogIn, user: User, *, now: datetime) -> bool:
    """Whether it was opened with this password, and its time is not over (`SessionLimits`)."""
    held, moment = row.get_decoded(), now.timestamp()
    return (
        constant_time_compare(held.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
        and moment - held.get("last_seen", 0) <= settings.IDLE_SECONDS
        and moment - held.get("began", 0) <= settings.SESSION_SECONDS
    )
