"""The casebook of one participant, and what is written from there on several pages at once."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from immunosep.errors import RefusedError
from immunosep.languages import say, say_many
from immunosep.protocol.casebook import CaseForm
from immunosep.protocol.schedule import Visit
from immunosep.web.accounts.access import account_of, needs
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.casebook.completing import miss_visit
from immunosep.web.casebook.forms import first_day
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.recording import data_is_closed
from immunosep.web.followup.carrying import carry_over, lines_to_carry
from immunosep.web.followup.endings import DEAD, DISCHARGED
from immunosep.web.followup.overview import Casebook, State, casebook_of
from immunosep.web.followup.views.finding import filled_by, nearest_visit, participant_at
from immunosep.web.trial import trial_of


@needs(Permission.SEE_PATIENTS)
@require_safe
def casebook(request: HttpRequest, number: str) -> HttpResponse:
    """Every planned page with where it stands, the logs, and what came unscheduled."""
    return _page(request, participant_at(request, number, Permission.SEE_PATIENTS))


@needs(Permission.ENTER_FOLLOW_UP)
@require_POST
def carry(request: HttpRequest, number: str) -> HttpResponse:
    """Write a death or a discharge on the pages that remain."""
    patient = participant_at(request, number, Permission.ENTER_FOLLOW_UP)
    kind = DEAD if request.POST.get("kind") == DEAD else DISCHARGED
    try:
        pages = carry_over(number, kind, by=account_of(request), now=timezone.now())
    except RefusedError as error:
        return _page(request, patient, problems=list(error.problems))
    written = say_many("Written on {count} page.", "Written on {count} pages.", count=len(pages))
    messages.success(request, written.spoken())
    return redirect("casebook", number)


@needs(Permission.ENTER_FOLLOW_UP)
@require_POST
def missed(request: HttpRequest, number: str) -> HttpResponse:
    """Say that a visit, or one page of it, did not take place."""
    patient = participant_at(request, number, Permission.ENTER_FOLLOW_UP)
    visit, form = request.POST.get("visit", ""), request.POST.get("form", "")
    try:
        miss_visit(
            number, visit, reason=request.POST.get("reason", ""), forms=[form] if form else (),
            by=account_of(request), now=timezone.now(),
        )  # fmt: skip
    except RefusedError as error:
        return _page(request, patient, problems=list(error.problems))
    messages.success(request, say("Recorded as missed."))
    return redirect("casebook", number)


def _page(
    request: HttpRequest, patient: Patient, *, problems: list[str] | None = None
) -> HttpResponse:
    user, centre = account_of(request), patient.centre
    today = timezone.now().astimezone(centre.zone).date()
    book = casebook_of(patient, today=today)
    enters = [] if data_is_closed(patient) else filled_by(user, centre)
    context = {
        "patient": patient,
        "centre": centre,
        "book": book,
        "counts": [
            (state, book.count(state)) for state in (State.DUE, State.OVERDUE, State.STARTED)
        ],
        "enters": enters,
        "carrying": _carrying(book, today) if Permission.ENTER_FOLLOW_UP and enters else [],
        "to_miss": _to_miss(book, user, patient),
        "unscheduled": _unscheduled(book, today, patient),
        "problems": problems,
        "visit": request.POST.get("visit", ""),
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "followup/casebook.html", context, status=422 if problems else 200)


def _carrying(book: Casebook, today: date) -> list[tuple[str, str, int]]:
    """What can be carried over: the kind, by which page, to how many."""
    return [
        (ending.kind, ending.words, count)
        for ending in (book.endings.dead, book.endings.discharged)
        if ending and (count := len(lines_to_carry(book, ending.kind, today=today)))
    ]


def _to_miss(book: Casebook, user: User, patient: Patient) -> list[Visit]:
    """The visits that have begun and have a page without entry which this account fills in."""
    enters = filled_by(user, patient.centre)
    return [
        row.visit
        for row in book.rows
        if any(
            line and line.state in (State.DUE, State.OVERDUE) and form.filled_by in enters
            for form, line in row.cells
        )
    ]


def _unscheduled(book: Casebook, today: date, patient: Patient) -> list[tuple[CaseForm, Visit]]:
    """The forms that may be filled in besides the plan, each with the visit it is counted to."""
    if book.began is None:
        return []
    day = (today - first_day(book.began, patient.centre)).days + 1
    visits = sorted(trial_of(patient.centre).schedule, key=lambda visit: visit.day)
    found = [(form, nearest_visit(form, visits, day)) for form in book.forms]
    return [(form, visit) for form, visit in found if visit]
