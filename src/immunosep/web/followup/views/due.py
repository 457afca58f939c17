"""What is due today and overdue at one's centres, and which contacts come up."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from immunosep.web.accounts.access import account_of, may
from immunosep.web.accounts.roles import Permission
from immunosep.web.followup.due import ENTERING, enters_at, worklist_of

A_PAGE = 100


@login_required
@require_safe
def follow_up(request: HttpRequest) -> HttpResponse:
    """The pages that somebody fills in: overdue first, by the day on which they were due."""
    user = account_of(request)
    if not any(may(user, permission) for permission in ENTERING):
        raise PermissionDenied
    work = worklist_of(enters_at(user), now=timezone.now())
    overdue = Paginator(work.overdue, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "work": work,
        "overdue": overdue,
        "page": overdue,
        "sees_patients": may(user, Permission.SEE_PATIENTS),
    }
    return render(request, "followup/due.html", context)
