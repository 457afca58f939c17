"""What is due today and overdue at one's centres, and which contacts come up."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from immunosep.protocol.forms import FilledBy
from immunosep.web.accounts.access import account_of, centres_of, may
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.centres.models import Centre
from immunosep.web.followup.due import worklist_of
from immunosep.web.followup.views.finding import filled_by

ENTERING = (Permission.ENTER_FOLLOW_UP, Permission.ENTER_LABORATORY)
A_PAGE = 100


def enters_at(user: User) -> dict[Centre, list[FilledBy]]:
    """The centres at which an account fills in pages, with whose forms."""
    centres = {c for permission in ENTERING for c in centres_of(user, permission)}
    return {centre: filled_by(user, centre) for centre in centres}


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
