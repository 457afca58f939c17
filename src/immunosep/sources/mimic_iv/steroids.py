"""Exposure to systemic corticosteroids before the assessment, as prednisone per kilogram and day.

Read from orders by mouth or by vein (`medication.drug_orders`). On each day of the look-back the
strongest order of each drug counts, and drugs are added; the exposure is that of the highest day.
An order is active from the day it starts to the day it ends, both included.
"""

import ibis
from ibis.expr import types as ir

from immunosep.concepts.prednisone import prednisone_equivalent_mg
from immunosep.sources.mimic_iv.choices import Choices

DAY_S = 24 * 60 * 60


def corticosteroid_exposure(index: ir.Table, orders: ir.Table, choices: Choices) -> ir.Table:
    """One row per stay with such orders: prednisone in mg a day, and if any dose is unknown."""
    by_day = _orders_by_day(index, orders, choices)
    strongest = by_day.group_by("stay_id", "day", "drug").agg(
        mg=by_day.mg.max(), unknown=by_day.mg.isnull().any()
    )
    days = strongest.group_by("stay_id", "day").agg(
        mg=strongest.mg.sum(), unknown=strongest.unknown.any()
    )
    return days.group_by("stay_id").agg(
        prednisone_mg_day=days.mg.max(), unknown_dose=days.unknown.any()
    )


def _orders_by_day(index: ir.Table, orders: ir.Table, choices: Choices) -> ir.Table:
    """One row per stay, order and day of the look-back on which it was active."""
    steroids = orders.filter(orders.drug_class == "corticosteroid", orders.start_s.notnull())
    steroids = steroids.select(
        "patient_id",
        "drug",
        "start_s",
        start_day=steroids.start_s // DAY_S,
        end_day=ibis.greatest(steroids.end_s.coalesce(steroids.start_s), steroids.start_s) // DAY_S,
        mg=prednisone_equivalent_mg(
            steroids.drug, steroids.dose_mg_day, equivalence=choices.equal_to_5_mg_prednisone
        ),
    )
    met = index.select("stay_id", "patient_id", "suspected_s", "assessed_s").join(
        steroids, "patient_id"
    )
    active = met.filter(met.start_s <= met.assessed_s)
    if not choices.index_hydrocortisone_counts:
        active = active.filter(~_for_the_index_episode(active))
    today = active.assessed_s // DAY_S
    first = ibis.greatest(active.start_day, today - choices.corticosteroid_days)
    last = ibis.least(active.end_day, today)
    spans = active.mutate(first=first, last=last)
    spans = spans.filter(spans["first"] <= spans["last"])
    return spans.mutate(day=ibis.range(spans["first"], spans["last"] + 1).unnest())


def _for_the_index_episode(active: ir.Table) -> ir.BooleanValue:
    since_s = active.start_s - active.suspected_s
    return ((active.drug == "hydrocortisone") & (since_s >= -DAY_S)).coalesce(False)


def derive_prednisone_mg_kg_day(rows: ir.Table, choices: Choices) -> ir.FloatingValue:
    """Per kilogram of body weight; NULL if a dose or the weight is not known."""
    none = ibis.literal(0.0) if choices.no_order_means_not_given else ibis.null("float64")
    return ibis.cases(
        (rows.unknown_dose.isnull() & rows.ordered, none),
        (rows.unknown_dose.isnull(), ibis.null("float64")),
        (rows.unknown_dose, ibis.null("float64")),
        else_=rows.prednisone_mg_day / rows.weight_kg,
    )
