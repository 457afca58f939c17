"""Pages of the casebook: the list, one of them, opening, entering, completing, opening again.

What hints at the arm is entered and never given back (`casebook.hidden`): of such a column a page
says only that there is a value.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from immunosep.errors import RefusedError
from immunosep.protocol.casebook import CaseForm
from immunosep.web.accounts.access import may
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.api.cursors import part_of
from immunosep.web.api.endpoint import (
    CURSOR,
    Endpoint,
    asked,
    does,
    posted_of,
    problems_of,
    reads,
    refuse_unseen,
)
from immunosep.web.api.repeating import once
from immunosep.web.api.shapes import Nothing, ValuesSent, Why, listed, part, values_shown
from immunosep.web.casebook.completing import complete_page, miss_visit, reopen_page
from immunosep.web.casebook.forms import asked_at, find_form, find_visit
from immunosep.web.casebook.models import Page, Query
from immunosep.web.casebook.recording import MAY_ENTER, Written, record_page, write_page
from immunosep.web.casebook.values import values_of
from immunosep.web.enrolment.models import Patient
from immunosep.web.followup.entering import About, last_entry, save, typed
from immunosep.web.followup.views.finding import page_at, participant_at
from immunosep.web.trial import trial_of

ENTER = tuple(MAY_ENTER.values())
NO_FORM = "The trial has no such form, or no such visit, or the visit does not ask for the form."


class PageListed(serializers.Serializer[Any]):
    """One page of a casebook."""

    id = serializers.IntegerField(source="pk")
    form = serializers.CharField()
    visit = serializers.CharField(allow_blank=True)
    number = serializers.IntegerField()
    stage = serializers.CharField()
    verified = serializers.BooleanField()
    opened_at = serializers.DateTimeField()
    unsettled_queries = serializers.IntegerField()


class PageShown(serializers.Serializer[Any]):
    """The page, with its values."""

    id = serializers.IntegerField(source="page.pk")
    participant = serializers.CharField(source="page.patient_id")
    form = serializers.CharField(source="page.form")
    visit = serializers.CharField(source="page.visit", allow_blank=True)
    number = serializers.IntegerField(source="page.number")
    stage = serializers.CharField(source="page.stage")
    verified = serializers.BooleanField(source="page.verified")
    etag = serializers.CharField()
    values = values_shown()
    hidden = serializers.ListField(
        child=serializers.CharField(),
        help_text="Columns with a value that nobody is shown until the trial is locked.",
    )


class PageSent(ValuesSent):
    """A page to open, with its first values: of a visit, or an entry of a log."""

    form = serializers.CharField(max_length=60)
    visit = serializers.CharField(max_length=60, default="", allow_blank=True)
    unscheduled = serializers.BooleanField(default=False)


class PageWritten(serializers.Serializer[Any]):
    """Where a page stands, and what the rules ask about it."""

    id = serializers.IntegerField()
    stage = serializers.CharField()
    etag = serializers.CharField()
    asks = serializers.ListField(child=serializers.CharField())


class MissedSent(Why):
    """A visit that did not take place, or some of its forms."""

    visit = serializers.CharField(max_length=60)
    forms = serializers.ListField(
        child=serializers.CharField(max_length=60), default=list, max_length=50
    )


class MissedShown(serializers.Serializer[Any]):
    """The pages that are marked."""

    pages = serializers.ListField(child=serializers.IntegerField())


class Pages(Endpoint):
    """A participant's casebook."""

    @reads(listed(PageListed), CURSOR)
    def get(self, request: Request, number: str) -> Response:
        """The pages that are there."""
        patient = participant_at(request, number, Permission.SEE_PATIENTS)
        unsettled = Count("queries", filter=~Q(queries__status=Query.Status.CLOSED))
        held = Page.objects.filter(patient=patient).annotate(unsettled_queries=unsettled)
        rows, following = part_of(request, held)
        return Response(part(PageListed, rows, following))

    @does(write_page, *ENTER, sent=PageSent, answered=PageWritten)
    def post(self, request: Request, number: str) -> Response:
        """Open one, and enter its first values."""
        patient = entered_at(self.user, number)
        given = asked(PageSent, request)
        about = page_to_be(patient, given)
        if not may(self.user, MAY_ENTER[about.form.filled_by], about.centre):
            raise PermissionDenied
        return once(request, lambda: enter(about, given, endpoint=self))


class OnePage(Endpoint):
    """One page."""

    @reads(PageShown)
    def get(self, request: Request, number: str, pk: int) -> Response:
        """What it says, of what may be shown."""
        about = page_at(request, number, pk)
        assert about.page is not None
        values = values_of(about.page)
        shown = {
            "page": about.page,
            "etag": tag_of(about.page),
            "values": {name: v for name, v in values.items() if not about.hides(name)},
            "hidden": sorted(name for name in values if about.hides(name)),
        }
        return Response(PageShown(shown).data, headers={"ETag": tag_of(about.page)})


class PageValues(Endpoint):
    """A page's values."""

    @does(record_page, *ENTER, sent=ValuesSent, answered=PageWritten, compared=True)
    def post(self, request: Request, number: str, pk: int) -> Response:
        """Enter some; what is left out stays as it is."""
        about = writable_at(request, number, pk)
        given = asked(ValuesSent, request)

        def act() -> tuple[int, Any]:
            assert about.page is not None
            refuse_unseen(request, tag_of(about.page))
            return enter(about, given, endpoint=self)

        return once(request, act)


class CompletePage(Endpoint):
    """Completing."""

    @does(complete_page, *ENTER, sent=Nothing, answered=PageWritten)
    def post(self, request: Request, number: str, pk: int) -> Response:
        """Say that a page is whole."""
        about = writable_at(request, number, pk)
        asked(Nothing, request)

        def act() -> tuple[int, Any]:
            assert about.page is not None
            complete_page(about.page, by=self.user, now=self.now)
            return 200, standing(about.page)

        return once(request, act)


class ReopenPage(Endpoint):
    """Opening again."""

    @does(reopen_page, *ENTER, sent=Why, answered=PageWritten)
    def post(self, request: Request, number: str, pk: int) -> Response:
        """Take completion back."""
        about = writable_at(request, number, pk)
        reason = asked(Why, request)["reason"]

        def act() -> tuple[int, Any]:
            assert about.page is not None
            reopen_page(about.page, reason=reason, by=self.user, now=self.now)
            return 200, standing(about.page)

        return once(request, act)


class Missed(Endpoint):
    """Missed visits."""

    @does(miss_visit, *ENTER, sent=MissedSent, answered=MissedShown)
    def post(self, request: Request, number: str) -> Response:
        """Say that a visit did not take place."""
        entered_at(self.user, number)
        given = asked(MissedSent, request)

        def act() -> tuple[int, Any]:
            steps = miss_visit(
                number, given["visit"], reason=given["reason"], forms=given["forms"],
                by=self.user, now=self.now,
            )  # fmt: skip
            return 200, {"pages": [step.page_id for step in steps]}

        return once(request, act)


def entered_at(user: User, number: str) -> Patient:
    """A participant of a centre where one has a role; 403 where none of them fills in pages."""
    patient = Patient.objects.select_related("centre").filter(pk=number).first()
    if patient is None or not any(may(user, each, patient.centre) for each in Permission):
        raise Http404
    if not any(may(user, each, patient.centre) for each in ENTER):
        raise PermissionDenied
    if not hasattr(patient, "allocation"):
        raise Http404
    return patient


def writable_at(request: Request, number: str, pk: int) -> About:
    """A page that one fills in."""
    about = page_at(request, number, pk)
    user = request.user
    assert isinstance(user, User)
    if not may(user, MAY_ENTER[about.form.filled_by], about.centre):
        raise PermissionDenied
    return about


def page_to_be(patient: Patient, given: dict[str, Any]) -> About:
    """A page nobody has opened yet."""
    trial = trial_of(patient.centre)
    form: CaseForm | None = None
    try:
        form = find_form(given["form"], trial)
        visit = find_visit(given["visit"], trial) if given["visit"] else None
    except LookupError:
        form = None
    if form is None or (visit is None) != form.repeats or (visit and not asked_at(visit, form)):
        raise RefusedError(f"no page of {patient.pk} was opened", [NO_FORM])
    page = None
    if visit is not None and not given["unscheduled"]:
        planned = Page.objects.filter(patient=patient, form=form.id, visit=visit.id, number=1)
        page = planned.first()
    if page is not None:
        raise RefusedError(
            f"no page of {patient.pk} was opened",
            [f"It is there already, as page {page.pk}. Enter into it, with its ETag."],
        )
    return About(patient=patient, form=form, visit=visit, unscheduled=given["unscheduled"])


def enter(about: About, given: dict[str, Any], *, endpoint: Endpoint) -> tuple[int, Any]:
    """Write as a browser's page would; RefusedError with all that stands against it."""
    posted = posted_of(given["values"], about.form)
    posted |= {"seen": str(last_entry(about.page)), "reason": given["reason"]}
    if given["looked_again"]:
        posted["looked_again"] = "yes"
    filled, written = save(typed(about, posted), by=endpoint.user, now=endpoint.now)
    if written is None:
        problems = problems_of(filled, filled.questions)
        raise RefusedError(f"nothing was saved of {about.patient.pk}", problems)
    return 200, standing(written.page, written)


def standing(page: Page, written: Written | None = None) -> dict[str, Any]:
    """Where a page stands now."""
    now = Page.objects.get(pk=page.pk)
    asks = [check.says for check in written.queried] if written else []
    return {"id": now.pk, "stage": now.stage, "etag": tag_of(now), "asks": asks}


def tag_of(page: Page) -> str:
    """What changes with an entry, and with a step."""
    return f'"{page.stage}-{last_entry(page)}"'
