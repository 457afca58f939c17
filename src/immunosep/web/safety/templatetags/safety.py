"""What the page of a participant says of serious events."""

from typing import Any

from django import template
from django.utils import timezone

from immunosep.web.enrolment.models import Patient
from immunosep.web.safety.cases import serious_cases_of
from immunosep.web.safety.clocks import next_clock
from immunosep.web.safety.showing import REPORTS

register = template.Library()


@register.inclusion_tag("safety/notices.html")
def serious_notices(patient: Patient) -> dict[str, Any]:
    """Each serious event of a participant with a link, and with the clock that runs."""
    now = timezone.now()
    cases = serious_cases_of(patient)
    return {
        "centre": patient.centre,
        "rows": [(case, next_clock(case, now=now)) for case in cases],
    }


@register.filter
def report_kind(kind: str) -> str:
    """Which report was sent, in words."""
    return REPORTS[kind]
