"""Whether the audit trail is as it was written: walked from its first event, in batches.

What the chain alone cannot show is a trail cut off at its end together with the site's own note of
that end. Digests noted elsewhere, such as the manifest of an earlier export, do: give them as
`anchors`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from immunosep.web.audit.chain import fields_of
from immunosep.web.audit.digest import Fault, faults_of_chain
from immunosep.web.audit.models import Event, Head

BATCH = 2000  # events in memory at a time


@dataclass(frozen=True, kw_only=True)
class Checked:
    """How many events the trail says it has, the digest of the last, and the first fault if any."""

    events: int
    digest: str
    fault: Fault | None


def check_trail(*, anchors: Mapping[int, str] | None = None) -> Checked:
    """Walk the trail until the first fault."""
    head = Head.objects.get()
    return Checked(
        events=head.sequence,
        digest=head.digest,
        fault=next(faults_of_trail(head, anchors=anchors), None),
    )


def faults_of_trail(head: Head, *, anchors: Mapping[int, str] | None = None) -> Iterator[Fault]:
    """Every fault in order. Events added while it walks come after `head` and are left out."""
    events = Event.objects.filter(sequence__lte=head.sequence).order_by("sequence")
    fields = (fields_of(event) for event in events.iterator(chunk_size=BATCH))
    yield from faults_of_chain(fields, head=head.digest, anchors=anchors)
    last = Event.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
    if last > Head.objects.get().sequence:
        yield Fault(sequence=last, sentence=f"event {last} comes after the end the site recorded")
