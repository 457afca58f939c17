"""The dose a patient has been kept on: SOFA scores vasoactive drugs given for at least one hour.

Source: Vincent JL et al. Intensive Care Med 1996;22:707-710 (adrenergic agents administered for at
least 1 h, doses in ug/kg/min).

At a moment t the dose kept is the lowest rate of the hour before t, and none if the drug did not
run through that hour. The dose of a clock hour is the highest it reaches within. That highest value
is always found where a rate ends or where the hour ends, so only those moments are looked at.
"""

import ibis
from ibis.expr import types as ir

SUSTAINED_S = 3600  # one hour: Vincent, Intensive Care Med 1996;22:707, table 3, footnote
HOUR_S = 3600


def derive_sustained_dose(infusions: ir.Table) -> ir.Table:
    """One row per stay, drug and hour in which a dose had been kept for an hour: its highest.

    `infusions` has `stay_id, variable, start_s, end_s, rate`, the moment `in_s` from which the
    hours of the stay count, and the `first` and `last` hour looked at. Where rows of one drug
    overlap, the higher rate is taken to be running.
    """
    pieces = cut_at_hours(_with_overlap(infusions))
    columns = ("stay_id", "variable", "hr", "start_s", "end_s", "rate")
    alone = pieces.filter(~pieces.overlaps).select(*columns)
    overlapping = _highest_of_overlapping(pieces.filter(pieces.overlaps))
    return _kept(alone.union(overlapping.select(*columns)))


def cut_at_hours(infusions: ir.Table) -> ir.Table:
    """One row per infusion and hour `hr` it runs in, `start_s` and `end_s` within that hour."""
    hours = ibis.range(infusions["first"], infusions["last"] + 1)
    pieces = infusions.mutate(hr=hours.unnest())
    pieces = pieces.mutate(hr=pieces.hr.cast("int64"))
    hour_s = pieces.in_s + pieces.hr * HOUR_S
    return pieces.mutate(
        start_s=ibis.greatest(pieces.start_s, hour_s),
        end_s=ibis.least(pieces.end_s, hour_s + HOUR_S),
    )


def _kept(disjoint: ir.Table) -> ir.Table:
    hour_before = ibis.range_window(
        group_by=[disjoint.stay_id, disjoint.variable],
        order_by=disjoint.end_s,
        preceding=SUSTAINED_S - 1,
        following=0,
    )
    moments = disjoint.select(
        "stay_id",
        "variable",
        "hr",
        kept=disjoint.rate.min().over(hour_before),
        span_s=disjoint.end_s - disjoint.start_s.min().over(hour_before),
        ran_s=(disjoint.end_s - disjoint.start_s).sum().over(hour_before),
    )
    unbroken = moments.filter(moments.span_s >= SUSTAINED_S, moments.ran_s == moments.span_s)
    return unbroken.group_by("stay_id", "variable", "hr").agg(value=unbroken.kept.max())


def _with_overlap(infusions: ir.Table) -> ir.Table:
    drug = [infusions.stay_id, infusions.variable]
    before = ibis.window(group_by=drug, order_by=infusions.start_s, between=(None, -1))
    in_turn = ibis.window(group_by=drug, order_by=infusions.start_s)
    ended_s = infusions.end_s.max().over(before)
    next_s = infusions.start_s.lead().over(in_turn)
    overlaps = (ended_s > infusions.start_s) | (next_s < infusions.end_s)
    return infusions.mutate(overlaps=overlaps.fill_null(False))


def _highest_of_overlapping(pieces: ir.Table) -> ir.Table:
    key = ("stay_id", "variable", "hr")
    starts = pieces.select(*key, at_s=pieces.start_s)
    ends = pieces.select(*key, at_s=pieces.end_s)
    edges = ibis.union(starts, ends, distinct=True)
    next_edge = ibis.window(group_by=[edges[name] for name in key], order_by=edges.at_s)
    spans = edges.mutate(until_s=edges.at_s.lead().over(next_edge))
    running = spans.inner_join(
        pieces, [*key, spans.at_s >= pieces.start_s, spans.until_s <= pieces.end_s]
    )
    return running.group_by(*key, start_s=running.at_s, end_s=running.until_s).agg(
        rate=running.rate.max()
    )
