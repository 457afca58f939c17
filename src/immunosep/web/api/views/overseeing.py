"""Deviations, screening log, audit trail and vital status: what is read over all centres."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from immunosep.web.accounts.access import centres_of, may, require
from immunosep.web.accounts.roles import Permission
from immunosep.web.administration import audit_views
from immunosep.web.api.cursors import part_of, part_of_list
from immunosep.web.api.endpoint import CURSOR, Endpoint, asked, does, reads
from immunosep.web.api.repeating import once
from immunosep.web.api.shapes import Moment, Sent, listed, part, values_shown
from immunosep.web.casebook.forms import find_form
from immunosep.web.casebook.hidden import shown, trial_is_locked
from immunosep.web.casebook.models import Page
from immunosep.web.casebook.values import values_of_pages
from immunosep.web.enrolment.counting import log_of
from immunosep.web.followup.due import CONTACT
from immunosep.web.oversight.listing import narrowed, seen_by
from immunosep.web.oversight.models import Judgement, Kind
from immunosep.web.oversight.recording import judge, report_deviation
from immunosep.web.trial import trial_of

OVERSEE, REPORT, REVIEW = (
    Permission.SEE_OVERSIGHT,
    Permission.REPORT_DEVIATIONS,
    Permission.REVIEW_DEVIATIONS,
)


class DeviationShown(serializers.Serializer[Any]):
    """One departure from the protocol."""

    id = serializers.IntegerField(source="pk")
    centre = serializers.CharField(source="centre_id")
    participant = serializers.CharField(source="patient_id", allow_null=True)
    kind = serializers.CharField()
    what = serializers.CharField()
    happened_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    found_by = serializers.CharField()
    verdict = serializers.CharField(allow_null=True)


class DeviationSent(Sent):
    """What somebody saw, of a participant or of the centre."""

    centre = serializers.CharField(max_length=60)
    kind = serializers.ChoiceField(choices=Kind.values)
    what = serializers.CharField(max_length=4000)
    happened_at = Moment()
    participant = serializers.CharField(max_length=40, default="", allow_blank=True)


class JudgementSent(Sent):
    """What is made of a deviation."""

    verdict = serializers.ChoiceField(choices=Judgement.Verdict.values)
    reason = serializers.CharField(max_length=4000)


class Made(serializers.Serializer[Any]):
    """The deviation's number."""

    id = serializers.IntegerField()


class Screened(serializers.Serializer[Any]):
    """One screened patient, without anything that could tell who."""

    centre = serializers.CharField()
    outcome = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())


class EventShown(serializers.Serializer[Any]):
    """One line of the audit trail."""

    sequence = serializers.IntegerField(source="event.sequence")
    at = serializers.DateTimeField(source="event.at")
    by = serializers.CharField(source="event.by_name")
    role = serializers.CharField(source="event.role", allow_blank=True)
    action = serializers.CharField(source="event.action")
    subject = serializers.CharField(source="event.subject")
    centre = serializers.CharField(source="event.centre", allow_blank=True)
    participant = serializers.CharField(source="event.participant", allow_blank=True)
    shown = serializers.BooleanField(source="open", help_text="Whether values and reason are.")
    before = serializers.SerializerMethodField()
    after = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()

    def get_before(self, row: audit_views.Row) -> dict[str, Any] | None:
        """What stood, if it may be shown."""
        return row.event.before if row.open else None

    def get_after(self, row: audit_views.Row) -> dict[str, Any] | None:
        """What was put, if it may be shown."""
        return row.event.after if row.open else None

    def get_reason(self, row: audit_views.Row) -> str:
        """Why, if it may be shown."""
        return row.event.reason if row.open else ""


class VitalStatus(serializers.Serializer[Any]):
    """What one contact said of a participant."""

    page = serializers.IntegerField(source="pk")
    participant = serializers.CharField(source="patient_id")
    visit = serializers.CharField(allow_blank=True)
    stage = serializers.CharField()
    values = values_shown()


NARROW = tuple(OpenApiParameter(name, str) for name in ("centre", "kind", "found_by", "judged"))
ASK = tuple(OpenApiParameter(name, str) for name in audit_views.FILTERS)


class Deviations(Endpoint):
    """Deviations from the protocol."""

    @reads(listed(DeviationShown), CURSOR, *NARROW)
    def get(self, request: Request) -> Response:
        """Of the centres one oversees, the newest first."""
        if not may(self.user, OVERSEE):
            raise PermissionDenied
        held = narrowed(seen_by(self.user), request.query_params.dict())
        rows, following = part_of(request, held, newest_first=True)
        return Response(part(DeviationShown, rows, following))

    @does(report_deviation, REPORT, sent=DeviationSent, answered=Made)
    def post(self, request: Request) -> Response:
        """Report one."""
        where = centres_of(self.user, REPORT)
        if not where.exists():
            raise PermissionDenied
        given = asked(DeviationSent, request)
        centre = where.filter(pk=given.pop("centre")).first()
        if centre is None:
            raise Http404

        def act() -> tuple[int, Any]:
            made = report_deviation(centre, **given, by=self.user, now=self.now)
            return 200, {"id": made.pk}

        return once(request, act)


class JudgeDeviation(Endpoint):
    """Judging."""

    @does(judge, REVIEW, sent=JudgementSent, answered=Made)
    def post(self, request: Request, pk: int) -> Response:
        """Say whether it is important, and why."""
        if not may(self.user, OVERSEE):
            raise PermissionDenied
        found = seen_by(self.user).filter(pk=pk).first()
        if found is None:
            raise Http404
        require(self.user, REVIEW, found.centre)
        given = asked(JudgementSent, request)

        def act() -> tuple[int, Any]:
            judge(found, **given, by=self.user, now=self.now)
            return 200, {"id": pk}

        return once(request, act)


class ScreeningLog(Endpoint):
    """The screening log."""

    @reads(listed(Screened), CURSOR)
    def get(self, request: Request) -> Response:
        """In the order of what the rows say, so that a row's place tells nobody's number."""
        if not may(self.user, Permission.SEE_SCREENING_LOG):
            raise PermissionDenied
        lines = sorted(
            (row.patient.centre_id, row.outcome, row.reason_ids)
            for row in log_of(centres_of(self.user, Permission.SEE_SCREENING_LOG))
        )
        rows, following = part_of_list(request, lines)
        said = [{"centre": c, "outcome": o, "reasons": list(r)} for c, o, r in rows]
        return Response(part(Screened, said, following))


class AuditTrail(Endpoint):
    """The audit trail, as its page shows it."""

    @reads(listed(EventShown), CURSOR, *ASK)
    def get(self, request: Request) -> Response:
        """The newest first."""
        if not may(self.user, Permission.SEE_AUDIT):
            raise PermissionDenied
        sent = {name: request.query_params.get(name, "").strip() for name in audit_views.FILTERS}
        held = audit_views.filtered(audit_views.visible_to(self.user), sent)
        rows, following = part_of(request, held, newest_first=True)
        return Response(part(EventShown, list(audit_views.rows_of(rows, {})), following))


class VitalStatuses(Endpoint):
    """Who was alive at which contact."""

    @reads(listed(VitalStatus), CURSOR)
    def get(self, request: Request) -> Response:
        """Every page with a vital status, of one's centres."""
        if not may(self.user, Permission.SEE_PATIENTS):
            raise PermissionDenied
        centres = list(centres_of(self.user, Permission.SEE_PATIENTS))
        forms = {f.id for c in centres for f in trial_of(c).casebook if CONTACT in f.columns}
        held = Page.objects.filter(patient__centre__in=centres, form__in=forms)
        rows, following = part_of(request, held.select_related("patient__centre"))
        values, locked = values_of_pages(rows), trial_is_locked()
        for page in rows:
            form = find_form(page.form, trial_of(page.patient.centre))
            page.values = shown(form, values[page.pk], trial_locked=locked)
        return Response(part(VitalStatus, rows, following))
