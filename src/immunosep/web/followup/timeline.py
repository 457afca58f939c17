"""The course of one participant as a line: from the infection to the last contact.

What is on it every blinded reader may see: of a sample that it was drawn, not what it showed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from immunosep.languages import Said, inside, listed, say
from immunosep.protocol.consent import WithdrawalKind
from immunosep.protocol.trial import Trial
from immunosep.web.casebook.forms import find_form, first_day
from immunosep.web.casebook.models import Page
from immunosep.web.casebook.scoring import Score, has_score, scores_of
from immunosep.web.casebook.values import values_of_pages
from immunosep.web.enrolment.dosing import first_dose_of
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.questions import value_in_words
from immunosep.web.enrolment.recording import values_up_to
from immunosep.web.enrolment.withdrawing import KINDS
from immunosep.web.followup.endings import DIED_AT, LEFT_AT
from immunosep.web.supply.words import ROUTES
from immunosep.web.trial import trial_of

Day = Callable[[datetime], float]  # from a moment to the day of the trial

A_DAY = timedelta(days=1)
SEPSIS = "sepsis_onset_at"
SAMPLE = "sample_drawn_at"
EVENT, EVENT_FROM, EVENT_UNTIL = "event_term", "event_from", "event_until"
GRADE, SERIOUS = "event_grade", "serious"
ONCE = {
    DIED_AT: "Died",
    LEFT_AT: say("Left hospital"),
    "treatment_ended_at": say("Treatment ended early"),
}


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One thing that happened: on `lane`, from a day counted from the first dose (day 1 = 1.0)."""

    lane: str
    day: float
    at: datetime
    words: str
    until: float | None = None
    grave: bool = False


@dataclass(frozen=True, kw_only=True)
class DayScore:
    """The score of one day."""

    day: int
    score: Score


@dataclass(frozen=True, kw_only=True)
class Course:
    """All that is drawn, in the order in which it happened."""

    marks: list[Mark] = field(default_factory=list)
    scores: list[DayScore] = field(default_factory=list)
    visits: list[int] = field(default_factory=list)
    last_day: int = 1  # of the schedule
    dense_until: int = 1  # the last day with a score: the time most is known of
    today: float = 1


def course_of(patient: Patient, *, now: datetime) -> Course:
    """The course of a participant, as far as it is known; a fixed number of queries."""
    trial = trial_of(patient.centre)
    allocation = getattr(patient, "allocation", None)
    first = first_dose_of(allocation) if allocation else None
    began = first.given_at if first else allocation.allocated_at if allocation else now
    day_1 = datetime.combine(
        first_day(began, patient.centre), datetime.min.time(), patient.centre.zone
    )

    def day(moment: datetime) -> float:
        return (moment - day_1) / A_DAY + 1

    pages = list(Page.objects.filter(patient=patient))
    values = values_of_pages(pages)
    marks = [
        *_before(patient, day),
        *_doses(patient, day),
        *_of_pages(patient, trial, pages, values, day),
    ]
    marks.sort(key=lambda mark: (mark.day, mark.lane))
    return Course(
        marks=marks,
        scores=_scores(trial, pages, values),
        last_day=max((visit.day for visit in trial.schedule), default=1),
        dense_until=_dense_until(trial),
        visits=sorted({visit.day for visit in trial.schedule if visit.day >= 1}),
        today=day(now),
    )


def _before(patient: Patient, day: Day) -> Iterator[Mark]:
    """What leads to the first dose, and consent taken back."""
    drawn = patient.entries.exclude(observed_at=None).values_list("observed_at", flat=True)
    for at in dict.fromkeys(moment for moment in drawn if moment):
        yield _mark("Samples", at, say("Sample drawn"), day)
    onset = values_up_to(patient).get(SEPSIS)
    if onset:
        yield _mark("Course", datetime.fromisoformat(onset), say("Sepsis-3 first met"), day)
    for consent in patient.consents.all():
        yield _mark(
            "Course", consent.given_at, say("Consent by {who}", who=Said(consent.given_by)), day
        )
    if hasattr(patient, "allocation"):
        yield _mark("Course", patient.allocation.allocated_at, say("Randomised"), day)
    for withdrawal in patient.withdrawals.all():
        words = say("Withdrew: {kind}", kind=inside(KINDS[WithdrawalKind(withdrawal.kind)]))
        yield _mark("Course", withdrawal.at, words, day, grave=True)


def _doses(patient: Patient, day: Day) -> Iterator[Mark]:
    if not hasattr(patient, "allocation"):
        return
    first = True
    for dose in patient.allocation.doses.select_related("preparation").order_by("given_at"):
        lane, number = ROUTES[dose.preparation.route], dose.preparation.dose
        if first:
            yield _mark("Course", dose.given_at, say("First dose"), day)
            first = False
        yield _mark(
            lane, dose.given_at, say("{route} dose {number}", route=Said(lane), number=number), day
        )


def _of_pages(
    patient: Patient, trial: Trial, pages: list[Page], values: dict[int, dict[str, Any]], day: Any
) -> Iterator[Mark]:
    for page in pages:
        said = values[page.pk]
        hidden = find_form(page.form, trial).hidden
        if said.get(SAMPLE) and SAMPLE not in hidden:
            at = datetime.fromisoformat(said[SAMPLE])
            yield _mark("Samples", at, say("Sample drawn"), day)
        if said.get(EVENT_FROM) and EVENT_FROM not in hidden:
            yield _event(said, day, patient)
        for name, words in ONCE.items():
            if said.get(name) and name not in hidden:
                at = datetime.fromisoformat(said[name])
                yield _mark("Course", at, words, day, grave=name == DIED_AT)


def _event(said: dict[str, Any], day: Day, patient: Patient) -> Mark:
    """An adverse event, from its beginning to its end, if it has one yet."""
    until = said.get(EVENT_UNTIL)
    words = [said.get(EVENT) or say("Event")]
    words += [say("grade {grade}", grade=said[GRADE])] if said.get(GRADE) else []
    words += [say("serious")] if said.get(SERIOUS) else []
    if until:
        moment = value_in_words(EVENT_UNTIL, until, centre=patient.centre)
        words.append(say("until {moment}", moment=moment))
    at = datetime.fromisoformat(said[EVENT_FROM])
    end = day(datetime.fromisoformat(until)) if until else None
    return _mark("Events", at, listed(words), day, until=end, grave=bool(said.get(SERIOUS)))


def _dense_until(trial: Trial) -> int:
    scored = {form.assessment for form in trial.casebook if has_score(form)}
    days = [visit.day for visit in trial.schedule if scored.intersection(visit.assessments)]
    return max(days, default=1)


def _scores(trial: Trial, pages: list[Page], values: dict[int, dict[str, Any]]) -> list[DayScore]:
    """The score of each planned day that has one."""
    days = {visit.id: visit.day for visit in trial.schedule}
    scored = {form.id for form in trial.casebook if has_score(form)}
    asked = [p for p in pages if p.form in scored and p.number == 1 and p.visit in days]
    found = scores_of([values[page.pk] for page in asked])
    known = [
        DayScore(day=days[page.visit], score=score)
        for page, score in zip(asked, found, strict=True)
        if score
    ]
    return sorted(known, key=lambda each: each.day)


def _mark(lane: str, at: datetime, words: str, day: Day, **more: Any) -> Mark:
    return Mark(lane=lane, day=day(at), at=at, words=words, **more)
