"""When a stay first met Sepsis-3, from suspected infections and hourly SOFA.

Source: Singer M et al. JAMA 2016;315:801-810; the hours around the suspicion in which organ
dysfunction counts are those of Seymour CW et al. JAMA 2016;315:762-774: from 48 hours before to 24
hours after. The first suspicion with organ dysfunction counts, at the first such hour.

Inputs: `suspicions` (stay_id, suspected_s, and what the caller wants kept) and `hours` (stay_id,
at_s: the end of the hour, and the scores), in whole seconds.
"""

from dataclasses import dataclass

import ibis
from ibis.expr import types as ir

from immunosep.concepts.sepsis3 import RISE_OF_SEPSIS, sepsis_3

BEFORE_S = 48 * 60 * 60  # Seymour JAMA 2016;315:762
AFTER_S = 24 * 60 * 60  # Seymour JAMA 2016;315:762


@dataclass(frozen=True)
class OnsetRule:
    """The choices the definition leaves open."""

    missing_as_normal: bool = False
    """Whether a missing component counts as normal when onset is decided, as is the convention;
    otherwise onset is the first hour at which even the lowest possible score meets Sepsis-3."""
    onset_is_later_of_both: bool = True
    """Sepsis begins when both parts are known, infection and dysfunction; otherwise at the hour of
    dysfunction, which may lie 48 hours before infection was suspected."""


TRIAL = OnsetRule()


def derive_sepsis3_compatible(suspicions: ir.Table, hours: ir.Table) -> ir.Table:
    """One row per stay with Sepsis-3 as mimic-code counts it: SOFA of 2 or more, no baseline.

    `suspicions` also has antibiotic_s and culture_s, `hours` sofa_24hours. Adds `sofa_s`, the hour.
    """
    ranked = suspicions.mutate(
        rank=ibis.row_number().over(
            group_by=["stay_id", "suspected_s"],
            order_by=[suspicions.antibiotic_s, suspicions.culture_s],
        )
    )
    first_of_each = ranked.filter(ranked["rank"] == 0).drop("rank")
    high = hours.filter(hours.sofa_24hours >= RISE_OF_SEPSIS).select("stay_id", "at_s")
    pairs = first_of_each.join(high, _around(first_of_each, high))
    met = pairs.group_by(first_of_each.columns).agg(sofa_s=pairs.at_s.min())
    return _first_suspicion(met)


def derive_onsets(suspicions: ir.Table, hours: ir.Table, *, rule: OnsetRule = TRIAL) -> ir.Table:
    """One row per stay with a suspicion near its hours: when, where, how sure.

    `suspicions` has setting, admission_lowest and admission_highest; `hours` has sofa_lowest,
    sofa_highest and sofa_total. `grade` is 0 where Sepsis-3 holds for certain, 1 where it holds
    with missing parts taken as normal, 2 otherwise. `onset_s` is NULL unless Sepsis-3 holds.
    `sofa_s` is the hour to look at: the last of that grade up to the suspicion, else the first
    after it; for grade 2 that of the highest total.
    """
    pairs = suspicions.join(hours, _around(suspicions, hours))
    judged = pairs.mutate(certain=_certain(pairs), likely=_likely(pairs))
    known = judged.at_s <= judged.suspected_s
    each = judged.group_by("stay_id", "suspected_s").agg(
        setting=judged.setting.max(),
        certain_s=judged.at_s.min(where=judged.certain),
        certain_then_s=judged.at_s.max(where=judged.certain & known),
        likely_s=judged.at_s.min(where=judged.likely),
        likely_then_s=judged.at_s.max(where=judged.likely & known),
        worst_s=judged.at_s.argmax(judged.sofa_total * _LATER - judged.at_s),
    )
    graded = each.mutate(
        grade=ibis.cases((each.certain_s.notnull(), 0), (each.likely_s.notnull(), 1), else_=2)
    )
    first = _first_suspicion(graded, "grade")
    columns = ("stay_id", "suspected_s", "setting", "grade")
    return first.select(*columns, sofa_s=_hour(first, rule), onset_s=_onset(first, rule))


_LATER = 1 << 40  # more seconds than any two hours are apart: a total outranks every difference


def _around(suspicions: ir.Table, hours: ir.Table) -> list[ir.BooleanValue]:
    return [
        suspicions.stay_id == hours.stay_id,
        hours.at_s >= suspicions.suspected_s - BEFORE_S,
        hours.at_s <= suspicions.suspected_s + AFTER_S,
    ]


def _certain(pairs: ir.Table) -> ir.BooleanValue:
    return sepsis_3(
        setting=pairs.setting,
        sofa_lowest=pairs.sofa_lowest,
        sofa_highest=pairs.sofa_highest,
        admission_lowest=pairs.admission_lowest,
        admission_highest=pairs.admission_highest,
    )


def _likely(pairs: ir.Table) -> ir.BooleanValue:
    return sepsis_3(
        setting=pairs.setting,
        sofa_lowest=pairs.sofa_total,
        sofa_highest=pairs.sofa_total,
        admission_lowest=pairs.admission_lowest.coalesce(0),
        admission_highest=pairs.admission_lowest.coalesce(0),
    )


def _first_suspicion(met: ir.Table, *before: str) -> ir.Table:
    ranked = met.mutate(
        rank=ibis.row_number().over(group_by="stay_id", order_by=[*before, "suspected_s"])
    )
    return ranked.filter(ranked["rank"] == 0).drop("rank")


def _hour(first: ir.Table, rule: OnsetRule) -> ir.IntegerValue:
    if not rule.onset_is_later_of_both:
        return ibis.coalesce(first.certain_s, first.likely_s, first.worst_s)
    certain_s = first.certain_then_s.coalesce(first.certain_s)
    return ibis.coalesce(certain_s, first.likely_then_s, first.likely_s, first.worst_s)


def _onset(first: ir.Table, rule: OnsetRule) -> ir.IntegerValue:
    holds_s = first.certain_s
    if rule.missing_as_normal:
        holds_s = holds_s.coalesce(first.likely_s)
    if not rule.onset_is_later_of_both:
        return holds_s
    later_s = ibis.greatest(holds_s, first.suspected_s)
    return ibis.ifelse(holds_s.notnull(), later_s, ibis.null("int64"))
