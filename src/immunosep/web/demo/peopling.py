"""Peopling a furnished site with virtual patients, so that the trial looks as if it had run.

Nothing is written but by the actions that pages call, each with the moment it is played at. The
process must hold the code key, for pharmacists prepare; a teaching site's, and no other.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.conf import settings

from immunosep.errors import SettingsError
from immunosep.web.accounts.models import User
from immunosep.web.casebook.models import Lock, Query
from immunosep.web.centres.models import Centre
from immunosep.web.demo.asking import FORGOTTEN, OF_LATE, ask_of_late
from immunosep.web.demo.cleaning import Progress
from immunosep.web.demo.courses import Row, World, live_through
from immunosep.web.demo.names import names_of
from immunosep.web.demo.opening import open_centre
from immunosep.web.demo.overseeing import end_enrolment, lock_whole, look_over, visit
from immunosep.web.demo.people import LogIn, hire_for_the_trial, log_ins
from immunosep.web.demo.playing import (
    Course,
    play,
    without_looking_for_garbage,
    without_savepoints,
    without_waiting_for_the_disk,
)
from immunosep.web.enrolment.models import Allocation, NotEnrolled, Patient

SET_UP_BEFORE = timedelta(days=7)  # the trial begins
CLOSES_AFTER = timedelta(days=3)  # the last patient of a centre
CENTRES_LOCKED_BEFORE = timedelta(hours=30)  # now


@dataclass(frozen=True, kw_only=True)
class Peopled:
    """What a visitor is told: who to log in as, where, which patients wait for what, how many."""

    centre: Centre
    log_ins: Sequence[LogIn]
    stories: Mapping[str, str]
    screened: int
    randomised: int
    not_enrolled: int
    questions: int  # not closed
    locked: int  # participants


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
    with without_waiting_for_the_disk(), without_looking_for_garbage(), without_savepoints():
        world = World(
            began=began,
            now=now,
            sponsor=hire_for_the_trial(by=administrator, now=began - SET_UP_BEFORE),
            progress=_progress(rows, to_try=to_try),
        )
        courses = [
            *_openings(rows, world, to_try=to_try, by=administrator),
            *(live_through(row, world) for row in rows),
            *_overseeing(rows, world, to_try=to_try, by=administrator, now=now),
        ]
        play(courses, until=now, tell=tell)
    return _peopled(to_try, world)


def _peopled(to_try: str, world: World) -> Peopled:
    return Peopled(
        centre=Centre.objects.get(pk=to_try),
        log_ins=log_ins(),
        stories=dict(world.stories),
        screened=Patient.objects.count(),
        randomised=Allocation.objects.count(),
        not_enrolled=NotEnrolled.objects.count(),
        questions=Query.objects.exclude(status=Query.Status.CLOSED).count(),
        locked=Lock.objects.filter(scope=Lock.Scope.PARTICIPANT, locked=True).count(),
    )


def _progress(rows: Sequence[Row], *, to_try: str) -> dict[str, Progress]:
    """How far each centre's cleaning has come: where a visitor works, people are followed still."""
    stages = (Progress.LOCKED, Progress.FROZEN, Progress.VERIFIED)
    others = sorted({row["centre"] for row in rows} - {to_try})
    found = {centre: stages[at % len(stages)] for at, centre in enumerate(others)}
    return found | {to_try: Progress.FOLLOWED}


def _openings(rows: Sequence[Row], world: World, *, to_try: str, by: User) -> list[Course]:
    """A course for each centre that sees a patient."""
    first: dict[str, float] = {}
    for row in rows:
        first[row["centre"]] = min(row["seen_hour"], first.get(row["centre"], row["seen_hour"]))
    names = {country: names_of(country) for country in set(_countries(first))}
    return [
        open_centre(
            pk, world, to_try=pk == to_try, first_seen=world.at(hour), names=names[country], by=by
        )
        for (pk, hour), country in zip(first.items(), _countries(first), strict=True)
    ]


def _overseeing(
    rows: Sequence[Row], world: World, *, to_try: str, by: User, now: datetime
) -> Iterator[Course]:
    """What is done to centres and to the trial, drawn from the first participant's seed."""
    seeds = (row["course"]["seed"] for row in rows if row.get("course"))
    draw = Random(next(seeds, 0))
    yield look_over(world.sponsor, began=world.began, until=now, draw=Random(draw.random()))
    last: dict[str, float] = {}
    for row in rows:
        decided = row["decided_hour"] or row["seen_hour"]
        last[row["centre"]] = max(decided, last.get(row["centre"], decided))
    for turns in OF_LATE:
        yield _asked(to_try, world, turns, draw)
    for centre, hour in last.items():
        if world.progress[centre] is Progress.VERIFIED:
            yield _asked(centre, world, FORGOTTEN, draw)
        if draw.random() < 0.5:
            seen_at = world.at(hour) - timedelta(days=1)
            yield visit(centre, world.sponsor, at=seen_at, draw=Random(draw.random()))
        if centre != to_try:
            yield end_enrolment(centre, at=world.at(hour) + CLOSES_AFTER, by=by)
        if world.progress[centre] is Progress.LOCKED:
            yield lock_whole(centre, world.sponsor, at=now - CENTRES_LOCKED_BEFORE)


def _asked(centre: str, world: World, turns: Sequence[tuple[float, str]], draw: Random) -> Course:
    return ask_of_late(
        centre, world.staff, world.sponsor, turns=turns, now=world.now, draw=Random(draw.random())
    )


def _countries(pks: Sequence[str] | Mapping[str, float]) -> list[str]:
    country_of = dict(Centre.objects.values_list("pk", "country"))
    return [country_of[pk] for pk in pks]
