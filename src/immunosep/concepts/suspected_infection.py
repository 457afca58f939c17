"""Suspected infection: an antibiotic and a culture of body fluid close in time.

Source: Seymour CW et al. JAMA 2016;315:762-774; Singer M et al. JAMA 2016;315:801-810. The
antibiotic comes first and the culture within 24 hours, or the culture comes first and the
antibiotic within 72 hours. Infection is suspected from the earlier of the two.

A laboratory may record only the day a culture was taken. Then whole days are compared: the
antibiotic from 1 day before to 3 days after the culture's day. `day_only_at_midnight` decides when
such a culture is thought to have been taken.

Inputs: `antibiotics` (patient_id, antibiotic_s; further columns are kept) and `cultures`
(patient_id, taken_s, day_s), in whole seconds.
"""

from dataclasses import dataclass

import ibis
from ibis.expr import types as ir

DAY_S = 24 * 60 * 60
CULTURE_WITHIN_S = 24 * 60 * 60  # after the antibiotic: Seymour JAMA 2016;315:762
ANTIBIOTIC_WITHIN_S = 72 * 60 * 60  # after the culture: Seymour JAMA 2016;315:762
CULTURE_WITHIN_DAYS = 1  # the same limits in whole days
ANTIBIOTIC_WITHIN_DAYS = 3


@dataclass(frozen=True)
class SuspicionRule:
    """The choices the definition leaves open."""

    same_moment: bool = True
    """Whether an antibiotic and a culture at one and the same minute make a suspicion."""
    day_only_at_midnight: bool = False
    """A culture whose hour is unknown was taken at 00:00 of its day; otherwise as late on that day
    as is not after the antibiotic, so that suspicion is never earlier than is known."""


TRIAL = SuspicionRule()
MIMIC_CODE = SuspicionRule(same_moment=False, day_only_at_midnight=True)
"""What MIT-LCP/mimic-code does: strict inequalities, and days begin at midnight."""


def derive_suspicions(
    antibiotics: ir.Table, cultures: ir.Table, *, rule: SuspicionRule = TRIAL
) -> ir.Table:
    """One row per different antibiotic row with a culture: it, `culture_s` and `suspected_s`.

    Of several cultures before the antibiotic the first counts, else the first one after it.
    """
    starts = antibiotics.filter(antibiotics.antibiotic_s.notnull()).distinct()
    taken = cultures.select(
        culture_patient_id=cultures.patient_id, taken_s=cultures.taken_s, day_s=cultures.day_s
    ).distinct()
    near = starts.join(taken, _near(starts, taken))
    timed = near.mutate(
        before=_culture_first(near, rule), order=_order(near), culture_s=_culture_time(near, rule)
    )
    met = timed.filter(timed.before | _antibiotic_first(timed))
    ranked = met.mutate(
        rank=ibis.row_number().over(
            group_by=list(starts.columns), order_by=[met.before.desc(), met.order]
        )
    )
    first = ranked.filter(ranked["rank"] == 0)
    return first.select(
        *starts.columns,
        culture_s=first.culture_s,
        suspected_s=ibis.ifelse(first.before, first.culture_s, first.antibiotic_s),
    )


def _near(starts: ir.Table, taken: ir.Table) -> list[ir.BooleanValue]:
    """Every pair any rule below could take: whole days, so that one range join serves all."""
    return [
        starts.patient_id == taken.culture_patient_id,
        taken.day_s >= starts.antibiotic_s - (ANTIBIOTIC_WITHIN_DAYS + 1) * DAY_S,
        taken.day_s <= starts.antibiotic_s + (CULTURE_WITHIN_DAYS + 1) * DAY_S,
    ]


def _culture_first(near: ir.Table, rule: SuspicionRule) -> ir.BooleanValue:
    gap_s = near.antibiotic_s - near.taken_s
    after = gap_s >= 0 if rule.same_moment else gap_s > 0
    gap_days = _days(near)
    by_day = (gap_days >= 0) & (gap_days <= ANTIBIOTIC_WITHIN_DAYS)
    return ibis.ifelse(near.taken_s.isnull(), by_day, after & (gap_s <= ANTIBIOTIC_WITHIN_S))


def _antibiotic_first(near: ir.Table) -> ir.BooleanValue:
    gap_s = near.taken_s - near.antibiotic_s
    gap_days = _days(near)
    by_day = (gap_days < 0) & (gap_days >= -CULTURE_WITHIN_DAYS)
    by_hour = (gap_s > 0) & (gap_s <= CULTURE_WITHIN_S)
    return ibis.ifelse(near.taken_s.isnull(), by_day, by_hour)


def _days(near: ir.Table) -> ir.IntegerValue:
    """Days from the culture's day to the antibiotic's; negative if the antibiotic came first."""
    antibiotic_day = near.antibiotic_s // DAY_S
    return antibiotic_day - near.day_s // DAY_S


def _order(near: ir.Table) -> ir.IntegerValue:
    """By day, then by hour, a culture without an hour last on its day."""
    return near.taken_s.coalesce(near.day_s + DAY_S)


def _culture_time(near: ir.Table, rule: SuspicionRule) -> ir.IntegerValue:
    if rule.day_only_at_midnight:
        return near.taken_s.coalesce(near.day_s)
    latest_s = near.day_s + DAY_S - 1
    same_day = near.day_s // DAY_S == near.antibiotic_s // DAY_S
    return near.taken_s.coalesce(
        ibis.ifelse(same_day, ibis.least(latest_s, near.antibiotic_s), latest_s)
    )
