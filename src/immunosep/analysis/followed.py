"""Whose data are kept, and until which day each of them is known of: derived first, once.

One row of FOLLOWED is one participant whose data are kept. `dead_day` is the first day dead, NULL
while none is known. Up to `known_day` an absent value is no longer to come: it is the last day of
which the records tell anything; of a locked record, whatever day is asked for. The engine holds
FOLLOWED beside the tables of RECORDS, so that each derivation need not derive it again.
"""

import ibis
from ibis.expr import types as ir

from immunosep.tables.records import DAYS, PARTICIPANTS, STATUS

DAY_S = 86_400
_EVER = 1_000_000  # a day after any

FOLLOWED = ibis.table(
    {"participant": "!string", "dead_day": "int64", "known_day": "!int64"}, name="followed"
)


def kept() -> ir.Table:
    """One row per participant whose data are kept, with `origin_s`, from which follow-up counts.

    That is the first dose; of those who never had one, their randomisation.
    """
    people = PARTICIPANTS.filter(~PARTICIPANTS.data_withdrawn)
    return people.mutate(origin_s=people.first_dose_s.coalesce(people.randomised_s))


def derive_followed() -> ir.Table:
    """The rows of FOLLOWED, from the tables of RECORDS."""
    people = kept()
    dead = DAYS.filter(DAYS.status == "dead")
    told = DAYS.filter(DAYS.status.notnull() | DAYS.sofa.notnull())
    alive = STATUS.filter(STATUS.status == "alive")
    rows = beside(people, dead.group_by("participant").aggregate(dead_row=dead.day.min()))
    rows = beside(rows, told.group_by("participant").aggregate(told_day=told.day.max()))
    rows = beside(rows, alive.group_by("participant").aggregate(alive_day=alive.day.max()))
    dead_day = rows.dead_row.coalesce(day_of(rows.died_s, rows.origin_s))
    days = (rows.told_day, rows.alive_day, dead_day, day_of(rows.last_alive_s, rows.origin_s))
    return rows.select(
        "participant",
        dead_day=dead_day,
        known_day=ibis.cases(
            (rows.locked, ibis.literal(_EVER, "int64")),
            else_=ibis.greatest(*(day.coalesce(0) for day in days)),
        ),
    )


def day_of(moment_s: ir.IntegerValue, origin_s: ir.IntegerValue) -> ir.IntegerValue:
    """The day of a moment, the first dose being in day 1; NULL if either is unknown."""
    return ((moment_s - origin_s) / DAY_S).floor().cast("int64") + 1


def beside(rows: ir.Table, found: ir.Table) -> ir.Table:
    """The rows, each with what was found of its participant; NULL where nothing was."""
    found = found.rename(whose="participant")
    return rows.left_join(found, rows.participant == found.whose).drop("whose")
