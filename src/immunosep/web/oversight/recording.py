"""Adding deviations: found by the rules, reported by people, and what is judged of each."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.web.accounts.access import may, require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.audit.actions import Actor, Site, record
from immunosep.web.casebook.locked import trial_lock
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Patient
from immunosep.web.oversight.courses import courses_of
from immunosep.web.oversight.late_reports import late_reports
from immunosep.web.oversight.models import Deviation, Judgement, Kind, Search
from immunosep.web.oversight.rules import Found, found_in
from immunosep.web.safety.texts import text_problems
from immunosep.web.trial import trial_of

MAY_LOOK = (Permission.REVIEW_DEVIATIONS, Permission.REPORT_DEVIATIONS)
LOCKED = say("All records of the trial are locked. Ask the data manager to open them.")
Key = tuple[str | None, str, str]


@transaction.atomic
def look_for_deviations(*, by: Actor, role: str = "", now: datetime) -> Search:
    """Let the rules look over all centres, and record what they find for the first time.

    All are looked at, so that nobody learns of another centre more than that somebody looked.
    """
    if trial_lock() is not None:
        raise RefusedError("nothing was looked for", [LOCKED])
    centres = list(Centre.objects.all())
    known: set[Key] = set(
        Deviation.objects.exclude(about="").values_list("patient_id", "kind", "about")
    )
    new = {_key(each): each for each in _all(centres, now=now) if _key(each) not in known}
    made = Deviation.objects.bulk_create(
        [_deviation(each, now=now) for each in new.values()], ignore_conflicts=True
    )
    search = Search.objects.create(at=now, by_id=by.pk, found=len(made))
    record(
        "oversight.look", by=by, role=role, now=now, subject="deviations from the protocol",
        after={"search": search.pk, "found": search.found},
    )  # fmt: skip
    return search


@transaction.atomic
def look_by_night(*, now: datetime) -> Search | None:
    """The same by the site itself; none once the trial is locked, when nothing may be added."""
    return None if trial_lock() is not None else look_for_deviations(by=Site(), now=now)


def look_as(user: User, *, now: datetime) -> Search:
    """The same on somebody's word, who may report or review deviations."""
    permission = next((each for each in MAY_LOOK if may(user, each)), MAY_LOOK[0])
    return look_for_deviations(by=user, role=require(user, permission), now=now)


@transaction.atomic
def report_deviation(
    centre: Centre,
    *,
    kind: str,
    what: str,
    happened_at: datetime,
    participant: str = "",
    by: User,
    now: datetime,
) -> Deviation:
    """Record what somebody saw, of a participant or of the centre; RefusedError with why not."""
    role = require(by, Permission.REPORT_DEVIATIONS, centre)
    patient = Patient.objects.filter(pk=participant, centre=centre).first()
    problems: list[str] = [
        problem
        for problem, applies in (
            (say("Nobody at this centre has this number. Correct it, or leave it out if the "
                 "deviation is the centre's."), bool(participant) and patient is None),
            (say("This is no kind of deviation. Choose one of the list."), kind not in Kind.values),
            (say("That is in the future: look at the time."), happened_at > now),
            (LOCKED, trial_lock() is not None),
        )
        if applies
    ]  # fmt: skip
    problems += text_problems(what, centre=centre)
    if problems:
        raise RefusedError("the deviation was not recorded", problems)
    made = Deviation.objects.create(
        centre=centre, patient=patient, kind=kind, what=what.strip(), happened_at=happened_at,
        recorded_at=now, recorded_by=by, trial_digest=trial_of(centre).digest,
    )  # fmt: skip
    _audit("report_deviation", made, by=by, role=role, now=now,
           after={"kind": kind, "happened_at": happened_at.isoformat()})  # fmt: skip
    return made


@transaction.atomic
def judge(deviation: Deviation, *, verdict: str, reason: str, by: User, now: datetime) -> Judgement:
    """Say whether a deviation is important, and why; what was said before is kept."""
    centre = deviation.centre
    role = require(by, Permission.REVIEW_DEVIATIONS, centre)
    problems = text_problems(reason, centre=centre)
    if verdict not in Judgement.Verdict.values:
        problems.append(say("Nothing was chosen. Say whether it is important."))
    if trial_lock() is not None:
        problems.append(LOCKED)
    if problems:
        raise RefusedError("nothing was judged", problems)
    made = Judgement.objects.create(
        deviation=deviation, verdict=verdict, reason=reason.strip(), at=now, by=by
    )
    _audit("judge_deviation", deviation, by=by, role=role, now=now, after={"verdict": verdict})
    return made


def _all(centres: list[Centre], *, now: datetime) -> Iterable[Found]:
    for course in courses_of(centres):
        yield from found_in(course, now=now)
    yield from late_reports(centres, now=now)


def _key(found: Found) -> Key:
    return (found.patient.pk, found.kind.value, found.about)


def _deviation(found: Found, *, now: datetime) -> Deviation:
    centre = found.patient.centre
    return Deviation(
        centre=centre, patient=found.patient, kind=found.kind, about=found.about, what=found.what,
        happened_at=found.happened_at, recorded_at=now, trial_digest=trial_of(centre).digest,
    )  # fmt: skip


def _audit(
    action: str, deviation: Deviation, *, by: User, role: str, now: datetime, after: dict[str, str]
) -> None:
    centre = deviation.centre
    record(
        f"oversight.{action}", by=by, role=role, now=now, subject=str(deviation), centre=centre.pk,
        time_zone=centre.time_zone, participant=deviation.patient_id or "", after=after,
    )  # fmt: skip
