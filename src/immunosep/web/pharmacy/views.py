"""The unblinded pharmacy's pages: what is due, preparing it, checking it, its label, handing over.

Contents are opened here and shown to whoever holds PREPARE at the order's centre, nobody else.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from immunosep.errors import RefusedError
from immunosep.languages import Said, say
from immunosep.protocol.supply import SupplyPlan
from immunosep.web.accounts.access import account_of, centres_of, needs
from immunosep.web.accounts.roles import Permission
from immunosep.web.pharmacy.preparing import check as check_preparation
from immunosep.web.pharmacy.preparing import (
    content_of,
    outstanding,
    prepare,
    prepared_plan,
    use_before,
)
from immunosep.web.pharmacy.stock import lots_to_use, read_item
from immunosep.web.pharmacy.worklist import WAITING, stopped_orders, tasks_of
from immunosep.web.supply import handover
from immunosep.web.supply.attempting import attempt
from immunosep.web.supply.contents import about_preparation
from immunosep.web.supply.following import starts_of
from immunosep.web.supply.label_languages import label_language, language_in_words
from immunosep.web.supply.labels import draw_labels, label_of
from immunosep.web.supply.models import Order, Preparation
from immunosep.web.trial import trial_of
from immunosep.web.unblinding.opening import open_contents


@needs(Permission.PREPARE)
@require_safe
def worklist(request: HttpRequest) -> HttpResponse:
    """What is due, by time."""
    plan, now = _plan(), timezone.now()
    centres = list(centres_of(account_of(request), Permission.PREPARE))
    tasks = tasks_of(centres, now=now)
    return render(
        request,
        "pharmacy/worklist.html",
        {
            "tasks": tasks,
            "stopped": stopped_orders(centres, now=now),
            "now": now,
            "second_check": plan.second_check,
        },
    )


@needs(Permission.PREPARE)
def prepare_order(request: HttpRequest, number: str) -> HttpResponse:
    """One order: the content of each route, and making it up from a lot."""
    order = _order(request, number)
    if request.method != "POST":
        return _order_page(request, order)
    route, user, now = request.POST.get("route", ""), account_of(request), timezone.now()
    if route not in {dose["route"] for dose in order.doses}:
        raise Http404
    problems = attempt(
        lambda: prepare(
            order,
            route,
            item=read_item(request.POST.get("lot", "")),
            per_dose=_whole(request.POST.get("per_dose", "")),
            by=user,
            now=now,
        )
    )
    if problems:
        return _order_page(request, order, route=route, problems=problems)
    messages.success(request, say("Prepared. Print the labels; another person checks."))
    return redirect("prepare", order.number)


@needs(Permission.PREPARE)
def check(request: HttpRequest, number: str) -> HttpResponse:
    """A second person compares content and label."""
    preparation = _preparation(request, number)
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        label, user, now = request.POST.get("label", ""), account_of(request), timezone.now()
        problems = attempt(lambda: check_preparation(preparation, label=label, by=user, now=now))
        if not problems:
            done = say("{number} is checked.", number=preparation.number)
            messages.success(request, done.spoken())
            return redirect("prepare", preparation.order.number)
    labels = {each.id: each.label for each in trial_of(preparation.order.centre).interventions}
    content = open_contents(preparation.sealed, about=about_preparation(preparation.number))
    return render(
        request,
        "pharmacy/check.html",
        {
            "preparation": preparation,
            "order": preparation.order,
            "content": content,
            "product": labels[content["product"]],
            "problems": problems,
            "typed": request.POST.get("label", ""),
        },
        status=422 if problems else 200,
    )


@needs(Permission.PREPARE)
@require_safe
def label(request: HttpRequest, number: str) -> HttpResponse:
    """One preparation's label, as PDF."""
    return _pdf([_preparation(request, number)])


@needs(Permission.PREPARE)
@require_safe
def labels(request: HttpRequest, number: str) -> HttpResponse:
    """The labels of everything prepared of an order and not yet handed over."""
    order = _order(request, number)
    waiting = order.preparations.filter(status__in=WAITING)
    if not waiting:
        raise Http404
    return _pdf(waiting.select_related("order__centre"))


@needs(Permission.PREPARE)
@require_POST
def hand_over(request: HttpRequest, number: str) -> HttpResponse:
    """Give one preparation to the ward."""
    preparation = _preparation(request, number)
    user, now = account_of(request), timezone.now()
    problems = attempt(lambda: handover.hand_over(preparation, by=user, now=now))
    done = say("{number} is handed over.", number=preparation.number)
    return _back(request, preparation, problems, done)


@needs(Permission.PREPARE)
@require_POST
def hand_over_all(request: HttpRequest, number: str) -> HttpResponse:
    """Give the ward everything of an order that is ready."""
    order, user, now = _order(request, number), account_of(request), timezone.now()
    problems = attempt(lambda: handover.hand_over_all(order, by=user, now=now))
    if problems:
        return _order_page(request, order, problems=problems)
    messages.success(request, say("Handed over: all that was ready."))
    return redirect("prepare", order.number)


@needs(Permission.PREPARE)
@require_POST
def discard(request: HttpRequest, number: str) -> HttpResponse:
    """Throw one preparation away."""
    preparation = _preparation(request, number)
    user, now, because = account_of(request), timezone.now(), request.POST.get("because", "")
    problems = attempt(lambda: handover.discard(preparation, because=because, by=user, now=now))
    done = say("{number} is discarded.", number=preparation.number)
    return _back(request, preparation, problems, done)


def _back(
    request: HttpRequest, preparation: Preparation, problems: Sequence[str], done: Said
) -> HttpResponse:
    if problems:
        return _order_page(request, preparation.order, problems=problems)
    messages.success(request, done.spoken())
    return redirect("prepare", preparation.order.number)


def _order_page(
    request: HttpRequest, order: Order, *, route: str = "", problems: Sequence[str] = ()
) -> HttpResponse:
    order = _order(request, order.number)  # as it is now
    routes = dict.fromkeys(dose["route"] for dose in order.doses)
    return render(
        request,
        "pharmacy/prepare.html",
        {
            "order": order,
            "parts": [_part(order, each, timezone.now()) for each in routes],
            "labelled": any(p.status in WAITING for p in order.preparations.all()),
            "ready": 0 if order.cancelled_at else handover.how_many_are_ready(order),
            "label_language": language_in_words(label_language(order.centre)),
            "wrong_route": route,
            "problems": problems,
            "typed": request.POST,
        },
        status=422 if problems else 200,
    )


def _part(order: Order, route: str, now: datetime) -> dict[str, Any]:
    component = content_of(order, route)
    until = use_before(component, order.centre, now=now)
    began = starts_of([order.slot_id]).get(order.slot_id)
    local = until.astimezone(order.centre.zone).date()
    made = [p for p in order.preparations.all() if p.route == route]
    return {
        "route": route,
        "component": component,
        "doses": outstanding(order, route, began=began, now=now),
        "use_before": until,
        "lots": lots_to_use(order.centre, component.intervention.id, until=local),
        "preparations": made,
    }


def _pdf(preparations: Any) -> HttpResponse:
    made = draw_labels(label_of(each) for each in preparations)
    return HttpResponse(made, content_type="application/pdf")


def _plan() -> SupplyPlan:
    """How doses are prepared; a trial whose treatment comes in kits has no such pages."""
    try:
        return prepared_plan()
    except RefusedError as refused:
        raise Http404 from refused


def _order(request: HttpRequest, number: str) -> Order:
    """An order of a centre where the user prepares; another centre's is absent."""
    _plan()
    found = (
        Order.objects.filter(centre__in=centres_of(account_of(request), Permission.PREPARE))
        .select_related("centre", "slot__stratum")
        .prefetch_related("preparations__prepared_by", "preparations__checked_by")
        .filter(number=number)
        .first()
    )
    if found is None:
        raise Http404
    return found


def _preparation(request: HttpRequest, number: str) -> Preparation:
    centres = centres_of(account_of(request), Permission.PREPARE)
    found = (
        Preparation.objects.filter(order__centre__in=centres, number=number)
        .select_related("order__centre", "order__slot__stratum", "prepared_by")
        .first()
    )
    if found is None:
        raise Http404
    return found


def _whole(text: str) -> int:
    """A whole number as typed; 0, which no form takes, for anything else."""
    return int(text) if text.strip().isdecimal() and len(text) < 9 else 0
