"""The pages of amendments: versions of the trial, their difference and impact, centre by centre."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from immunosep.errors import RefusedError
from immunosep.protocol.difference import Difference, difference_of
from immunosep.protocol.substance import Substance
from immunosep.web.accounts.access import account_of, centres_of, may, needs
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.amendments.activating import activate, stands_against
from immunosep.web.amendments.approving import approvals_of, approve, bind_consent, bound_here
from immunosep.web.amendments.asking_again import to_ask_again
from immunosep.web.amendments.fitting import misfits
from immunosep.web.amendments.forms import ApprovalForm, ConsentForm, ProposalForm
from immunosep.web.amendments.models import Activation, Amendment, Version
from immunosep.web.amendments.proposing import newest_live, propose
from immunosep.web.amendments.weighing import weigh
from immunosep.web.centres.models import Body, Centre
from immunosep.web.trial import trial_of, trial_with

MANAGE = Permission.MANAGE_AMENDMENTS
BADGES = {
    Substance.SUBSTANTIAL.value: "warn",
    Substance.NOT_SUBSTANTIAL.value: "calm",
    Substance.TO_BE_JUDGED.value: "unknown",
}
INCOMPLETE = ("Something is missing or cannot be; it is said beside its field.",)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A centre in the list of one amendment: by what it works, and since when by this."""

    centre: Centre
    works_by: str
    live: Activation | None


@needs(MANAGE)
@require_safe
def amendments(request: HttpRequest) -> HttpResponse:
    """Every amendment and where it is live; every version that the site has."""
    live = Prefetch("activations", Activation.objects.select_related("centre"))
    context = {
        "amendments": Amendment.objects.select_related("version").prefetch_related(live),
        "versions": Version.objects.all(),
        "newest": newest_live(),
    }
    return render(request, "amendments/amendments.html", context)


@needs(MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def version(request: HttpRequest, digest: str) -> HttpResponse:
    """What a version changes of the newest that is live, what it would change of those enrolled."""
    shown = get_object_or_404(Version, pk=digest)
    user, now = account_of(request), timezone.now()
    form = ProposalForm(request.POST if request.method == "POST" else None)
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        problems = INCOMPLETE
        if form.is_valid():
            try:
                made = propose(shown, **form.cleaned_data, by=user, now=now)
            except RefusedError as refused:
                problems = refused.problems
            else:
                messages.success(request, f"Proposed as {made}.")
                return redirect("amendment", made.pk)
    new, old = trial_with(digest), newest_live()
    context = {
        "version": shown,
        "old": old,
        "changes": _changes(difference_of(old, new)),
        "misfits": misfits(new),
        "impact": weigh(centres_of(user, MANAGE), new, now=now),
        "form": form,
        "problems": problems,
    }
    status = 422 if problems else 200
    return render(request, "amendments/version.html", context, status=status)


@needs(MANAGE)
@require_safe
def amendment(request: HttpRequest, number: int) -> HttpResponse:
    """One amendment: its difference as proposed, its impact today, and each centre."""
    shown = _amendment(number)
    centres = centres_of(account_of(request), MANAGE)
    new = trial_with(shown.version_id)
    context = {
        "amendment": shown,
        "changes": _weighed(shown.difference["changes"]),
        "old": shown.difference["old"]["version"],
        "impact": weigh(centres, new, now=timezone.now()),
        "rows": list(_rows(shown, centres)),
    }
    return render(request, "amendments/amendment.html", context)


@needs(MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def at_centre(request: HttpRequest, number: int, centre: str) -> HttpResponse:
    """One amendment at one centre: approvals, the consent that comes with it, going live."""
    shown, user = _amendment(number), account_of(request)
    where = get_object_or_404(centres_of(user, MANAGE), pk=centre)
    do, now = request.POST.get("do", ""), timezone.now()
    approval = ApprovalForm(request.POST if do == "approve" else None)
    consent = _consent_form(request, where, do)
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        try:
            if done := _done(do, shown, where, by=user, now=now, forms=(approval, consent)):
                messages.success(request, done)
                return redirect("amendment_at", number, centre)
            problems = INCOMPLETE
        except RefusedError as refused:
            problems = refused.problems
    context = {
        "amendment": shown,
        "centre": where,
        "works_by": trial_of(where),
        "live": shown.activations.filter(centre=where).first(),
        "approvals": approvals_of(shown, where),
        "against": list(stands_against(shown, where, now=now)),
        "impact": weigh([where], trial_with(shown.version_id), now=now),
        "bound": bound_here(shown, where),
        "ask_again": to_ask_again(shown, where),
        "sees_patients": may(user, Permission.SEE_PATIENTS, where),
        "approval": approval,
        "consent": consent,
        "problems": problems,
    }
    status = 422 if problems else 200
    return render(request, "amendments/at_centre.html", context, status=status)


def _done(
    do: str, shown: Amendment, where: Centre, *, by: User, now: datetime, forms: tuple[Form, Form]
) -> str:
    """Do what the page asks for; the answer says what was done, nothing if something is missing."""
    approval, consent = forms
    match do:
        case "approve" if approval.is_valid():
            given = dict(approval.cleaned_data)
            approve(shown, where, body=Body(given.pop("body")), **given, by=by, now=now)
            return "The approval is recorded."
        case "bind" if consent.is_valid():
            bind_consent(shown, consent.cleaned_data["consent_version"], by=by, now=now)
            return "The consent version comes with this amendment."
        case "activate":
            activate(shown, where, by=by, now=now)
            return f"Version {shown.version.name} is live at this centre."
        case _:
            return ""


def _consent_form(request: HttpRequest, centre: Centre, do: str) -> ConsentForm:
    form = ConsentForm(request.POST if do == "bind" else None)
    field: Any = form.fields["consent_version"]
    field.queryset = centre.consentversion_set.filter(withdrawn_on=None).order_by("-approved_on")
    return form


def _amendment(number: int) -> Amendment:
    found = Amendment.objects.select_related("version", "proposed_by").filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def _rows(shown: Amendment, centres: Iterable[Centre]) -> Iterable[Row]:
    live = {each.centre_id: each for each in shown.activations.all()}
    for centre in centres:
        works_by = trial_of(centre).version
        yield Row(centre=centre, works_by=works_by, live=live.get(centre.pk))


def _changes(found: Difference) -> list[dict[str, str]]:
    return _weighed([change.as_json() for change in found.changes])


def _weighed(changes: list[dict[str, str]]) -> list[dict[str, str]]:
    """Each change with the badge of its class."""
    return [{**change, "badge": BADGES[change["substance"]]} for change in changes]
