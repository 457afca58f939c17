"""Unblinding in a site process: asking, the register, and the review. Nothing is opened here."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.web.accounts.access import account_of, centres_of, may, needs
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.enrolment.models import Allocation, Patient
from immunosep.web.supply.attempting import attempt
from immunosep.web.unblinding import register
from immunosep.web.unblinding.asking import ask
from immunosep.web.unblinding.models import Unblinding
from immunosep.web.unblinding.revealing import randomised_as


@needs(Permission.UNBLIND)
def unblind(request: HttpRequest, number: str) -> HttpResponse:
    """What unblinding means, and the reason; the keyed process does the rest."""
    patient = _patient(request, number, Permission.UNBLIND)
    allocation: list[Allocation] = []
    problems: Sequence[str] = attempt(lambda: allocation.append(randomised_as(patient)))
    if request.method == "POST" and not problems:
        reason, now = request.POST.get("reason", ""), timezone.now()
        problems = attempt(lambda: ask(request, number, reason=reason, now=now))
        if not problems:
            return redirect(f"{settings.KEYED_URL.rstrip('/')}/reveal/{number}/")
    context = {
        "patient": patient,
        "slot": allocation[0].slot if allocation else None,
        "earlier": Unblinding.objects.filter(allocation__patient=patient).count(),
        "reason": request.POST.get("reason", ""),
        "problems": problems,
    }
    return render(request, "unblinding/unblind.html", context, status=422 if problems else 200)


@needs(Permission.SEE_PATIENTS)
@require_safe
def unblindings(request: HttpRequest) -> HttpResponse:
    """The register: who learnt a treatment, when and why."""
    return _register(request)


@needs(Permission.SEE_PATIENTS)
@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """Enter an opened envelope or an accident."""
    user = account_of(request)
    if not (may(user, Permission.UNBLIND) or may(user, Permission.REVIEW_UNBLINDING)):
        raise PermissionDenied
    patient = _patient(request, request.POST.get("number", "").strip(), Permission.SEE_PATIENTS)
    problems = attempt(lambda: _enter(request, patient))
    if problems:
        return _register(request, problems=problems)
    messages.success(request, say("Entered into the register."))
    return redirect("unblindings")


@needs(Permission.REVIEW_UNBLINDING)
@require_POST
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """The medical monitor's assessment of one entry."""
    centres = centres_of(account_of(request), Permission.REVIEW_UNBLINDING)
    entry = Unblinding.objects.filter(pk=pk, allocation__patient__centre__in=centres).first()
    if entry is None:
        raise Http404
    user, now, text = account_of(request), timezone.now(), request.POST.get("assessment", "")
    problems = attempt(lambda: register.review(entry, assessment=text, by=user, now=now))
    if problems:
        return _register(request, problems=problems)
    messages.success(request, say("The review is kept."))
    return redirect("unblindings")


def _enter(request: HttpRequest, patient: Patient) -> None:
    typed = request.POST
    who = User.objects.filter(email__iexact=typed.get("who", "").strip()).first()
    kinds = {kind.value: kind for kind in register.BY_HAND}
    problems = []
    if who is None:
        problems.append(say("No account has this address. Ask the administrator for it."))
    if typed.get("kind") not in kinds:
        problems.append(say("Say whether it was an envelope or an accident."))
    try:
        at = datetime.fromisoformat(typed.get("at", "")).replace(tzinfo=patient.centre.zone)
    except ValueError:
        problems.append(say("The time cannot be read; expected such as 2026-03-02T14:05."))
    if problems:
        raise RefusedError("this cannot be entered into the register", problems)
    assert who is not None
    register.record_unblinding(
        randomised_as(patient),
        who=who,
        kind=kinds[typed["kind"]],
        reason=typed.get("reason", ""),
        at=at,
        by=account_of(request),
        now=timezone.now(),
    )


def _register(request: HttpRequest, *, problems: Sequence[str] = ()) -> HttpResponse:
    user = account_of(request)
    entries = (
        Unblinding.objects.filter(
            allocation__patient__centre__in=centres_of(user, Permission.SEE_PATIENTS)
        )
        .select_related("allocation__patient__centre", "who", "recorded_by", "review__by")
        .order_by("-at", "-id")
    )
    reviews = may(user, Permission.REVIEW_UNBLINDING)
    context = {
        "entries": entries,
        "may_review": reviews,
        "may_enter": reviews or may(user, Permission.UNBLIND),
        "kinds": register.BY_HAND,
        "typed": request.POST,
        "problems": problems,
    }
    return render(request, "unblinding/register.html", context, status=422 if problems else 200)


def _patient(request: HttpRequest, number: str, permission: Permission) -> Patient:
    centres = centres_of(account_of(request), permission)
    found = Patient.objects.filter(pk=number, centre__in=centres).select_related("centre").first()
    if found is None:
        raise Http404
    return found
