"""What is done to a centre or to the whole trial: deviations, the end of enrolment, the lock."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Role
from immunosep.web.audit.actions import Site
from immunosep.web.casebook.locking import lock_centre
from immunosep.web.casebook.obstacles import centre_obstacles, obstacles_of
from immunosep.web.centres.actions import set_status
from immunosep.web.centres.models import Centre, Status
from immunosep.web.demo.people import Sponsor
from immunosep.web.demo.playing import Course
from immunosep.web.enrolment.models import Patient
from immunosep.web.oversight.models import Deviation, Judgement, Kind
from immunosep.web.oversight.recording import judge, look_for_deviations, report_deviation

LOOKED_EVERY = timedelta(days=45)
JUDGED = 25  # deviations at a sitting: the newest wait
IMPORTANT = frozenset({Kind.FIRST_DOSE_OUTSIDE_WINDOW, Kind.CONSENT_AFTER_PROCEDURE})
WHY = {True: "It touches who is analysed.", False: "Neither safety nor an endpoint depends on it."}
SEEN = (
    (Kind.TREATMENT, "The refrigerator's record has a gap of two hours; nothing was used."),
    (Kind.CONSENT, "The date beside a signature was corrected without initials."),
    (Kind.ASSESSMENT, "The coma score was taken two hours after the planned time."),
    (Kind.CONFIDENTIALITY, "A screening sheet lay open at the nurses' desk for some minutes."),
)


def look_over(sponsor: Sponsor, *, began: datetime, until: datetime, draw: Random) -> Course:
    """Now and then the rules look over all, and the medical monitor judges what they found."""
    at = began + LOOKED_EVERY
    while at < until:
        yield at
        look_for_deviations(by=Site(), now=at)
        at += timedelta(days=2)
        yield at
        for deviation in _unjudged():
            important = deviation.kind in IMPORTANT or draw.random() < 0.04
            judge(deviation, verdict="important" if important else "not_important",
                  reason=WHY[important], by=sponsor.medical_monitor, now=at)  # fmt: skip
        at += LOOKED_EVERY - timedelta(days=2)


def _unjudged() -> Iterable[Deviation]:
    judged = Judgement.objects.values("deviation")
    return Deviation.objects.exclude(pk__in=judged).select_related("centre").order_by("pk")[:JUDGED]


def visit(centre: str, sponsor: Sponsor, *, at: datetime, draw: Random) -> Course:
    """A monitor at a centre reports what no rule can see."""
    yield at
    kind, what = draw.choice(SEEN)
    report_deviation(
        Centre.objects.get(pk=centre), kind=kind, what=what,
        happened_at=at - timedelta(days=draw.randint(2, 20)), by=sponsor.monitor, now=at,
    )  # fmt: skip


def end_enrolment(centre: str, *, at: datetime, by: User) -> Course:
    """A centre closes once its last patient was decided on."""
    yield at
    set_status(Centre.objects.get(pk=centre), Status.CLOSED, by=by, now=at,
               role=Role.ADMINISTRATOR, reason="Enrolment has ended.")  # fmt: skip


def lock_whole(centre: str, sponsor: Sponsor, *, at: datetime) -> Course:
    """The data manager locks a centre where nothing stands against it."""
    yield at
    there = Centre.objects.get(pk=centre)
    patients = list(
        Patient.objects.filter(centre=there, allocation__isnull=False).select_related("centre")
    )
    if not centre_obstacles(there) and not obstacles_of(patients):
        lock_centre(there, by=sponsor.data_manager, now=at)
