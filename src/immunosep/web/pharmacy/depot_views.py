"""The depot's page, which shows numbers only, and the packer's, which shows contents. Both keyed.

Binding needs the key, so the depot works in a keyed process; who ships stays blinded all the same.
"""

import csv
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from immunosep.languages import say
from immunosep.web.accounts.access import account_of, centres_of, needs
from immunosep.web.accounts.roles import Permission
from immunosep.web.centres.models import Centre
from immunosep.web.pharmacy.binding import ship
from immunosep.web.pharmacy.packing import contents, pack_batch, packing_list
from immunosep.web.supply.attempting import attempt
from immunosep.web.supply.labels import draw_labels, label_of_kit
from immunosep.web.supply.models import Kit, Shipment
from immunosep.web.supply.needing import kits_plan, places_supplied


@needs(Permission.MOVE_KITS)
@require_safe
def depot(request: HttpRequest) -> HttpResponse:
    """How many kits of each batch are where, how many places each centre can still supply."""
    return _depot_page(request)


@needs(Permission.MOVE_KITS)
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Send kits for a centre's next places."""
    centres = centres_of(account_of(request), Permission.MOVE_KITS)
    centre = centres.filter(pk=request.POST.get("centre", "")).first()
    if centre is None:
        raise Http404
    user, now, places = account_of(request), timezone.now(), _whole(request.POST.get("places", ""))
    sent: list[Shipment] = []
    problems = attempt(lambda: sent.append(ship(centre, places, by=user, now=now)))
    if problems:
        return _depot_page(request, problems=problems)
    done = say("Shipment {number} is on its way.", number=sent[0].number)
    messages.success(request, done.spoken())
    return redirect("depot")


@needs(Permission.PREPARE)
def packing(request: HttpRequest) -> HttpResponse:
    """The batches, and packing another."""
    if attempt(kits_plan):
        raise Http404
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        problems = attempt(lambda: _pack(request))
        if not problems:
            messages.success(request, say("The batch is numbered. Take its list and labels."))
            return redirect("packing")
    context: dict[str, Any] = {
        "batches": Kit.objects.values("batch", "expires_on")
        .annotate(n=Count("pk"))
        .order_by("batch"),
        "contents": [(key, request.POST.get(key, "")) for key in contents()],
        "typed": request.POST,
        "problems": problems,
    }
    return render(request, "pharmacy/packing.html", context, status=422 if problems else 200)


@needs(Permission.PREPARE)
@require_safe
def batch_list(request: HttpRequest, batch: str) -> HttpResponse:
    """The packing list: what goes into which number."""
    lines = packing_list(batch)
    if not lines:
        raise Http404
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="packing-list.csv"'
    writer = csv.writer(answer)
    writer.writerow(["batch", "content", "kit"])
    writer.writerows([batch, line.content, line.kit.number] for line in lines)
    return answer


@needs(Permission.PREPARE)
@require_safe
def batch_labels(request: HttpRequest, batch: str) -> HttpResponse:
    """The labels of a batch, in the order of its packing list."""
    lines = packing_list(batch)
    if not lines:
        raise Http404
    made = draw_labels(label_of_kit(line.kit) for line in lines)
    return HttpResponse(made, content_type="application/pdf")


def _pack(request: HttpRequest) -> None:
    try:
        expires_on = date.fromisoformat(request.POST.get("expires_on", ""))
    except ValueError:
        expires_on = date.min
    pack_batch(
        {key: _whole(request.POST.get(key, "")) for key in contents()},
        batch=request.POST.get("batch", "").strip(),
        expires_on=expires_on,
        by=account_of(request),
        now=timezone.now(),
    )


def _depot_page(request: HttpRequest, *, problems: Sequence[str] = ()) -> HttpResponse:
    if attempt(kits_plan):
        raise Http404
    rows = Kit.objects.values("batch", "expires_on", "route", "status").annotate(n=Count("pk"))
    centres = centres_of(account_of(request), Permission.MOVE_KITS).filter(status="open")
    context: dict[str, Any] = {
        "rows": rows.order_by("expires_on", "batch", "route", "status"),
        "centres": [(centre, _supplied(centre)) for centre in centres],
        "typed": request.POST,
        "problems": problems,
    }
    return render(request, "pharmacy/depot.html", context, status=422 if problems else 200)


def _supplied(centre: Centre) -> int:
    return places_supplied(centre, on=timezone.now().astimezone(centre.zone).date())


def _whole(text: str) -> int:
    return int(text) if text.strip().isdecimal() and len(text) < 9 else 0
