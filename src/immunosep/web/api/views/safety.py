"""Adverse events: the list, telling the sponsor of a serious one, adding what became known.

An event is entered as a page of its form; here it is read with what was reported and judged of it.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from immunosep.errors import RefusedError
from immunosep.web.accounts.access import centres_of, may, require
from immunosep.web.accounts.roles import Permission
from immunosep.web.api.cursors import part_of
from immunosep.web.api.endpoint import CURSOR, Endpoint, asked, does, reads
from immunosep.web.api.repeating import once
from immunosep.web.api.shapes import Moment, Sent, Text, listed
from immunosep.web.casebook.models import Page
from immunosep.web.followup.views.finding import page_at
from immunosep.web.safety.cases import FORM, Case, case_at, cases_of
from immunosep.web.safety.clocks import clocks_of
from immunosep.web.safety.reporting import follow_up, report_serious

ENTER, REVIEW = Permission.ENTER_FOLLOW_UP, Permission.REVIEW_SAFETY


class ClockShown(serializers.Serializer[Any]):
    """One thing that must be done by a moment."""

    what = serializers.CharField()
    due = serializers.DateTimeField()
    done = serializers.DateTimeField(allow_null=True)
    late = serializers.BooleanField()


class AdverseEventShown(serializers.Serializer[Any]):
    """One adverse event."""

    page = serializers.IntegerField(source="page.pk")
    participant = serializers.CharField(source="page.patient_id")
    term = serializers.CharField()
    said = serializers.DictField(
        source="row", child=serializers.JSONField(allow_null=True),
        help_text="Grade, outcome, seriousness and relatedness, as its page says.",
    )  # fmt: skip
    reported_at = serializers.DateTimeField(
        source="report.reported_at", default=None, allow_null=True
    )
    susar = serializers.BooleanField()
    clocks = serializers.SerializerMethodField()

    def get_clocks(self, case: Case) -> list[dict[str, Any]]:
        """Every clock that it started."""
        return list(ClockShown(clocks_of(case, now=self.context["now"]), many=True).data)


class ReportSent(Sent):
    """When the investigator knew."""

    aware_at = Moment()


class Reported(serializers.Serializer[Any]):
    """What was told or added."""

    page = serializers.IntegerField()
    at = serializers.DateTimeField()


class AdverseEvents(Endpoint):
    """The adverse events of one's centres."""

    @reads(listed(AdverseEventShown), CURSOR)
    def get(self, request: Request) -> Response:
        """Serious or not, in the order in which they were entered."""
        if not may(self.user, Permission.SEE_PATIENTS):
            raise PermissionDenied
        centres = centres_of(self.user, Permission.SEE_PATIENTS)
        held = Page.objects.filter(form=FORM, patient__centre__in=centres)
        rows, following = part_of(request, held.select_related("patient__centre"))
        shown = AdverseEventShown(cases_of(rows), many=True, context={"now": self.now})
        return Response({"items": shown.data, "next": following})


class OfEvent(Endpoint):
    """An endpoint about one event."""

    def case(self, request: Request, number: str, pk: int) -> Case:
        """The event, if one sees the participant."""
        about = page_at(request, number, pk)
        require(self.user, Permission.SEE_PATIENTS, about.centre)
        assert about.page is not None
        if about.page.form != FORM:
            raise Http404
        return case_at(about.page.pk)


class ReportEvent(OfEvent):
    """Telling the sponsor."""

    @does(report_serious, ENTER, sent=ReportSent, answered=Reported)
    def post(self, request: Request, number: str, pk: int) -> Response:
        """Report a serious event, once."""
        case = self.case(request, number, pk)
        require(self.user, ENTER, case.centre)
        given = asked(ReportSent, request)

        def act() -> tuple[int, Any]:
            made = report_serious(case.page, **given, by=self.user, now=self.now)
            return 200, {"page": pk, "at": made.reported_at}

        return once(request, act)


class FollowEvent(OfEvent):
    """What became known."""

    @does(follow_up, ENTER, REVIEW, sent=Text, answered=Reported)
    def post(self, request: Request, number: str, pk: int) -> Response:
        """Add it to a report."""
        case = self.case(request, number, pk)
        if not any(may(self.user, each, case.centre) for each in (ENTER, REVIEW)):
            raise PermissionDenied
        text = asked(Text, request)["text"]
        report = case.report
        if report is None:
            raise RefusedError("nothing was added", ["The event is not reported yet."])

        def act() -> tuple[int, Any]:
            made = follow_up(report, text=text, by=self.user, now=self.now)
            return 200, {"page": pk, "at": made.at}

        return once(request, act)
