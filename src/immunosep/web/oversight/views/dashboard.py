"""How the trial goes, on one page: at one's own centres, or at all."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from immunosep.web.accounts.access import account_of, memberships_with, needs
from immunosep.web.accounts.roles import Permission
from immunosep.web.casebook.ageing import QueryAges, query_ages
from immunosep.web.centres.models import Centre
from immunosep.web.oversight.counting import Counts, counts_of, failures_of
from immunosep.web.oversight.drawing import bars_of, curve_of
from immunosep.web.oversight.enrolling import Enrolment, enrolment_of
from immunosep.web.oversight.listing import waiting_at
from immunosep.web.oversight.models import Search
from immunosep.web.oversight.tolerating import standings
from immunosep.web.oversight.visiting import Visits, visits_of
from immunosep.web.trial import trial_of


@needs(Permission.SEE_OVERSIGHT)
@require_safe
def oversight(request: HttpRequest) -> HttpResponse:
    """Enrolment, failures, what is overdue, questions, doses, deviations, and their limits."""
    now = timezone.now()
    held = memberships_with(account_of(request), Permission.SEE_OVERSIGHT)
    whole = any(each.centre_id is None for each in held)
    every = list(Centre.objects.all())
    theirs = {each.centre_id for each in held}
    centres = [each for each in every if whole or each.pk in theirs]
    enrolment = enrolment_of(centres, whole=whole, now=now)
    visits = visits_of(centres, now=now)
    counts = counts_of(centres, visits, now=now)
    ages = {each.centre.pk: each for each in query_ages(centres, now=now)}
    failed, reasons = failures_of(centres)
    context = {
        "whole": whole,
        "centres": centres,
        "enrolment": enrolment,
        "curve": curve_of(enrolment),
        "failed": failed,
        "failures": bars_of(reasons),
        "limits": standings(trial_of(centres[0] if len(centres) == 1 else None).tolerance_limits,
                            counts),
        "rows": _rows(centres, enrolment, counts, ages, visits),
        "unjudged": waiting_at(centres, now=now),
        "waiting": sum(each.open + each.answered for each in ages.values()),
        "last_search": Search.objects.order_by("-pk").first(),
        "totals": _totals(counts),
    }  # fmt: skip
    return render(request, "oversight/oversight.html", context)


def _totals(counts: Counts) -> dict[str, int]:
    return {name: held.total() for name, held in vars(counts).items()}


def _rows(
    centres: Sequence[Centre],
    enrolment: Enrolment,
    counts: Counts,
    ages: Mapping[str, QueryAges],
    visits: Visits,
) -> list[dict[str, Any]]:
    """Each centre that has opened, with what is counted of it."""
    return [
        {
            "centre": each,
            "randomised": enrolment.of(each),
            "months": enrolment.row(each),
            "ages": ages[each.pk],
            "lag": visits.median_lag(each.pk),
            **{name: held[each.pk] for name, held in vars(counts).items() if name != "randomised"},
        }
        for each in centres
        if each.opened_at is not None or enrolment.of(each)
    ]
