"""How clean the records are, and locking them: of a participant, of a centre, of the trial."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from immunosep.web.accounts.access import account_of, centres_of, needs
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.casebook.ageing import entry_lags, query_ages
from immunosep.web.casebook.blocks import blocks_of
from immunosep.web.casebook.forms import find_form
from immunosep.web.casebook.freezing import freeze_complete
from immunosep.web.casebook.locked import (
    locked_centres,
    locked_participants,
    locks_over,
    locks_over_centre,
    trial_lock,
)
from immunosep.web.casebook.locking import (
    lock_centre,
    lock_participant,
    lock_trial,
    randomised_in,
    unlock_centre,
    unlock_participant,
    unlock_trial,
)
from immunosep.web.casebook.models import Page
from immunosep.web.casebook.obstacles import (
    Obstacle,
    centre_obstacles,
    name_of,
    obstacles_of,
    unsettled_queries,
)
from immunosep.web.casebook.signatures import Signed, signatures_of, standing
from immunosep.web.casebook.verifying import is_targeted, progress_of
from immunosep.web.casebook.views.finding import centre_at, participant_at, permissions_at
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Patient
from immunosep.web.supply.attempting import attempt
from immunosep.web.trial import trial_of

SHOWN = 100  # obstacles on one page; the rest are counted
Stage = Page.Stage


@needs(Permission.SEE_PATIENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def cleaning(request: HttpRequest) -> HttpResponse:
    """Each centre's progress; the lock of the whole trial."""
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        problems = _done(
            request,
            lock=lambda by, now: lock_trial(by=by, now=now),
            unlock=lambda by, now, reason: unlock_trial(reason=reason, by=by, now=now),
        )
        if not problems:
            return redirect("cleaning")
    now = timezone.now()
    centres = list(centres_of(account_of(request), Permission.SEE_PATIENTS))
    lags = {each.centre.pk: each for each in entry_lags(centres)}
    ages = {each.centre.pk: each for each in query_ages(centres, now=now)}
    verified = {each.centre.pk: each for each in progress_of(centres)}
    stages, locked = _stages(centres), locked_centres()
    context = {
        "rows": [
            (each, stages.get(each.pk, {}), verified[each.pk], ages[each.pk], lags[each.pk],
             each.pk in locked)
            for each in centres
            if each.pk in stages or ages[each.pk].open
        ],
        "stages": Stage.choices,
        "trial_lock": trial_lock(),
        "permitted": permissions_at(request, None),
        "problems": problems[:SHOWN],
        "more": len(problems[SHOWN:]),
    }  # fmt: skip
    return render(request, "casebook/cleaning.html", context, status=422 if problems else 200)


@needs(Permission.SEE_PATIENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def clean_centre(request: HttpRequest, pk: str) -> HttpResponse:
    """Each participant's progress; the lock of the centre."""
    centre = centre_at(request, pk)
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        problems = _done(
            request,
            lock=lambda by, now: lock_centre(centre, by=by, now=now),
            unlock=lambda by, now, reason: unlock_centre(centre, reason=reason, by=by, now=now),
        )
        if not problems:
            return redirect("clean_centre", pk)
    patients = randomised_in([centre])
    done = locked_participants()
    found = obstacles_of([each for each in patients if each.pk not in done])
    against: dict[str, int] = {}
    for each in found:
        against[each.participant] = against.get(each.participant, 0) + 1
    counts = _stages_of(patients)
    context = {
        "centre": centre,
        "rows": [(each, counts.get(each.pk, {}), against.get(each.pk, 0), each.pk in done)
                 for each in patients],
        "stages": Stage.choices,
        "locks": locks_over_centre(centre),
        "permitted": permissions_at(request, centre),
        "problems": problems,
        **_listed([*centre_obstacles(centre), *found]),
    }  # fmt: skip
    return render(request, "casebook/centre.html", context, status=422 if problems else 200)


@needs(Permission.SEE_PATIENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def clean_participant(request: HttpRequest, number: str) -> HttpResponse:
    """Each page's progress, signatures by block; freezing what is complete; the lock."""
    patient = participant_at(request, number)
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        problems = _done(
            request,
            lock=lambda by, now: lock_participant(patient, by=by, now=now),
            unlock=lambda by, now, reason: unlock_participant(
                patient, reason=reason, by=by, now=now
            ),
            freeze=lambda by, now: freeze_complete(patient, by=by, now=now),
        )
        if not problems:
            return redirect("clean_participant", number)
    pages = list(Page.objects.filter(patient=patient).select_related("patient__centre"))
    signed = signatures_of([patient], pages)[patient.pk]
    holding = standing(signed)
    unsettled = unsettled_queries(pages)
    trial = trial_of(patient.centre)
    context = {
        "patient": patient,
        "centre": patient.centre,
        "rows": [
            (page, name_of(page), len(unsettled.get(page.pk, [])),
             is_targeted(find_form(page.form, trial), patient.pk))
            for page in pages
        ],
        "blocks": [(block, holding.get(block.id), _void(block.id, signed))
                   for block in blocks_of(trial)],
        "signed": signed,
        "locks": locks_over(patient),
        "to_freeze": any(page.stage == Stage.COMPLETE for page in pages),
        "permitted": permissions_at(request, patient.centre),
        "problems": problems,
        **_listed(obstacles_of([patient])),
    }  # fmt: skip
    return render(request, "casebook/participant.html", context, status=422 if problems else 200)


def _done(
    request: HttpRequest,
    *,
    lock: Callable[[User, datetime], object],
    unlock: Callable[[User, datetime, str], object],
    freeze: Callable[[User, datetime], object] | None = None,
) -> tuple[str, ...]:
    """Do what the button says, and say so; every reason why it was not done."""
    user, now = account_of(request), timezone.now()
    reason = request.POST.get("reason", "")
    match request.POST.get("do"):
        case "lock":
            problems, said = attempt(lambda: lock(user, now)), "Locked."
        case "unlock":
            problems, said = attempt(lambda: unlock(user, now, reason)), "Unlocked."
        case "freeze" if freeze is not None:
            problems, said = attempt(lambda: freeze(user, now)), "Frozen."
        case _:
            return ("Nothing was chosen. Use one of the buttons.",)
    if not problems:
        messages.success(request, said)
    return problems


def _listed(found: Sequence[Obstacle]) -> dict[str, object]:
    return {"obstacles": found[:SHOWN], "more": len(found[SHOWN:])}


def _void(block: str, signed: Sequence[Signed]) -> bool:
    return any(each.block.id == block for each in signed)


def _stages(centres: Sequence[Centre]) -> dict[str, dict[str, int]]:
    rows = Page.objects.filter(patient__centre__in=centres).order_by()
    return _table(rows.values_list("patient__centre").annotate(**_PER_STAGE))


def _stages_of(patients: Sequence[Patient]) -> dict[str, dict[str, int]]:
    rows = Page.objects.filter(patient__in=patients).order_by()
    return _table(rows.values_list("patient").annotate(**_PER_STAGE))


_PER_STAGE = {f"n_{stage}": Count("pk", filter=Q(stage=stage)) for stage in Stage.values}


def _table(rows: Iterable[tuple[Any, ...]]) -> dict[str, dict[str, int]]:
    return {row[0]: dict(zip(Stage.values, row[1:], strict=True)) for row in rows}
