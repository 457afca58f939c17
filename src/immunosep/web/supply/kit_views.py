"""Pages of numbered kits, in a site process: numbers, dates and places of storage, no contents."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from immunosep.errors import RefusedError
from immunosep.languages import Said, say
from immunosep.web.accounts.access import account_of, centres_of, may, needs
from immunosep.web.accounts.roles import Permission
from immunosep.web.centres.models import Centre
from immunosep.web.supply.attempting import attempt
from immunosep.web.supply.excursions import Decision, decide, record_excursion, within_allowance
from immunosep.web.supply.following import bring_up_to_date
from immunosep.web.supply.kits import (
    HANDLERS,
    destroy,
    dispense,
    lose,
    receive_shipment,
    return_kit,
    undispensed,
)
from immunosep.web.supply.ledger import reconcile
from immunosep.web.supply.models import Excursion, Kit, Order, Shipment
from immunosep.web.supply.needing import kits_plan
from immunosep.web.supply.stations import Station

MAY_SEE = (*HANDLERS, Permission.SEE_ORDERS)
ACTS: dict[str, Callable[..., None]] = {"lose": lose, "return": return_kit, "destroy": destroy}


@login_required
@require_safe
def kits(request: HttpRequest) -> HttpResponse:
    """Every kit at one's centres, and in the depot for who ships; orders what is due."""
    bring_up_to_date(_centres(request, HANDLERS), now=timezone.now())
    return _kits_page(request)


@login_required
@require_POST
def move_kit(request: HttpRequest, number: str) -> HttpResponse:
    """Record that a kit was lost, came back or was destroyed."""
    kit = _kits(_centres(request, HANDLERS), request).filter(pk=number).first()
    act = ACTS.get(request.POST.get("act", ""))
    if kit is None or act is None or (kit.centre is None and act is not destroy):
        raise Http404
    user, now, because = account_of(request), timezone.now(), request.POST.get("because", "")
    problems = attempt(lambda: act(kit, because=because, by=user, now=now))
    return _done(
        request, problems, say("Kit {number} is recorded.", number=number), _kits_page, "kits"
    )


@needs(Permission.GIVE_DOSES)
@require_POST
def dispense_kit(request: HttpRequest, number: str) -> HttpResponse:
    """Dispense the participant's next kit of a route."""
    centres = centres_of(account_of(request), Permission.GIVE_DOSES)
    order = Order.objects.filter(number=number, centre__in=centres).first()
    route = request.POST.get("route", "")
    if order is None or route not in {dose["route"] for dose in order.doses}:
        raise Http404
    user, now = account_of(request), timezone.now()
    problems = attempt(lambda: dispense(order, route, by=user, now=now))
    return _done(request, problems, say("Dispensed."), _kits_page, "kits")


@login_required
@require_safe
def shipments(request: HttpRequest) -> HttpResponse:
    """What was sent, and what has to be received; storage out of its range."""
    return _shipments_page(request)


@login_required
@require_POST
def receive(request: HttpRequest, number: str) -> HttpResponse:
    """Take a shipment over: which numbers arrived."""
    shipment = Shipment.objects.filter(
        number=number, centre__in=_centres(request, HANDLERS)
    ).first()
    if shipment is None:
        raise Http404
    user, now, arrived = account_of(request), timezone.now(), set(request.POST.getlist("arrived"))
    problems = attempt(lambda: receive_shipment(shipment, arrived=arrived, by=user, now=now))
    return _done(
        request,
        problems,
        say("Shipment {number} is received.", number=number),
        _shipments_page,
        "shipments",
    )


@login_required
@require_POST
def excursion(request: HttpRequest) -> HttpResponse:
    """Record that storage was too warm or too cold: everything there is set aside."""
    key = request.POST.get("centre", "")
    centre = _centres(request, HANDLERS).filter(pk=key).first()
    if centre is None and (key or not may(account_of(request), Permission.MOVE_KITS)):
        raise Http404
    problems = attempt(lambda: _record_excursion(request, centre))
    words = say("Everything there is set aside until it is decided.")
    return _done(request, problems, words, _shipments_page, "shipments")


@needs(Permission.MOVE_KITS)
@require_POST
def decide_excursion(request: HttpRequest, pk: int) -> HttpResponse:
    """Release or reject everything that was set aside."""
    found = Excursion.objects.filter(pk=pk).first()
    decision = request.POST.get("decision", "")
    if found is None or decision not in Decision.values:
        raise Http404
    user, now, because = account_of(request), timezone.now(), request.POST.get("because", "")
    problems = attempt(lambda: decide(found, Decision(decision), because=because, by=user, now=now))
    return _done(request, problems, say("Decided."), _shipments_page, "shipments")


def _record_excursion(request: HttpRequest, centre: Centre | None) -> None:
    typed, problems = request.POST, []
    zone = centre.zone if centre else timezone.get_default_timezone()
    moments, degrees = {}, {}
    for name in ("began_at", "ended_at"):
        try:
            moments[name] = datetime.fromisoformat(typed.get(name, "")).replace(tzinfo=zone)
        except ValueError:
            problems.append(say("A time cannot be read; expected such as 2026-03-02T14:05."))
    for name in ("lowest_c", "highest_c"):
        try:
            degrees[name] = float(typed.get(name, ""))
        except ValueError:
            problems.append(say("A temperature is not a number of °C, such as 9.5."))
    if problems:
        raise RefusedError("the excursion cannot be recorded", problems)
    record_excursion(
        centre,
        began_at=moments["began_at"],
        ended_at=moments["ended_at"],
        lowest_c=degrees["lowest_c"],
        highest_c=degrees["highest_c"],
        by=account_of(request),
        now=timezone.now(),
    )


def _kits_page(request: HttpRequest, problems: Sequence[str] = ()) -> HttpResponse:
    centres = _centres(request, MAY_SEE)
    held = list(_kits(centres, request).select_related("centre").prefetch_related("preparations"))
    added = reconcile(held)
    orders = Order.objects.filter(
        centre__in=centres_of(account_of(request), Permission.GIVE_DOSES), cancelled_at=None
    ).select_related("centre")
    context: dict[str, Any] = {
        "kits": held,
        "sum": [(s.label, added.of(s)) for s in Station if s is not Station.OUTSIDE],
        "orders": [(order, routes) for order in orders if (routes := _routes_open(order))],
        "may_move": _centres(request, HANDLERS).exists(),
        "may_destroy": may(account_of(request), Permission.MOVE_KITS),
        "problems": problems,
    }
    return render(request, "supply/kits.html", context, status=422 if problems else 200)


def _routes_open(order: Order) -> list[str]:
    """The routes whose doses are not all dispensed."""
    routes = dict.fromkeys(dose["route"] for dose in order.doses)
    return [route for route in routes if undispensed(order, route)]


def _shipments_page(request: HttpRequest, problems: Sequence[str] = ()) -> HttpResponse:
    centres = _centres(request, MAY_SEE)
    ships = may(account_of(request), Permission.MOVE_KITS)
    where = Q(centre__in=centres) | (Q(centre=None) if ships else Q(pk__in=[]))
    context: dict[str, Any] = {
        "shipments": Shipment.objects.filter(centre__in=centres)
        .select_related("centre", "received_by")
        .prefetch_related("kits"),
        "excursions": [
            (each, within_allowance(each))
            for each in Excursion.objects.filter(where).select_related("centre", "decided_by")
        ],
        "handled": _centres(request, HANDLERS),
        "may_decide": ships,
        "typed": request.POST,
        "problems": problems,
    }
    return render(request, "supply/shipments.html", context, status=422 if problems else 200)


def _done(
    request: HttpRequest,
    problems: Sequence[str],
    words: Said,
    page: Callable[[HttpRequest, Sequence[str]], HttpResponse],
    name: str,
) -> HttpResponse:
    if problems:
        return page(request, problems)
    messages.success(request, words.spoken())
    return redirect(name)


def _kits(centres: "QuerySet[Centre]", request: HttpRequest) -> "QuerySet[Kit]":
    where = Q(centre__in=centres)
    if may(account_of(request), Permission.MOVE_KITS):
        where |= Q(centre=None)
    return Kit.objects.filter(where)


def _centres(request: HttpRequest, permissions: Sequence[Permission]) -> "QuerySet[Centre]":
    """The centres where the user holds one of these; who holds none anywhere is refused."""
    user = account_of(request)
    if not any(may(user, permission) for permission in MAY_SEE):
        raise PermissionDenied
    if attempt(kits_plan):  # a trial whose treatment is prepared has no such pages
        raise Http404
    keys = [c.pk for permission in permissions for c in centres_of(user, permission)]
    return Centre.objects.filter(pk__in=keys)
