"""Expedited reporting: which adverse events, to whom, by when.

A serious event goes to the sponsor within 24 hours of the investigator's knowledge (Regulation (EU)
536/2014 art. 41(2); ICH E6(R3) Annex 1, 2.7.2). A SUSAR is serious, suspected by the investigator
or the sponsor, and unexpected; the authority has it within 7 days of the sponsor's first knowledge
if it is fatal or threatens life, else within 15 (art. 42(2); ICH E2A III.B). What was incomplete
after 7 is completed within 8 more.

A day is a calendar day by the clock on a wall, so that a clock change moves no deadline: the
deadline is the same time of day, never later than the end of the day that the rules name.
"""

from datetime import UTC, datetime, timedelta, tzinfo

INVESTIGATOR_HOURS = 24  # art. 41(2)
FATAL_DAYS = 7  # art. 42(2)(a), also of what turns out to be fatal later: (c)
OTHER_DAYS = 15  # art. 42(2)(b)
FOLLOW_UP_DAYS = 8  # ICH E2A III.B.1

SUSPECTED = ("possible", "probable")
"""The answers on relatedness that make an event a reaction: a reasonable possibility (ICH E2A)."""


def is_susar(*, serious: bool, suspected: bool, unexpected: bool) -> bool:
    """A suspected unexpected serious adverse reaction."""
    return serious and suspected and unexpected


def report_by(aware_at: datetime) -> datetime:
    """When the sponsor must know at the latest: hours that have passed, whatever a clock shows."""
    return aware_at.astimezone(UTC) + timedelta(hours=INVESTIGATOR_HOURS)


def submit_by(known_at: datetime, *, fatal: bool, zone: tzinfo) -> datetime:
    """When the authority must have a SUSAR at the latest."""
    return _days_after(known_at, FATAL_DAYS if fatal else OTHER_DAYS, zone)


def complete_by(submitted_at: datetime, *, zone: tzinfo) -> datetime:
    """When the authority must have the rest of what it had within 7 days."""
    return _days_after(submitted_at, FOLLOW_UP_DAYS, zone)


def _days_after(moment: datetime, days: int, zone: tzinfo) -> datetime:
    """The same time of day; of an hour that a clock leaves out, the moment it would have been."""
    shown = moment.astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
    return shown.replace(tzinfo=zone).astimezone(UTC)
