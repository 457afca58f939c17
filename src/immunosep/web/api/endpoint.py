"""What every endpoint has in common: reading what was asked, and saying which action it stands for.

An endpoint fetches, asks for the permission, calls one action of the site and answers. `does` notes
the action and the permissions that a role must hold one of, so that a test can compare them with
the website's.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from django.utils import timezone
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from immunosep.errors import RefusedError
from immunosep.protocol.casebook import CaseForm
from immunosep.web.accounts.access import account_of
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.api.authentication import BearerToken, ReachesFarEnough
from immunosep.web.api.problems import MEDIA_TYPE, Refused
from immunosep.web.api.repeating import HEADER
from immunosep.web.api.throttling import PerToken
from immunosep.web.enrolment.questions import Question

Method = TypeVar("Method", bound=Callable[..., Any])
Shape = type[serializers.Serializer[Any]]


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a POST does: an action of the site, open to whoever holds one of the permissions."""

    action: Callable[..., Any]
    permissions: tuple[Permission, ...]


class Problem(serializers.Serializer[Any]):
    """Problem details (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(allow_blank=True)
    problems = serializers.ListField(child=serializers.CharField())


KEY = OpenApiParameter(
    HEADER, str, OpenApiParameter.HEADER, required=True,
    description="New for each thing done; the same key again is answered the same, for a day.",
)  # fmt: skip
SEEN = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description="The ETag that was read."
)
CURSOR = OpenApiParameter("cursor", str, description="`next` of the part before.")
AGAINST = {
    (status, MEDIA_TYPE): Problem for status in (400, 401, 403, 404, 405, 406, 415, 422, 429)
}
STALE = {(status, MEDIA_TYPE): Problem for status in (412, 428)}


def reads(shape: Shape | None, *parameters: OpenApiParameter) -> Callable[[Method], Method]:
    """Describe a GET."""
    return extend_schema(
        parameters=list(parameters), responses={(200, "application/json"): shape, **AGAINST}
    )


def does(
    action: Callable[..., Any],
    *permissions: Permission,
    sent: Shape | None,
    answered: Shape,
    compared: bool = False,
) -> Callable[[Method], Method]:
    """Describe a POST, and note which action it is and who may."""
    describe = extend_schema(
        request=sent,
        parameters=[KEY, *([SEEN] if compared else [])],
        responses={
            (200, "application/json"): answered, **AGAINST, **(STALE if compared else {}),
        },
    )  # fmt: skip

    def decorate(method: Method) -> Method:
        described = describe(method)
        described.done = Done(action=action, permissions=permissions)  # type: ignore[attr-defined]
        return described

    return decorate


class ByAddress(AutoSchema):
    """Operations named by method and address: `get_patients_number`."""

    def get_operation_id(self) -> str:
        """Unique, for both are."""
        words = re.findall(r"\w+", self.path.removeprefix("/api/1/"))
        return "_".join([self.method.lower(), *words]).replace("-", "_")


class Endpoint(APIView):
    """One address of the interface."""

    schema = ByAddress()

    authentication_classes = (BearerToken,)
    permission_classes = (IsAuthenticated, ReachesFarEnough)
    throttle_classes = (PerToken,)

    @property
    def user(self) -> User:
        """Whose token it is, limited to the token's role."""
        return account_of(self.request)

    @property
    def now(self) -> datetime:
        """By the server's clock."""
        return timezone.now()


def asked(shape: Shape, request: Request) -> dict[str, Any]:
    """What was sent, as the shape describes it; every fault at once."""
    given = shape(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def refuse_unseen(request: Request, tag: str) -> None:
    """Refuse a change to what somebody else changed since, or that nobody says they read."""
    sent = request.headers.get("If-Match")
    if sent is None:
        raise Refused(428)
    if sent != tag:
        raise Refused(412)


def posted_of(values: Mapping[str, Any], known: CaseForm | Mapping[str, Any]) -> dict[str, str]:
    """Values as a page's fields would send them; RefusedError for what no field could."""
    columns = known.columns if isinstance(known, CaseForm) else known
    foreign = sum(name not in columns for name in values)
    problems = [
        f"{name}: expected a number, a word, yes or no, a moment, or a value with its unit."
        for name, value in values.items()
        if name in columns and not _is_plain(value)
    ]
    if foreign:
        problems.append(
            f"{foreign} of the names are of no column here; expected some of {', '.join(columns)}."
        )
    if problems:
        raise RefusedError("nothing was saved", problems)
    posted: dict[str, str] = {}
    for name, value in values.items():
        unit = isinstance(value, Mapping)
        posted[name] = _typed(value["value"] if unit else value)
        if unit:
            posted[f"{name}.unit"] = value["unit"]
    return posted


class FilledIn(Protocol):
    """A page of forms as it would come back to a browser."""

    @property
    def faulty(self) -> list[Question]: ...
    @property
    def problems(self) -> list[str]: ...
    @property
    def asks_to_look(self) -> bool: ...


def problems_of(filled: FilledIn, questions: Iterable[Question]) -> list[str]:
    """All that stands against saving it: what cannot be read, what is refused, what is unusual."""
    return [
        *(f"{each.name}: {each.problem}." for each in filled.faulty),
        *filled.problems,
        *(
            f"{each.name}: {each.warning} If it is meant, send it again with looked_again."
            for each in questions
            if filled.asks_to_look and each.warning
        ),
    ]


def _is_plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        number, unit = value.get("value"), value.get("unit")
        of_both = set(value) == {"value", "unit"}
        return of_both and isinstance(unit, str) and isinstance(number, int | float | str)
    return value is None or isinstance(value, bool | int | float | str)


def _typed(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)
