"""The page on which people see where they are logged in, and end what is not theirs."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.web.accounts.access import account_of
from immunosep.web.accounts.actions import end_log_ins
from immunosep.web.accounts.open_log_ins import GONE, Seen, end_log_in, open_log_ins
from immunosep.web.accounts.reauthentication import require_recent_proof


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def log_ins(request: HttpRequest) -> HttpResponse:
    """One's own that are open; a POST ends one."""
    if request.method != "POST":
        return _page(request)
    require_recent_proof(request)
    user, now = account_of(request), timezone.now()
    named = (each for each in open_log_ins(user, now=now) if each.id == request.POST.get("end"))
    chosen = next(named, None)
    if chosen is None:
        return _page(request, problems=[GONE], status=422)
    try:
        end_log_in(chosen, by=user, now=now)
    except RefusedError as refused:
        return _page(request, problems=refused.problems, status=422)
    return _out(request) if _is_this(chosen, request) else _said_and_back(request)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def end_every_log_in(request: HttpRequest) -> HttpResponse:
    """Log out on every device: for a telephone left on a train."""
    if request.method != "POST":
        return render(request, "accounts/end_every_log_in.html")
    require_recent_proof(request)
    user = account_of(request)
    end_log_ins(user, by=user, now=timezone.now())
    logout(request)
    messages.success(request, say("You are logged out on every device."))
    return redirect("account_login")


def _page(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    held = open_log_ins(account_of(request), now=timezone.now())
    rows = [(each, _is_this(each, request)) for each in held]
    rows.sort(key=lambda row: not row[1])  # this one first, then as they were used
    return render(request, "accounts/log_ins.html", {"rows": rows, **more}, status=status)


def _is_this(seen: Seen, request: HttpRequest) -> bool:
    return seen.key == request.session.session_key


def _out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, say("You are logged out."))
    return redirect("account_login")


def _said_and_back(request: HttpRequest) -> HttpResponse:
    messages.success(request, say("The log-in is ended."))
    return redirect("account_log_ins")
