"""The patients of one's centres, adding one, and the page that tells where one stands."""

from uuid import UUID, uuid4

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from immunosep.errors import RefusedError
from immunosep.web.accounts.access import account_of, centres_of, may, needs
from immunosep.web.accounts.roles import Permission
from immunosep.web.enrolment.amended import version_note
from immunosep.web.enrolment.consenting import consent_to_ask
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.progress import Stage, standing_of, standings_of
from immunosep.web.enrolment.randomising import state_by_corrected_values
from immunosep.web.enrolment.recording import add_patient, values_up_to
from immunosep.web.enrolment.verdicts import clock_of, state_label
from immunosep.web.enrolment.views.finding import patient_at
from immunosep.web.enrolment.views.onward import next_of, steps_of
from immunosep.web.supply.models import Order
from immunosep.web.trial import trial_of

A_PAGE = 50


@needs(Permission.SEE_PATIENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def patients(request: HttpRequest) -> HttpResponse:
    """Everybody at one's centres: those still to be decided first, by the time that is left."""
    if request.method == "POST":
        return _add(request)
    return _list(request)


def _add(request: HttpRequest) -> HttpResponse:
    where = centres_of(account_of(request), Permission.SCREEN)
    centre = get_object_or_404(where, pk=request.POST.get("centre", ""))
    try:
        asked = UUID(request.POST.get("request", ""))
    except ValueError:
        asked = None
    try:
        patient = add_patient(centre, by=account_of(request), now=timezone.now(), request=asked)
    except RefusedError as error:
        return _list(request, problems=list(error.problems), status=422)
    return redirect("screen", patient.pk)


def _list(
    request: HttpRequest, *, problems: list[str] | None = None, status: int = 200
) -> HttpResponse:
    user, now = account_of(request), timezone.now()
    centres = centres_of(user, Permission.SEE_PATIENTS)
    chosen = centres.filter(pk=request.GET.get("centre", "")).first()
    everybody = Patient.objects.select_related("centre").filter(
        centre__in=[chosen] if chosen else centres
    )
    decided = Q(allocation__doses__isnull=False, not_enrolled=None, withdrawal=None)
    closed = everybody.filter(decided | Q(not_enrolled__isnull=False) | Q(withdrawal__isnull=False))
    closed = closed.distinct().order_by("-number")
    page = Paginator(closed, A_PAGE).get_page(request.GET.get("page"))
    waiting = everybody.exclude(pk__in=closed.order_by().values("pk"))
    standings = standings_of(list(waiting), now=now)
    soonest = sorted(standings, key=lambda each: (each.closes_at is None, each.closes_at or now))
    context = {
        "centres": centres,
        "chosen": chosen,
        "may_add_at": centres_of(user, Permission.SCREEN),
        "request_id": uuid4(),
        "waiting": [(each, clock_of(each.closes_at, each.patient.centre, now=now))
                    for each in soonest],
        "closed": standings_of(list(page), now=now),
        "page": page,
        "problems": problems,
    }  # fmt: skip
    return render(request, "enrolment/patients.html", context, status=status)


@needs(Permission.SEE_PATIENTS)
@require_safe
def patient(request: HttpRequest, number: str) -> HttpResponse:
    """Where a patient stands: the journey, the time left, what is known, what comes next."""
    found, now = patient_at(request, number, Permission.SEE_PATIENTS), timezone.now()
    user, centre = account_of(request), found.centre
    standing = standing_of(found, now=now)
    allocation = getattr(found, "allocation", None)
    values = values_up_to(found)
    changed = state_by_corrected_values(allocation, values) if allocation else ""
    permitted = {
        each.name.lower(): may(user, each, centre)
        for each in (Permission.SCREEN, Permission.RECORD_CONSENT, Permission.RANDOMISE,
                     Permission.ENTER_LABORATORY, Permission.GIVE_DOSES, Permission.UNBLIND)
    }  # fmt: skip
    context = {
        "patient": found,
        "centre": centre,
        "standing": standing,
        "steps": steps_of(standing),
        "next": next_of(standing, user),
        "clock": clock_of(standing.closes_at, centre, now=now) if standing.runs else None,
        "allocation": allocation,
        "state": state_label(allocation.immune_state, trial_of(centre)) if allocation else "",
        "would_be": state_label(changed, trial_of(centre)) if changed else "",
        "orders": Order.objects.filter(participant=found.pk),
        "doses": allocation.doses.select_related("preparation") if allocation else [],
        "consents": found.consents.select_related("version", "recorded_by"),
        "to_ask": consent_to_ask(found, now=now),
        "permitted": permitted,
        "version_note": version_note(found),
        "first_dose_is_due": standing.stage is Stage.RANDOMISED,
    }
    return render(request, "enrolment/patient.html", context)
