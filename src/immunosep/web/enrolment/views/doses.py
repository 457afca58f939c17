"""Doses at the bedside: receiving a preparation by its label, and recording that it was given."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.web.accounts.access import account_of, needs
from immunosep.web.accounts.roles import Permission
from immunosep.web.enrolment.dosing import due_of, first_dose_of, give_dose, receive_preparation
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.questions import Question, ask_moment, read_moment
from immunosep.web.enrolment.verdicts import clock_of
from immunosep.web.enrolment.views.finding import patient_at
from immunosep.web.supply.models import Preparation

GIVEN_AT = ("given_at", say("When it was given"))


@needs(Permission.GIVE_DOSES)
@require_safe
def doses(request: HttpRequest, number: str) -> HttpResponse:
    """What is on its way, what was received, what was given."""
    return _page(request, _participant(request, number))


@needs(Permission.GIVE_DOSES)
@require_POST
def receive(request: HttpRequest, number: str) -> HttpResponse:
    """Take a preparation over."""
    patient = _participant(request, number)
    label = request.POST.get("label", "")
    try:
        receive_preparation(number, label, by=account_of(request), now=timezone.now())
    except RefusedError as error:
        return _page(request, patient, received=label, problems=list(error.problems), status=422)
    messages.success(request, say("Received. Record the dose once it is given."))
    return redirect("doses", number)


@needs(Permission.GIVE_DOSES)
@require_POST
def give(request: HttpRequest, number: str) -> HttpResponse:
    """Record a dose."""
    patient = _participant(request, number)
    label = request.POST.get("label", "")
    question, at = read_moment(*GIVEN_AT, request.POST, centre=patient.centre)
    if at is None:
        return _page(request, patient, given=label, given_at=question, status=422)
    try:
        give_dose(
            number,
            label,
            given_at=at,
            by=account_of(request),
            now=timezone.now(),
            early="early" in request.POST,
        )
    except RefusedError as error:
        problems = list(error.problems)
        return _page(
            request, patient, given=label, given_at=question, problems=problems, status=422
        )
    messages.success(request, say("The dose is recorded."))
    return redirect("doses", number)


def _participant(request: HttpRequest, number: str) -> Patient:
    patient = patient_at(request, number, Permission.GIVE_DOSES)
    if not hasattr(patient, "allocation"):
        raise Http404("nobody was randomised under this number")
    return patient


def _page(
    request: HttpRequest,
    patient: Patient,
    *,
    received: str = "",
    given: str = "",
    given_at: Question | None = None,
    problems: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    now, allocation = timezone.now(), patient.allocation
    first = first_dose_of(allocation)
    preparations = (
        Preparation.objects.filter(order__participant=patient.pk)
        .exclude(status=Preparation.Status.DISCARDED)
        .select_related("order", "given__recorded_by")
        .order_by("order__day", "pk")
    )
    at_start = now.replace(second=0, microsecond=0)
    context = {
        "patient": patient,
        "centre": patient.centre,
        "allocation": allocation,
        "first": first,
        "clock": None if first else clock_of(allocation.window_closes_at, patient.centre, now=now),
        "preparations": [(each, due_of(each, first)) for each in preparations],
        "early": request.method == "POST" and "early" in request.POST,
        "received": received,
        "given": given,
        "given_at": given_at or ask_moment(*GIVEN_AT, centre=patient.centre, at=at_start),
        "problems": problems,
    }
    return render(request, "enrolment/doses.html", context, status=status)
