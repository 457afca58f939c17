"""Who wants to hear of what, what there was to tell, and what became of each message.

A notice is one event of the audit trail by its kind; its id is a random one, so that a message that
holds it tells nothing. A delivery is one message to one person or one address; it is taken by a
conditional update before it is sent, so that no two processes send it.
"""

import secrets
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from immunosep.web.accounts.models import User
from immunosep.web.outbox.kinds import Topic


def new_id() -> UUID:
    """An id that tells nothing (RFC 9562, version 4)."""
    return UUID(bytes=secrets.token_bytes(16), version=4)


class Choice(models.Model):
    """How somebody wants to hear of a topic; without one they do not."""

    class How(models.TextChoices):
        AT_ONCE = "at_once", "At once"
        DAILY = "daily", "Once a day"
        NONE = "none", "Not by e-mail"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notices_chosen")
    topic = models.CharField(max_length=20, choices=Topic.choices)
    how = models.CharField(max_length=10, choices=How.choices)
    since = models.DateTimeField()  # what happened before is not told

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=["user", "topic"], name="a topic is chosen once"),
            models.CheckConstraint(
                condition=Q(how__in=["at_once", "daily", "none"]),
                name="a notice comes at once, daily or not",
            ),
            models.CheckConstraint(
                condition=~Q(topic="visits", how="at_once"),
                name="overdue pages are told by the day",
            ),
        )


class Webhook(models.Model):
    """An address of another program, what it is told of, and the sealed secret we sign with."""

    url = models.CharField(max_length=500)
    kinds = models.JSONField()  # names of `kinds.KINDS`
    sealed = models.TextField()  # `accounts.sealing`
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(url__startswith="https://"), name="a webhook is reached by HTTPS"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("made_at")),
                name="a webhook ends after it is made",
            ),
        )

    def __str__(self) -> str:
        return self.url


class Place(models.Model):
    """How far the audit trail has been looked through: one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    sequence = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(id=1), name="there is one place in the trail"),
        )


class Notice(models.Model):
    """One event of the audit trail that somebody is told of."""

    id = models.UUIDField(primary_key=True, default=new_id)
    sequence = models.BigIntegerField(unique=True)
    kind = models.CharField(max_length=40)
    centre = models.CharField(max_length=60, blank=True)
    subject = models.CharField(max_length=120)  # as the trail has it, such as query 12
    at = models.DateTimeField()

    class Meta:
        ordering = ("sequence",)

    def __str__(self) -> str:
        return self.kind


class Delivery(models.Model):
    """One message: of a notice, or of a day, to a person; of a notice to a webhook."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        TAKEN = "taken", "Being sent"
        SENT = "sent", "Sent"
        EMPTY = "empty", "Nothing to say"
        DEAD = "dead", "Given up"

    id = models.UUIDField(primary_key=True, default=new_id)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, null=True)
    day = models.DateField(null=True)  # of a digest
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    next_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=60, blank=True)  # of the last attempt, never its words

    class Meta:
        ordering = ("made_at", "id")
        indexes = (models.Index(fields=["state", "next_at"]),)
        constraints = (
            models.CheckConstraint(
                condition=Q(user=None, webhook__isnull=False, notice__isnull=False, day=None)
                | (
                    Q(webhook=None, user__isnull=False)
                    & (Q(notice=None, day__isnull=False) | Q(notice__isnull=False, day=None))
                ),
                name="a message goes to one, about one thing",
            ),
            models.UniqueConstraint(fields=["notice", "user"], name="a person is told once"),
            models.UniqueConstraint(fields=["notice", "webhook"], name="a webhook is told once"),
            models.UniqueConstraint(fields=["user", "day"], name="a person has one digest a day"),
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "empty", "dead"], done_at=None),
                name="a message that is done has its time",
            ),
        )
