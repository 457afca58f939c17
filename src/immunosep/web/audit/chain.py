"""The chain of digests, and the verifier that walks it."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC

from immunosep.web.audit.models import Event

FIRST = hashlib.sha256(b"immunosep audit trail").hexdigest()
_COVERED = (
    "sequence",
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


def digest_of_event(event: Event) -> str:
    """SHA-256 over every field of the event but its digest, the one before included."""
    content = {name: getattr(event, name) for name in _COVERED}
    content["at"] = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def faults_of(events: Iterable[Event], *, head: str) -> Iterator[str]:
    """A sentence for each place where the chain does not hold, in order; none if it holds."""
    previous, expected = FIRST, 1
    for event in events:
        if event.sequence != expected:
            yield f"event {expected} is missing: event {event.sequence} comes after {expected - 1}"
        elif event.previous != previous:
            yield f"event {event.sequence} does not follow the event before it"
        if event.digest != digest_of_event(event):
            yield f"event {event.sequence} was changed after it was written"
        previous, expected = event.digest, event.sequence + 1
    if previous != (head or FIRST):
        yield f"the trail ends at event {expected - 1}, before the end that the site recorded"
