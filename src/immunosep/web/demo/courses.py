"""What happens to one centre and to one patient, step by step, each step the action of a page.

A row is one virtual patient: values by the data dictionary's names, and moments as hours since the
trial began, empty where a step never happens. One who is randomised has a `course`
(`simulation.rehearsed_courses`): what becomes of them until day 90.
"""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from immunosep.protocol.consent import ConsentBy, WithdrawalKind
from immunosep.protocol.forms import FilledBy
from immunosep.web.demo.at_entry import describe_entry
from immunosep.web.demo.chart import Chart
from immunosep.web.demo.cleaning import Progress, clean
from immunosep.web.demo.following import follow_up
from immunosep.web.demo.harming import live_with_events
from immunosep.web.demo.people import Sponsor, Staff
from immunosep.web.demo.playing import Course, in_order, together
from immunosep.web.demo.treating import follow_treatment
from immunosep.web.enrolment.consenting import record_consent
from immunosep.web.enrolment.not_enrolling import not_enrol
from immunosep.web.enrolment.questions import columns_of
from immunosep.web.enrolment.randomising import randomise
from immunosep.web.enrolment.recording import add_patient, record_values
from immunosep.web.enrolment.withdrawing import withdraw

Row = Mapping[str, Any]
SAMPLE_TAKEN = timedelta(hours=2)  # before its results are entered
SIGNED = timedelta(minutes=10)  # before consent is recorded
ONSET = "sepsis_onset_at"


@dataclass(frozen=True, kw_only=True)
class World:
    """What the courses share: from when to when, who works where, how far each centre has come, and
    who waits for a visitor."""

    began: datetime
    now: datetime
    sponsor: Sponsor
    progress: Mapping[str, Progress]
    staff: MutableMapping[str, Staff] = field(default_factory=dict)
    stories: MutableMapping[str, str] = field(default_factory=dict)

    def at(self, hour: float) -> datetime:
        """The moment of an hour of the trial, to the minute."""
        return self.began + timedelta(minutes=round(hour * 60))


def live_through(row: Row, world: World) -> Course:
    """One patient, from the door to the end of what was drawn for them."""
    seen = world.at(row["seen_hour"])
    yield seen
    staff = world.staff[row["centre"]]
    number = add_patient(staff.centre, by=staff.nurse, now=seen).pk
    if row["story"]:
        world.stories[row["story"]] = number
    yield from _examine(number, row, staff, world)
    if row["decided_hour"] is None:
        return
    decided = world.at(row["decided_hour"])
    yield decided
    if row["reason"]:
        not_enrol(number, reasons=[row["reason"]], by=staff.nurse, now=decided)
        return
    randomise(number, by=staff.investigator, now=decided)
    yield from _take_part(number, row, staff, world)


def _take_part(number: str, row: Row, staff: Staff, world: World) -> Course:
    """Treatment, the casebook, events and the cleaning of it all, at once."""
    left = None if row["withdrew_hour"] is None else world.at(row["withdrew_hour"])
    course, first = row["course"], world.at(row["first_dose_hour"])
    chart = Chart(
        number=number, staff=staff, first=first, drawn=course, draw=Random(course["seed"]),
        withdrew=left,
    )  # fmt: skip
    steps = [
        *describe_entry(chart), *follow_up(chart), *live_with_events(chart, world.sponsor)
    ]  # fmt: skip
    doses = follow_treatment(
        number, staff, first=first, ends=chart.treatment_ends, draw=Random(course["seed"] + 1)
    )
    progress = world.progress[row["centre"]]
    cleaned = clean(chart, world.sponsor, progress=progress, now=world.now)
    yield from together(
        doses,
        in_order(step for step in steps if left is None or step[0] < left),
        cleaned if left is None else iter(()),
        _leave(number, left, staff),
    )


def _examine(number: str, row: Row, staff: Staff, world: World) -> Course:
    """What is recorded before anything is decided."""
    bedside = world.at(row["bedside_hour"])
    yield bedside
    onset = world.at(row["sepsis_hour"]).astimezone(staff.centre.zone).isoformat()
    answers = _answers({**row, ONSET: onset}, FilledBy.BEDSIDE)
    record_values(number, answers, filled_by=FilledBy.BEDSIDE, seen=0, by=staff.nurse, now=bedside)
    if row["consent_hour"] is not None:
        signed = world.at(row["consent_hour"])
        yield signed
        record_consent(
            number, given_by=ConsentBy(row["consent_by"]), version=staff.consent,
            given_at=signed - SIGNED, by=staff.investigator, now=signed,
        )  # fmt: skip
    if row["laboratory_hour"] is not None:
        known = world.at(row["laboratory_hour"])
        yield known
        record_values(
            number, _answers(row, FilledBy.LABORATORY), filled_by=FilledBy.LABORATORY, seen=0,
            by=staff.laboratory, now=known, observed_at=known - SAMPLE_TAKEN,
        )  # fmt: skip


def _leave(number: str, left: datetime | None, staff: Staff) -> Course:
    if left is None:
        return
    yield left
    withdraw(
        number, kind=WithdrawalKind.ALL_ERASE_DATA, at=left - SIGNED,
        reason="Consent and data were taken back.", by=staff.investigator, now=left,
    )  # fmt: skip


def _answers(row: Row, filled_by: FilledBy) -> dict[str, Any]:
    """The row's values that a page asks for, as its fields would send them."""
    return {name: _plain(row[name]) for name in columns_of(filled_by) if row.get(name) is not None}


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
