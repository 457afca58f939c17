"""What a person's mail of the day says: how much waits, never of whom, never what.

Counted as the pages count it, by what the person may do on that day. None of these numbers depends
on an arm.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings

from immunosep.languages import Said, say, say_many
from immunosep.web.accounts.access import centres_of, may
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.casebook.models import Query
from immunosep.web.casebook.seeing import seen_by
from immunosep.web.followup.due import enters_at, worklist_of
from immunosep.web.outbox.choosing import topics_of
from immunosep.web.outbox.kinds import Topic
from immunosep.web.outbox.models import Choice
from immunosep.web.safety.cases import centres_seen, serious_cases
from immunosep.web.safety.clocks import next_clock
from immunosep.web.unblinding.models import Unblinding

A_DAY = timedelta(days=1)
P, Status = Permission, Query.Status


def lines_of(user: User, *, now: datetime) -> list[Said]:
    """A sentence for each thing that waits; none if nothing does."""
    daily = Choice.objects.filter(user=user, how=Choice.How.DAILY).values_list("topic", flat=True)
    open_to = set(topics_of(user)) & {Topic(topic) for topic in daily}
    return [line for topic in Topic if topic in open_to for line in _of(topic, user, now)]


def _of(topic: Topic, user: User, now: datetime) -> Iterator[Said]:
    match topic:
        case Topic.QUERIES:
            yield from _queries(user)
        case Topic.VISITS:
            overdue = len(worklist_of(enters_at(user), now=now).overdue)
            says = say_many("{count} page is overdue", "{count} pages are overdue", count=overdue)
            yield from _line(says, "/follow-up/")
        case Topic.SAFETY:
            yield from _clocks(user, now)
        case Topic.UNBLINDING:
            entered = Unblinding.objects.filter(
                allocation__patient__centre__in=centres_of(user, P.REVIEW_UNBLINDING),
                recorded_at__gt=now - A_DAY,
            ).count()
            says = say_many(
                "{count} unblinding was entered", "{count} unblindings were entered", count=entered
            )
            yield from _line(says, "/unblinding/")


def _queries(user: User) -> Iterator[Said]:
    address = "/casebook/queries/"
    if may(user, P.ANSWER_QUERIES):
        waiting = seen_by(user).filter(status=Status.OPEN).count()
        says = say_many(
            "{count} question waits for an answer", "{count} questions wait for an answer",
            count=waiting,
        )  # fmt: skip
        yield from _line(says, address)
    if may(user, P.RAISE_QUERIES):
        mine = seen_by(user).filter(status=Status.ANSWERED, steps__by=user, steps__status="open")
        says = say_many(
            "{count} question of yours was answered and is not closed",
            "{count} questions of yours were answered and are not closed",
            count=mine.distinct().count(),
        )
        yield from _line(says, address)


def _clocks(user: User, now: datetime) -> Iterator[Said]:
    clocks = [next_clock(case, now=now) for case in serious_cases(centres_seen(user))]
    running = [clock for clock in clocks if clock]
    says = say_many(
        "{count} serious adverse event has a clock that runs",
        "{count} serious adverse events have a clock that runs",
        count=len(running),
    )
    yield from _line(says, "/safety/")
    late = sum(clock.late for clock in running)
    says = say_many("{count} of these is overdue", "{count} of these are overdue", count=late)
    yield from _line(says, "/safety/")


def _line(says: Said, address: str) -> Iterator[Said]:
    """The sentence and its page; nothing where it counts nothing."""
    if says.number:
        yield say("{says}: {address}", says=says, address=f"{settings.SITE_URL}{address}")
