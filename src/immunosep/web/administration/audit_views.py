"""The audit trail as a page: who, when, from what, to what, why; of the reader's own centres.

The reader may ask for what `FILTERS` lists and nothing else; any other word in the address is
without effect. Words written by unblinded people, or of an unblinding, could tell an arm: their
reasons and values are not on this page, whoever reads it. They are in the export.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from immunosep.web.accounts.access import account_of, centres_of, memberships_with, needs
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import ROLES, Permission
from immunosep.web.audit.models import Event
from immunosep.web.centres.models import Centre

PER_PAGE = 50
FILTERS = ("centre", "participant", "person", "action", "since", "until")
UNBLINDED_ROLES = frozenset(role.value for role, held in ROLES.items() if not held.blinded)
SEALED_PARTS = ("unblinding.", "pharmacy.", "code.")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One event as the page shows it."""

    event: Event
    centre: Centre | None
    open: bool  # whether its values and reason are shown


@needs(Permission.SEE_AUDIT)
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """The events a reader may see, newest first, fifty to a page."""
    user = account_of(request)
    asked = {name: request.GET.get(name, "").strip() for name in FILTERS}
    seen = visible_to(user)
    page = Paginator(filtered(seen, asked), PER_PAGE).get_page(request.GET.get("page"))
    centres = centres_of(user, Permission.SEE_AUDIT)
    context = {
        "asked": asked,
        "kept": urlencode({name: value for name, value in asked.items() if value}),
        "page": page,
        "rows": list(rows_of(page, {centre.pk: centre for centre in centres})),
        "centres": centres,
        "actions": sorted(set(seen.order_by().values_list("action", flat=True))),
        "people": _people(seen),
    }
    return render(request, "audit/audit.html", context)


def visible_to(user: User) -> "QuerySet[Event]":
    """Of a centre's role, the events of that centre; of a role of the whole trial, all."""
    events = Event.objects.order_by("-sequence")
    if any(held.centre_id is None for held in memberships_with(user, Permission.SEE_AUDIT)):
        return events
    own = centres_of(user, Permission.SEE_AUDIT).values_list("pk", flat=True)
    return events.filter(centre__in=list(own))


def filtered(events: "QuerySet[Event]", asked: dict[str, str]) -> "QuerySet[Event]":
    """Each filter by its own rule: no word of the address reaches the database as a name."""
    for name in ("centre", "participant", "action"):
        if asked[name]:
            events = events.filter(**{name: asked[name]})
    if asked["person"].isdecimal():
        events = events.filter(by=int(asked["person"][:18]))
    if since := _day(asked["since"]):
        events = events.filter(at__gte=datetime.combine(since, time.min, tzinfo=UTC))
    if until := _day(asked["until"]):
        events = events.filter(at__lte=datetime.combine(until, time.max, tzinfo=UTC))
    return events


def rows_of(events: Iterable[Event], centres: dict[str, Centre]) -> Iterable[Row]:
    """Each event with its centre, and whether its words may be shown."""
    return (
        Row(event=event, centre=centres.get(event.centre), open=_open(event)) for event in events
    )


def _open(event: Event) -> bool:
    return event.role not in UNBLINDED_ROLES and not event.action.startswith(SEALED_PARTS)


def _people(events: "QuerySet[Event]") -> list[tuple[Any, str]]:
    """Whoever did something that the reader may see."""
    seen = events.order_by().exclude(by=None).values_list("by", flat=True).distinct()
    return list(User.objects.filter(pk__in=list(seen)).order_by("name").values_list("pk", "name"))


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given)
    except ValueError:
        return None
