"""Deviations from the protocol: the list and its file, one of them, and reporting one."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from immunosep.languages import say
from immunosep.web.accounts.access import account_of, centres_of, may, needs
from immunosep.web.accounts.roles import Permission
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.questions import Question, ask_moment, read_moment
from immunosep.web.oversight.listing import (
    BADGES,
    FOUND_BY,
    JUDGED,
    as_csv,
    narrowed,
    seen_by,
)
from immunosep.web.oversight.models import Judgement, Kind, Search
from immunosep.web.oversight.recording import MAY_LOOK, judge, look_as, report_deviation
from immunosep.web.supply.attempting import attempt

A_PAGE = 50
HAPPENED = ("happened_at", say("When it happened"))
SEE = Permission.SEE_OVERSIGHT


@needs(SEE)
@require_safe
def deviations(request: HttpRequest) -> HttpResponse:
    """Those of one's centres, narrowed by centre, kind, finder and judgement."""
    user, asked = account_of(request), request.GET.dict()
    centres = centres_of(user, SEE)
    chosen = centres.filter(pk=asked.get("centre", "")).first()
    held = narrowed(seen_by(user), asked | {"centre": chosen.pk if chosen else ""})
    page = Paginator(held, A_PAGE).get_page(asked.get("page"))
    filters = _filters(asked) | {"centre": chosen.pk if chosen else ""}
    context = {
        "page": page,
        "badges": BADGES,
        "verdicts": dict(Judgement.Verdict.choices),
        "centres": centres,
        "chosen": chosen,
        "filters": filters,
        "kinds": Kind.choices,
        "finders": FOUND_BY.items(),
        "judgements": JUDGED.items(),
        "narrowing": "&".join(f"{key}={value}" for key, value in filters.items() if value),
        "last_search": Search.objects.order_by("-pk").first(),
        "may_look": any(may(user, each) for each in MAY_LOOK),
        "reports_at": centres_of(user, Permission.REPORT_DEVIATIONS),
    }
    return render(request, "oversight/deviations.html", context)


@needs(SEE)
@require_safe
def deviations_csv(request: HttpRequest) -> HttpResponse:
    """The same list as a file."""
    user, asked = account_of(request), request.GET.dict()
    response = HttpResponse(
        as_csv(narrowed(seen_by(user), asked)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="deviations.csv"'
    return response


@needs(SEE)
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Let the rules look now."""
    user = account_of(request)
    if not any(may(user, each) for each in MAY_LOOK):
        raise PermissionDenied
    problems = attempt(lambda: look_as(user, now=timezone.now()))
    for problem in problems:
        messages.error(request, problem)
    if not problems:
        messages.success(request, say("The rules have looked."))
    return redirect("deviations")


@needs(SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def deviation(request: HttpRequest, pk: int) -> HttpResponse:
    """One deviation with all that was judged of it; a POST judges it."""
    user = account_of(request)
    found = get_object_or_404(seen_by(user), pk=pk)
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        verdict, reason = (request.POST.get(key, "") for key in ("verdict", "reason"))
        problems = attempt(
            lambda: judge(found, verdict=verdict, reason=reason, by=user, now=timezone.now())
        )
        if not problems:
            messages.success(request, say("Judged."))
            return redirect("deviation", pk)
    context = {
        "deviation": found,
        "centre": found.centre,
        "badge": BADGES.get(found.verdict or "", "unknown"),
        "word": dict(Judgement.Verdict.choices).get(found.verdict, say("Not judged yet")),
        "judgements": found.judgements.select_related("by"),
        "verdicts": Judgement.Verdict.choices,
        "may_judge": may(user, Permission.REVIEW_DEVIATIONS, found.centre),
        "sees_patients": may(user, Permission.SEE_PATIENTS, found.centre),
        "typed": request.POST,
        "problems": problems,
    }
    return render(request, "oversight/deviation.html", context, status=422 if problems else 200)


@needs(Permission.REPORT_DEVIATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, centre: str) -> HttpResponse:
    """Report a deviation at one centre; elsewhere it is as if the centre were not there."""
    user, now = account_of(request), timezone.now()
    where = centres_of(user, Permission.REPORT_DEVIATIONS).filter(pk=centre).first()
    if where is None:
        raise Http404("no such centre")
    at = now.replace(second=0, microsecond=0)
    if request.method != "POST":
        return _form(request, where, ask_moment(*HAPPENED, centre=where, at=at))
    question, moment = read_moment(*HAPPENED, request.POST, centre=where)
    if moment is None:
        return _form(request, where, question, faulty=True)
    sent = {key: request.POST.get(key, "").strip() for key in ("kind", "what", "participant")}
    problems = attempt(
        lambda: report_deviation(where, happened_at=moment, by=user, now=now, **sent)
    )
    if problems:
        return _form(request, where, question, problems)
    messages.success(request, say("The deviation is recorded."))
    return redirect("deviations")


def _form(
    request: HttpRequest,
    centre: Centre,
    question: Question,
    problems: tuple[str, ...] = (),
    *,
    faulty: bool = False,
) -> HttpResponse:
    context = {
        "centre": centre,
        "q": question,
        "kinds": Kind.choices,
        "typed": request.POST if request.method == "POST" else request.GET,
        "problems": problems,
        "faulty": [question] if faulty else [],
    }
    status = 422 if problems or faulty else 200
    return render(request, "oversight/report.html", context, status=status)


def _filters(asked: dict[str, str]) -> dict[str, str]:
    """What was asked for, of what the form offers."""
    offered = {"kind": Kind.values, "found_by": list(FOUND_BY), "judged": list(JUDGED)}
    return {key: asked[key] if asked.get(key) in values else "" for key, values in offered.items()}
