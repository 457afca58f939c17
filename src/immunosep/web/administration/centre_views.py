"""The centres of the site: approval, opening, pausing, closing, and their consent versions."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from immunosep.errors import RefusedError
from immunosep.protocol.centres import Centre as Planned
from immunosep.web.accounts.access import account_of, centres_of, needs, require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.administration.consent_versions import (
    add_consent_version,
    withdraw_consent_version,
)
from immunosep.web.administration.forms import ApprovalForm, ConsentVersionForm
from immunosep.web.centres.actions import NEXT, record_approval, set_status
from immunosep.web.centres.models import Centre, Status
from immunosep.web.enrolment.models import ConsentVersion
from immunosep.web.trial import trial_of

VERBS = {Status.OPEN: "Open", Status.PAUSED: "Pause", Status.CLOSED: "Close"}
DONE = "The centre is now {}."


@needs(Permission.MANAGE_CENTRES)
@require_safe
def centres(request: HttpRequest) -> HttpResponse:
    """Every centre and whether it enrols."""
    rows = centres_of(account_of(request), Permission.MANAGE_CENTRES)
    return render(request, "centres/centres.html", {"rows": rows})


@needs(Permission.MANAGE_CENTRES)
@require_http_methods(["GET", "POST"])
def centre(request: HttpRequest, pk: str) -> HttpResponse:
    """One centre: what the trial says of it, its approvals, its status, its consent versions."""
    user = account_of(request)
    shown = get_object_or_404(centres_of(user, Permission.MANAGE_CENTRES), pk=pk)
    do = request.POST.get("do", "")
    approval = ApprovalForm(request.POST if do == "approve" else None)
    posted = request.POST if do == "add_version" else None
    version = ConsentVersionForm(posted, auto_id="version_%s")  # both forms ask for a day
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        try:
            if done := _change(request, shown, user, approval=approval, version=version):
                messages.success(request, done)
                return redirect("centre", pk)
            problems = _missing(do)
        except RefusedError as refused:
            problems = refused.problems
    context = {
        "centre": shown,
        "planned": _planned(shown),
        "works_by": trial_of(shown),
        "approvals": shown.approvals.all(),
        "versions": shown.consentversion_set.order_by("approved_on", "version"),
        "next": [(status.value, VERBS[status]) for status in NEXT[Status(shown.status)]],
        "approval": approval,
        "version": version,
        "problems": problems,
        "reason": request.POST.get("reason", ""),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "centres/centre.html", context, status=status)


def _change(
    request: HttpRequest,
    shown: Centre,
    by: User,
    *,
    approval: ApprovalForm,
    version: ConsentVersionForm,
) -> str:
    """Do what the form asks for; the answer says what was done, nothing if something is missing."""
    role, now = require(by, Permission.MANAGE_CENTRES, shown), timezone.now()
    reason = request.POST.get("reason", "").strip()
    match request.POST.get("do"):
        case "approve" if approval.is_valid():
            record_approval(shown, **_given(approval), by=by, now=now, role=role)
            return "The approval is recorded."
        case "add_version" if version.is_valid():
            add_consent_version(shown, **_given(version), by=by, now=now, role=role)
            return "The consent version may be used from now on."
        case "withdraw_version" if reason:
            held = _version(shown, request.POST.get("version_pk", ""))
            withdraw_consent_version(held, by=by, now=now, role=role, reason=reason)
            return "The consent version is withdrawn."
        case "set_status":
            return _set_status(request, shown, by, role=role, now=now, reason=reason)
        case _:
            return ""


def _set_status(
    request: HttpRequest, shown: Centre, by: User, *, role: str, now: datetime, reason: str
) -> str:
    asked = request.POST.get("status", "")
    if asked not in Status.values or (asked != Status.OPEN and not reason):
        return ""
    set_status(shown, Status(asked), by=by, now=now, role=role, reason=reason)
    return DONE.format(asked)


def _given(form: Form) -> dict[str, Any]:
    return dict(form.cleaned_data)


def _version(shown: Centre, pk: str) -> ConsentVersion:
    held = shown.consentversion_set.filter(pk=pk).first() if pk.isdecimal() else None
    if held is None:
        raise Http404
    return held


def _planned(shown: Centre) -> Planned | None:
    """What the trial value says of this centre."""
    return next((one for one in trial_of(shown).centres if one.id == shown.pk), None)


def _missing(do: str) -> tuple[str, ...]:
    if do in {"set_status", "withdraw_version"}:
        return ("No reason was given. Say why; the audit trail keeps it.",)
    return ("Something is missing or cannot be; it is said beside its field.",)
