"""Locking records, and opening them: of a page, of a participant, of a centre, of the trial.

A page goes from complete to frozen to locked. All that stands against a lock is said at once
(`obstacles`). A wider lock holds the narrower ones: what is opened is opened from the widest in.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.audit.actions import record
from immunosep.web.casebook.content import content_of, page_digests
from immunosep.web.casebook.locked import (
    locked_centres,
    locked_participants,
    locks_over,
    locks_over_centre,
    trial_lock,
)
from immunosep.web.casebook.models import Lock, Page, Step
from immunosep.web.casebook.obstacles import (
    Obstacle,
    centre_obstacles,
    obstacles_of,
    obstacles_of_page,
)
from immunosep.web.casebook.steps import hold, reason_problems, take_step
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.recording import lock as hold_patient

Scope = Lock.Scope


# ── Locking ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def lock_page(page: Page, *, by: User, now: datetime) -> Step:
    """Lock one page; RefusedError with every reason not to."""
    page = hold(page)
    role = require(by, Permission.LOCK, page.patient.centre)
    if page.stage == Page.Stage.LOCKED:
        raise RefusedError(f"page {page.pk} was not locked", ["It is locked already."])
    _refuse(f"page {page.pk} was not locked", obstacles_of_page(page))
    return take_step(page, Step.Kind.LOCKED, to=Page.Stage.LOCKED, by=by, role=role, now=now)


@transaction.atomic
def lock_participant(patient: Patient, *, by: User, now: datetime) -> Lock:
    """Lock all of a participant's pages."""
    patient = hold_patient(patient.pk)
    role = require(by, Permission.LOCK, patient.centre)
    if Scope.PARTICIPANT in locks_over(patient):
        raise RefusedError(f"{patient.pk} was not locked", ["The records are locked already."])
    _hold_pages([patient])
    _refuse(f"{patient.pk} was not locked", obstacles_of([patient]))
    return _lock_participant(patient, by=by, role=role, now=now)


@transaction.atomic
def lock_centre(centre: Centre, *, by: User, now: datetime) -> Lock:
    """Lock the records of every participant of a centre."""
    centre = Centre.objects.select_for_update().get(pk=centre.pk)
    role = require(by, Permission.LOCK, centre)
    if Scope.CENTRE in locks_over_centre(centre):
        raise RefusedError(f"{centre} was not locked", ["The records are locked already."])
    _refuse(f"{centre} was not locked", [*centre_obstacles(centre), *_of_participants([centre])])
    return _lock_centre(centre, by=by, role=role, now=now)


@transaction.atomic
def lock_trial(*, by: User, now: datetime) -> Lock:
    """Lock all records. Its digest stands for what every page of the trial says."""
    centres = list(Centre.objects.select_for_update().order_by("pk"))
    role = _require_everywhere(by, centres)
    if trial_lock():
        raise RefusedError("the trial was not locked", ["The records are locked already."])
    own = [each for centre in centres for each in centre_obstacles(centre)]
    _refuse("the trial was not locked", [*own, *_of_participants(centres)])
    done = locked_centres()
    for centre in centres:
        if centre.pk not in done:
            _lock_centre(centre, by=by, role=role, now=now)
    patients = randomised_in(centres)
    return _keep(Scope.TRIAL, _pages_of(patients), by=by, role=role, now=now)


def _require_everywhere(by: User, centres: Sequence[Centre]) -> str:
    roles = [require(by, Permission.LOCK, centre) for centre in centres]
    return roles[0] if roles else require(by, Permission.LOCK)


def randomised_in(centres: Sequence[Centre]) -> list[Patient]:
    """Every participant of these centres."""
    held = Patient.objects.filter(centre__in=centres, allocation__isnull=False)
    return list(held.select_related("centre").order_by("pk"))


def _of_participants(centres: Sequence[Centre]) -> list[Obstacle]:
    done = locked_participants()
    waiting = [patient for patient in randomised_in(centres) if patient.pk not in done]
    _hold_pages(waiting)
    return obstacles_of(waiting)


def _lock_centre(centre: Centre, *, by: User, role: str, now: datetime) -> Lock:
    patients, done = randomised_in([centre]), locked_participants()
    for patient in patients:
        if patient.pk not in done:
            _lock_participant(patient, by=by, role=role, now=now)
    return _keep(Scope.CENTRE, _pages_of(patients), by=by, role=role, now=now, centre=centre)


def _lock_participant(patient: Patient, *, by: User, role: str, now: datetime) -> Lock:
    pages = _pages_of([patient])
    open_ = [page for page in pages if page.stage != Page.Stage.LOCKED]
    Page.objects.filter(pk__in=[page.pk for page in open_]).update(stage=Page.Stage.LOCKED)
    Step.objects.bulk_create(
        Step(page=page, kind=Step.Kind.LOCKED, entries=page.entries_made, at=now, by=by)
        for page in open_
    )
    return _keep(Scope.PARTICIPANT, pages, by=by, role=role, now=now, patient=patient)


def _hold_pages(patients: Sequence[Patient]) -> None:
    """Have nobody write on a page while it is judged."""
    list(Page.objects.select_for_update().filter(patient__in=patients).values_list("pk"))


def _pages_of(patients: Sequence[Patient]) -> list[Page]:
    return list(Page.objects.filter(patient__in=patients).select_related("patient__centre"))


def _refuse(subject: str, found: Sequence[Obstacle]) -> None:
    if found:
        raise RefusedError(subject, [each.sentence for each in found])


# ── Opening ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def unlock_page(page: Page, *, reason: str, by: User, now: datetime) -> Step:
    """Open one page, so that it is frozen."""
    page = hold(page)
    role = require(by, Permission.LOCK, page.patient.centre)
    problems = reason_problems(reason, page)
    if page.stage != Page.Stage.LOCKED:
        problems.append("The page is not locked.")
    problems += [_wider(scope) for scope in locks_over(page.patient)]
    if problems:
        raise RefusedError(f"page {page.pk} was not unlocked", problems)
    return take_step(
        page, Step.Kind.UNLOCKED, to=Page.Stage.FROZEN, by=by, role=role, now=now, reason=reason
    )


@transaction.atomic
def unlock_participant(patient: Patient, *, reason: str, by: User, now: datetime) -> Lock:
    """Open a participant's records to new pages, and to unlocking each page."""
    patient = hold_patient(patient.pk)
    role = require(by, Permission.LOCK, patient.centre)
    _refuse_opening(f"{patient.pk}", Scope.PARTICIPANT, locks_over(patient), reason)
    return _keep(Scope.PARTICIPANT, _pages_of([patient]), by=by, role=role, now=now,
                 patient=patient, reason=reason)  # fmt: skip


@transaction.atomic
def unlock_centre(centre: Centre, *, reason: str, by: User, now: datetime) -> Lock:
    """Open a centre's lock; its participants stay locked, each by its own."""
    centre = Centre.objects.select_for_update().get(pk=centre.pk)
    role = require(by, Permission.LOCK, centre)
    _refuse_opening(str(centre), Scope.CENTRE, locks_over_centre(centre), reason)
    return _keep(Scope.CENTRE, _pages_of(randomised_in([centre])), by=by, role=role, now=now,
                 centre=centre, reason=reason)  # fmt: skip


@transaction.atomic
def unlock_trial(*, reason: str, by: User, now: datetime) -> Lock:
    """Open the trial's lock; its centres stay locked, each by its own."""
    centres = list(Centre.objects.select_for_update().order_by("pk"))
    role = _require_everywhere(by, centres)
    held = trial_lock()
    _refuse_opening("the trial", Scope.TRIAL, {Scope.TRIAL: held} if held else {}, reason)
    return _keep(Scope.TRIAL, _pages_of(randomised_in(centres)), by=by, role=role, now=now,
                 reason=reason)  # fmt: skip


def _refuse_opening(what: str, scope: Scope, locks: dict[Scope, Lock], reason: str) -> None:
    problems = reason_problems(reason)
    if scope not in locks:
        problems.append("The records are not locked.")
    problems += [_wider(each) for each in locks if WIDTH.index(each) > WIDTH.index(scope)]
    if problems:
        raise RefusedError(f"{what} was not unlocked", problems)


WIDTH = (Scope.PARTICIPANT, Scope.CENTRE, Scope.TRIAL)


def _wider(scope: Scope) -> str:
    return f"The {scope.value} is locked. Unlock the {scope.value} first."


def _keep(
    scope: Scope,
    pages: list[Page],
    *,
    by: User,
    role: str,
    now: datetime,
    patient: Patient | None = None,
    centre: Centre | None = None,
    reason: str = "",
) -> Lock:
    """The row and the event of a lock; with a reason, of its opening."""
    digests = page_digests(pages, trial_locked=scope == Scope.TRIAL and not reason)
    content = content_of(pages, digests)
    kept = Lock.objects.create(
        scope=scope, patient=patient, centre=centre, locked=not reason, content=content,
        pages=len(pages), at=now, by=by, reason=reason.strip(),
    )  # fmt: skip
    where = patient.centre if patient else centre
    record(
        f"casebook.{'unlock' if reason else 'lock'}_{scope.value}", by=by, role=role, now=now,
        subject=f"lock {kept.pk}", centre=where.pk if where else "",
        time_zone=where.time_zone if where else "UTC", participant=patient.pk if patient else "",
        after={"pages": len(pages), "content": content}, reason=reason.strip(),
    )  # fmt: skip
    return kept
