"""Choosing what to hear of, and keeping the addresses of other programs."""

import base64
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.web.accounts.access import may, require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.accounts.sealing import seal
from immunosep.web.audit.actions import record
from immunosep.web.outbox.addresses import problems_of
from immunosep.web.outbox.kinds import NAMES, Topic
from immunosep.web.outbox.models import Choice, Delivery, Webhook

P = Permission
HEARS: Mapping[Topic, tuple[Permission, ...]] = {
    Topic.QUERIES: (P.ANSWER_QUERIES, P.RAISE_QUERIES),
    Topic.VISITS: (P.ENTER_FOLLOW_UP, P.ENTER_LABORATORY),
    Topic.SAFETY: (P.ENTER_FOLLOW_UP, P.REVIEW_SAFETY),
    Topic.UNBLINDING: (P.REVIEW_UNBLINDING,),
}
"""Who may hear of a topic: whoever has a page about it."""
How = Choice.How
BY_THE_DAY = frozenset({Topic.VISITS, Topic.UNBLINDING})
"""Told by the day or not: of unblinding, whoever reviews it is sent a message at once anyway."""
SECRET_BYTES = 32


def topics_of(user: User) -> list[Topic]:
    """What an account may hear of."""
    return [topic for topic, needed in HEARS.items() if any(may(user, each) for each in needed)]


def ways_of(topic: Topic) -> list[Choice.How]:
    """How one may hear of a topic."""
    return [how for how in How if topic not in BY_THE_DAY or how is not How.AT_ONCE]


@transaction.atomic
def choose(user: User, wanted: Mapping[str, str], *, now: datetime) -> None:
    """Keep how somebody wants to hear of each topic; what is not named stays as it is."""
    open_to = {topic.value: topic for topic in topics_of(user)}
    problems = [
        say("A topic is none of yours, or cannot be told in that way. Choose again.")
        for topic, how in wanted.items()
        if topic not in open_to or how not in ways_of(open_to[topic])
    ]
    if problems:
        raise RefusedError("nothing was changed", problems[:1])
    held = dict(Choice.objects.filter(user=user).values_list("topic", "how"))
    changed = {topic: how for topic, how in wanted.items() if held.get(topic, How.NONE) != how}
    for topic, how in changed.items():
        Choice.objects.update_or_create(user=user, topic=topic, defaults={"how": how, "since": now})
    if changed:
        record("outbox.choose", by=user, now=now, subject=f"account {user.pk}",
               before={topic: held.get(topic) for topic in changed}, after=changed)  # fmt: skip


@transaction.atomic
def add_webhook(url: str, kinds: Sequence[str], *, by: User, now: datetime) -> tuple[Webhook, str]:
    """An address to tell, and the secret that is shown once; RefusedError with why not."""
    role = require(by, Permission.MANAGE_ACCOUNTS)
    problems = [*problems_of(url.strip()), *_problems(url.strip(), kinds)]
    if problems:
        raise RefusedError("the address was not added", problems)
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"
    made = Webhook.objects.create(
        url=url.strip(), kinds=sorted(set(kinds)), sealed=seal(secret), made_at=now, made_by=by
    )
    record("outbox.add_webhook", by=by, role=role, now=now, subject=f"webhook {made.pk}",
           after={"kinds": made.kinds})  # fmt: skip
    return made, secret


@transaction.atomic
def end_webhook(webhook: Webhook, *, by: User, now: datetime) -> None:
    """Tell an address nothing more, not even what waits."""
    role = require(by, Permission.MANAGE_ACCOUNTS)
    if not Webhook.objects.filter(pk=webhook.pk, ended_at=None).update(ended_at=now):
        raise RefusedError("the address is as it was", [say("It is ended already.")])
    waiting = Delivery.objects.filter(webhook=webhook, state=Delivery.State.WAITING)
    waiting.update(state=Delivery.State.DEAD, done_at=now, fault="ended")
    record("outbox.end_webhook", by=by, role=role, now=now, subject=f"webhook {webhook.pk}")


@transaction.atomic
def send_again(delivery: Delivery, *, by: User, now: datetime) -> None:
    """Let a message that was given up wait once more."""
    role = require(by, Permission.MANAGE_ACCOUNTS)
    dead = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.DEAD).exclude(
        webhook__ended_at__isnull=False
    )
    if not dead.update(
        state=Delivery.State.WAITING, attempts=0, next_at=now, done_at=None, taken_at=None
    ):
        raise RefusedError(
            "nothing was changed", [say("It was not given up, or its address ended.")]
        )
    record("outbox.send_again", by=by, role=role, now=now, subject=f"message {delivery.pk}")


def _problems(url: str, kinds: Sequence[str]) -> Iterator[str]:
    if not kinds or not set(kinds) <= set(NAMES):
        yield say("Choose at least one kind of the list.")
    if Webhook.objects.filter(url=url, ended_at=None).exists():
        yield say("This address is told already. End it first.")
