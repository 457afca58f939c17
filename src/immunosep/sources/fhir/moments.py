"""When something was observed: a moment with its offset from UTC, or a reason why there is none.

Of a period its end counts, as for urine of 24 hours. Without a time of its own an Observation has
its specimen's; if both are there they must agree.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from immunosep.sources.bedside.values import Moment, read_time
from immunosep.sources.fhir.json_values import mapping, text
from immunosep.sources.fhir.quantities import UnreadableError

NO_OFFSET = "the time has no offset from UTC"


def moment_of(observation: Mapping[str, Any], specimen: Mapping[str, Any] | None) -> str:
    """ISO 8601 with its offset; an `UnreadableError` where there is none that can be relied on."""
    if any(key.startswith("effectiveTiming") for key in observation):
        raise UnreadableError("effectiveTiming, expected effectiveDateTime or effectivePeriod")
    own = _in(observation, "effective")
    collected = _in(mapping((specimen or {}).get("collection")), "collected")
    if own and collected and _read(own) != _read(collected):
        raise UnreadableError("its time and its specimen's contradict each other")
    if not own and not collected:
        raise UnreadableError("no time: neither its own nor its specimen's")
    return _read(own or collected).isoformat()


def _in(held: Mapping[str, Any], stem: str) -> str:
    """The moment in `effectiveDateTime`, `effectiveInstant` or the end of `effectivePeriod`."""
    names = [name for name in ("DateTime", "Instant", "Period") if f"{stem}{name}" in held]
    if len(names) > 1:
        raise UnreadableError("several times")
    if not names:
        return ""
    value = held[f"{stem}{names[0]}"]
    return _end(mapping(value)) if names == ["Period"] else _text(value)


def _end(period: Mapping[str, Any]) -> str:
    end = _text(period.get("end"), absent="the period has no end yet")
    if "start" in period and _read(_text(period["start"])) > _read(end):
        raise UnreadableError("the period ends before it begins")
    return end


def _text(value: Any, absent: str = "the time is not text") -> str:
    if not text(value):
        raise UnreadableError(absent)
    return text(value)


def _read(written: str) -> datetime:
    value, problem, _ = read_time(written)
    if problem:
        raise UnreadableError(problem)
    assert isinstance(value, Moment)
    if value.offset is None:
        raise UnreadableError(NO_OFFSET)
    zone = timezone(timedelta(minutes=value.offset))
    return datetime.fromtimestamp(value.seconds - value.offset * 60, zone)
