"""Sending what waits: each message taken, sent, and marked; retried, and in the end given up.

A message is marked as taken, and that is kept, before it leaves. If this process dies in between, a
mail is given up, for nobody can know whether it went: a person is told at most once. A webhook is
sent again, for its receiver knows a message by its id.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F

from immunosep.languages import Said, inside, said, say, unfinished
from immunosep.web.accounts.models import User
from immunosep.web.accounts.sealing import open_sealed
from immunosep.web.accounts.speaking import speaking_to
from immunosep.web.outbox.digesting import lines_of
from immunosep.web.outbox.kinds import BY_NAME
from immunosep.web.outbox.looking import A_BATCH, forget, look, plan_digests
from immunosep.web.outbox.models import Delivery, Webhook
from immunosep.web.outbox.posting import GONE, post
from immunosep.web.trial import site_trial

Post = Callable[..., str]
State = Delivery.State
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 360, 720, 1440))
STUCK = timedelta(minutes=15)


def send_all(*, now: Callable[[], datetime], post: Post = post) -> Counter[str]:
    """Look, plan, and send whatever is due; how many messages ended in which state."""
    while look(now=now()) == A_BATCH:
        pass
    plan_digests(now=now())
    _untangle(now=now())
    done: Counter[str] = Counter()
    due = Delivery.objects.filter(state=State.WAITING, next_at__lte=now())
    for pk in list(due.values_list("pk", flat=True)):
        if _taken(pk, now=now()):
            done[_send(pk, now=now(), post=post)] += 1
    forget(now=now())
    return done


def _taken(pk: Any, *, now: datetime) -> bool:
    """Whether the message is ours to send: of two processes, one."""
    free = Delivery.objects.filter(pk=pk, state=State.WAITING)
    return bool(free.update(state=State.TAKEN, taken_at=now, attempts=F("attempts") + 1))


def _send(pk: Any, *, now: datetime, post: Post) -> State:
    delivery = Delivery.objects.select_related("notice", "user", "webhook").get(pk=pk)
    if delivery.webhook is not None:
        fault = _tell(delivery, delivery.webhook, now=now, post=post)
    else:
        assert delivery.user is not None
        with speaking_to(delivery.user):
            subject, lines = _written(delivery, delivery.user, now=now)
        if not lines or not delivery.user.is_active:
            return _mark(delivery, State.EMPTY, now=now)
        fault = _mail(delivery.user, subject, lines)
    if not fault:
        return _mark(delivery, State.SENT, now=now)
    if delivery.attempts > len(PAUSES) or fault in (str(GONE), "ended"):
        return _mark(delivery, State.DEAD, now=now, fault=fault)
    pause = PAUSES[delivery.attempts - 1]
    Delivery.objects.filter(pk=pk).update(
        state=State.WAITING, next_at=now + pause, taken_at=None, fault=fault
    )
    return State.WAITING


def _mark(delivery: Delivery, state: State, *, now: datetime, fault: str = "") -> State:
    Delivery.objects.filter(pk=delivery.pk).update(state=state, done_at=now, fault=fault)
    return state


def _tell(delivery: Delivery, webhook: Webhook, *, now: datetime, post: Post) -> str:
    if webhook.ended_at is not None:
        return "ended"
    notice = delivery.notice
    assert notice is not None
    body = {"kind": notice.kind, "id": str(notice.pk), "link": _link(notice.pk)}
    secret = open_sealed(webhook.sealed)
    if not secret:
        return "secret"  # the site has another secret key by now
    return post(webhook.url, body, id_=str(delivery.pk), secret=secret, now=now)


def _written(delivery: Delivery, user: User, *, now: datetime) -> tuple[str, list[str]]:
    name = site_trial().acronym or site_trial().id
    if delivery.notice is not None:
        says = BY_NAME[delivery.notice.kind].says
        subject = unfinished(say("{trial}: {says}", trial=name, says=inside(says)))
        lines = [f"{said(says)} {_link(delivery.notice.pk)}"]
    else:
        subject = say("{trial}: what waits today", trial=name)
        lines = [said(line) for line in lines_of(user, now=now)]
    return said(subject), [*lines, "", said(_foot()), ""] if lines else []


def _foot() -> Said:
    return say(
        "You chose to be told: {address} changes it. This message names nobody.",
        address=f"{settings.SITE_URL}/notices/",
    )


def _mail(user: User, subject: str, lines: list[str]) -> str:
    try:
        EmailMessage(subject, "\n".join(lines), to=[user.email]).send()
    except OSError:  # the library's errors of mail are of this kind, and so are those of sockets
        return "mail"
    return ""


def _link(pk: Any) -> str:
    return f"{settings.SITE_URL}/notices/{pk}/"


def _untangle(*, now: datetime) -> None:
    """What was taken by a process that is gone."""
    stuck = Delivery.objects.filter(state=State.TAKEN, taken_at__lt=now - STUCK)
    stuck.filter(webhook__isnull=False).update(state=State.WAITING, next_at=now, taken_at=None)
    stuck.filter(user__isnull=False).update(
        state=State.DEAD, done_at=now, fault="not known whether it left"
    )
