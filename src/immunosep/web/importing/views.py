"""Results by file in the browser: give a file, look at what it would do, record it or put it away.

An import is its giver's alone: for everybody else it is not there.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from immunosep.errors import ProblemsError, RefusedError, SourceError
from immunosep.languages import say
from immunosep.sources.result_files import MAX_BYTES, MAX_LINES
from immunosep.web.accounts.access import account_of, centres_of
from immunosep.web.accounts.models import User
from immunosep.web.centres.models import Centre
from immunosep.web.importing.keeping import KEPT
from immunosep.web.importing.listing import as_csv
from immunosep.web.importing.models import Import
from immunosep.web.importing.planning import ENTERING
from immunosep.web.importing.recording import (
    Choice,
    discard_import,
    entering_role,
    given_before,
    kept_of,
    left_out_of,
    record_import,
    take_in,
)
from immunosep.web.importing.rehearsing import CHANGES, NEW, SAME

RECENT = 20
NO_FILE = say("Choose a file.")
TOO_LARGE = f"is larger than {MAX_BYTES // 2**20} MiB, the limit for results; split it"
BADGES = {
    NEW: ("met", say("New")),
    CHANGES: ("warn", say("Changes")),
    SAME: ("calm", say("As recorded")),
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """One's latest imports, and the form that takes another file."""
    user, now = account_of(request), timezone.now()
    entering_role(user)
    if request.method != "POST":
        return _list(request)
    try:
        taken = take_in(_content(request), by=user, now=now)
    except SourceError as error:
        return _list(request, error)
    return redirect("import", taken.pk)


@login_required
@require_safe
def import_(request: HttpRequest, pk: int) -> HttpResponse:
    """What a file would do, or what became of it."""
    return _page(request, _mine(request, pk))


@login_required
@require_POST
def record_(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a file, all of it or what nothing stands against."""
    held, sent = _mine(request, pk), request.POST
    choice = Choice(
        whole=sent.get("do") != "others",
        leave_changes=bool(sent.get("leave_changes")),
        looked_again=bool(sent.get("looked_again")),
        reason=sent.get("reason", ""),
    )
    try:
        done = record_import(held.pk, choice, by=account_of(request), now=timezone.now())
    except RefusedError as error:
        return _page(request, held, error, choice)
    words = say("Recorded: {recorded}. Left out: {left_out}.", recorded=done.recorded,
                left_out=done.left_out)  # fmt: skip
    messages.success(request, words.spoken())
    return redirect("import", pk)


@login_required
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a file without recording it."""
    discard_import(_mine(request, pk).pk, by=account_of(request), now=timezone.now())
    messages.success(request, say("The file was put away. Nothing of it was recorded."))
    return redirect("imports")


@login_required
@require_safe
def left_out_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """What was refused or left out, with place, column and reason."""
    refused = left_out_of(_mine(request, pk), now=timezone.now())
    if refused is None:
        raise Http404("it was forgotten")
    answer = HttpResponse(as_csv(refused), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="left-out-{pk}.csv"'
    return answer


def _mine(request: HttpRequest, pk: int) -> Import:
    user = account_of(request)
    entering_role(user)
    held = Import.objects.filter(pk=pk, by=user).first()
    if held is None:
        raise Http404("no such import")
    return held


def _content(request: HttpRequest) -> bytes:
    """The file that was given; one that is far too large was not even kept in memory."""
    given = request.FILES.get("file")
    if given is not None and (given.size or 0) <= MAX_BYTES:
        return bytes(given.read())
    sent = str(request.META.get("CONTENT_LENGTH") or "")
    large = given is not None or (sent.isdigit() and int(sent) > MAX_BYTES)
    raise SourceError("no file was read", [TOO_LARGE if large else NO_FILE])


def _clock(user: User) -> Centre | None:
    """By whose clock times are shown: the centre's of somebody who works at one; else UTC."""
    centres = {centre for each in ENTERING for centre in centres_of(user, each)}
    return centres.pop() if len(centres) == 1 else None


def _list(request: HttpRequest, error: ProblemsError | None = None) -> HttpResponse:
    mine = Import.objects.filter(by=account_of(request)).order_by("-id")[:RECENT]
    context = {
        "imports": mine,
        "centre": _clock(account_of(request)),
        "problems": list(error.problems) if error else [],
        "mebibytes": MAX_BYTES // 2**20,
        "lines": MAX_LINES,
        "minutes": int(KEPT.total_seconds() // 60),
    }
    return render(request, "importing/imports.html", context, status=422 if error else 200)


def _page(
    request: HttpRequest,
    held: Import,
    error: RefusedError | None = None,
    choice: Choice | None = None,
) -> HttpResponse:
    now = timezone.now()
    kept = kept_of(held, now=now) if held.state == Import.State.READ else None
    lines = kept.preview.lines if kept else []
    left_out = left_out_of(held, now=now)
    context = {
        "held": held,
        "centre": _clock(account_of(request)),
        "kept": kept,
        "lines": [(line, *BADGES[line.becomes]) for line in lines],
        "counts": [(words, sum(line.becomes == kind for line in lines))
                   for kind, (_, words) in BADGES.items()],
        "left_out": left_out,
        "faulty": sum(each.faulty for each in left_out or ()),
        "unusual": any(line.warning for line in lines),
        "changes": any(line.becomes == CHANGES for line in lines),
        "until": held.uploaded_at + KEPT,
        "before": given_before(held),
        "problems": list(error.problems) if error else [],
        "choice": choice,
    }  # fmt: skip
    return render(request, "importing/import.html", context, status=422 if error else 200)
