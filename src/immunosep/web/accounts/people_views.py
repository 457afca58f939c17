"""Who has an account, what they may do, and the periodic look at both."""

from datetime import date

from allauth.account.forms import default_token_generator
from allauth.account.internal.flows.password_reset import request_password_reset
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from immunosep.errors import RefusedError
from immunosep.web.accounts import actions
from immunosep.web.accounts.access import account_of, needs, require
from immunosep.web.accounts.forms import AccountForm, GrantForm, ReasonForm
from immunosep.web.accounts.models import AccessReview, Membership, User
from immunosep.web.accounts.reauthentication import require_recent_proof
from immunosep.web.accounts.reviewing import (
    access_at,
    end_of_day,
    record_access_review,
    review_due_on,
)
from immunosep.web.accounts.roles import ROLES, Permission, Role

ASK_WHY = ("revoke", "deactivate", "reactivate", "remove_second_factors")


@needs(Permission.MANAGE_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Everyone with an account; a form to add another."""
    form = AccountForm(request.POST or None)
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        require_recent_proof(request)
        if form.is_valid():
            try:
                return redirect("person", _add(request, form).pk)
            except RefusedError as refused:
                problems = refused.problems
    accounts = User.objects.prefetch_related("memberships__centre").order_by("name", "pk")
    context = {
        "form": form,
        "problems": problems,
        "rows": [(user, _held(user)) for user in accounts],
    }
    return render(request, "accounts/people.html", context, status=_status(request))


@needs(Permission.MANAGE_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: what it holds and held, granting, revoking, closing."""
    user = get_object_or_404(User, pk=pk)
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        require_recent_proof(request)
        try:
            if done := _change(request, user):
                messages.success(request, done)
                return redirect("person", pk)
        except RefusedError as refused:
            problems = refused.problems
    context = {
        "person": user,
        "memberships": user.memberships.select_related(
            "centre", "granted_by", "revoked_by"
        ).order_by("-revoked_at", "-granted_at"),
        "held": _held(user),
        "grant": GrantForm(request.POST if request.POST.get("do") == "grant" else None),
        "reason": ReasonForm(),
        "problems": problems or _missing(request),
        "roles": [(role.label, ROLES[role]) for role in Role],
    }
    return render(request, "accounts/person.html", context, status=_status(request))


@needs(Permission.REVIEW_ACCESS)
@require_http_methods(["GET", "POST"])
def access_review(request: HttpRequest) -> HttpResponse:
    """Who could see what on a date, and the review of it."""
    now = timezone.now()
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        by = account_of(request)
        role = require(by, Permission.REVIEW_ACCESS)
        try:
            record_access_review(request.POST.get("findings", ""), by=by, role=role, now=now)
            messages.success(request, "The access review is recorded.")
            return redirect("access_review")
        except RefusedError as refused:
            problems = refused.problems
    on = _day(request.GET.get("on", ""), today=now.date())
    due = review_due_on()
    context = {
        "on": on,
        "rows": access_at(min(end_of_day(on), now)),
        "reviews": AccessReview.objects.select_related("reviewed_by")[:20],
        "due": due,
        "overdue": due < now.date(),
        "problems": problems,
        "findings": request.POST.get("findings", ""),
    }
    return render(request, "accounts/access_review.html", context, status=_status(request))


def _add(request: HttpRequest, form: AccountForm) -> User:
    """The account, and a mail with which its owner sets a password."""
    by = account_of(request)
    user = actions.create_account(
        form.cleaned_data["email"],
        name=form.cleaned_data["name"],
        password=None,
        by=by,
        now=timezone.now(),
        role=require(by, Permission.MANAGE_ACCOUNTS),
    )
    request_password_reset(request, user.email, [user], default_token_generator)
    messages.success(request, "The account is made. Its owner was sent a link to set a password.")
    return user


def _change(request: HttpRequest, user: User) -> str:
    """Do what the form asks for; the answer says what was done, nothing if something is missing."""
    by, now = account_of(request), timezone.now()
    role = require(by, Permission.MANAGE_ACCOUNTS)
    match request.POST.get("do"):
        case "grant":
            form = GrantForm(request.POST)
            if not form.is_valid():
                return ""
            actions.grant(
                user, Role(form.cleaned_data["granted"]), centre=form.cleaned_data["centre"],
                by=by, now=now, role=role,
            )  # fmt: skip
            return "The role is granted."
        case "revoke" if reason := _reason(request):
            pk = request.POST.get("membership", "")
            held = user.memberships.filter(pk=pk).first() if pk.isdigit() else None
            if held is None:
                raise Http404
            actions.revoke(held, by=by, now=now, role=role, reason=reason)
            return "The role is revoked."
        case "deactivate" if reason := _reason(request):
            actions.deactivate(user, by=by, now=now, role=role, reason=reason)
            return "The account is closed, and every log-in has ended."
        case "reactivate" if reason := _reason(request):
            actions.reactivate(user, by=by, now=now, role=role, reason=reason)
            return "The account is open again, without roles."
        case "remove_second_factors" if reason := _reason(request):
            actions.remove_second_factors(user, by=by, now=now, role=role, reason=reason)
            return "The second factors are removed, and every log-in has ended."
        case "end_log_ins":
            actions.end_log_ins(user, by=by, now=now, role=role)
            return "Every log-in of this account has ended."
        case _:
            return ""


def _reason(request: HttpRequest) -> str:
    form = ReasonForm(request.POST)
    return str(form.cleaned_data["reason"]) if form.is_valid() else ""


def _missing(request: HttpRequest) -> tuple[str, ...]:
    asks_why = request.POST.get("do") in ASK_WHY
    return ("No reason was given. Say why; the audit trail keeps it.",) if asks_why else ()


def _held(user: User) -> list[Membership]:
    return [held for held in user.memberships.all() if held.revoked_at is None]


def _day(given: str, *, today: date) -> date:
    try:
        return min(date.fromisoformat(given), today)
    except ValueError:
        return today


def _status(request: HttpRequest) -> int:
    """A form that comes back was not taken."""
    return 422 if request.method == "POST" else 200
