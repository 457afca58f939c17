"""Why a screened patient does not join the trial: the last column of the screening log."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.audit.actions import record
from immunosep.web.centres.locked import LOCKED, is_locked
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import NotEnrolled, Patient
from immunosep.web.enrolment.recording import lock, touch
from immunosep.web.trial import trial_of

DECLINED, NO_TIME, OTHER = "declined", "no_time", "other"
OTHER_REASONS: Mapping[str, str] = {
    DECLINED: say("Declined by the patient or the relatives"),
    NO_TIME: say("No time, or nobody there, to enrol before the window closed"),
    OTHER: say("Another reason, in the note"),
}
NOTE_LENGTH = 300


def reasons_in_words(*centres: Centre) -> dict[str, str]:
    """Every reason there may be at centres, by id: criteria, then those that no criterion is."""
    trials = {id(trial): trial for trial in map(trial_of, centres or (None,))}
    criteria = {each.id: each.text for trial in trials.values() for each in trial.criteria}
    return criteria | dict(OTHER_REASONS)


@transaction.atomic
def not_enrol(
    number: str, *, reasons: Sequence[str], note: str = "", by: User, now: datetime
) -> NotEnrolled:
    """Close the screening of a patient with its reasons; the same again finds it."""
    patient = lock(number)
    role = require(by, Permission.SCREEN, patient.centre)
    made = NotEnrolled.objects.filter(patient=patient).first()
    if made:
        return made
    problems = _problems(patient, reasons, note.strip())
    if problems:
        raise RefusedError(f"{number} cannot be recorded as not enrolled", problems)
    closed = NotEnrolled.objects.create(
        patient=patient, reasons=list(reasons), note=note.strip(), recorded_at=now, recorded_by=by
    )
    touch(patient)
    record(
        "enrolment.not_enrol",
        by=by,
        role=role,
        now=now,
        subject=f"patient {number}",
        centre=patient.centre_id,
        time_zone=patient.centre.time_zone,
        participant=number,
        after={"reasons": list(reasons)},
        reason=note.strip(),
    )
    return closed


@transaction.atomic
def screen_again(number: str, *, reason: str, by: User, now: datetime) -> Patient:
    """Take back that a patient is not enrolled; the audit trail keeps what had been said."""
    patient = lock(number)
    role = require(by, Permission.SCREEN, patient.centre)
    closed = NotEnrolled.objects.filter(patient=patient).first()
    if closed is None:
        return patient
    problems = [
        *([] if reason.strip() else [say("Say why it is taken back.")]),
        *([LOCKED] if is_locked(patient.centre_id, number) else []),
    ]
    if problems:
        raise RefusedError(f"{number} stays as recorded", problems)
    before = {"reasons": closed.reasons, "note": closed.note}
    closed.delete()
    touch(patient)
    record(
        "enrolment.screen_again",
        by=by,
        role=role,
        now=now,
        subject=f"patient {number}",
        centre=patient.centre_id,
        time_zone=patient.centre.time_zone,
        participant=number,
        before=before,
        reason=reason.strip(),
    )
    return patient


def _problems(patient: Patient, reasons: Sequence[str], note: str) -> list[str]:
    known = reasons_in_words(patient.centre)
    return [
        problem
        for problem, applies in (
            (say("The participant is randomised, and so enrolled."),
             hasattr(patient, "allocation")),
            (say("Choose at least one reason."), not reasons),
            (say("A reason is not on the list. Choose again."), not set(reasons) <= set(known)),
            (say("Say in the note what the other reason is."), OTHER in reasons and not note),
            (say("The note is longer than {count} characters. Shorten it.", count=NOTE_LENGTH),
             len(note) > NOTE_LENGTH),
            (LOCKED, is_locked(patient.centre_id, patient.pk)),
        )
        if applies
    ]  # fmt: skip
