"""Screening one patient: the trial's bedside forms, and the answer as they are filled in."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from immunosep.errors import SourceError
from immunosep.languages import say
from immunosep.protocol.forms import FilledBy
from immunosep.web.accounts.access import account_of, needs
from immunosep.web.accounts.roles import Permission
from immunosep.web.enrolment.amended import version_note
from immunosep.web.enrolment.progress import standing_of
from immunosep.web.enrolment.verdicts import Picture, picture_of
from immunosep.web.enrolment.views.entering import Filled, opened, save, typed, values_shown
from immunosep.web.enrolment.views.finding import patient_at
from immunosep.web.enrolment.views.onward import steps_of, url_after


@needs(Permission.SCREEN)
@require_http_methods(["GET", "HEAD", "POST"])
def screen(request: HttpRequest, number: str) -> HttpResponse:
    """The forms; a POST saves them, or with the button "Check" only answers."""
    patient = patient_at(request, number, Permission.SCREEN)
    if request.method != "POST":
        return _page(request, opened(patient, FilledBy.BEDSIDE))
    filled = typed(patient, FilledBy.BEDSIDE, request.POST)
    if request.POST.get("do") == "check":
        return _page(request, filled, status=422 if filled.faulty else 200)
    user, now = account_of(request), timezone.now()
    saved = save(filled, by=user, now=now)
    if saved.is_wrong:
        return _page(request, saved, status=422)
    messages.success(request, say("Saved."))
    return redirect(url_after(patient, user, left="screen", now=now))


@needs(Permission.SCREEN)
@require_POST
def check(request: HttpRequest, number: str) -> HttpResponse:
    """The answer to what is typed so far, as a part of the page. Nothing is written."""
    filled = typed(patient_at(request, number, Permission.SCREEN), FilledBy.BEDSIDE, request.POST)
    answered = _answered(filled)
    was, idle = set(request.POST.getlist("idle")), _idle(answered["picture"])
    changed = [s for s in filled.sections if (was ^ idle) & {q.name for q in s.questions}]
    context = {"changed": changed, "centre": filled.patient.centre, **answered}
    return render(request, "enrolment/checked.html", context)


def _page(request: HttpRequest, filled: Filled, *, status: int = 200) -> HttpResponse:
    standing = standing_of(filled.patient, now=timezone.now())
    context = {
        "patient": filled.patient,
        "centre": filled.patient.centre,
        "steps": steps_of(standing),
        "version_note": version_note(filled.patient),
        **_answered(filled),
    }
    return render(request, "enrolment/screen.html", context, status=status)


def _answered(filled: Filled) -> dict[str, Any]:
    """The page, and the trial's answer to it, if its values can be answered together."""
    picture: Picture | None = None
    together: list[str] = []
    try:
        picture = picture_of(filled.patient, values_shown(filled), now=timezone.now())
    except SourceError as error:
        together = list(error.problems)
    idle = _idle(picture)
    folded = [s for s in filled.sections if idle & {q.name for q in s.questions}]
    return {"filled": filled, "picture": picture, "together": together, "folded": folded}


def _idle(picture: Picture | None) -> frozenset[str]:
    """The questions that no answer could matter to any more, where the values can be answered."""
    return picture.idle if picture else frozenset()
