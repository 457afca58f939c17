"""The page on which people make and revoke their own tokens, having just proved who they are."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.web.accounts.access import account_of
from immunosep.web.accounts.reauthentication import require_recent_proof
from immunosep.web.api.models import Token
from immunosep.web.api.tokens import (
    LONGEST_DAYS,
    is_in_force,
    make_token,
    may_have_tokens,
    revoke_token,
)
from immunosep.web.supply.attempting import attempt


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """One's tokens; a POST makes one, and shows its secret this once."""
    if request.method != "POST":
        return _page(request)
    require_recent_proof(request)
    user, now = account_of(request), timezone.now()
    role, days = request.POST.get("role", ""), request.POST.get("days", "")
    held = next((each for each in may_have_tokens(user) if str(each.pk) == role), None)
    try:
        token, secret = make_token(
            user, held, name=request.POST.get("name", ""), scope=request.POST.get("scope", ""),
            days=int(days) if days.isascii() and days.isdigit() and len(days) < 5 else 0, now=now,
        )  # fmt: skip
    except RefusedError as refused:
        return _page(request, problems=refused.problems, status=422)
    return _page(request, made=token, secret=secret)


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own."""
    user, now = account_of(request), timezone.now()
    token = Token.objects.select_related("membership").filter(pk=pk, user=user).first()
    if token is None:
        raise Http404("no such token")
    problems = attempt(lambda: revoke_token(token, by=user, now=now))
    if problems:
        return _page(request, problems=problems, status=422)
    messages.success(request, say("The token is revoked."))
    return redirect("tokens")


def _page(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    user, now = account_of(request), timezone.now()
    held = Token.objects.filter(user=user).select_related("membership__centre", "user")
    roles = may_have_tokens(user)
    context = {
        "rows": [(each, _state(each, now)) for each in held],
        "roles": roles,
        "scopes": Token.Scope.choices,
        "longest": LONGEST_DAYS,
        "typed": request.POST if status == 422 else {"days": "30", "scope": "read"},
        **more,
    }
    return render(request, "api/tokens.html", context, status=status)


def _state(token: Token, now: Any) -> str:
    if token.revoked_at is not None:
        return say("revoked")
    if token.expires_at <= now:
        return say("expired")
    ended = token.membership.revoked_at is not None or not is_in_force(token)
    return say("ended") if ended else say("in force")
