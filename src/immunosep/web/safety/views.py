"""Safety in the browser: serious events with their clocks, one event, and the line listing."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.web.accounts.access import account_of, centres_of, may, needs
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.casebook.models import Page
from immunosep.web.safety.cases import Case, case_at, centres_seen, products_of, serious_cases
from immunosep.web.safety.clocks import Clock, next_clock
from immunosep.web.safety.coding import code
from immunosep.web.safety.judging import assess, submit
from immunosep.web.safety.listing import as_csv, counts_by_state, lines_of, listed
from immunosep.web.safety.models import SeriousReport
from immunosep.web.safety.reporting import follow_up, report_serious
from immunosep.web.safety.showing import event_in, read_when
from immunosep.web.supply.attempting import attempt

A_PAGE = 100
Act = Callable[[User, datetime], object]


@needs(Permission.SEE_PATIENTS)
@require_safe
def safety(request: HttpRequest) -> HttpResponse:
    """Serious events: those with a clock that runs first, by the one that ends first."""
    now = timezone.now()
    cases = serious_cases(centres_seen(account_of(request)))
    rows = sorted(((case, next_clock(case, now=now)) for case in cases), key=_urgency)
    running = [clock for _, clock in rows if clock]
    context = {
        "page": Paginator(rows, A_PAGE).get_page(request.GET.get("page")),
        "serious": len(rows),
        "running": len(running),
        "overdue": sum(clock.late for clock in running),
        "susars": sum(case.susar for case in cases),
        "may_list": may(account_of(request), Permission.SEE_SAFETY),
    }
    return render(request, "safety/serious.html", context)


@needs(Permission.SEE_PATIENTS)
@require_safe
def event(request: HttpRequest, pk: int) -> HttpResponse:
    """One adverse event: what is known of it, its clocks, and what somebody may add."""
    return _page(request, _case(request, pk))


@needs(Permission.SEE_PATIENTS)
@require_POST
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the sponsor."""
    case = _case(request, pk)
    aware_at, wrong = read_when("aware_at", case, request.POST)

    def act(by: User, now: datetime) -> object:
        _refuse(wrong)
        assert aware_at is not None
        return report_serious(case.page, aware_at=aware_at, by=by, now=now)

    allowed = may(account_of(request), Permission.ENTER_FOLLOW_UP, case.centre)
    return _done(request, case, act, allowed=allowed, says=say("Reported to the sponsor."))


@needs(Permission.SEE_PATIENTS)
@require_POST
def add_follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Add what became known."""
    case, text = _case(request, pk), request.POST.get("text", "")

    def act(by: User, now: datetime) -> object:
        return follow_up(_report(case), text=text, by=by, now=now)

    user, centre = account_of(request), case.centre
    adds = (Permission.ENTER_FOLLOW_UP, Permission.REVIEW_SAFETY)
    allowed = any(may(user, each, centre) for each in adds)
    return _done(request, case, act, allowed=allowed, says=say("Added."))


@needs(Permission.REVIEW_SAFETY)
@require_POST
def judge(request: HttpRequest, pk: int) -> HttpResponse:
    """The sponsor's judgement, blinded."""
    case, typed = _case(request, pk), request.POST
    known_at, wrong = None, list[str]()
    if typed.get("known_at"):
        known_at, wrong = read_when("known_at", case, typed)
    asked = [f"expected.{each.id}" for each in products_of(case.patient.allocation)]
    answers = {"yes": True, "no": False}
    expected = {
        name.removeprefix("expected."): answers[typed[name]]
        for name in asked
        if typed.get(name) in answers
    }
    if typed.get("fatal") not in answers:
        wrong.append(say("Say whether it killed or threatened life."))
    seen = typed.get("seen", "")

    def act(by: User, now: datetime) -> object:
        _refuse(wrong)
        return assess(
            _report(case), expected=expected, relatedness=typed.get("relatedness", ""),
            fatal=typed.get("fatal") == "yes", by=by, now=now, known_at=known_at,
            seen=int(seen) if seen.isascii() and seen.isdigit() else 0,
            comment=typed.get("comment", ""),
        )  # fmt: skip

    return _done(
        request, case, act, allowed=_reviews(request, case), says=say("The judgement is kept.")
    )


@needs(Permission.REVIEW_SAFETY)
@require_POST
def sent(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what was sent to an authority or a committee."""
    case, typed = _case(request, pk), request.POST
    sent_at, wrong = read_when("sent_at", case, typed)

    def act(by: User, now: datetime) -> object:
        _refuse(wrong)
        assert sent_at is not None
        return submit(
            _report(case), to=typed.get("to", ""), kind=typed.get("kind", ""), sent_at=sent_at,
            reference=typed.get("reference", ""), by=by, now=now,
        )  # fmt: skip

    return _done(request, case, act, allowed=_reviews(request, case), says=say("Recorded as sent."))


@needs(Permission.REVIEW_SAFETY)
@require_POST
def coded(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the dictionary's words."""
    case, typed = _case(request, pk), request.POST

    def act(by: User, now: datetime) -> object:
        return code(
            case.page, version=typed.get("version", ""),
            preferred_term=typed.get("preferred_term", ""),
            organ_class=typed.get("organ_class", ""), by=by, now=now,
        )  # fmt: skip

    return _done(request, case, act, allowed=_reviews(request, case), says=say("Coded."))


@needs(Permission.SEE_SAFETY)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Every adverse event by immune state, without arms."""
    user = account_of(request)
    events = listed(centres_of(user, Permission.SEE_SAFETY))
    page = Paginator(events, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": list(lines_of(page)),
        "states": counts_by_state(events),
        "sees_patients": may(user, Permission.SEE_PATIENTS),
    }
    return render(request, "safety/listing.html", context)


@needs(Permission.SEE_SAFETY)
@require_safe
def listing_csv(request: HttpRequest) -> HttpResponse:
    """The same as a file."""
    events = listed(centres_of(account_of(request), Permission.SEE_SAFETY))
    lines = (line for _, line in lines_of(events))
    answer = HttpResponse(as_csv(lines), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="adverse-events.csv"'
    return answer


def _urgency(row: tuple[Case, Clock | None]) -> tuple[bool, float]:
    """What runs before what does not; then by when it ends, or the newest first."""
    case, clock = row
    return (False, clock.due.timestamp()) if clock else (True, -case.page.pk)


def _case(request: HttpRequest, pk: int) -> Case:
    """The event; 404 without any role at its centre, 403 with one that sees no patient there."""
    user = account_of(request)
    try:
        case = case_at(pk)
    except Page.DoesNotExist:
        raise Http404("no such event") from None
    if not any(may(user, each, case.centre) for each in Permission):
        raise Http404("no such event")
    if not may(user, Permission.SEE_PATIENTS, case.centre):
        raise PermissionDenied
    return case


def _report(case: Case) -> SeriousReport:
    if case.report is None:
        raise RefusedError("nothing was kept", [say("The event is not reported yet.")])
    return case.report


def _reviews(request: HttpRequest, case: Case) -> bool:
    return may(account_of(request), Permission.REVIEW_SAFETY, case.centre)


def _refuse(wrong: Sequence[str]) -> None:
    if wrong:
        raise RefusedError("nothing was kept", wrong)


def _done(request: HttpRequest, case: Case, act: Act, *, allowed: bool, says: str) -> HttpResponse:
    """Do it, or show what stands against it beside what was typed."""
    if not allowed:
        raise PermissionDenied
    user, now = account_of(request), timezone.now()
    if problems := attempt(lambda: act(user, now)):
        return _page(request, case, problems=problems)
    messages.success(request, says)
    return redirect("safety_event", case.page.pk)


def _page(request: HttpRequest, case: Case, *, problems: Sequence[str] = ()) -> HttpResponse:
    match = request.resolver_match
    context = event_in(
        case, user=account_of(request), now=timezone.now(), typed=request.POST.dict(),
        problems=problems, doing=(match.url_name or "") if match else "",
    )  # fmt: skip
    return render(request, "safety/event.html", context, status=422 if problems else 200)
