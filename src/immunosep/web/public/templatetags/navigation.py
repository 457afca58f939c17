"""The links at the head of every page: those that lead where the reader may go, and no others.

A page lives in one of two kinds of process; a link to the other kind carries its whole address.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse

from immunosep.protocol.supply import SupplyModel
from immunosep.web.accounts.access import may
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.trial import site_trial

register = template.Library()

SITE, KEYED = "immunosep.web.urls", "immunosep.web.keyed_urls"


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page that the head of every page links to, for whoever holds one of its permissions."""

    name: str
    label: str
    permissions: tuple[Permission, ...]
    process: str = SITE
    supplied: SupplyModel | None = None  # only where the trial is supplied in this way


@dataclass(frozen=True, kw_only=True)
class Link:
    """One link as the page shows it."""

    label: str
    url: str
    current: bool


KITS_SEEN = (Permission.GIVE_DOSES, Permission.MOVE_KITS, Permission.SEE_ORDERS)
PAGES = (
    Page(name="patients", label="Patients",
         permissions=(Permission.SEE_PATIENTS, Permission.SCREEN)),
    Page(name="follow_up", label="Follow-up",
         permissions=(Permission.ENTER_FOLLOW_UP, Permission.ENTER_LABORATORY)),
    Page(name="queries", label="Questions",
         permissions=(Permission.RAISE_QUERIES, Permission.ANSWER_QUERIES)),
    Page(name="cleaning", label="Cleaning", permissions=(Permission.VERIFY, Permission.FREEZE,
                                                         Permission.LOCK, Permission.SIGN)),
    Page(name="safety", label="Safety", permissions=(Permission.SEE_PATIENTS,)),
    Page(name="safety_listing", label="Adverse events", permissions=(Permission.SEE_SAFETY,)),
    Page(name="laboratory", label="Laboratory", permissions=(Permission.ENTER_LABORATORY,)),
    Page(name="imports", label="Import",
         permissions=(Permission.ENTER_LABORATORY, Permission.ENTER_FOLLOW_UP, Permission.SCREEN)),
    Page(name="screening_log", label="Screening log", permissions=(Permission.SEE_SCREENING_LOG,)),
    Page(name="oversight", label="Oversight", permissions=(Permission.SEE_OVERSIGHT,)),
    Page(name="deviations", label="Deviations", permissions=(Permission.SEE_OVERSIGHT,)),
    Page(name="orders", label="Orders", permissions=(Permission.SEE_ORDERS,)),
    Page(name="worklist", label="Worklist", permissions=(Permission.PREPARE,), process=KEYED,
         supplied=SupplyModel.PREPARED),
    Page(name="stock", label="Stock", permissions=(Permission.PREPARE,), process=KEYED,
         supplied=SupplyModel.PREPARED),
    Page(name="kits", label="Kits", permissions=KITS_SEEN, supplied=SupplyModel.KITS),
    Page(name="shipments", label="Shipments", permissions=KITS_SEEN, supplied=SupplyModel.KITS),
    Page(name="depot", label="Depot", permissions=(Permission.MOVE_KITS,), process=KEYED,
         supplied=SupplyModel.KITS),
    Page(name="packing", label="Packing", permissions=(Permission.PREPARE,), process=KEYED,
         supplied=SupplyModel.KITS),
    Page(
        name="unblindings",
        label="Unblinding",
        permissions=(Permission.UNBLIND, Permission.REVIEW_UNBLINDING),
    ),
    Page(name="people", label="People", permissions=(Permission.MANAGE_ACCOUNTS,)),
    Page(name="access_review", label="Access review", permissions=(Permission.REVIEW_ACCESS,)),
    Page(name="delegations", label="Delegation", permissions=(Permission.SEE_AUDIT,)),
    Page(name="centres", label="Centres", permissions=(Permission.MANAGE_CENTRES,)),
    Page(name="amendments", label="Amendments", permissions=(Permission.MANAGE_AMENDMENTS,)),
    Page(name="audit", label="Audit trail", permissions=(Permission.SEE_AUDIT,)),
)  # fmt: skip
FOR_ALL = (
    Page(name="study", label="The study", permissions=()),
    Page(name="find_centre", label="Find a centre", permissions=()),
)


@register.simple_tag(takes_context=True)
def navigation(context: Mapping[str, Any]) -> list[Link]:
    """The links of one reader, in order; a reader who is not logged in has those for all."""
    request = context["request"]
    here = request.resolver_match.url_name if request.resolver_match else ""
    return [
        Link(label=page.label, url=address(page.name, page.process), current=page.name == here)
        for page in _pages_for(request.user)
    ]


@register.simple_tag
def site_page(name: str) -> str:
    """The address of a page of the site process, from either kind."""
    return address(name, SITE)


def address(name: str, process: str) -> str:
    """Where a page without arguments is, from either kind of process."""
    here = KEYED if settings.KEYED else SITE
    other = {SITE: settings.SITE_URL, KEYED: settings.KEYED_URL}[process]
    path = reverse(name, urlconf=process)
    return path if process == here else other.rstrip("/") + path


def _pages_for(user: Any) -> Iterator[Page]:
    if not isinstance(user, User):
        yield from FOR_ALL
        return
    plan = site_trial().supply
    for page in PAGES:
        fits = page.supplied is None or (plan is not None and plan.model is page.supplied)
        if fits and any(may(user, permission) for permission in page.permissions):
            yield page
