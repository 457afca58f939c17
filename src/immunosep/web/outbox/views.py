"""What one is told by mail, where a notice leads, and the addresses of other programs."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.web.accounts.access import account_of, may, needs
from immunosep.web.accounts.models import User
from immunosep.web.accounts.reauthentication import require_recent_proof
from immunosep.web.accounts.roles import Permission
from immunosep.web.centres.models import Centre
from immunosep.web.outbox.choosing import (
    add_webhook,
    choose,
    end_webhook,
    send_again,
    topics_of,
    ways_of,
)
from immunosep.web.outbox.kinds import BY_NAME, KINDS, Topic
from immunosep.web.outbox.models import Choice, Delivery, Notice, Webhook
from immunosep.web.supply.attempting import attempt

SHOWN = 50
LEADS_TO = {"query": "query", "page": "clean_page", "participant": "patient", "patient": "patient"}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    """How one wants to hear of each topic."""
    user = account_of(request)
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        wanted = {t.value: request.POST[t.value] for t in Topic if t.value in request.POST}
        problems = attempt(lambda: choose(user, wanted, now=timezone.now()))
        if not problems:
            messages.success(request, say("Kept."))
            return redirect("notices")
    held = dict(Choice.objects.filter(user=user).values_list("topic", "how"))
    rows = [
        (topic, [(how.value, how.label) for how in ways_of(topic)], held.get(topic.value, "none"))
        for topic in topics_of(user)
    ]
    context = {"rows": rows, "problems": problems, "manages": may(user, WEBHOOKS)}
    return render(request, "outbox/notices.html", context, status=422 if problems else 200)


@login_required
@require_safe
def notice(request: HttpRequest, pk: UUID) -> HttpResponse:
    """From a message to the page that it is about; 404 for whoever has no role at its centre."""
    found = get_object_or_404(Notice, pk=pk)
    user = account_of(request)
    centre = Centre.objects.filter(pk=found.centre).first()
    if not _has_a_role(user, centre):
        raise Http404("no such notice")
    return redirect(_page_about(found))


WEBHOOKS = Permission.MANAGE_ACCOUNTS


@needs(WEBHOOKS)
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: HttpRequest) -> HttpResponse:
    """The addresses that are told; a POST adds one, and shows its secret this once."""
    if request.method != "POST":
        return _webhooks(request)
    require_recent_proof(request)
    user, now = account_of(request), timezone.now()
    url, kinds = request.POST.get("url", ""), request.POST.getlist("kinds")
    try:
        made, secret = add_webhook(url, kinds, by=user, now=now)
    except RefusedError as refused:
        return _webhooks(request, problems=refused.problems, status=422)
    return _webhooks(request, made=made, secret=secret)


@needs(WEBHOOKS)
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell an address nothing more."""
    found = get_object_or_404(Webhook, pk=pk)
    problems = attempt(lambda: end_webhook(found, by=account_of(request), now=timezone.now()))
    if problems:
        return _webhooks(request, problems=problems, status=422)
    messages.success(request, say("The address is told nothing more."))
    return redirect("webhooks")


@needs(WEBHOOKS)
@require_POST
def again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a message that was given up wait once more."""
    found = get_object_or_404(Delivery, pk=pk)
    problems = attempt(lambda: send_again(found, by=account_of(request), now=timezone.now()))
    if problems:
        return _webhooks(request, problems=problems, status=422)
    messages.success(request, say("It is sent again within minutes."))
    return redirect("webhooks")


def _webhooks(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    dead = Delivery.objects.filter(state=Delivery.State.DEAD)
    context = {
        "rows": Webhook.objects.select_related("made_by"),
        "kinds": sorted(KINDS.values(), key=lambda kind: kind.name),
        "dead": dead.select_related("webhook", "notice").order_by("-done_at")[:SHOWN],
        "waiting": Delivery.objects.filter(state=Delivery.State.WAITING).count(),
        "typed": request.POST if status == 422 else {},
        "chosen": request.POST.getlist("kinds") if status == 422 else [],
        **more,
    }
    return render(request, "outbox/webhooks.html", context, status=status)


def _has_a_role(user: User, centre: Centre | None) -> bool:
    return centre is not None and any(may(user, each, centre) for each in Permission)


def _page_about(found: Notice) -> str:
    what, _, which = found.subject.partition(" ")
    topic = BY_NAME[found.kind].topic
    if topic is Topic.UNBLINDING:
        return reverse("unblindings")
    if topic is Topic.QUERIES and what == "page":  # a rule asks, and of many things at once
        return reverse("queries")
    if topic is Topic.SAFETY:
        return reverse("safety_event", args=[which])
    if what in LEADS_TO:
        return reverse(LEADS_TO[what], args=[which])
    return reverse("home")
