"""A program that uses the interface with a token, as somebody of the cast."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from django.test import Client
from django.utils import timezone

from immunosep.web.accounts.models import Membership, User
from immunosep.web.api.tokens import make_token

API = "/api/1/"
_keys: Iterator[int] = count(1)


def token_for(user: User, scope: str = "write", *, held: Membership | None = None) -> str:
    """A token's secret, made now, for the person's first role or another."""
    held = held or user.memberships.filter(revoked_at=None).order_by("pk").first()
    return make_token(user, held, name="a program", scope=scope, days=30, now=timezone.now())[1]


class Program:
    """What asks and sends, in JSON."""

    def __init__(self, secret: str) -> None:
        self.secret, self.client = secret, Client()

    def get(self, address: str, **asked: str) -> Any:
        """Read."""
        return self.client.get(API + address, asked, headers=self._headers())

    def post(self, address: str, sent: Any = None, *, seen: str = "", key: str = "") -> Any:
        """Do something once; `seen` is the ETag that was read."""
        headers = self._headers() | {"Idempotency-Key": key or f"key-{next(_keys)}"}
        if seen:
            headers["If-Match"] = seen
        return self.client.post(
            API + address, sent if sent is not None else {}, "application/json", headers=headers
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"} if self.secret else {}


def program(user: User, scope: str = "write") -> Program:
    """A program of somebody's."""
    return Program(token_for(user, scope))
