"""What is recorded of a patient: adding one, and values of the forms, each kept for ever.

Nobody types over somebody else: what a page showed is compared with what stands now, and a value
that both changed is refused to the second, who sees it and decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from immunosep.errors import RefusedError
from immunosep.languages import Said, inside, listed, say
from immunosep.protocol.consent import WithdrawalKind
from immunosep.protocol.forms import FilledBy
from immunosep.tables.casebook import CASE_COLUMNS
from immunosep.tables.columns import Kind
from immunosep.tables.dictionary import COLUMNS
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.audit.actions import record
from immunosep.web.centres.locked import LOCKED, is_locked
from immunosep.web.centres.models import Centre, Status
from immunosep.web.enrolment.models import Entry, Patient
from immunosep.web.enrolment.questions import columns_of
from immunosep.web.enrolment.wording import NAMES_A_TREATMENT, names_a_treatment
from immunosep.web.trial import trial_of

MAY_ENTER = {
    FilledBy.BEDSIDE: Permission.SCREEN,
    FilledBy.LABORATORY: Permission.ENTER_LABORATORY,
}
REASON_LENGTH = 300
REASON_MISSING = say("A recorded value changes. Say why.")
Values = Mapping[str, Any]


@transaction.atomic
def add_patient(centre: Centre, *, by: User, now: datetime, request: UUID | None = None) -> Patient:
    """A patient with the centre's next number; the same `request` again finds the same patient."""
    role = require(by, Permission.SCREEN, centre)
    centre = Centre.objects.select_for_update().get(pk=centre.pk)
    made = Patient.objects.filter(request=request, centre=centre).first() if request else None
    if made:
        return made
    closed = say("The centre is {status}.", status=inside(centre.get_status_display()))
    problems: list[str] = [closed] if centre.status != Status.OPEN else []
    problems += [LOCKED] if is_locked(centre.pk) else []
    if problems:
        raise RefusedError("no patient can be added", problems)
    centre.last_patient += 1
    centre.save(update_fields=["last_patient"])
    number = f"{centre.number}-{centre.last_patient:04d}"
    patient = Patient.objects.create(
        number=number, centre=centre, added_at=now, added_by=by, request=request
    )
    record(
        "enrolment.add_patient", by=by, role=role, now=now, subject=f"patient {number}",
        centre=centre.pk, time_zone=centre.time_zone, participant=number,
    )  # fmt: skip
    return patient


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What a page changed: to be written, and what somebody else changed meanwhile to another."""

    wanted: Values
    clashes: Values


def changes_of(answers: Values, *, shown: Values, current: Values) -> Changes:
    """Compare what a page sends with what it showed and with what stands now."""
    wanted = {
        name: value
        for name, value in answers.items()
        if not same(name, value, shown.get(name)) and not same(name, value, current.get(name))
    }
    clashes = {
        name: value
        for name, value in wanted.items()
        if not same(name, shown.get(name), current.get(name))
    }
    return Changes(wanted=wanted, clashes=clashes)


def same(name: str, one: Any, other: Any) -> bool:
    """Whether two values of a column say the same; a moment may be written in two zones."""
    column = COLUMNS.get(name) or CASE_COLUMNS[name]
    if column.kind is Kind.TIME and one is not None and other is not None:
        return datetime.fromisoformat(one) == datetime.fromisoformat(other)
    return type(one) is type(other) and bool(one == other) if _is_word(one, other) else one == other


def _is_word(one: Any, other: Any) -> bool:
    """True is not 1 where either is a yes or no."""
    return isinstance(one, bool) or isinstance(other, bool)


def values_up_to(patient: Patient, entry: int | None = None) -> dict[str, Any]:
    """The last value of each column, as it stood when `entry` was the last one."""
    entries = Entry.objects.filter(patient=patient).order_by("id")
    if entry is not None:
        entries = entries.filter(pk__lte=entry)
    last = {each.column: each.value for each in entries}
    return {name: value for name, value in last.items() if value is not None}


def last_entry(patient: Patient) -> int:
    """The last entry of a patient, 0 before the first: what a page was made from."""
    pk = Entry.objects.filter(patient=patient).order_by("-id").values_list("pk", flat=True).first()
    return pk or 0


@transaction.atomic
def record_values(
    number: str,
    answers: Values,
    *,
    filled_by: FilledBy,
    seen: int,
    by: User,
    now: datetime,
    reason: str = "",
    observed_at: datetime | None = None,
) -> list[Entry]:
    """Write the answers that changed since entry `seen`; RefusedError with every reason not to."""
    patient = lock(number)
    role = require(by, MAY_ENTER[filled_by], patient.centre)
    current = values_up_to(patient)
    changes = changes_of(answers, shown=values_up_to(patient, seen), current=current)
    if not changes.wanted and observed_at is not None:
        changes = Changes(wanted=_drawn_at_another_time(patient, answers, observed_at), clashes={})
    form_of = columns_of(filled_by, patient.centre)
    _refuse(patient, changes, current, form_of, reason=reason, observed_at=observed_at, now=now)
    written = [
        Entry(patient=patient, form=form_of[name], column=name, value=value,
              observed_at=observed_at, entered_at=now, entered_by=by, reason=reason.strip(),
              trial_digest=trial_of(patient.centre).digest)
        for name, value in changes.wanted.items()
    ]  # fmt: skip
    if not written:
        return []
    Entry.objects.bulk_create(written)
    touch(patient, entries=len(written))
    record(
        "enrolment.record_values",
        by=by,
        role=role,
        now=now,
        subject=f"patient {number}",
        centre=patient.centre_id,
        time_zone=patient.centre.time_zone,
        participant=number,
        before={name: current.get(name) for name in changes.wanted},
        after=dict(changes.wanted),
        reason=reason.strip(),
    )
    return written


def _drawn_at_another_time(patient: Patient, answers: Values, observed_at: datetime) -> Values:
    """The values again, where nothing changed but the time at which their sample was drawn."""
    times = {
        entry.column: entry.observed_at
        for entry in Entry.objects.filter(patient=patient, column__in=list(answers))
    }
    if not times or observed_at in times.values():
        return {}
    return {name: answers[name] for name in times if answers[name] is not None}


def lock(number: str) -> Patient:
    """The patient's row, held until the action is done, so that actions on it take turns.

    The centre's row is held with it, so that no other version goes live meanwhile.
    """
    locked = Patient.objects.select_for_update(of=("self", "centre"), no_key=True)
    return locked.select_related("centre").get(pk=number)


def touch(patient: Patient, *, entries: int = 1) -> None:
    """Tell whoever is deciding on this patient that the record changed under them."""
    Patient.objects.filter(pk=patient.pk).update(entries_made=F("entries_made") + entries)


def _refuse(
    patient: Patient,
    changes: Changes,
    current: Values,
    form_of: Mapping[str, str],
    *,
    reason: str,
    observed_at: datetime | None,
    now: datetime,
) -> None:
    allocation = getattr(patient, "allocation", None)
    overwritten = any(current.get(name) is not None for name in changes.wanted)
    foreign = [name for name in changes.wanted if name not in form_of]
    problems = [
        problem
        for problem, applies in (
            (say("{columns}: on no form that this role fills in.", columns=", ".join(foreign)),
             bool(foreign)),
            (say("Somebody else changed this meanwhile: {labels}. Compare, and save again.",
                 labels=listed(Said(COLUMNS[name].label) for name in changes.clashes)),
             bool(changes.clashes)),
            (REASON_MISSING, overwritten and not reason.strip()),
            (say("The reason is longer than {count} characters. Shorten it.", count=REASON_LENGTH),
             len(reason.strip()) > REASON_LENGTH),
            (NAMES_A_TREATMENT,
             allocation is not None and names_a_treatment(trial_of(patient.centre), reason)),
            (say("All consent was withdrawn: nothing more may be recorded."),
             data_is_closed(patient)),
            (LOCKED, is_locked(patient.centre_id, patient.pk)),
            (say("The sample was drawn in the future. Check the time."),
             observed_at is not None and observed_at > now),
            (say("The sample was drawn after randomisation, so it is no result of screening."),
             bool(allocation and observed_at and observed_at > allocation.allocated_at)),
        )
        if applies and (changes.wanted or foreign)
    ]  # fmt: skip
    if problems:
        raise RefusedError(f"nothing was saved of {patient.pk}", problems)


def data_is_closed(patient: Patient) -> bool:
    """Whether a participant took back more than treatment."""
    kept = WithdrawalKind.TREATMENT_KEEP_FOLLOW_UP
    return any(each.kind != kept for each in patient.withdrawals.all())
