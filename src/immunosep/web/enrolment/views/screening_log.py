"""The screening log with its counts, its export, and saying why a patient is not enrolled."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from immunosep.errors import RefusedError, SourceError
from immunosep.languages import say
from immunosep.web.accounts.access import account_of, centres_of, may, needs
from immunosep.web.accounts.roles import Permission
from immunosep.web.enrolment.counting import as_csv, counts_of, log_of
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.not_enrolling import (
    OTHER_REASONS,
    not_enrol,
    reasons_in_words,
    screen_again,
)
from immunosep.web.enrolment.recording import values_up_to
from immunosep.web.enrolment.verdicts import picture_of
from immunosep.web.enrolment.views.finding import patient_at

A_PAGE = 100


@needs(Permission.SEE_SCREENING_LOG)
@require_safe
def screening_log(request: HttpRequest) -> HttpResponse:
    """Who was screened and what became of them, with the counts."""
    user = account_of(request)
    rows = log_of(centres_of(user, Permission.SEE_SCREENING_LOG))
    context = {
        "counts": counts_of(rows),
        "page": Paginator(rows, A_PAGE).get_page(request.GET.get("page")),
        "sees_patients": may(user, Permission.SEE_PATIENTS),
    }
    return render(request, "enrolment/screening_log.html", context)


@needs(Permission.SEE_SCREENING_LOG)
@require_safe
def screening_log_csv(request: HttpRequest) -> HttpResponse:
    """The same, without any identifier."""
    rows = log_of(centres_of(account_of(request), Permission.SEE_SCREENING_LOG))
    response = HttpResponse(as_csv(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="screening-log.csv"'
    return response


@needs(Permission.SCREEN)
@require_http_methods(["GET", "HEAD", "POST"])
def not_enrolled(request: HttpRequest, number: str) -> HttpResponse:
    """Every reason that applies; those that screening found are ticked."""
    patient = patient_at(request, number, Permission.SCREEN)
    if request.method != "POST":
        return _page(request, patient, ticked=_found_against(patient))
    reasons = request.POST.getlist("reasons")
    try:
        not_enrol(
            number, reasons=reasons, note=request.POST.get("note", ""), by=account_of(request),
            now=timezone.now(),
        )  # fmt: skip
    except RefusedError as error:
        problems = list(error.problems)
        return _page(request, patient, ticked=reasons, problems=problems, status=422)
    messages.success(request, say("Recorded in the screening log."))
    return redirect("patient", number)


@needs(Permission.SCREEN)
@require_POST
def open_again(request: HttpRequest, number: str) -> HttpResponse:
    """Take it back, with a reason."""
    patient = patient_at(request, number, Permission.SCREEN)
    reason = request.POST.get("reason", "")
    try:
        screen_again(number, reason=reason, by=account_of(request), now=timezone.now())
    except RefusedError as error:
        return _page(request, patient, ticked=[], problems=list(error.problems), status=422)
    messages.success(request, say("The patient is in screening again."))
    return redirect("patient", number)


def _found_against(patient: Patient) -> list[str]:
    try:
        picture = picture_of(patient, values_up_to(patient), now=timezone.now())
    except SourceError:  # the screening page says which value is no longer one of the dictionary's
        return []
    lines = (*picture.inclusion, *picture.exclusion)
    return [line.criterion.id for line in lines if line.badge == "not-met"]


def _page(
    request: HttpRequest,
    patient: Patient,
    *,
    ticked: list[str],
    problems: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    words = reasons_in_words(patient.centre)
    context = {
        "patient": patient,
        "closed": getattr(patient, "not_enrolled", None),
        "criteria": [(id_, words[id_]) for id_ in words if id_ not in OTHER_REASONS],
        "others": OTHER_REASONS.items(),
        "ticked": ticked,
        "note": request.POST.get("note", ""),
        "problems": problems,
    }
    return render(request, "enrolment/not_enrolled.html", context, status=status)
