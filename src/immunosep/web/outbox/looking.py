"""Looking through the audit trail for what is to be told, and to whom: each event once.

The place in the trail is moved in the transaction that makes the messages, so that an event is
looked at once however often and wherever this runs.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction

from immunosep.web.accounts.access import may
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.audit.models import Event
from immunosep.web.casebook.forms import find_form
from immunosep.web.casebook.models import Page, Query
from immunosep.web.casebook.recording import MAY_ENTER
from immunosep.web.centres.models import Centre
from immunosep.web.outbox.choosing import topics_of
from immunosep.web.outbox.kinds import KINDS, Kind, Topic
from immunosep.web.outbox.models import Choice, Delivery, Notice, Place, Webhook
from immunosep.web.trial import trial_of

A_BATCH = 500
DIGEST_FROM = 5  # o'clock UTC: before the morning round in Europe
ANSWERED = "query.answered"
Key = tuple[Topic, str]


def look(*, now: datetime) -> int:
    """Make the messages of the next events; the answer is how many events were looked at."""
    with transaction.atomic():
        Place.objects.get_or_create(id=1)
        place = Place.objects.select_for_update().get()
        events = list(Event.objects.filter(sequence__gt=place.sequence)[:A_BATCH])
        told = [event for event in events if event.action in KINDS]
        notices = [_notice(event) for event in told]
        Notice.objects.bulk_create(notices)
        Delivery.objects.bulk_create(_messages(told, notices, now=now))
        if events:
            Place.objects.update(sequence=events[-1].sequence)
    return len(events)


def plan_digests(*, now: datetime) -> int:
    """A digest of today for each person who wants one and has none yet."""
    if now.hour < DIGEST_FROM:
        return 0
    daily = Choice.objects.filter(how=Choice.How.DAILY, user__is_active=True)
    wanting = set(daily.values_list("user", flat=True))
    today = now.date()
    had = set(Delivery.objects.filter(day=today).values_list("user", flat=True))
    made = Delivery.objects.bulk_create(
        [Delivery(user_id=pk, day=today, made_at=now, next_at=now) for pk in sorted(wanting - had)],
        ignore_conflicts=True,
    )
    return len(made)


def forget(*, now: datetime, days: int = 90) -> None:
    """Drop messages and notices that are long done; the audit trail keeps what happened."""
    old = now - timedelta(days=days)
    Delivery.objects.filter(done_at__lt=old).delete()
    Notice.objects.filter(at__lt=old, delivery=None).delete()


def _notice(event: Event) -> Notice:
    return Notice(
        sequence=event.sequence, kind=KINDS[event.action].name, centre=event.centre,
        subject=event.subject, at=event.at,
    )  # fmt: skip


def _messages(
    events: Iterable[Event], notices: Iterable[Notice], *, now: datetime
) -> Iterator[Delivery]:
    webhooks = list(Webhook.objects.filter(ended_at=None))
    at_once = list(
        Choice.objects.filter(how=Choice.How.AT_ONCE, user__is_active=True)
        .select_related("user")
        .order_by("user_id")
    )
    for event, notice in zip(events, notices, strict=True):
        kind = KINDS[event.action]
        for webhook in webhooks:
            if kind.name in webhook.kinds and webhook.made_at <= event.at:
                yield Delivery(notice=notice, webhook=webhook, made_at=now, next_at=now)
        for choice in at_once:
            if _concerns(choice, kind, event):
                yield Delivery(notice=notice, user=choice.user, made_at=now, next_at=now)


def _concerns(choice: Choice, kind: Kind, event: Event) -> bool:
    """Whether somebody hears of an event: of their topics, of their centres, not of their own."""
    user = choice.user
    if kind.topic != choice.topic or event.at < choice.since or event.by == user.pk:
        return False
    centre = Centre.objects.filter(pk=event.centre).first()
    if centre is None or Topic(choice.topic) not in topics_of(user):
        return False
    if kind.topic is Topic.SAFETY:
        return may(user, Permission.ENTER_FOLLOW_UP, centre)  # who reviews is told by the action
    return kind.topic is Topic.QUERIES and _of_query(user, kind, event, centre)


def _of_query(user: User, kind: Kind, event: Event, centre: Centre) -> bool:
    """A question is for whoever fills in its form; an answer is for whoever asked last."""
    what, _, number = event.subject.partition(" ")
    query = Query.objects.filter(pk=number).first() if what == "query" else None
    if kind.name == ANSWERED:
        asked = query.steps.filter(status=Query.Status.OPEN).last() if query else None
        return asked is not None and asked.by_id == user.pk
    page = query.page if query else Page.objects.filter(pk=number).first()
    if page is None or not may(user, Permission.ANSWER_QUERIES, centre):
        return False
    try:
        form = find_form(page.form, trial_of(centre))
    except LookupError:
        return False
    return may(user, MAY_ENTER[form.filled_by], centre)
