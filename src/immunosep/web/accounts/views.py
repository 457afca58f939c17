"""Where somebody lands after log-in, and whether the site is well."""

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from immunosep.web.accounts.models import active_memberships
from immunosep.web.accounts.roles import ROLES, Role


def health(request: HttpRequest) -> JsonResponse:
    """For a load balancer: whether this process reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "well"})


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """What an account may do, and where."""
    held = [(m, ROLES[Role(m.role)]) for m in active_memberships(request.user)]
    return render(request, "home.html", {"held": held})
