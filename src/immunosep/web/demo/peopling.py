"""Peopling a furnished site with virtual patients, so that the trial looks as if it had run.

Nothing is written but by the actions that pages call, each with the moment it is played at. The
process must hold the code key, for pharmacists prepare; a teaching site's, and no other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from immunosep.errors import SettingsError
from immunosep.web.accounts.models import User
from immunosep.web.centres.models import Centre
from immunosep.web.demo.courses import Row, World, live_through
from immunosep.web.demo.names import names_of
from immunosep.web.demo.opening import open_centre
from immunosep.web.demo.people import LogIn, hire_for_the_trial, log_ins
from immunosep.web.demo.playing import Course, play, without_waiting_for_the_disk
from immunosep.web.enrolment.models import Allocation, NotEnrolled, Patient

SET_UP_BEFORE = timedelta(days=7)  # the trial begins


@dataclass(frozen=True, kw_only=True)
class Peopled:
    """What a visitor is told: who to log in as, where, which patients wait for what, how many."""

    centre: Centre
    log_ins: Sequence[LogIn]
    stories: Mapping[str, str]
    screened: int
    randomised: int
    not_enrolled: int


def people_site(
    rows: Sequence[Row],
    *,
    began: datetime,
    now: datetime,
    tell: Callable[[int], None] | None = None,
) -> Peopled:
    """Live through every row of the virtual table up to `now`, on a site without a patient."""
    if not settings.DEMO or Patient.objects.exists():
        raise SettingsError(
            "virtual patients are for a rehearsal; expected a teaching site (IMMUNOSEP_DEMO) "
            "without a patient. Make one with `immunosep demo DIR`."
        )
    administrator = User.objects.get(memberships__role="administrator")
    to_try = next((row["centre"] for row in rows if row["story"]), rows[0]["centre"])
    world = World(began=began, now=now, to_try=to_try)
    with without_waiting_for_the_disk():
        hire_for_the_trial(by=administrator, now=began - SET_UP_BEFORE)
        courses = [
            *_openings(rows, world, by=administrator),
            *(live_through(row, world) for row in rows),
        ]
        play(courses, until=now, tell=tell)
    return Peopled(
        centre=Centre.objects.get(pk=to_try),
        log_ins=log_ins(),
        stories=dict(world.stories),
        screened=Patient.objects.count(),
        randomised=Allocation.objects.count(),
        not_enrolled=NotEnrolled.objects.count(),
    )


def _openings(rows: Sequence[Row], world: World, *, by: User) -> list[Course]:
    """A course for each centre that sees a patient."""
    first: dict[str, float] = {}
    for row in rows:
        first[row["centre"]] = min(row["seen_hour"], first.get(row["centre"], row["seen_hour"]))
    names = {country: names_of(country) for country in set(_countries(first))}
    return [
        open_centre(
            pk,
            world,
            first_seen=world.at(hour),
            names=names[country],
            by=by,
        )
        for (pk, hour), country in zip(first.items(), _countries(first), strict=True)
    ]


def _countries(pks: Sequence[str] | Mapping[str, float]) -> list[str]:
    country_of = dict(Centre.objects.values_list("pk", "country"))
    return [country_of[pk] for pk in pks]
