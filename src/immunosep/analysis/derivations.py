"""Each endpoint derived from the records, once, as an Ibis expression on RECORDS and FOLLOWED.

Every answer has one row per participant whose data are kept. NULL says that an endpoint cannot be
told for somebody: a first score that is missing, a death nobody asked about; `unknown_because`
says why, in words without a value. Day 1 is that of the first dose. Where a death has a moment but
no day of its own among the daily scores, its day is counted in whole 24 hours from the first dose.

What is absent is unknown, until it is a fact that nothing is to come: where the participant's
record is locked, or tells of a later day. Before that nothing is carried forward.
"""

from enum import StrEnum

import ibis
from ibis.expr import types as ir

from immunosep.analysis.followed import DAY_S, FOLLOWED, beside, day_of, kept
from immunosep.concepts.sofa import COMPONENTS, total
from immunosep.protocol.endpoints import (
    AdverseEvents,
    Death,
    MeanSofa,
    OrderedOutcome,
    SofaFall,
    SurvivalWithSofaFall,
)
from immunosep.tables.records import DAYS, EVENTS, STATUS

_PLACES = 1000  # above any score
EXACT = 1e-9  # a fall of 15 % of 10,000 is 1,500, whatever the last bits say


class Reading(StrEnum):
    """How a fall of SOFA is read where the plan leaves a choice (the trial's named choices)."""

    AS_PLANNED = "as_planned"
    DEATH_IS_NO_RESPONSE = "death_is_no_response"
    COMPLETE_CASES = "complete_cases"
    DAYS_AT_HAND = "days_at_hand"
    COMPONENTS_CARRIED = "components_carried"


class How(StrEnum):
    """Where one day's score comes from."""

    OBSERVED = "observed"
    CARRIED = "carried"
    DEAD = "dead"


def derive_daily_sofa(
    first_day: int, last_day: int, *, dead_counts_as: int, by_component: bool = False
) -> ir.Table:
    """One row per participant and day: `value`, and `how` it came about.

    A day dead counts `dead_counts_as`. A day without a score takes the last one before it, from
    `first_day` on; `by_component` carries each component by itself and adds them up. A day that may
    still get a score (`known_day` of FOLLOWED) has none.
    """
    grid = _grid(first_day, last_day)
    columns = {"sofa": DAYS.sofa, **{name: DAYS[name] for name in COMPONENTS}}
    recorded = DAYS.select(who=DAYS.participant, on=DAYS.day, **columns)
    rows = grid.left_join(
        recorded, [grid.participant == recorded.who, grid.day == recorded.on]
    ).drop("who", "on")
    rows = beside(rows, FOLLOWED)
    is_dead = (rows.day >= rows.dead_day).coalesce(False)
    # The baseline is what was scored on its day, even if that was the day of death.
    is_dead = is_dead & (rows.day > first_day)
    carried = _last_known(rows, "sofa")
    if by_component:
        parts = [_last_known(rows, name) for name in COMPONENTS]
        carried = ibis.cases((carried.notnull(), total(parts, missing_as=0)))
    carried = ibis.cases((rows.day <= rows.known_day, carried))
    return rows.select(
        "participant",
        "day",
        value=ibis.cases((is_dead, ibis.literal(dead_counts_as, "int64")), else_=carried),
        how=ibis.cases(
            (is_dead, How.DEAD.value),
            (rows.sofa.notnull(), How.OBSERVED.value),
            (carried.notnull(), How.CARRIED.value),
        ),
    )


def derive_sofa_fall(definition: SofaFall, *, reading: Reading = Reading.AS_PLANNED) -> ir.Table:
    """One row per participant: baseline, mean, fall, response, and how many days were filled.

    `response` is NULL where the baseline is missing, where a day may still get a score, and where
    the reading leaves somebody out.
    """
    daily = derive_daily_sofa(
        definition.baseline_day,
        definition.last_day,
        dead_counts_as=definition.dead_counts_as,
        by_component=reading is Reading.COMPONENTS_CARRIED,
    )
    later = (daily.day >= definition.first_day) & (daily.day <= definition.last_day)
    counts = later
    if reading is Reading.DAYS_AT_HAND:
        counts = later & (daily.how != How.CARRIED)
    found = daily.group_by("participant").aggregate(
        baseline=daily.value.max(
            where=(daily.day == definition.baseline_day) & (daily.how == How.OBSERVED)
        ),
        points=daily.value.sum(where=counts),
        days=daily.value.count(where=counts),
        told=daily.how.count(where=later),
        **{f"days_{how}": (later & (daily.how == how)).sum() for how in How},
        last_day_is=daily.how.max(where=daily.day == definition.last_day),
    )
    mean = found.points / found.days
    whole = found.told == definition.last_day - definition.first_day + 1
    fall = ibis.cases((found.baseline.notnull() & whole & (found.days > 0), found.baseline - mean))
    response = fall > definition.responds_above
    is_dead = found.days_dead > 0
    if reading is Reading.DEATH_IS_NO_RESPONSE:
        response = ibis.cases((fall.notnull(), response & ~is_dead))
    if reading is Reading.COMPLETE_CASES:
        response = ibis.cases((found.last_day_is != How.CARRIED, response))
    return found.select(
        "participant",
        "baseline",
        *(f"days_{how}" for how in How),
        mean=mean,
        fall=fall,
        response=response,
        last_day_is="last_day_is",
        dead_responder=(response & is_dead).coalesce(False),
        unknown_because=ibis.cases(
            (found.baseline.isnull(), f"no score on day {definition.baseline_day}"),
            (~whole, not_followed(definition.last_day)),
        ),
    )


def derive_mean_sofa(definition: MeanSofa) -> ir.Table:
    """One row per participant: `value`, the mean score; NULL for whom death came by `last_day`."""
    daily = derive_daily_sofa(definition.first_day, definition.last_day, dead_counts_as=0)
    dead = daily.how == How.DEAD
    found = daily.group_by("participant").aggregate(
        mean=daily.value.mean(),
        days=daily.how.count(),
        baseline=daily.value.max(where=daily.day == definition.first_day),
        died=dead.any(),
    )
    whole = found.days == definition.last_day - definition.first_day + 1
    alive = found.baseline.notnull() & whole & ~found.died
    return found.select(
        "participant",
        value=ibis.cases((alive, found.mean)),
        unknown_because=ibis.cases(
            (found.died, ibis.null("string")),
            (found.baseline.isnull(), f"no score on day {definition.first_day}"),
            (~whole, not_followed(definition.last_day)),
        ),
    )


def derive_death(definition: Death) -> ir.Table:
    """One row per participant: `response` (dead by the day), `time_days` followed, `event`.

    NULL where nobody knows whether somebody was alive that day; they are followed until the last
    day on which they were known to be.
    """
    people = kept()
    told = STATUS.group_by("participant").aggregate(
        told_dead=(STATUS.status == "dead").sum(where=STATUS.day <= definition.day),
        told_alive=STATUS.day.max(where=STATUS.status == "alive"),
    )
    rows = beside(beside(people, told), FOLLOWED)
    seen = ((rows.last_alive_s - rows.origin_s) / DAY_S).coalesce(0.0)
    known_until = ibis.greatest(seen, rows.told_alive.cast("float64").coalesce(0.0))
    known_until = ibis.greatest(known_until, 0.0)
    is_dead = (rows.dead_day <= definition.day).coalesce(False) | (rows.told_dead > 0).coalesce(
        False
    )
    alive = (rows.dead_day > definition.day).coalesce(False) | (known_until >= definition.day)
    at = (rows.died_s - rows.origin_s) / DAY_S
    died_at = ibis.greatest(
        at.coalesce(rows.dead_day.cast("float64") - 0.5).coalesce(float(definition.day)), 0.0
    )
    return rows.select(
        "participant",
        response=ibis.cases((is_dead, True), (alive, False)),
        time_days=ibis.cases(
            (is_dead, ibis.least(died_at, float(definition.day))),
            else_=ibis.least(known_until, float(definition.day)),
        ),
        event=is_dead,
        unknown_because=ibis.cases(
            (
                ~is_dead & ~alive.coalesce(False),
                f"not known to be alive or dead on day {definition.day}",
            )
        ),
    )


def derive_survival_with_sofa_fall(definition: SurvivalWithSofaFall) -> ir.Table:
    """One row per participant: `response`, alive on the day with a score lower than the first."""
    daily = derive_daily_sofa(1, definition.day, dead_counts_as=0)
    on_day = daily.day == definition.day
    found = daily.group_by("participant").aggregate(
        first=daily.value.max(where=daily.day == 1),
        last=daily.value.max(where=on_day & (daily.how != How.DEAD)),
        died=(on_day & (daily.how == How.DEAD)).any(),
    )
    fall = found.first - found.last
    enough = fall > 0
    if definition.fall_points is not None:
        enough = fall >= definition.fall_points
    elif definition.fall_fraction is not None:
        enough = fall >= found.first * definition.fall_fraction - EXACT
    return found.select(
        "participant",
        response=ibis.cases((found.died, False), (fall.notnull(), enough)),
        unknown_because=ibis.cases(
            (found.died, ibis.null("string")),
            (found.first.isnull(), "no score on day 1"),
            (found.last.isnull(), not_followed(definition.day)),
        ),
    )


def derive_ordered_outcome(definition: OrderedOutcome) -> ir.Table:
    """One row per participant: `level`, 0 for the best; NULL where no level was recorded."""
    people = kept()
    places = [(people.infection_outcome == level, at) for at, level in enumerate(definition.levels)]
    level = ibis.cases(*places)
    return people.select(
        "participant",
        level=level,
        unknown_because=ibis.cases((level.isnull(), "no outcome recorded")),
    )


def derive_adverse_events(definition: AdverseEvents) -> ir.Table:
    """One row per participant: `response`, whether any such event began after the first dose.

    An event whose beginning is not known counts as having begun after it. Of nobody is it known
    where an event of theirs may or may not be one, or where no event of anybody was recorded.
    """
    theirs = treatment_emergent(definition.day)
    found = theirs.group_by("participant").aggregate(
        events=theirs.count(where=theirs.serious == definition.serious),
        unclear=theirs.serious.isnull().sum(),
    )
    every = EVENTS.group_by("participant").aggregate(recorded=EVENTS.count())
    both = beside(beside(kept(), found), every)
    events = both.events.coalesce(0)
    anybody = (both.recorded.count().over(ibis.window()) > 0).coalesce(False)
    return both.select(
        "participant",
        response=ibis.cases((events > 0, True), (anybody & (both.unclear.coalesce(0) == 0), False)),
        events=events,
        unknown_because=ibis.cases(
            (events > 0, ibis.null("string")),
            (~anybody, "the records hold no adverse event of anybody"),
            (both.unclear > 0, "an event of theirs is not known to be serious or not"),
        ),
    )


def treatment_emergent(last_day: int) -> ir.Table:
    """One row per adverse event that began after the first dose and by `last_day`."""
    people = kept().select("participant", "origin_s", "immune_state", "arm")
    rows = EVENTS.join(people, "participant")
    day = day_of(rows.began_s, rows.origin_s)
    return rows.filter(((day >= 1) & (day <= last_day)).coalesce(True))


def not_followed(day: int) -> str:
    """Why nothing can be told of somebody whose record is open and does not reach a day."""
    return f"not known to have been followed to day {day}"


def _grid(first_day: int, last_day: int) -> ir.Table:
    """One row per participant and day, whether or not anything was recorded."""
    days = ibis.range(first_day, last_day + 1).unnest().name("day").as_table()
    return kept().select("participant").cross_join(days.mutate(day=days.day.cast("int64")))


def _last_known(rows: ir.Table, column: str) -> ir.IntegerValue:
    """The column's value on the last day, up to each row's own, on which it was known.

    The greatest of day and value written as one number: Ibis 12 has DuckDB's LAST_VALUE answer with
    a NULL, whatever `include_null` says.
    """
    until = ibis.window(group_by=rows.participant, order_by=rows.day, preceding=None, following=0)
    return (rows.day * _PLACES + rows[column]).max().over(until) % _PLACES
