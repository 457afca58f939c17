"""The pharmacy's stock, and what may be recorded of it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from immunosep.languages import say
from immunosep.web.accounts.access import account_of, centres_of, needs
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.centres.models import Centre
from immunosep.web.pharmacy.stock import (
    BY_HAND,
    Item,
    count_lot,
    lots_of,
    move_lot,
    read_item,
    receive_lot,
)
from immunosep.web.supply.attempting import attempt
from immunosep.web.supply.stations import MovementKind, total
from immunosep.web.trial import site_trial

ACTS = {kind.value: kind for kind in BY_HAND}
COUNT, RECEIVE = "count", "receive"


@needs(Permission.PREPARE)
def stock(request: HttpRequest, centre: str = "") -> HttpResponse:
    """The lots of one centre, and a form for a delivery and one for each thing done to a lot."""
    held = _centre(request, centre)
    if request.method != "POST":
        return _page(request, held)
    problems = attempt(lambda: _act(held, request.POST, by=account_of(request)))
    if problems:
        return _page(request, held, problems=problems)
    messages.success(request, say("Recorded."))
    return redirect("stock_of", held.pk)


def _act(centre: Centre, typed: QueryDict, *, by: User) -> None:
    now, quantity = timezone.now(), _whole(typed.get("quantity", ""))
    because, act = typed.get("because", ""), typed.get("act", "")
    if act == RECEIVE:
        receive_lot(centre, _delivered(typed), quantity, by=by, now=now)
        return
    item = read_item(typed.get("lot", ""))
    if act == COUNT:
        count_lot(centre, item, quantity, because=because, by=by, now=now)
    elif act in ACTS:
        move_lot(centre, item, ACTS[act], quantity, because=because, by=by, now=now)
    else:
        raise Http404


def _delivered(typed: QueryDict) -> Item:
    """A delivery as typed; a date that is none is long past, and so refused with the rest."""
    try:
        expires_on = date.fromisoformat(typed.get("expires_on", ""))
    except ValueError:
        expires_on = date.min
    return Item(
        product=typed.get("product", ""),
        lot=typed.get("lot_number", "").strip(),
        expires_on=expires_on,
    )


def _page(request: HttpRequest, centre: Centre, *, problems: Sequence[str] = ()) -> HttpResponse:
    lots = lots_of(centre)
    today = timezone.now().astimezone(centre.zone).date()
    context: dict[str, Any] = {
        "centre": centre,
        "centres": centres_of(account_of(request), Permission.PREPARE),
        "lots": [(lot, lot.expired(today)) for lot in lots],
        "sum": total(lot.balance for lot in lots),
        "products": site_trial().interventions,
        "acts": [(kind.value, _WORDS[kind]) for kind in BY_HAND],
        "problems": problems,
        "typed": request.POST,
    }
    return render(request, "pharmacy/stock.html", context, status=422 if problems else 200)


_WORDS = {
    MovementKind.QUARANTINE: say("Set aside (quarantine)"),
    MovementKind.RELEASE: say("Release from quarantine"),
    MovementKind.REJECT: say("Reject what is in quarantine"),
    MovementKind.DESTROY: say("Destroy"),
}


def _centre(request: HttpRequest, key: str) -> Centre:
    """The centre asked for, or the user's only or first one."""
    allowed = centres_of(account_of(request), Permission.PREPARE)
    found = allowed.filter(pk=key).first() if key else allowed.first()
    if found is None:
        raise Http404
    return found


def _whole(text: str) -> int:
    return int(text) if text.strip().isdecimal() and len(text) < 9 else -1
