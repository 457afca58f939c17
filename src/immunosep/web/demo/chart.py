"""One participant's course on the calendar: which day is when, and when somebody writes it down.

A row's `course` counts days from the first dose (`simulation.rehearsed_courses`); here each is a
moment by the centre's clock. Whatever was not drawn there is drawn from the course's own seed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from random import Random
from typing import Any

from immunosep.web.demo.people import Staff

LAST_DAY = 90
EVENING = time(18)
LATER = (0.0, 0.0, 0.0, 0.0, 0.7, 1.7, 4.0)
"""Days until a page is written: mostly on the same evening."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A participant's number, who looks after them, day 1, and what was drawn."""

    number: str
    staff: Staff
    first: datetime
    drawn: Mapping[str, Any]
    draw: Random
    withdrew: datetime | None = None

    def on(self, day: int, at: time = EVENING) -> datetime:
        """A time of day of one of the trial's days, never before the first dose is an hour old."""
        zone = self.staff.centre.zone
        moment = datetime.combine(self._day_1 + timedelta(days=day - 1), at, zone)
        return max(moment, self.first + timedelta(hours=1))

    def at(self, day: float) -> datetime:
        """The moment of a day with its fraction, to the minute."""
        return self.first + timedelta(minutes=round((day - 1) * 24 * 60))

    def written(self, day: int) -> datetime:
        """When a page of a day is written: that evening, or some days late."""
        evening = self.on(day) + timedelta(minutes=self.draw.randint(0, 170))
        return evening + timedelta(days=self.draw.choice(LATER))

    @property
    def _day_1(self) -> date:
        return self.first.astimezone(self.staff.centre.zone).date()

    @cached_property
    def death_day(self) -> int | None:
        """The day of death, if it is one of the trial's."""
        died = self.drawn["died"]
        return int(died) if died is not None and died < LAST_DAY + 1 else None

    @cached_property
    def died(self) -> datetime | None:
        """The moment of death: at the drawn time of that day."""
        if self.death_day is None:
            return None
        return self.on(self.death_day, _time(self.drawn["died"] % 1))

    @cached_property
    def left_day(self) -> int | None:
        """The day of leaving hospital alive."""
        left = self.drawn["left"]
        return None if left is None else round(left - 1)

    @cached_property
    def left(self) -> datetime | None:
        """The moment of leaving hospital."""
        return None if self.left_day is None else self.on(self.left_day, time(11, 30))

    @cached_property
    def treatment_ends(self) -> datetime:
        """When no further dose is due; long after the plan for who completed it."""
        if self.drawn["completed"]:
            ends = self.at(60)
        elif self.died and self.drawn["ended_because"] == "death":
            ends = self.died
        elif self.left and self.drawn["ended_because"] == "discharge":
            ends = self.left
        else:
            ends = self.on(max(2, int(self.drawn["ended"])), time(12))
        moments = [ends, *filter(None, (self.died, self.withdrew))]
        return min(moments)

    def alive_until(self, moment: datetime) -> datetime:
        """The moment, or that of death if it came first."""
        return min(moment, self.died) if self.died else moment


def _time(share: float) -> time:
    minutes = min(int(share * 24 * 60), 24 * 60 - 1)
    return time(minutes // 60, minutes % 60)
