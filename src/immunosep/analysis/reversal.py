"""Reversal of the immune state, derived from the samples, as an Ibis expression.

The first sample is compared with those after it that have a result. Of fewer samples than are asked
for, the immune state counts as not reversed: a named handling of the estimand ("fewer than two
samples", JAMA 2026;335:775). It is applied where it is a fact that there were fewer. It is none
where a sample was drawn whose result is not in the records, as those that a site hides until the
whole trial is locked; where the participant's record is not locked; where no later sample of
anybody has a result. Then the response is unknown, and `unknown_because` says why.
"""

import ibis
from ibis.expr import types as ir

from immunosep.analysis.derivations import EXACT, not_followed
from immunosep.analysis.followed import FOLLOWED, beside, kept
from immunosep.protocol.endpoints import Reversal
from immunosep.tables.records import SAMPLES

NO_RESULT = "a sample was drawn, but its result is not in the records"
NOBODY = "no sample after the first has a result, of anybody"
NOT_LOCKED = "too few samples so far, and the record is not locked"


def derive_reversal(definition: Reversal) -> ir.Table:
    """One row per participant: `response`, `samples` with a result, `time_days`, `event`.

    `too_few` is whether there were fewer samples than are asked for, NULL where nobody can tell.
    `time_days` is NULL of whom nothing after the first sample is known.
    """
    rows = beside(beside(kept(), _judged(definition)), FOLLOWED)
    days = [rows[name].coalesce(0) for name in ("results", "judged", "unjudged")]
    results, judged, unjudged = days
    anybody = judged.max().over(ibis.window()) > 0
    fewer = results < definition.samples
    event = ~fewer & rows.reversed_day.notnull()
    seen = ~fewer & (judged > 0)
    followed = rows.known_day >= definition.day
    followed = followed | (rows.dead_day <= definition.day).coalesce(False)
    counts_as_none = fewer & rows.locked & (unjudged == 0) & anybody
    known = event | (seen & followed) | counts_as_none
    until = ibis.least(rows.dead_day.coalesce(definition.day), definition.day)
    return rows.select(
        "participant",
        response=ibis.cases((known, event)),
        samples=results,
        too_few=ibis.cases((known, fewer), (~fewer, False)),
        time_days=ibis.cases(
            (event, rows.reversed_day), (known, until), (seen, rows.judged_day)
        ).cast("float64"),
        event=event,
        unknown_because=ibis.cases(
            (known, ibis.null("string")),
            (unjudged > 0, NO_RESULT),
            (seen, not_followed(definition.day)),
            (~anybody, NOBODY),
            else_=NOT_LOCKED,
        ),
    )


def _judged(definition: Reversal) -> ir.Table:
    """One row per participant with a sample: how many tell something, and when it was reversed."""
    people = kept().select("participant", "immune_state")
    rows = SAMPLES.join(people, "participant").filter(SAMPLES.day <= definition.day)
    has_result = rows.ferritin_ng_ml.notnull() | rows.hla_dr_per_monocyte.notnull()
    rows = rows.mutate(has_result=has_result).filter(has_result | rows.drawn_s.notnull())
    rows = rows.mutate(first_day=rows.day.min().over(group_by=rows.participant))
    later = rows.day > rows.first_day
    left = _left(rows, definition)
    rows = rows.mutate(
        left=(left & later).coalesce(False),
        judged=left.notnull() & later,
        unjudged=(left.isnull() & later) | ~rows.has_result,
    )
    return rows.group_by("participant").aggregate(
        results=rows.has_result.sum(),
        judged=rows.judged.sum(),
        unjudged=rows.unjudged.sum(),
        judged_day=rows.day.max(where=rows.judged),
        reversed_day=rows.day.min(where=rows.left),
    )


def _left(rows: ir.Table, definition: Reversal) -> ir.BooleanValue:
    """Whether a sample shows that the state was left; NULL where what would tell is missing."""
    first = ibis.cases((rows.day == rows.first_day, rows.ferritin_ng_ml))
    first_ferritin = first.max().over(group_by=rows.participant)
    fall = first_ferritin - rows.ferritin_ng_ml
    fell = fall >= first_ferritin * definition.ferritin_fall_fraction - EXACT
    rose = (rows.hla_dr_per_monocyte > definition.hla_dr_above) & (
        rows.ferritin_ng_ml < definition.ferritin_below
    )
    return ibis.cases((rows.immune_state == "mals", fell), else_=rose)
