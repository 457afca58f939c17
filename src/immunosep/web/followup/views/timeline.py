"""The course of one participant from infection to the last contact, drawn and in words."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from immunosep.web.accounts.access import needs
from immunosep.web.accounts.roles import Permission
from immunosep.web.followup.drawing import draw
from immunosep.web.followup.timeline import course_of
from immunosep.web.followup.views.finding import participant_at


@needs(Permission.SEE_PATIENTS)
@require_safe
def timeline(request: HttpRequest, number: str) -> HttpResponse:
    """The drawing; below it the same as a list and a table."""
    patient = participant_at(request, number, Permission.SEE_PATIENTS)
    course = course_of(patient, now=timezone.now())
    context = {
        "patient": patient,
        "centre": patient.centre,
        "course": course,
        "drawing": draw(course),
    }
    return render(request, "followup/timeline.html", context)
