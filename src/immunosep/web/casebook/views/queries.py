"""Questions about entries: the list, and one of them with every turn it took."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from immunosep.languages import say
from immunosep.web.accounts.access import account_of, may
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.casebook.ageing import counts_of
from immunosep.web.casebook.models import Query
from immunosep.web.casebook.obstacles import name_of
from immunosep.web.casebook.querying import answer, close, reopen, role_to
from immunosep.web.casebook.seeing import AGES, STATES, UNSETTLED, centres_seen, narrowed, seen_by
from immunosep.web.supply.attempting import attempt

A_PAGE = 50
Status = Query.Status
Act = Callable[..., Query]
ACTS: Mapping[str, tuple[Act, Status]] = {
    "answer": (answer, Status.ANSWERED),
    "close": (close, Status.CLOSED),
    "reopen": (reopen, Status.OPEN),
}
FROM: Mapping[str, tuple[str, ...]] = {
    "answer": ("open",),
    "close": ("open", "answered"),
    "reopen": ("answered", "closed"),
}
SEEING = (Permission.SEE_PATIENTS, Permission.ANSWER_QUERIES)


@login_required
@require_safe
def queries(request: HttpRequest) -> HttpResponse:
    """The questions one may see, narrowed by centre, state and age, the oldest first."""
    user, now = account_of(request), timezone.now()
    if not any(may(user, permission) for permission in SEEING):
        raise PermissionDenied
    centres, seen = centres_seen(user), seen_by(user)
    chosen = centres.filter(pk=request.GET.get("centre", "")).first()
    state, age = request.GET.get("state", UNSETTLED), request.GET.get("age", "")
    held = narrowed(seen, centre=chosen.pk if chosen else "", state=state, age=age, now=now)
    page = Paginator(held.order_by("opened_at", "pk"), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": [(query, name_of(query.page), (now - query.opened_at).days) for query in page],
        "page": page,
        "counts": counts_of(seen.filter(page__patient__centre=chosen) if chosen else seen),
        "centres": centres,
        "chosen": chosen,
        "states": STATES.items(),
        "state": state if state in STATES else UNSETTLED,
        "ages": AGES.items(),
        "age": age if age in AGES else "",
    }
    return render(request, "casebook/queries.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def query(request: HttpRequest, pk: int) -> HttpResponse:
    """One question; a POST answers it, closes it or opens it again."""
    user, now = account_of(request), timezone.now()
    if not any(may(user, permission) for permission in SEEING):
        raise PermissionDenied
    found = seen_by(user).filter(pk=pk).first()
    if found is None:
        raise Http404("no such question")
    act, _ = ACTS.get(request.POST.get("do", ""), (None, None))
    if request.method != "POST" or act is None:
        return _page(request, found)
    text = request.POST.get("text", "")
    problems = attempt(lambda: act(found, text=text, by=user, now=now))
    if problems:
        return _page(request, seen_by(user).get(pk=pk), problems)
    messages.success(request, say("Kept."))
    return redirect("query", pk)


def _page(request: HttpRequest, found: Query, problems: tuple[str, ...] = ()) -> HttpResponse:
    user, now = account_of(request), timezone.now()
    context = {
        "query": found,
        "name": name_of(found.page),
        "patient": found.page.patient,
        "centre": found.page.patient.centre,
        "steps": found.steps.select_related("by"),
        "age": (now - found.opened_at).days,
        "acts": [do for do in ACTS if _offered(do, found, user, now)],
        "sees_patients": may(user, Permission.SEE_PATIENTS, found.page.patient.centre),
        "typed": request.POST.get("text", ""),
        "problems": problems,
    }
    return render(request, "casebook/query.html", context, status=422 if problems else 200)


def _offered(do: str, found: Query, user: User, now: datetime) -> bool:
    """Whether the reader may do this now."""
    if found.status not in FROM[do]:
        return False
    if do == "reopen" and found.status == Status.CLOSED and found.check_id:
        return False
    try:
        role_to(ACTS[do][1], found.page, user)
    except PermissionDenied:
        return False
    return True
