"""What is answered when something is refused: problem details (RFC 9457), all problems at once.

What is not there, and what belongs to a centre one has no role at, are answered with the same
bytes. No answer repeats what was sent.
"""

from collections.abc import Iterable, Iterator
from math import ceil
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response

from immunosep.errors import CodeError, ProblemsError

MEDIA_TYPE = "application/problem+json"
SAYS = {
    400: "The request cannot be read as it is.",
    401: "There is no token, or it is not in force. Send `Authorization: Bearer …`.",
    403: "The role or the reach of this token does not allow it.",
    404: "There is nothing here.",
    405: "This address does not know that method.",
    406: "Only JSON is answered.",
    412: "It was changed since you read it. Read it again, compare, and send again.",
    415: "Send JSON: Content-Type: application/json.",
    422: "It cannot be done as it is.",
    428: "Say what you saw: send the ETag you read as If-Match.",
    429: "Too many requests. Wait, and send again.",
}


class Refused(exceptions.APIException):
    """Something is refused with this status, for these reasons."""

    def __init__(self, status: int, *problems: str, title: str = "") -> None:
        super().__init__()
        self.status_code, self.problems, self.title = status, problems, title


def answer_problem(error: Exception, _context: Any) -> Response | None:
    """What the framework calls for an error in an endpoint; None makes it the site's 500 page."""
    match error:
        case Refused():
            return _problem(error.status_code, error.problems, title=error.title)
        case ProblemsError():
            return _problem(422, error.problems, title=error.subject)
        case CodeError():
            return _problem(422, [f"{error}."])
        case exceptions.ValidationError():
            return _problem(422, list(_said(error.detail)), title="the request is not as described")
        case Http404():
            return _problem(404)
        case PermissionDenied():
            return _problem(403)
        case exceptions.Throttled():
            answer = _problem(429)
            answer["Retry-After"] = str(ceil(getattr(error, "wait", None) or 1))
            return answer
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            answer = _problem(401)
            answer["WWW-Authenticate"] = "Bearer"
            return answer
        case exceptions.APIException():
            return _problem(error.status_code)
        case _:
            return None


@csrf_exempt  # it reads no cookie, and changes nothing
def nothing_here(_request: HttpRequest, rest: str) -> JsonResponse:
    """Any address of the interface that it does not know."""
    return problem(404)


def problem(status: int, problems: Iterable[object] = (), *, title: str = "") -> JsonResponse:
    """The answer where no endpoint is asked."""
    compact = {"separators": (",", ":")}
    body = _body(status, problems, title=title)
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE, json_dumps_params=compact)


def _problem(status: int, problems: Iterable[object] = (), *, title: str = "") -> Response:
    body = _body(status, problems, title=title)
    return Response(body, status=status, content_type=MEDIA_TYPE)


def _body(status: int, problems: Iterable[object] = (), *, title: str = "") -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": str(title) or HttpResponse(status=status).reason_phrase,
        "status": status,
        "detail": SAYS.get(status, ""),
        "problems": [str(problem) for problem in problems],
    }


def _said(detail: Any, where: str = "") -> Iterator[str]:
    """Each fault with the name of its field, of however deep a request."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _said(inner, f"{where}.{name}".strip("."))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _said(inner, where)
    else:
        yield f"{where}: {_without_what_was_sent(detail)}"


def _without_what_was_sent(detail: Any) -> str:
    """The framework quotes a word that is none of a list's: it may be a patient's value."""
    return "is none of its choices." if detail.code == "invalid_choice" else str(detail)
