"""What becomes of the data: signatures by block, verification, freezing, locking.

How far a centre has come is its `progress`: the lock is on its way, so that some centres are locked
as a whole, some participants by themselves, and some are still asked about.
"""

from datetime import datetime, time, timedelta
from enum import IntEnum

from immunosep.protocol.check_blocks import WHOLE
from immunosep.web.casebook.blocks import Block, blocks_of
from immunosep.web.casebook.forms import find_form
from immunosep.web.casebook.freezing import freeze_complete
from immunosep.web.casebook.locking import lock_participant
from immunosep.web.casebook.models import Page, Query
from immunosep.web.casebook.obstacles import obstacles_of
from immunosep.web.casebook.signing import problems_before_signing, shown_content, sign
from immunosep.web.casebook.steps import is_done
from immunosep.web.casebook.verifying import is_targeted, verify
from immunosep.web.demo.asking import questions_of
from immunosep.web.demo.chart import LAST_DAY, Chart
from immunosep.web.demo.people import Sponsor
from immunosep.web.demo.playing import Course, together
from immunosep.web.enrolment.models import Patient
from immunosep.web.trial import trial_of

REVIEWED_AFTER = timedelta(days=4)  # the block's last day
LEFT_TO_SIGN = timedelta(days=6)  # before now
VISITED_AFTER = timedelta(days=5)  # the last page: the monitor comes
AGAIN = timedelta(days=9)  # whatever was not ready is looked at again
TRIES = 4
SHARE_LOCKED = 0.5  # of the participants at a centre whose pages are frozen


class Progress(IntEnum):
    """How far the cleaning of a centre has come."""

    FOLLOWED = 0  # somebody is in the trial still
    VERIFIED = 1
    FROZEN = 2
    LOCKED = 3


def clean(chart: Chart, sponsor: Sponsor, *, progress: Progress, now: datetime) -> Course:
    """Everything about one participant's data but the pages themselves.

    Where people are followed still, the last days' signatures are left to whoever tries the site.
    """
    asked = questions_of(chart, sponsor, until=now)
    until = now - LEFT_TO_SIGN if progress is Progress.FOLLOWED else now
    signed = (
        _review(chart, block, until=until)
        for block in blocks_of(trial_of(chart.staff.centre))
        if block.visits is not None
    )
    return together(*asked, *signed, _close_out(chart, sponsor, progress, until=until))


def end_of(chart: Chart) -> datetime:
    """When the last page should be there: after day 90, or some weeks after death."""
    last = chart.on(LAST_DAY, time(18))
    return min(last, chart.died + timedelta(days=24)) if chart.died else last


# ── Signatures ──────────────────────────────────────────────────────────────────────────────────


def _review(chart: Chart, block: Block, *, until: datetime) -> Course:
    """The investigator reads a block after its last day, and signs it once nothing is missing."""
    days = [v.day for v in trial_of(chart.staff.centre).schedule if block.holds(v.id)]
    if chart.death_day is not None and chart.death_day < min(days):
        return
    at = chart.on(min(max(days), LAST_DAY), time(9)) + REVIEWED_AFTER
    for _ in range(TRIES):
        at += timedelta(hours=chart.draw.uniform(2, 60))
        yield at
        if at > until or _sign(chart, block, now=at):
            return
        at += AGAIN


def _sign(chart: Chart, block: Block, *, now: datetime) -> bool:
    patient, pages = _patient(chart), _pages(chart)
    if problems_before_signing(patient, block, pages):
        return False
    meaning = "responsible" if block.id == WHOLE else "endorsed"
    sign(patient, block.id, meaning=meaning, shown=shown_content(block, pages),
         by=chart.staff.investigator, now=now)  # fmt: skip
    return True


# ── Verifying, freezing, locking ────────────────────────────────────────────────────────────────


def _close_out(chart: Chart, sponsor: Sponsor, progress: Progress, *, until: datetime) -> Course:
    """As far as the centre has come, and again where a question was still open."""
    whole = next(b for b in blocks_of(trial_of(chart.staff.centre)) if b.id == WHOLE)
    to_lock = progress is Progress.LOCKED or chart.draw.random() < SHARE_LOCKED
    at = end_of(chart) + VISITED_AFTER + timedelta(days=chart.draw.uniform(0, 3))
    for _ in range(TRIES):
        yield at
        _verify(chart, sponsor, now=at)
        signed_at = at + timedelta(hours=20)
        yield signed_at
        signed = signed_at <= until and _sign(chart, whole, now=signed_at)
        if signed and progress < Progress.FROZEN:
            return
        if signed:
            frozen_at = at + timedelta(hours=30)
            yield frozen_at
            if not to_lock or _lock(chart, sponsor, now=frozen_at):
                return
        at += AGAIN


def _verify(chart: Chart, sponsor: Sponsor, *, now: datetime) -> None:
    for page in _pages(chart):
        form = find_form(page.form, trial_of(chart.staff.centre))
        if not page.verified and is_done(page) and is_targeted(form, chart.number):
            verify(page, seen=page.entries_made, by=sponsor.monitor, now=now)


def _lock(chart: Chart, sponsor: Sponsor, *, now: datetime) -> bool:
    """Freeze what may be, and lock the participant if nothing stands against it."""
    unsettled = Query.objects.filter(page__patient=chart.number).exclude(status="closed")
    if unsettled.exists():
        return False
    freeze_complete(_patient(chart), by=sponsor.data_manager, now=now)
    patient = _patient(chart)
    if obstacles_of([patient]):
        return False
    lock_participant(patient, by=sponsor.data_manager, now=now)
    return True


def _patient(chart: Chart) -> Patient:
    return Patient.objects.select_related("centre").get(pk=chart.number)


def _pages(chart: Chart) -> list[Page]:
    return list(Page.objects.filter(patient=chart.number).select_related("patient__centre"))
