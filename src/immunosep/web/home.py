"""Where somebody lands after log-in: what there is to do next, by what their roles let them do."""

from collections.abc import Iterator
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from immunosep.web.accounts.access import account_of, may
from immunosep.web.accounts.models import User, active_memberships
from immunosep.web.accounts.roles import ROLES, Role
from immunosep.web.accounts.second_factor import has_second_factor
from immunosep.web.public.templatetags.navigation import address
from immunosep.web.waiting import CARDS


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """What waits for an account to do it, then what its roles are."""
    user = account_of(request)
    context = {
        "held": [(m, ROLES[Role(m.role)]) for m in active_memberships(user)],
        "cards": list(_cards_of(user, now=timezone.now())),
        "has_second_factor": has_second_factor(user),
    }
    return render(request, "home.html", context)


def _cards_of(user: User, *, now: datetime) -> Iterator[dict[str, str]]:
    """The cards of somebody's roles whose pages this site has."""
    for card in CARDS:
        if not card.concerns:
            continue
        if may(user, card.permission) and (url := address(card.page, card.process)):
            yield {"title": card.title, "says": card.says(user, now), "url": url}
