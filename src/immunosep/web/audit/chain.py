"""The chain of digests over the rows of the audit trail."""

from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Any

from immunosep.web.audit.digest import COVERED, digest_of_fields, faults_of_chain
from immunosep.web.audit.models import Event


def fields_of(event: Event) -> dict[str, Any]:
    """Every field of an event as the digest and an export have it."""
    fields = {name: getattr(event, name) for name in (*COVERED, "digest")}
    fields["at"] = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    return fields


def digest_of_event(event: Event) -> str:
    """SHA-256 over every field of the event but its digest, the one before included."""
    return digest_of_fields(fields_of(event))


def faults_of(events: Iterable[Event], *, head: str) -> Iterator[str]:
    """A sentence for each place where the chain does not hold, in order; none if it holds."""
    found = faults_of_chain((fields_of(event) for event in events), head=head)
    return (fault.sentence for fault in found)
