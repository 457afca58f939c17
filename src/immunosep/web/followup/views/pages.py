"""One page of the casebook: filled in, checked as it is typed, completed, opened again, read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from immunosep.concepts.sofa_version import ALGORITHM
from immunosep.errors import RefusedError
from immunosep.languages import listed, say
from immunosep.tables.casebook import CASE_COLUMNS
from immunosep.web.accounts.access import account_of, may
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.casebook.completing import complete_page, reopen_page
from immunosep.web.casebook.hidden import ENTERED
from immunosep.web.casebook.models import Page, PageEntry, Query, Step
from immunosep.web.enrolment.questions import value_in_words
from immunosep.web.enrolment.recording import data_is_closed
from immunosep.web.followup.entering import About, Filled, opened, save, typed
from immunosep.web.followup.grading import CTCAE, is_graded, suggestions_of
from immunosep.web.followup.views.finding import may_enter, page_at, page_to_be

CLOSED = (Page.Stage.COMPLETE, Page.Stage.FROZEN, Page.Stage.LOCKED)
OPEN = (Page.Stage.STARTED, Page.Stage.COMPLETE)


@dataclass(frozen=True, kw_only=True)
class Said:
    """One entry in words, of what may be shown of it."""

    label: str
    value: str
    by: str
    at: datetime
    reason: str
    stands: bool  # no later entry of its column


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_page(request: HttpRequest, number: str, form: str) -> HttpResponse:
    """A page that nobody opened yet; it is opened by being saved."""
    about = page_to_be(request, number, form)
    if about.page is not None:
        if request.method != "POST":
            return redirect("casebook_page", number, about.page.pk)
        return _entered(request, about)
    if request.method != "POST":
        return _page(request, opened(about, request.GET))
    return _entered(request, about)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """A page that is there."""
    about = page_at(request, number, pk)
    if request.method != "POST":
        return _page(request, opened(about))
    return _entered(request, about)


@login_required
@require_POST
def check(request: HttpRequest, number: str, form: str) -> HttpResponse:
    """What the rules say of what is typed so far, as parts of the page. Nothing is written."""
    sent = request.POST.get("page", "")
    about = (
        page_at(request, number, int(sent))
        if sent.isascii() and sent.isdigit()
        else page_to_be(request, number, form)
    )
    filled = typed(about, request.POST)
    were = set(request.POST.getlist("asked"))
    context = {
        "filled": filled,
        "centre": about.centre,
        "patient": about.patient,
        "ctcae": CTCAE,
        "changed": [g for g in filled.groups if g.condition and g.asked != (g.id in were)],
        "suggestions": _suggestions(request, filled),
    }
    return render(request, "followup/checked.html", context)


@login_required
@require_POST
def step(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Complete a page, or open it again with a reason."""
    about, user, now = page_at(request, number, pk), account_of(request), timezone.now()
    assert about.page is not None
    try:
        if request.POST.get("do") == "complete":
            complete_page(about.page, by=user, now=now)
            messages.success(request, say("The page is complete."))
        else:
            reopen_page(about.page, reason=request.POST.get("reason", ""), by=user, now=now)
            messages.success(request, say("The page is open again."))
    except RefusedError as error:
        return _page(request, opened(about), refused=list(error.problems))
    return redirect("casebook_page", number, pk)


def _entered(request: HttpRequest, about: About) -> HttpResponse:
    """Save what was sent, and with the other button complete the page too."""
    user, now = account_of(request), timezone.now()
    if not may_enter(user, about):
        raise PermissionDenied
    filled, written = save(typed(about, request.POST), by=user, now=now)
    if written is None:
        return _page(request, filled)
    number = about.patient.pk
    if request.POST.get("do") != "complete":
        messages.success(request, say("Saved."))
        return redirect("casebook_page", number, written.page.pk)
    try:
        complete_page(written.page, by=user, now=now)
    except RefusedError as error:
        problems = listed(error.problems, by=" ")
        told = say("Saved, not complete. {problems}", problems=problems)
        messages.warning(request, told.spoken())
        return redirect("casebook_page", number, written.page.pk)
    messages.success(request, say("Saved and complete."))
    return redirect(_after(request, about, user))


def _after(request: HttpRequest, about: About, user: User) -> str:
    """Where somebody came from, if that is a page of ours; the casebook, or the worklist."""
    back = request.POST.get("back", "")
    if back and url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        return back
    if may(user, Permission.SEE_PATIENTS, about.centre):
        return reverse("casebook", args=[about.patient.pk])
    return reverse("follow_up")


def _page(
    request: HttpRequest, filled: Filled, *, refused: list[str] | None = None
) -> HttpResponse:
    about, user = filled.about, account_of(request)
    found = about.page
    enters = may_enter(user, about) and not data_is_closed(about.patient)
    context = {
        "patient": about.patient,
        "centre": about.centre,
        "filled": filled,
        "page": found,
        "enters": enters and (found is None or found.stage in OPEN),
        "may_step": enters and found is not None,
        "missed": _missed(found),
        "refused": refused,
        "history": list(_history(about)),
        "queries": _queries(found),
        "suggestions": _suggestions(request, filled),
        "ctcae": CTCAE,
        "algorithm": ALGORITHM,
        "sees_patients": may(user, Permission.SEE_PATIENTS, about.centre),
        "back": request.POST.get("back") or request.GET.get("back", ""),
        "address": request.get_full_path() if found is None else "",
    }
    wrong = filled.is_wrong and request.method == "POST"
    return render(request, "followup/page.html", context, status=422 if wrong or refused else 200)


def _suggestions(request: HttpRequest, filled: Filled) -> list[str]:
    """Grades that other pages support, for whoever sees those pages anyway."""
    about = filled.about
    sees = may(account_of(request), Permission.SEE_PATIENTS, about.centre)
    if not is_graded(about.form) or not sees:
        return []
    return [each.words for each in suggestions_of(about.patient, filled.values)]


def _missed(page: Page | None) -> Step | None:
    """That the page was said to be missed, if that is the last word on it."""
    if page is None or page.stage == Page.Stage.STARTED:
        return None
    kinds = (Step.Kind.COMPLETED, Step.Kind.MISSED, Step.Kind.REOPENED)
    last = page.steps.filter(kind__in=kinds).select_related("by").last()
    return last if last and last.kind == Step.Kind.MISSED else None


def _queries(page: Page | None) -> int:
    """How many questions about the page are not closed."""
    return page.queries.exclude(status=Query.Status.CLOSED).count() if page else 0


def _history(about: About) -> Iterator[Said]:
    """Every entry of the page, the newest first."""
    if about.page is None:
        return
    entries = PageEntry.objects.filter(page=about.page).select_related("entered_by")
    seen: set[str] = set()
    unsaid = any(about.hides(name) for name in about.form.hidden)
    for entry in entries.order_by("-id"):
        hidden = about.hides(entry.column)
        said = value_in_words(entry.column, entry.value, centre=about.centre)
        yield Said(
            label=CASE_COLUMNS[entry.column].label,
            value=ENTERED if hidden else said,
            by=entry.entered_by.name,
            at=entry.entered_at,
            reason=ENTERED if unsaid and entry.reason else entry.reason,
            stands=entry.column not in seen,
        )
        seen.add(entry.column)
