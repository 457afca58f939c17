"""How blinded people of the twin worlds use the interface for programs: each by a token."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.test import Client, override_settings

from immunosep.web.accounts.models import User
from immunosep.web.api.tokens import make_token
from immunosep.web.audit.models import Event
from immunosep.web.outbox.choosing import add_webhook, choose, topics_of, ways_of
from immunosep.web.outbox.kinds import NAMES
from immunosep.web.outbox.sending import send_all
from tests.web.people import ELIGIBLE, NOW

API = "/api/1/"
AT = "2026-03-02T14:30:00+00:00"
SENT: dict[str, dict[str, Any]] = {
    "patients": {"centre": "01_jena"},
    "consent": {"given_by": "patient", "version": "1.0", "language": "en", "given_at": AT},
    "withdrawal": {"kind": "stop_treatment_keep_follow_up", "at": AT},
    "laboratory": {"values": {"ferritin_ng_ml": 700}, "observed_at": AT, "reason": "Again."},
    "in-error": {"reason": "The family asked."},
    "not-enrolled": {"reasons": ["declined"]},
    "screen-again": {"reason": "The family asked."},
    "receive": {"number": "NONE"},
    "give": {"number": "NONE", "given_at": AT},
    "pages": {
        "form": "daily_sofa",
        "visit": "day_1",
        "unscheduled": True,
        "values": {"day_status": "present", "gcs": 14},
    },
    "missed": {"visit": "day_3", "reason": "On another ward."},
    "reopen": {"reason": "One more.", "text": "Sure?"},
    "queries": {"text": "Before sedation?"},
    "report": {"aware_at": AT},
    "follow-up": {"text": "Better by the evening."},
    "answer": {"text": "Yes, before."},
    "close": {"text": "That is well."},
    "deviations": {"centre": "01_jena", "kind": "other", "what": "Seen late.", "happened_at": AT},
    "judge": {"verdict": "important", "reason": "It was needed."},
}


def secret_of(user: User) -> str:
    """A token for all that somebody may do; none for whoever has no role."""
    held = user.memberships.filter(revoked_at=None).first()
    if held is None:
        return ""
    scope = "randomise" if held.role == "investigator" else "write"
    return make_token(user, held, name="a program", scope=scope, days=9, now=NOW)[1]


def listen(blinded: Mapping[str, User], administrator: User, *, now: datetime) -> None:
    """Everybody is told all they may be told, and so is another program; then it is sent."""
    for user in blinded.values():
        choose(user, {topic: ways_of(topic)[0].value for topic in topics_of(user)}, now=NOW)
    with override_settings(WEBHOOKS_INSIDE=True):
        add_webhook("https://203.0.113.7/", NAMES, by=administrator, now=NOW)
    send_all(now=lambda: now, post=lambda *_, **__: "500")


def headers(address: str, secret: str) -> dict[str, str]:
    """What a program sends with a request; nothing to a page."""
    return {"Authorization": f"Bearer {secret}"} if secret and address.startswith(API) else {}


def post(client: Client, address: str, sent_with: dict[str, str]) -> Any:
    """What a program does at an address, having read what is there."""
    last = address.rstrip("/").rsplit("/", 1)[-1]
    body = SENT.get(last, {})
    if last == "reopen":
        name = "text" if "/queries/" in address else "reason"
        body = {name: body[name]}
    if last == "values":
        page = "/pages/" in address
        body = {"values": {"gcs": 13} if page else {"age_years": ELIGIBLE["age_years"] + 1},
                "reason": "Read again."}  # fmt: skip
    read = address if last == "laboratory" else address.rsplit("/", 1)[0]
    tag = client.get(read, headers=sent_with).headers.get("ETag", "")
    more = {"Idempotency-Key": f"{Event.objects.count()} {address}"[:255]} | (
        {"If-Match": tag} if tag else {}
    )
    return client.post(address, body, "application/json", headers=sent_with | more)
