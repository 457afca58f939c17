"""The log of training and delegation at a centre, as of any day; signing and taking back."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from immunosep.errors import RefusedError
from immunosep.web.accounts.access import account_of, centres_of, may, needs
from immunosep.web.accounts.models import Membership, User
from immunosep.web.accounts.reauthentication import require_recent_proof
from immunosep.web.accounts.roles import ROLES, Permission
from immunosep.web.centres.models import Centre
from immunosep.web.oversight.delegating import (
    delegate,
    end_delegation,
    record_training,
    tasks_to_delegate,
    who_could,
)
from immunosep.web.oversight.models import Delegation
from immunosep.web.supply.attempting import attempt
from immunosep.web.trial import trial_of

SEE, KEEP = Permission.SEE_AUDIT, Permission.KEEP_DELEGATION
Act = Callable[[HttpRequest, Centre, User, datetime], object]


@needs(SEE)
@require_safe
def delegations(request: HttpRequest) -> HttpResponse:
    """The centres whose log one may read."""
    context = {"centres": centres_of(account_of(request), SEE)}
    return render(request, "oversight/delegations.html", context)


@needs(SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def delegation(request: HttpRequest, centre: str) -> HttpResponse:
    """Who could do what at a centre on a day; a POST adds to the log, today."""
    user, now = account_of(request), timezone.now()
    where = centres_of(user, SEE).filter(pk=centre).first()
    if where is None:
        raise Http404("no such centre")
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        if not may(user, KEEP, where):
            raise PermissionDenied
        act = ACTS.get(request.POST.get("do", ""), _nothing)
        if act is _delegate:
            require_recent_proof(request)  # it is a signature
        problems = attempt(lambda: act(request, where, user, now))
        if not problems:
            messages.success(request, "Recorded.")
            return redirect("delegation", centre)
    today = now.astimezone(where.zone).date()
    on = _day(request.GET.get("on", "")) or today
    held = Membership.objects.filter(centre=where, revoked_at=None).select_related("user")
    context = {
        "centre": where,
        "on": on,
        "today": today,
        "lines": who_could(where, on=on),
        "asked": trial_of(where).training_required,
        "may_keep": may(user, KEEP, where),
        "held": [(each, ROLES_LABEL[each.role], tasks_to_delegate(each.role))
                 for each in held.order_by("user__name", "role")],
        "signed": Delegation.objects.filter(centre=where, end=None).select_related("user"),
        "typed": request.POST,
        "problems": problems,
    }  # fmt: skip
    return render(request, "oversight/delegation.html", context, status=422 if problems else 200)


ROLES_LABEL: Mapping[str, str] = {role.value: role.label for role in ROLES}


def _train(request: HttpRequest, centre: Centre, by: User, now: datetime) -> object:
    held = _membership(request, centre)
    on = _day(request.POST.get("trained_on", ""))
    if on is None:
        raise RefusedError("the training was not recorded", ["Give the day of the training."])
    what, version = (request.POST.get(key, "") for key in ("what", "version"))
    return record_training(held.user, centre, what=what, version=version, on=on, by=by, now=now)


def _delegate(request: HttpRequest, centre: Centre, by: User, now: datetime) -> object:
    held = _membership(request, centre)
    begins, until = (request.POST.get(key, "") for key in ("begins", "until"))
    first, last = _day(begins), _day(until)
    if first is None or (until and last is None):
        raise RefusedError("nothing was delegated", ["Give the first day, and the last if known."])
    tasks = request.POST.getlist("tasks")
    return delegate(held, tasks=tasks, begins=first, until=last, by=by, now=now)


def _end(request: HttpRequest, centre: Centre, by: User, now: datetime) -> object:
    asked = _number(request.POST.get("delegation", ""))
    held = Delegation.objects.filter(centre=centre, pk=asked).first()
    if held is None:
        raise RefusedError("the delegation stands", ["Choose a delegation of this centre."])
    return end_delegation(held, reason=request.POST.get("reason", ""), by=by, now=now)


def _nothing(_request: HttpRequest, _centre: Centre, _by: User, _now: datetime) -> object:
    raise RefusedError("nothing was recorded", ["Nothing was chosen. Use one of the buttons."])


ACTS: Mapping[str, Act] = {"train": _train, "delegate": _delegate, "end": _end}


def _membership(request: HttpRequest, centre: Centre) -> Membership:
    """The role that a form is about; one of another centre is as none."""
    asked = _number(request.POST.get("membership", ""))
    held = Membership.objects.filter(centre=centre, revoked_at=None, pk=asked)
    found = held.select_related("user", "centre").first()
    if found is None:
        raise RefusedError("nothing was recorded", ["Choose a person of this centre."])
    return found


def _number(text: str) -> int:
    """A row's number as a form sends it; none has 0."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _day(text: str) -> date | None:
    """A day of this century as a browser sends it."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year // 100 == 20 else None
