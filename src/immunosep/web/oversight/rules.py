"""The rules that find deviations: each reads one participant's course and says what departs.

A rule's `about` names the dose, the page or the event, so that looking again finds the same one.
Nothing depends on what is in a dose: in a double-dummy trial every arm has the same doses at the
same hours.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from immunosep.web.casebook.forms import find_form, find_visit, first_day
from immunosep.web.casebook.models import Page
from immunosep.web.centres.templatetags.clock import at_centre
from immunosep.web.enrolment.models import Patient
from immunosep.web.followup.planned_doses import HAPPENED, LATE, MISSED
from immunosep.web.oversight.courses import Course
from immunosep.web.oversight.models import Kind
from immunosep.web.supply.words import ROUTES

TIME_TO_RECORD = timedelta(days=3)  # our choice: a dose nobody wrote of for so long was not given


@dataclass(frozen=True, kw_only=True)
class Found:
    """One deviation as a rule finds it."""

    patient: Patient
    kind: Kind
    about: str
    what: str
    happened_at: datetime


Rule = Callable[[Course, datetime], Iterator[Found]]


def found_in(course: Course, *, now: datetime) -> Iterator[Found]:
    """All that the rules find of one participant, but what has not happened yet."""
    for rule in RULES:
        yield from (found for found in rule(course, now) if found.happened_at <= now)


def first_dose_in_window(course: Course, _now: datetime) -> Iterator[Found]:
    """The first dose was given when the window had closed: the end itself is outside."""
    first, closes = course.first_dose, course.allocation.window_closes_at
    if first is not None and closes is not None and first.given_at >= closes:
        yield Found(
            patient=course.patient,
            kind=Kind.FIRST_DOSE_OUTSIDE_WINDOW,
            about="first dose",
            what=f"The window closed {at_centre(closes, course.centre)}; the first dose was given "
            f"{at_centre(first.given_at, course.centre)}.",
            happened_at=first.given_at,
        )


def doses_as_planned(course: Course, now: datetime) -> Iterator[Found]:
    """Every dose that was ordered was given, no more than an hour late, until treatment ended."""
    first = course.first_dose
    if first is None:
        return
    given = {(each.preparation.route, each.preparation.dose): each for each in course.doses}
    for order in course.orders:
        for dose in order.doses:
            key = (str(dose["route"]), int(dose["dose"]))
            due = first.given_at + timedelta(hours=dose["hour"])
            if course.ended_at is not None and due >= course.ended_at:
                continue
            name = f"{ROUTES[key[0]]} dose {key[1]}, due {at_centre(due, course.centre)}"
            about = f"dose {key[0]} {key[1]}"
            if key not in given:
                said = course.log.get(key, {}).get(HAPPENED) == MISSED
                if said or now >= due + TIME_TO_RECORD:
                    word = "missed" if said else "nothing is recorded of it"
                    yield Found(patient=course.patient, kind=Kind.DOSE_NOT_GIVEN, about=about,
                                what=f"{name}: {word}.", happened_at=due)  # fmt: skip
            elif given[key].given_at > due + LATE:
                at = given[key].given_at
                yield Found(patient=course.patient, kind=Kind.DOSE_LATE, about=about,
                            what=f"{name}: given {at_centre(at, course.centre)}.",
                            happened_at=at)  # fmt: skip


def visits_took_place(course: Course, _now: datetime) -> Iterator[Found]:
    """No planned page was said not to take place; it counts from the end of the visit's window."""
    for page in course.missed:
        _, closes = _window(course, page)
        yield Found(patient=course.patient, kind=Kind.VISIT_MISSED, about=_about(page),
                    what=f"{_name(course, page)}: it did not take place.",
                    happened_at=closes)  # fmt: skip


def visits_in_window(course: Course, _now: datetime) -> Iterator[Found]:
    """What a visit asks for took place on the days that the schedule allows."""
    for page, at in course.assessed:
        opens, closes = _window(course, page)
        if not opens <= at < closes:
            yield Found(patient=course.patient, kind=Kind.VISIT_OUTSIDE_WINDOW, about=_about(page),
                        what=f"{_name(course, page)}: it took place "
                        f"{at_centre(at, course.centre)}.", happened_at=at)  # fmt: skip


def consent_came_first(course: Course, _now: datetime) -> Iterator[Found]:
    """Consent, deferred consent too, was given before anything was done for the trial's sake."""
    consented = min((each.given_at for each in course.patient.consents.all()), default=None)
    first = course.first_dose
    done = {
        "sample": ("a sample was drawn", course.sampled_at),
        "randomisation": ("the participant was randomised", course.allocation.allocated_at),
        "first dose": ("the first dose was given", first.given_at if first else None),
    }
    for about, (words, at) in done.items():
        if at is not None and (consented is None or at < consented):
            when = at_centre(consented, course.centre) if consented else "not recorded"
            yield Found(patient=course.patient, kind=Kind.CONSENT_AFTER_PROCEDURE, about=about,
                        what=f"Before consent ({when}) {words}, {at_centre(at, course.centre)}.",
                        happened_at=at)  # fmt: skip


RULES: tuple[Rule, ...] = (
    first_dose_in_window,
    doses_as_planned,
    visits_took_place,
    visits_in_window,
    consent_came_first,
)


def _window(course: Course, page: Page) -> tuple[datetime, datetime]:
    """The days on which a visit may take place, by the centre's clock: from, until before."""
    first = course.first_dose
    assert first is not None, "only who had a first dose has planned pages"
    visit = find_visit(page.visit, course.trial)
    on = first_day(first.given_at, course.centre) + timedelta(days=visit.day - 1)
    days = (on - timedelta(days=visit.days_before), on + timedelta(days=visit.days_after + 1))
    opens, closes = (datetime.combine(day, time(), course.centre.zone) for day in days)
    return opens, closes


def _about(page: Page) -> str:
    return f"page {page.visit} {page.form}"


def _name(course: Course, page: Page) -> str:
    label = find_form(page.form, course.trial).label
    return f"{label}, day {find_visit(page.visit, course.trial).day}"
