"""Moments as people at a bedside write them: by the clock on the centre's wall.

What is kept has its offset from UTC. An hour that summer time leaves out is refused; an hour that
it repeats is asked about, for nothing on the page could tell which of the two was meant.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from immunosep.languages import say
from immunosep.sources.bedside import Moment
from immunosep.sources.bedside.values import read_time
from immunosep.web.centres.models import Centre

NO_SUCH_HOUR = say(
    "the clock jumped over this time when summer time began; give the time the clock showed"
)
TWICE = say("the clock showed this time twice when summer time ended; say which is meant")


@dataclass(frozen=True, kw_only=True)
class Read:
    """A moment as read: with its offset, or with what is wrong and, if asked, which offsets."""

    moment: datetime | None = None
    problem: str = ""
    offsets: tuple[str, ...] = ()


def read_at(text: str, centre: Centre, *, offset: str = "") -> Read:
    """The moment that `text` is at the centre; `offset` says which of two hours alike is meant."""
    if not text.strip():
        return Read()
    value, problem, _ = read_time(text.strip())
    if problem:
        return Read(problem=problem)
    assert isinstance(value, Moment)
    if value.offset is not None:
        zone = timezone(timedelta(minutes=value.offset))
        return Read(moment=datetime.fromtimestamp(value.seconds - value.offset * 60, zone))
    return _on_the_wall(datetime.fromtimestamp(value.seconds, UTC), centre, offset)


def _on_the_wall(shown: datetime, centre: Centre, offset: str) -> Read:
    first, second = (shown.replace(tzinfo=centre.zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return Read(moment=_fixed(first))
    if first.astimezone(UTC).astimezone(centre.zone).replace(fold=0) != first:
        return Read(problem=NO_SUCH_HOUR)
    either = {offset_of(moment): moment for moment in (first, second)}
    if offset in either:
        return Read(moment=_fixed(either[offset]), offsets=tuple(either))
    return Read(problem=TWICE, offsets=tuple(either))


def _fixed(moment: datetime) -> datetime:
    """The same moment with its offset in place of its zone, as it is kept."""
    return moment.astimezone(timezone(moment.utcoffset() or timedelta()))


def offset_of(moment: datetime) -> str:
    """Such as `UTC+02:00`."""
    return f"UTC{moment.isoformat()[-6:]}"


def wall_time(moment: datetime, centre: Centre) -> str:
    """As a field for a date and time has it: `2026-03-02T14:05`."""
    local = moment.astimezone(centre.zone)
    return local.strftime("%Y-%m-%dT%H:%M" + (":%S" if local.second else ""))


def offset_at(moment: datetime, centre: Centre) -> str:
    """The offset of a moment whose hour the centre's clock shows twice, else nothing."""
    local = moment.astimezone(centre.zone)
    other = local.replace(fold=1 - local.fold)
    return "" if other.utcoffset() == local.utcoffset() else offset_of(local)


def time_left(closes_at: datetime, now: datetime) -> str:
    """Whole minutes left, never more than there are: `51 h 20 min`; nothing once it has closed."""
    minutes = (closes_at - now) // timedelta(minutes=1)
    if closes_at <= now:
        return ""
    return f"{minutes // 60} h {minutes % 60} min" if minutes else say("less than a minute")
