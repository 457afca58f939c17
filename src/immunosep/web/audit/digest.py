"""The digest of one event, and the chain of them: standard library only, so that an export can be
checked years later without the site, its database or its framework.

Each digest is SHA-256 over the event as JSON: its fields but the digest, keys sorted, without
spaces, in UTF-8; `at` in UTC with microseconds; a number without a fraction as a whole number,
because a database may give 800.0 back as 800. One field is the digest of the event before.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

FIRST = hashlib.sha256(b"immunosep audit trail").hexdigest()
COVERED = (
    "sequence",
    "at",
    "time_zone",
    "by",
    "by_name",
    "role",
    "action",
    "subject",
    "centre",
    "participant",
    "before",
    "after",
    "reason",
    "trial_digest",
    "software",
    "previous",
)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A place where the chain does not hold: the number of the event, and what is wrong there."""

    sequence: int
    sentence: str


def digest_of_fields(fields: Mapping[str, Any]) -> str:
    """SHA-256 over the covered fields of one event."""
    content = json.loads(json.dumps({name: fields[name] for name in COVERED}, allow_nan=False))
    text = json.dumps(_whole(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def faults_of_chain(
    events: Iterable[Mapping[str, Any]], *, head: str, anchors: Mapping[int, str] | None = None
) -> Iterator[Fault]:
    """Each place where the chain does not hold, in order; none if it holds.

    `events` are fields with their `digest`; `head` is the digest the chain must end with; `anchors`
    are digests noted elsewhere, by number: an earlier export, a printed sheet. One event is held
    at a time.
    """
    anchors = anchors or {}
    previous, last = FIRST, 0
    for event in events:
        number = int(event["sequence"])
        yield from _faults_of_event(event, previous=previous, last=last)
        if anchors.get(number, event["digest"]) != event["digest"]:
            yield Fault(sequence=number, sentence=f"event {number} is not the one noted before")
        previous, last = str(event["digest"]), number
    if previous != (head or FIRST):
        yield Fault(
            sequence=last + 1,
            sentence=f"the trail ends at event {last}, not at the end that was recorded",
        )
    yield from (
        Fault(sequence=number, sentence=f"event {number}, noted before, is missing")
        for number in sorted(anchors)
        if number > last
    )


def _faults_of_event(event: Mapping[str, Any], *, previous: str, last: int) -> Iterator[Fault]:
    number = int(event["sequence"])
    if number != last + 1:
        yield Fault(
            sequence=last + 1,
            sentence=f"event {last + 1} is missing: event {number} comes after {last}",
        )
    elif event["previous"] != previous:
        yield Fault(sequence=number, sentence=f"event {number} does not follow the event before it")
    if event["digest"] != digest_of_fields(event):
        yield Fault(sequence=number, sentence=f"event {number} was changed after it was written")


def _whole(value: Any) -> Any:
    """The value with each number without a fraction as a whole number."""
    if isinstance(value, dict):
        return {key: _whole(held) for key, held in value.items()}
    if isinstance(value, list):
        return [_whole(held) for held in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
