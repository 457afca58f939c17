"""A request sent twice is done once: the header Idempotency-Key, on every POST.

The answer is kept for a day in the transaction of the action itself, so that neither can be there
without the other. Nothing is kept of what was refused: it may be sent again once its cause is gone.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from immunosep.web.api.authentication import token_of
from immunosep.web.api.models import Answer
from immunosep.web.api.problems import Refused

KEPT = timedelta(days=1)
HEADER = "Idempotency-Key"
LONGEST = 255
WITHOUT_KEY = "Send an Idempotency-Key of 1 to 255 printable characters, new for each thing you do."
USED = "This Idempotency-Key was used for another request. Take a new one."


def once(request: Request, act: Callable[[], tuple[int, Any]]) -> Response:
    """Do it, and keep the answer; the same request again is answered the same."""
    key = request.headers.get(HEADER, "")
    if not 1 <= len(key) <= LONGEST or not (key.isascii() and key.isprintable()):
        raise Refused(400, WITHOUT_KEY)
    with transaction.atomic():
        kept, new = _taken(request, key)
        if not new and kept.asked != _digest_of(request):
            raise Refused(422, USED)
        if new:
            kept.status, content = act()
            kept.body = JSONRenderer().render(content).decode()
            kept.save(update_fields=["status", "body"])
    return Response(json.loads(kept.body), status=kept.status)


def _taken(request: Request, key: str) -> tuple[Answer, bool]:
    """The key's row: whoever comes second waits until the first is done."""
    token, now = token_of(request), timezone.now()
    Answer.objects.filter(token=token, at__lt=now - KEPT).delete()
    return Answer.objects.get_or_create(
        token=token, key=key, defaults={"asked": _digest_of(request), "at": now}
    )


def _digest_of(request: Request) -> str:
    parts = (request.method, request.path, request.headers.get("If-Match"), request.data)
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
