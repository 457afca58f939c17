"""Every planned dose of a participant beside what became of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from immunosep.web.accounts.access import account_of, needs
from immunosep.web.accounts.roles import Permission
from immunosep.web.enrolment.recording import data_is_closed
from immunosep.web.followup.planned_doses import HAPPENED, NUMBER, ROUTE, dose_log, doses_of
from immunosep.web.followup.views.finding import filled_by, participant_at
from immunosep.web.trial import trial_of


@needs(Permission.SEE_PATIENTS)
@require_safe
def dose_plan(request: HttpRequest, number: str) -> HttpResponse:
    """By route, dose by dose, with how many of those due were given."""
    patient = participant_at(request, number, Permission.SEE_PATIENTS)
    log = dose_log(trial_of(patient.centre))
    enters = filled_by(account_of(request), patient.centre)
    context = {
        "patient": patient,
        "centre": patient.centre,
        "plans": doses_of(patient, now=timezone.now()),
        "log": log if log and log.filled_by in enters and not data_is_closed(patient) else None,
        "fields": {"route": ROUTE, "number": NUMBER, "happened": HAPPENED},
    }
    return render(request, "followup/doses.html", context)
