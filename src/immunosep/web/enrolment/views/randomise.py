"""Randomising: one page that repeats what is known, one password, one button. No arm, ever."""

from allauth.account.forms import ReauthenticateForm
from allauth.account.internal.flows.reauthentication import (
    did_recently_reauthenticate,
    get_reauthentication_flows,
    reauthenticate_by_password,
)
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from immunosep.errors import RefusedError, SourceError
from immunosep.languages import say
from immunosep.protocol.forms import FilledBy
from immunosep.tables.dictionary import COLUMNS
from immunosep.web.accounts.access import account_of, needs
from immunosep.web.accounts.roles import Permission
from immunosep.web.enrolment.allocating import in_words, refusals_of
from immunosep.web.enrolment.amended import version_note
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.progress import standing_of
from immunosep.web.enrolment.questions import columns_of, value_in_words
from immunosep.web.enrolment.randomising import NOT_ENROLLED, mark_in_error, randomise
from immunosep.web.enrolment.recording import values_up_to
from immunosep.web.enrolment.screening import consent_stands
from immunosep.web.enrolment.verdicts import picture_of
from immunosep.web.enrolment.views.finding import patient_at
from immunosep.web.enrolment.views.onward import steps_of
from immunosep.web.trial import trial_of

ALLOCATED = say(
    "Allocated. The pharmacy has the order and prepares the first dose; receive it by the number "
    "on its label."
)

UNASKABLE = say(
    "This account has neither a password nor a second factor here, so it cannot be asked again who "
    "it is. Add a second factor to it."
)


@needs(Permission.RANDOMISE)
@require_http_methods(["GET", "HEAD", "POST"])
def randomise_patient(request: HttpRequest, number: str) -> HttpResponse:
    """Confirm, with the password; asked again, it is the same participant's same allocation."""
    patient = patient_at(request, number, Permission.RANDOMISE)
    if hasattr(patient, "allocation"):
        return redirect("patient", number)
    try:
        return _ask_or_allocate(request, patient)
    except (
        SourceError
    ):  # a recorded value is no longer one of the dictionary's: its page says which
        return redirect("screen", number)


def _ask_or_allocate(request: HttpRequest, patient: Patient) -> HttpResponse:
    if request.method != "POST":
        return _page(request, patient)
    if not get_reauthentication_flows(account_of(request)):
        return _page(request, patient, refused=[UNASKABLE], status=422)
    form = None if did_recently_reauthenticate(request) else _password(request)
    if form is not None and not form.is_valid():
        return _page(request, patient, form=form, status=422)
    if form is not None:
        reauthenticate_by_password(request)
    try:
        randomise(patient.pk, by=account_of(request), now=timezone.now())
    except RefusedError as error:
        return _page(request, patient, refused=list(error.problems), status=422)
    messages.success(request, ALLOCATED)
    return redirect("patient", patient.pk)


def _password(request: HttpRequest) -> ReauthenticateForm:
    return ReauthenticateForm(request.POST, user=request.user)


def _page(
    request: HttpRequest,
    patient: Patient,
    *,
    form: ReauthenticateForm | None = None,
    refused: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    now, consent = timezone.now(), consent_stands(patient)
    values = values_up_to(patient)
    picture = picture_of(patient, values, now=now)
    refusals = refusals_of(patient, picture.assessment, consent=consent, now=now)
    against = in_words(refusals, trial_of(patient.centre))
    if hasattr(patient, "not_enrolled"):
        against = [NOT_ENROLLED, *against]
    plan = trial_of(patient.centre).allocation
    context = {
        "patient": patient,
        "centre": patient.centre,
        "steps": steps_of(standing_of(patient, now=now)),
        "picture": picture,
        "against": refused or against,
        "results": [
            (COLUMNS[name].label, value_in_words(name, values.get(name), centre=patient.centre))
            for name in columns_of(FilledBy.LABORATORY, patient.centre)
        ],
        "version_note": version_note(patient),
        "strata": plan.strata if plan else (),
        "form": form,
        "asks_password": not did_recently_reauthenticate(request),
        "has_password": account_of(request).has_usable_password(),
    }
    return render(request, "enrolment/randomise.html", context, status=status)


@needs(Permission.RANDOMISE)
@require_http_methods(["GET", "HEAD", "POST"])
def in_error(request: HttpRequest, number: str) -> HttpResponse:
    """Say why a participant should not have been randomised. Nothing is freed."""
    patient = patient_at(request, number, Permission.RANDOMISE)
    problems: list[str] = []
    if request.method == "POST":
        try:
            mark_in_error(
                number, reason=request.POST.get("reason", ""), by=account_of(request),
                now=timezone.now(),
            )  # fmt: skip
        except RefusedError as error:
            problems = list(error.problems)
        else:
            messages.success(request, say("Marked as randomised in error."))
            return redirect("patient", number)
    context = {"patient": patient, "problems": problems, "reason": request.POST.get("reason", "")}
    return render(request, "enrolment/in_error.html", context, status=422 if problems else 200)
