"""Whether records are locked, and by which lock: the participant's, the centre's, the trial's."""

from collections.abc import Mapping

from django.db.models import Q

from immunosep.web.casebook.models import Lock
from immunosep.web.centres import locked
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Patient

Scope = Lock.Scope


def locks_over(patient: Patient) -> dict[Scope, Lock]:
    """The locks that hold a participant's records now, by how wide they are."""
    return _standing(Q(patient=patient) | Q(centre=patient.centre_id) | Q(scope=Scope.TRIAL))


def locks_over_centre(centre: Centre) -> dict[Scope, Lock]:
    """The same of a centre: its own lock, and the trial's."""
    return _standing(Q(centre=centre) | Q(scope=Scope.TRIAL))


def trial_lock() -> Lock | None:
    """The lock of the whole trial, if it is locked."""
    return _standing(Q(scope=Scope.TRIAL)).get(Scope.TRIAL)


def locked_participants() -> set[str]:
    """The numbers of those whose own lock holds."""
    rows = Lock.objects.filter(scope=Scope.PARTICIPANT).order_by("id")
    last: Mapping[str, bool] = dict(rows.values_list("patient", "locked"))
    return {number for number, locked in last.items() if locked}


def locked_centres() -> set[str]:
    """The centres whose own lock holds."""
    rows = Lock.objects.filter(scope=Scope.CENTRE).order_by("id")
    last: Mapping[str, bool] = dict(rows.values_list("centre", "locked"))
    return {pk for pk, locked in last.items() if locked}


def is_locked(patient: Patient) -> bool:
    """Whether any lock holds a participant's records."""
    return locked.is_locked(patient.centre_id, patient.pk)


def _standing(which: Q) -> dict[Scope, Lock]:
    last = {lock.scope: lock for lock in Lock.objects.filter(which).order_by("id")}
    return {Scope(scope): lock for scope, lock in last.items() if lock.locked}
