"""Blinded pages of supply: what was ordered, prepared and handed over, without contents."""

from collections.abc import Sequence

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from immunosep.languages import Said, say
from immunosep.web.accounts.access import account_of, centres_of, may, needs
from immunosep.web.accounts.roles import Permission
from immunosep.web.supply import handover
from immunosep.web.supply.attempting import attempt
from immunosep.web.supply.models import Order, Preparation

NEWEST = 200  # orders on one page


@needs(Permission.SEE_ORDERS)
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """The newest orders of the centres one belongs to."""
    return _page(request)


@needs(Permission.GIVE_DOSES)
@require_POST
def discard_dose(request: HttpRequest, number: str) -> HttpResponse:
    """Throw a preparation away on the ward."""
    preparation, user, now = _preparation(request, number), account_of(request), timezone.now()
    because = request.POST.get("because", "")
    problems = attempt(lambda: handover.discard(preparation, because=because, by=user, now=now))
    return _done(
        request,
        problems,
        say("{number} is discarded. Its dose may be prepared again.", number=number),
    )


def _done(request: HttpRequest, problems: Sequence[str], words: Said) -> HttpResponse:
    if problems:
        return _page(request, problems=problems)
    messages.success(request, words.spoken())
    return redirect("orders")


def _page(request: HttpRequest, *, problems: Sequence[str] = ()) -> HttpResponse:
    centres = centres_of(account_of(request), Permission.SEE_ORDERS)
    made = Preparation.objects.select_related("order").order_by("route", "dose", "id")
    found = (
        Order.objects.filter(centre__in=centres)
        .select_related("centre", "slot__stratum")
        .prefetch_related(Prefetch("preparations", queryset=made, to_attr="shown"))
        .order_by("-ordered_at", "-id")[:NEWEST]
    )
    context = {
        "orders": found,
        "may_receive": may(account_of(request), Permission.GIVE_DOSES),
        "problems": problems,
    }
    return render(request, "supply/orders.html", context, status=422 if problems else 200)


def _preparation(request: HttpRequest, number: str) -> Preparation:
    """A preparation of a centre where the user gives doses; another centre's is absent."""
    centres = centres_of(account_of(request), Permission.GIVE_DOSES)
    found = (
        Preparation.objects.filter(order__centre__in=centres, number=number)
        .select_related("order__centre")
        .first()
    )
    if found is None:
        raise Http404
    return found
