"""Questions about entries: the list, one with every turn it took, asking, answering, closing."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from immunosep.web.accounts.access import may, require
from immunosep.web.accounts.roles import Permission
from immunosep.web.api.cursors import part_of
from immunosep.web.api.endpoint import CURSOR, Endpoint, asked, does, reads
from immunosep.web.api.repeating import once
from immunosep.web.api.shapes import Text, listed, part
from immunosep.web.casebook.models import Query
from immunosep.web.casebook.querying import answer, close, raise_query, reopen, role_to
from immunosep.web.casebook.seeing import STATES, narrowed, seen_by
from immunosep.web.followup.views.finding import page_at

SEEING = (Permission.SEE_PATIENTS, Permission.ANSWER_QUERIES)
RAISE, ANSWER = Permission.RAISE_QUERIES, Permission.ANSWER_QUERIES
Status = Query.Status


class QueryListed(serializers.Serializer[Any]):
    """One question."""

    id = serializers.IntegerField(source="pk")
    page = serializers.IntegerField(source="page_id")
    participant = serializers.CharField(source="page.patient_id")
    form = serializers.CharField(source="page.form")
    visit = serializers.CharField(source="page.visit", allow_blank=True)
    column = serializers.CharField(allow_blank=True)
    by_rule = serializers.SerializerMethodField()
    status = serializers.CharField()
    opened_at = serializers.DateTimeField()

    def get_by_rule(self, query: Query) -> bool:
        """Whether a rule asks."""
        return bool(query.check_id)


class Turn(serializers.Serializer[Any]):
    """One turn of a question."""

    status = serializers.CharField()
    text = serializers.CharField()
    at = serializers.DateTimeField()
    by = serializers.CharField(source="by.name", default="")


class QueryShown(QueryListed):
    """One question, with its turns."""

    turns = Turn(many=True, source="steps")


class Asked(Text):
    """A question about a page, or about one column of it."""

    column = serializers.CharField(max_length=60, default="", allow_blank=True)


class QueryStands(serializers.Serializer[Any]):
    """Where a question stands."""

    id = serializers.IntegerField()
    status = serializers.CharField()


FILTERS = (
    OpenApiParameter("centre", str, description="The id of a centre."),
    OpenApiParameter("state", str, enum=list(STATES), description="Left out: not closed."),
)


class Queries(Endpoint):
    """The questions one may see."""

    @reads(listed(QueryListed), CURSOR, *FILTERS)
    def get(self, request: Request) -> Response:
        """By number, the oldest first."""
        if not any(may(self.user, each) for each in SEEING):
            raise PermissionDenied
        sent = request.query_params
        held = narrowed(
            seen_by(self.user), centre=sent.get("centre", ""), state=sent.get("state", ""), age="",
            now=self.now,
        )  # fmt: skip
        rows, following = part_of(request, held)
        return Response(part(QueryListed, rows, following))


class OneQuery(Endpoint):
    """One question."""

    @reads(QueryShown)
    def get(self, request: Request, pk: int) -> Response:
        """With every turn it took."""
        found = self.seen(pk)
        return Response(QueryShown(found).data)

    def seen(self, pk: int) -> Query:
        """The question, if one may see it."""
        if not any(may(self.user, each) for each in SEEING):
            raise PermissionDenied
        found = seen_by(self.user).prefetch_related("steps__by").filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def turned(
        self, request: Request, pk: int, act: Callable[..., Query], to: Query.Status
    ) -> Response:
        """Bring a question one step further."""
        found = self.seen(pk)
        role_to(to, found.page, self.user)
        text = asked(Text, request)["text"]

        def done() -> tuple[int, Any]:
            made = act(found, text=text, by=self.user, now=self.now)
            return 200, {"id": made.pk, "status": made.status}

        return once(request, done)


class PageQueries(Endpoint):
    """Questions about one page."""

    @does(raise_query, RAISE, sent=Asked, answered=QueryStands)
    def post(self, request: Request, number: str, pk: int) -> Response:
        """Ask."""
        about = page_at(request, number, pk)
        require(self.user, RAISE, about.centre)
        given = asked(Asked, request)

        def act() -> tuple[int, Any]:
            assert about.page is not None
            made = raise_query(about.page, **given, by=self.user, now=self.now)
            return 200, {"id": made.pk, "status": made.status}

        return once(request, act)


class AnswerQuery(OneQuery):
    """Answering."""

    http_method_names = ("post", "options")

    @does(answer, ANSWER, sent=Text, answered=QueryStands)
    def post(self, request: Request, pk: int) -> Response:
        """Answer at the centre."""
        return self.turned(request, pk, answer, Status.ANSWERED)


class CloseQuery(OneQuery):
    """Closing."""

    http_method_names = ("post", "options")

    @does(close, RAISE, sent=Text, answered=QueryStands)
    def post(self, request: Request, pk: int) -> Response:
        """Be content, or take the question back."""
        return self.turned(request, pk, close, Status.CLOSED)


class ReopenQuery(OneQuery):
    """Asking again."""

    http_method_names = ("post", "options")

    @does(reopen, RAISE, sent=Text, answered=QueryStands)
    def post(self, request: Request, pk: int) -> Response:
        """Ask again."""
        return self.turned(request, pk, reopen, Status.OPEN)
