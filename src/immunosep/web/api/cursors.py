"""Lists by parts: what comes next is a cursor that tells nothing and cannot be made up.

A cursor is the key of the last row, sealed under the site's secret key for one list and one person
(AES-SIV, RFC 5297). The same list asked again gives the same cursor.
"""

import base64
import json
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db.models import QuerySet
from rest_framework.request import Request

from immunosep.web.accounts.access import account_of
from immunosep.web.api.problems import Refused

A_PART = 100
WRONG = "The cursor is not one of this list. Begin without one."


def part_of(
    request: Request, rows: "QuerySet[Any]", *, by: str = "pk", newest_first: bool = False
) -> tuple[list[Any], str | None]:
    """The next rows of a list, ordered by a unique column, and the cursor of those that follow."""
    after = opened(request)
    if after is not None:
        rows = rows.filter(**{f"{by}__{'lt' if newest_first else 'gt'}": after})
    found = list(rows.order_by(f"-{by}" if newest_first else by)[: A_PART + 1])
    more = len(found) > A_PART
    return found[:A_PART], sealed(request, getattr(found[A_PART - 1], by)) if more else None


def part_of_list(request: Request, rows: Sequence[Any]) -> tuple[Sequence[Any], str | None]:
    """The same of a list that is made as a whole: its cursor is a place in it."""
    begin = int(opened(request) or 0)
    end = begin + A_PART
    return rows[begin:end], sealed(request, end) if len(rows) > end else None


def sealed(request: Request, key: Any) -> str:
    """A cursor."""
    data = _cipher().encrypt(json.dumps(key).encode(), _bound_to(request))
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def opened(request: Request) -> Any:
    """What a request's cursor stands for; None without one."""
    sent = request.query_params.get("cursor")
    if sent is None:
        return None
    try:
        data = base64.urlsafe_b64decode(sent.encode("ascii") + b"=" * (-len(sent) % 4))
        return json.loads(_cipher().decrypt(data, _bound_to(request)))
    except (InvalidTag, ValueError):
        raise Refused(400, WRONG) from None


def _bound_to(request: Request) -> list[bytes]:
    return [request.path.encode(), str(account_of(request).pk).encode()]


def _cipher() -> AESSIV:
    derived = HKDF(algorithm=SHA256(), length=64, salt=None, info=b"immunosep cursor")
    return AESSIV(derived.derive(settings.SECRET_KEY.encode()))
