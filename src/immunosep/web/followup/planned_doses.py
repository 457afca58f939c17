"""Every planned dose of a participant, and what became of it.

The plan follows from the immune state and the first dose alone: in a double-dummy trial every arm
has the same doses at the same hours. A reason is an entry of the casebook's log of doses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from immunosep.languages import Said, say
from immunosep.protocol.casebook import CaseForm
from immunosep.protocol.trial import Trial
from immunosep.web.casebook.forms import logs_of
from immunosep.web.casebook.models import Page
from immunosep.web.casebook.values import values_of_pages
from immunosep.web.enrolment.dosing import EARLY, first_dose_of
from immunosep.web.enrolment.models import Patient
from immunosep.web.supply.ending import ends_of
from immunosep.web.supply.ordering import regimen_of_state
from immunosep.web.supply.words import ROUTES
from immunosep.web.trial import trial_of

ROUTE, NUMBER, HAPPENED, WHY = "dose_route", "dose_number", "dose_deviation", "dose_reason"
MISSED = "missed"
LATE = EARLY  # a dose later than this after it was due is late, as one so much before is early


class State(StrEnum):
    """What became of a planned dose."""

    GIVEN = "given"
    LATE = "given late"
    MISSED = "missed"
    UNRECORDED = "not recorded"  # the next by its route is due, and nothing is said of this one
    DUE = "due"
    TO_COME = "to come"
    ENDED = "after treatment ended"


TONES = {
    State.GIVEN: "met",
    State.LATE: "warn",
    State.MISSED: "unknown",
    State.UNRECORDED: "not-met",
    State.DUE: "calm",
}


@dataclass(frozen=True, kw_only=True)
class PlannedDose:
    """One dose: by which route, which of how many, when it is due, what became of it."""

    route: str
    number: int
    due: datetime
    state: State
    given_at: datetime | None = None
    reason: str = ""
    page: int | None = None  # of the log, where a reason is

    @property
    def tone(self) -> str:
        """The class of its badge."""
        return TONES.get(self.state, "")

    @property
    def wants_reason(self) -> bool:
        """Whether somebody should say why."""
        return self.page is None and self.state in (State.LATE, State.UNRECORDED)


@dataclass(frozen=True, kw_only=True)
class RoutePlan:
    """The doses by one route."""

    route: str
    doses: list[PlannedDose]

    @property
    def word(self) -> str:
        """The route in words, as the log has it."""
        return ROUTES[self.route].lower()

    def count(self, *states: State) -> int:
        """How many doses are in one of these states."""
        return sum(dose.state in states for dose in self.doses)

    @property
    def due_so_far(self) -> int:
        """How many should have been given by now."""
        return len(self.doses) - self.count(State.DUE, State.TO_COME, State.ENDED)

    @property
    def given(self) -> int:
        """How many were."""
        return self.count(State.GIVEN, State.LATE)

    @property
    def late(self) -> int:
        """How many of those too late."""
        return self.count(State.LATE)

    @property
    def without_reason(self) -> int:
        """How many were not given as planned, with nobody saying why."""
        return sum(dose.wants_reason for dose in self.doses)

    @property
    def compliance(self) -> str:
        """Given of due so far, in per cent; nothing before the first is due."""
        return f"{100 * self.given / self.due_so_far:.0f} %" if self.due_so_far else ""


def dose_log(trial: Trial) -> CaseForm | None:
    """The log in which doses that were missed or delayed stand, if the trial has one."""
    wanted = {ROUTE, NUMBER, HAPPENED, WHY}
    return next((form for form in logs_of(trial) if wanted <= set(form.columns)), None)


def doses_of(patient: Patient, *, now: datetime) -> list[RoutePlan]:
    """The plan of a participant who had a first dose, else nothing: a route, then its doses."""
    allocation = getattr(patient, "allocation", None)
    first = first_dose_of(allocation) if allocation else None
    if allocation is None or first is None:
        return []
    given = {
        (dose.preparation.route, dose.preparation.dose): dose.given_at
        for dose in allocation.doses.select_related("preparation")
    }
    reasons = _reasons(patient)
    ended = ends_of([patient.pk]).get(patient.pk)
    plans = []
    for component in regimen_of_state(allocation.immune_state, patient.centre).components:
        route, every = component.route.value, timedelta(hours=component.every_hours)
        doses = [
            _dose(route, n + 1, first.given_at + n * every, every, given, reasons, ended, now)
            for n in range(component.doses)
        ]
        plans.append(RoutePlan(route=route, doses=doses))
    return plans


def _dose(
    route: str,
    number: int,
    due: datetime,
    every: timedelta,
    given: Mapping[tuple[str, int], datetime],
    reasons: Mapping[tuple[str, int], tuple[int, str, str]],
    ended: datetime | None,
    now: datetime,
) -> PlannedDose:
    at = given.get((route, number))
    page, happened, why = reasons.get((ROUTES[route].lower(), number), (None, "", ""))
    if at is not None:
        state = State.LATE if at > due + LATE else State.GIVEN
    elif happened == MISSED:
        state = State.MISSED
    elif ended is not None and due >= ended:
        state = State.ENDED
    elif now < due:
        state = State.TO_COME
    else:
        state = State.DUE if now < due + every else State.UNRECORDED
    return PlannedDose(
        route=route, number=number, due=due, state=state, given_at=at, page=page,
        reason=_reason(happened, why) if page else "",
    )  # fmt: skip


def _reason(happened: str, why: str) -> str:
    return say("{happened}: {why}", happened=_words(happened), why=_words(why))


def _words(code: str) -> Said:
    return Said(code.replace("_", " "))


def _reasons(patient: Patient) -> dict[tuple[str, int], tuple[int, str, str]]:
    """What the log says of each dose, by its route and number."""
    log = dose_log(trial_of(patient.centre))
    if log is None:
        return {}
    said = values_of_pages(Page.objects.filter(patient=patient, form=log.id))
    return {
        (values.get(ROUTE, ""), values.get(NUMBER, 0)): (
            pk, values.get(HAPPENED, ""), values.get(WHY, ""),
        )
        for pk, values in said.items()
    }  # fmt: skip
