"""What is told of: a list of actions, by the name that others know each by.

The audit trail is where it is read from: an event is written in the transaction of its action, in
order and without a gap, so that nothing is told that did not happen, and nothing is forgotten.
Only what is listed here is told, and of it no more than its kind. No kind, number or time of these
depends on an arm: what the pharmacy and the code do is not listed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db import models

from immunosep.languages import Said, say


class Topic(models.TextChoices):
    """What somebody may want to hear of."""

    QUERIES = "queries", "Questions about entries"
    VISITS = "visits", "Overdue pages"
    SAFETY = "safety", "Serious adverse events and their clocks"
    UNBLINDING = "unblinding", "Unblinding: that it happened, never what was learnt"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of thing that happens: its name, its sentence, and whose topic it is, if any."""

    name: str
    says: Said
    topic: Topic | None = None


def _kind(name: str, says: Said, topic: Topic | None = None) -> Kind:
    return Kind(name=name, says=says, topic=topic)


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "casebook.raise_query": _kind("query.asked", say("A question was asked."), Topic.QUERIES),
        "casebook.rules_ask": _kind("query.asked_by_rule", say("A rule asks."), Topic.QUERIES),
        "casebook.answer_query": _kind(
            "query.answered", say("A question was answered."), Topic.QUERIES
        ),
        "casebook.reopen_query": _kind(
            "query.asked_again", say("A question was asked again."), Topic.QUERIES
        ),
        "casebook.close_query": _kind("query.closed", say("A question was closed.")),
        "safety.report_serious": _kind(
            "serious_event.reported", say("A serious adverse event was reported."), Topic.SAFETY
        ),
        "safety.follow_up": _kind(
            "serious_event.followed_up",
            say("More is known of a serious adverse event."),
            Topic.SAFETY,
        ),
        "unblinding.enter": _kind(
            "participant.unblinded", say("A participant was unblinded."), Topic.UNBLINDING
        ),
        "enrolment.add_patient": _kind("patient.added", say("A patient was added.")),
        "enrolment.record_consent": _kind("participant.consented", say("Consent was recorded.")),
        "enrolment.withdraw": _kind("participant.withdrew", say("A withdrawal was recorded.")),
        "enrolment.randomise": _kind(
            "participant.randomised", say("A participant was randomised.")
        ),
        "casebook.completed_page": _kind("page.completed", say("A page was completed.")),
        "centres.set_status": _kind(
            "centre.changed", say("A centre was opened, paused or closed.")
        ),
    }
)
NAMES = tuple(sorted(kind.name for kind in KINDS.values()))
BY_NAME: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in KINDS.values()})
