"""Consent: recording it, and its withdrawal."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.protocol.consent import ConsentBy, WithdrawalKind
from immunosep.web.accounts.access import account_of, needs
from immunosep.web.accounts.roles import Permission
from immunosep.web.enrolment.consenting import (
    GIVEN_BY,
    may_give,
    plan,
    record_consent,
    versions_open,
)
from immunosep.web.enrolment.models import ConsentVersion, Patient
from immunosep.web.enrolment.progress import standing_of
from immunosep.web.enrolment.questions import Question, ask_moment, read_moment
from immunosep.web.enrolment.views.finding import patient_at
from immunosep.web.enrolment.views.onward import running_clock, steps_of, url_after
from immunosep.web.enrolment.withdrawing import KINDS, withdraw

GIVEN_AT = ("given_at", say("When it was given"))
TAKEN_AT = ("at", say("When it was taken back"))


@needs(Permission.RECORD_CONSENT)
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest, number: str) -> HttpResponse:
    """Who consented, to which version, and when."""
    patient = patient_at(request, number, Permission.RECORD_CONSENT)
    if request.method != "POST":
        return _page(request, patient, ask_moment(*GIVEN_AT, centre=patient.centre))
    user, now = account_of(request), timezone.now()
    question, given_at = read_moment(*GIVEN_AT, request.POST, centre=patient.centre)
    by, version = _who(request), _version(request, patient)
    faults = {
        "given_by": "" if by else "choose who consented",
        "version": "" if version else "choose the version that was signed",
    }
    if by is None or version is None or given_at is None:
        return _page(request, patient, question, faults=faults, status=422)
    try:
        record_consent(number, given_by=by, version=version, given_at=given_at, by=user, now=now)
    except RefusedError as error:
        return _page(request, patient, question, problems=list(error.problems), status=422)
    messages.success(request, say("Consent is recorded."))
    return redirect(url_after(patient, user, left="consent", now=now))


def _who(request: HttpRequest) -> ConsentBy | None:
    given = request.POST.get("given_by", "")
    return ConsentBy(given) if given in list(ConsentBy) else None


def _version(request: HttpRequest, patient: Patient) -> ConsentVersion | None:
    key = request.POST.get("version", "")
    of_centre = ConsentVersion.objects.filter(centre=patient.centre)
    return of_centre.filter(pk=key).first() if key.isascii() and key.isdigit() else None


def _page(
    request: HttpRequest,
    patient: Patient,
    question: Question,
    *,
    problems: list[str] | None = None,
    faults: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    standing = standing_of(patient, now=now)
    versions = versions_open(patient.centre, _today(patient).date())
    newest = str(versions[0].pk) if versions else ""
    context = {
        "patient": patient,
        "centre": patient.centre,
        "steps": steps_of(standing),
        "clock": running_clock(standing, now=now),
        "plan": plan(patient.centre),
        "choices": [(each.value, GIVEN_BY[each]) for each in may_give(patient.centre)],
        "versions": [(str(each.pk), each) for each in versions],
        "chosen": request.POST.get("given_by", ""),
        "version": request.POST.get("version", newest),
        "given_at": question,
        "problems": problems,
        "faults": faults or {},
        "wrong": status == 422,
    }
    return render(request, "enrolment/consent.html", context, status=status)


def _today(patient: Patient) -> datetime:
    return timezone.now().astimezone(patient.centre.zone)


@needs(Permission.RECORD_CONSENT)
@require_http_methods(["GET", "HEAD", "POST"])
def withdrawal(request: HttpRequest, number: str) -> HttpResponse:
    """How much is taken back, when, and, if the participant says, why."""
    patient = patient_at(request, number, Permission.RECORD_CONSENT)
    if request.method != "POST":
        return _withdrawal(request, patient, ask_moment(*TAKEN_AT, centre=patient.centre))
    question, at = read_moment(*TAKEN_AT, request.POST, centre=patient.centre)
    given = request.POST.get("kind", "")
    kind = WithdrawalKind(given) if given in list(WithdrawalKind) else None
    if at is None or kind is None:
        missing = "" if kind else "choose how much is taken back"
        return _withdrawal(request, patient, question, missing=missing, status=422)
    try:
        withdraw(
            number, kind=kind, at=at, reason=request.POST.get("reason", ""),
            by=account_of(request), now=timezone.now(),
        )  # fmt: skip
    except RefusedError as error:
        return _withdrawal(request, patient, question, problems=list(error.problems), status=422)
    messages.success(request, say("The withdrawal is recorded."))
    return redirect("patient", number)


def _withdrawal(
    request: HttpRequest,
    patient: Patient,
    question: Question,
    *,
    problems: list[str] | None = None,
    missing: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "patient": patient,
        "centre": patient.centre,
        "kinds": [(kind.value, words) for kind, words in KINDS.items()],
        "chosen": request.POST.get("kind", ""),
        "reason": request.POST.get("reason", ""),
        "at": question,
        "missing": missing,
        "problems": problems,
        "wrong": status == 422,
    }
    return render(request, "enrolment/withdraw.html", context, status=status)
