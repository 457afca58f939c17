"""The clocks of a serious event: to the sponsor, to the authority, and for what was incomplete.

By the server's clock, shown by the centre's. What is overdue is said.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from immunosep.concepts.expedited_reporting import complete_by, report_by, submit_by
from immunosep.languages import say
from immunosep.web.safety.cases import Case
from immunosep.web.safety.models import Submission

AUTHORITY, INITIAL = Submission.To.AUTHORITY, Submission.Kind.INITIAL


@dataclass(frozen=True, kw_only=True)
class Clock:
    """One thing that must be done by a moment, and when it was."""

    what: str
    due: datetime
    now: datetime
    done: datetime | None = None

    @property
    def runs(self) -> bool:
        """Whether it is still to be done."""
        return self.done is None

    @property
    def late(self) -> bool:
        """Whether it is overdue, or was done too late."""
        return (self.done or self.now) > self.due

    @property
    def says(self) -> str:
        """How it stands, in words."""
        apart = in_words(abs(self.due - (self.done or self.now)))
        if self.done is None:
            return (
                say("overdue by {apart}", apart=apart)
                if self.late
                else say("{apart} left", apart=apart)
            )
        return say("done, {apart} late", apart=apart) if self.late else say("done in time")


def clocks_of(case: Case, *, now: datetime) -> list[Clock]:
    """Every clock that an event has started, in the order of what they ask for."""
    return [*_to_sponsor(case, now), *_to_judge(case, now), *_to_authority(case, now)]


def next_clock(case: Case, *, now: datetime) -> Clock | None:
    """The one that ends first of those that run."""
    running = [clock for clock in clocks_of(case, now=now) if clock.runs]
    return min(running, key=lambda clock: clock.due, default=None)


def in_words(span: timedelta) -> str:
    """Such as `2 d 4 h` or `3 h 20 min`."""
    minutes = int(span.total_seconds()) // 60
    days, hours = divmod(minutes // 60, 24)
    return f"{days} d {hours} h" if days else f"{hours} h {minutes % 60:02} min"


def _to_sponsor(case: Case, now: datetime) -> Iterator[Clock]:
    report = case.report
    aware_at = report.aware_at if report else case.said_at
    if aware_at is not None:
        done = report.reported_at if report else None
        yield Clock(what=say("Report to the sponsor"), due=report_by(aware_at), now=now, done=done)


def _to_judge(case: Case, now: datetime) -> Iterator[Clock]:
    """Until it is judged, it may be a SUSAR: the time is that within which one is submitted."""
    known_at = case.report.reported_at if case.report else None
    what = say("Assess, and submit if it is a SUSAR")
    if case.changed:
        known_at, what = (
            case.changed_at,
            say("Assess what has changed, and submit if it is a SUSAR"),
        )
    elif case.assessment:
        return
    if known_at is not None:
        due = submit_by(known_at, fatal=case.fatal, zone=case.centre.zone)
        yield Clock(what=what, due=due, now=now)


def _to_authority(case: Case, now: datetime) -> Iterator[Clock]:
    judged = list(takewhile(lambda each: each.susar, reversed(case.assessments)))
    if not judged:
        return
    zone, sent = case.centre.zone, [each for each in case.submissions if each.to == AUTHORITY]
    due = min(submit_by(each.known_at, fatal=each.fatal, zone=zone) for each in judged)
    first = next((each for each in sent if each.kind == INITIAL), None)
    done = first.sent_at if first else None
    yield Clock(what=say("Submit the SUSAR to the authority"), due=due, now=now, done=done)
    if first and any(each.fatal for each in judged):
        more = next((each for each in sent if each.kind != INITIAL), None)
        yield Clock(
            what=say("Complete the report to the authority"),
            due=complete_by(first.sent_at, zone=zone),
            now=now,
            done=more.sent_at if more else None,
        )
