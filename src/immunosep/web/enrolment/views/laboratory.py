"""The laboratory: which patients wait for a result, and entering one. No criterion is shown."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from immunosep.languages import say
from immunosep.protocol.forms import FilledBy
from immunosep.tables.dictionary import COLUMNS
from immunosep.web.accounts.access import account_of, centres_of, may, needs
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.enrolment.models import Entry, Patient
from immunosep.web.enrolment.progress import standing_of
from immunosep.web.enrolment.questions import columns_of
from immunosep.web.enrolment.views.entering import Filled, opened, save, typed
from immunosep.web.enrolment.views.finding import patient_at
from immunosep.web.enrolment.views.onward import running_clock, steps_of, url_after

RECENT = 20


@needs(Permission.ENTER_LABORATORY)
@require_safe
def laboratory(request: HttpRequest) -> HttpResponse:
    """Patients without a result, oldest first, by their numbers alone; then those with all."""
    centres = list(centres_of(account_of(request), Permission.ENTER_LABORATORY))
    asked = {centre.pk: columns_of(FilledBy.LABORATORY, centre) for centre in centres}
    every = {name for columns in asked.values() for name in columns}
    entered = Entry.objects.filter(column__in=every).order_by("id")
    of_mine = (
        Patient.objects.filter(centre__in=centres)
        .select_related("centre")
        .prefetch_related(Prefetch("entries", queryset=entered))
    )
    still_open = of_mine.filter(not_enrolled=None, withdrawal=None)
    waiting = [
        (patient, lacking)
        for patient in still_open.filter(allocation=None).order_by("added_at", "number")
        if (lacking := _lacking(patient, asked[patient.centre_id]))
    ]
    complete = [
        patient
        for patient in still_open.order_by("-added_at", "-number")[: RECENT * 2]
        if not _lacking(patient, asked[patient.centre_id])
    ]
    context = {"waiting": waiting, "complete": complete[:RECENT]}
    return render(request, "enrolment/laboratory.html", context)


@needs(Permission.ENTER_LABORATORY)
@require_http_methods(["GET", "HEAD", "POST"])
def laboratory_result(request: HttpRequest, number: str) -> HttpResponse:
    """One patient's results: entered with the time of the sample, corrected with a reason."""
    patient = patient_at(request, number, Permission.ENTER_LABORATORY)
    if request.method != "POST":
        return _page(request, opened(patient, FilledBy.LABORATORY))
    user, now = account_of(request), timezone.now()
    saved = save(typed(patient, FilledBy.LABORATORY, request.POST), by=user, now=now)
    if saved.is_wrong:
        return _page(request, saved, status=422)
    messages.success(request, say("Saved."))
    return redirect(_after(patient, user))


def _after(patient: Patient, user: User) -> str:
    """On to the next step for the bedside team, back to the worklist for the laboratory."""
    if not may(user, Permission.SEE_PATIENTS, patient.centre):
        return reverse("laboratory")
    return url_after(patient, user, left="laboratory_result", now=timezone.now())


def _page(request: HttpRequest, filled: Filled, *, status: int = 200) -> HttpResponse:
    patient, now = filled.patient, timezone.now()
    sees = may(account_of(request), Permission.SEE_PATIENTS, patient.centre)
    standing = standing_of(patient, now=now) if sees else None
    context = {
        "patient": patient,
        "centre": patient.centre,
        "filled": filled,
        "sees_patients": sees,
        "steps": steps_of(standing) if standing else [],
        "clock": running_clock(standing, now=now) if standing else None,
    }
    return render(request, "enrolment/laboratory_result.html", context, status=status)


def _lacking(patient: Patient, asked: dict[str, str]) -> list[str]:
    """The labels of what has no value yet."""
    last = {entry.column: entry.value for entry in patient.entries.all()}
    return [COLUMNS[name].label for name in asked if last.get(name) is None]
