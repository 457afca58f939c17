"""Whether the site is well, and ending every log-in one has."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from immunosep.languages import say
from immunosep.web.accounts.access import account_of
from immunosep.web.accounts.actions import end_log_ins


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """For a load balancer: whether this process reaches its database."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "no database"}, status=503)
    return JsonResponse({"status": "well"})


@login_required
def end_every_log_in(request: HttpRequest) -> HttpResponse:
    """Log out on every device: for a telephone left on a train."""
    if request.method != "POST":
        return render(request, "accounts/end_every_log_in.html")
    user = account_of(request)
    end_log_ins(user, by=user, now=timezone.now())
    logout(request)
    messages.success(request, say("You are logged out on every device."))
    return redirect("account_login")
