"""One page as those who clean the data see it: beside the source, with its questions and steps."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from immunosep.languages import say
from immunosep.tables.casebook import CASE_COLUMNS
from immunosep.web.accounts.access import account_of, needs
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.casebook.forms import find_form
from immunosep.web.casebook.freezing import freeze, unfreeze
from immunosep.web.casebook.hidden import ENTERED, hidden_in, trial_is_locked
from immunosep.web.casebook.locking import lock_page, unlock_page
from immunosep.web.casebook.models import Page, PageEntry
from immunosep.web.casebook.obstacles import name_of, obstacles_of_page
from immunosep.web.casebook.querying import raise_query
from immunosep.web.casebook.verifying import columns_to_verify, is_targeted, take_back, verify
from immunosep.web.casebook.views.finding import page_at, permissions_at
from immunosep.web.enrolment.questions import value_in_words
from immunosep.web.supply.attempting import attempt
from immunosep.web.trial import trial_of

Posted = Mapping[str, str]
Act = Callable[[Page, Posted, User, datetime], object]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One column as the page shows it: what stands, by whom, and whether it is to be compared."""

    name: str
    label: str
    value: str
    by: str
    at: datetime | None
    is_hidden: bool
    is_compared: bool


@needs(Permission.SEE_PATIENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def clean_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A page's values, questions, steps; a POST does one thing with it."""
    page = page_at(request, pk)
    if request.method != "POST":
        return _page(request, page)
    act = ACTS.get(request.POST.get("do", ""), _nothing)
    user, now = account_of(request), timezone.now()
    problems = attempt(lambda: act(page, request.POST, user, now))
    if problems:
        return _page(request, Page.objects.get(pk=pk), problems)
    messages.success(request, say("Kept."))
    return redirect("clean_page", pk)


def _seen(posted: Posted) -> int:
    sent = posted.get("seen", "")
    return int(sent) if sent.isascii() and sent.isdigit() else -1


def _nothing(page: Page, posted: Posted, by: User, now: datetime) -> None:
    """What no button of the page sends changes nothing."""


ACTS: Mapping[str, Act] = {
    "ask": lambda page, posted, by, now: raise_query(
        page, column=posted.get("column", ""), text=posted.get("text", ""), by=by, now=now
    ),
    "verify": lambda page, posted, by, now: verify(page, seen=_seen(posted), by=by, now=now),
    "take_back": lambda page, posted, by, now: take_back(
        page, reason=posted.get("reason", ""), by=by, now=now
    ),
    "freeze": lambda page, posted, by, now: freeze(page, by=by, now=now),
    "unfreeze": lambda page, posted, by, now: unfreeze(
        page, reason=posted.get("reason", ""), by=by, now=now
    ),
    "lock": lambda page, posted, by, now: lock_page(page, by=by, now=now),
    "unlock": lambda page, posted, by, now: unlock_page(
        page, reason=posted.get("reason", ""), by=by, now=now
    ),
}


def _page(request: HttpRequest, page: Page, problems: tuple[str, ...] = ()) -> HttpResponse:
    centre = page.patient.centre
    form = find_form(page.form, trial_of(centre))
    context = {
        "page": page,
        "patient": page.patient,
        "centre": centre,
        "name": name_of(page),
        "columns": list(shown_columns(page)),
        "choices": [(name, CASE_COLUMNS[name].label) for name in form.columns],
        "targeted": is_targeted(form, page.patient_id),
        "plan": form.verification,
        "entries": PageEntry.objects.filter(page=page).count(),
        "permitted": permissions_at(request, centre),
        "obstacles": obstacles_of_page(page) if page.stage == Page.Stage.FROZEN else [],
        "typed": request.POST,
        "problems": problems,
    }
    return render(request, "casebook/page.html", context, status=422 if problems else 200)


def shown_columns(page: Page, *, trial_locked: bool | None = None) -> Iterator[Shown]:
    """Every column of a page that may be shown, in the form's order."""
    form = find_form(page.form, trial_of(page.patient.centre))
    locked = trial_is_locked() if trial_locked is None else trial_locked
    hidden = hidden_in(form, trial_locked=locked)
    last = {
        entry.column: entry for entry in page.entries.select_related("entered_by").order_by("id")
    }
    compared = columns_to_verify(form) if is_targeted(form, page.patient_id) else ()
    for name in form.columns:
        entry = last.get(name)
        value = entry.value if entry else None
        said = value_in_words(name, value, centre=page.patient.centre)
        yield Shown(
            name=name,
            label=CASE_COLUMNS[name].label,
            value=ENTERED if name in hidden and value is not None else said,
            by=entry.entered_by.name if entry else "",
            at=entry.entered_at if entry else None,
            is_hidden=name in hidden,
            is_compared=name in compared and name not in hidden,
        )
