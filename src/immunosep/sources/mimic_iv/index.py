"""Which stay of a patient is looked at, and when: its suspicion, its onset, its moment."""

import ibis
from ibis.expr import types as ir

from immunosep.concepts.sepsis3_hourly import derive_onsets
from immunosep.sources.mimic_iv import infection
from immunosep.sources.mimic_iv.records import HOUR_S, Records

FIRST_DAY = 24  # hours of a stay
_NOT_SUSPECTED = 9  # after every grade of `derive_onsets`


def derive_index(records: Records, *, every_stay: bool) -> ir.Table:
    """One row per patient, or per stay: the stay, its suspicion, and the moment to look at."""
    stays = _stays(records)
    onsets = derive_onsets(_suspicions(records, stays), records.hours, rule=records.choices.onset)
    rows = stays.left_join(onsets, "stay_id").drop("stay_id_right")
    rows = rows.mutate(
        sofa_s=rows.sofa_s.coalesce(rows.first_day_s), moment_s=rows.suspected_s.coalesce(rows.in_s)
    )
    rows = rows.mutate(
        setting=rows.setting.coalesce(
            infection.derive_setting(rows.moment_s, rows.emergency_s, records.choices)
        )
    )
    if every_stay:
        return rows
    order = [rows.grade.coalesce(_NOT_SUSPECTED), rows.in_s, rows.stay_id]
    ranked = rows.mutate(rank=ibis.row_number().over(group_by="patient_id", order_by=order))
    return ranked.filter(ranked["rank"] == 0).drop("rank")


def _stays(records: Records) -> ir.Table:
    """One row per stay: SOFA on admission, and the end of its first day or of the stay."""
    hours = records.hours
    first_day = hours.filter(hours.hr < FIRST_DAY)
    scores = first_day.group_by("stay_id").agg(
        first_day_s=first_day.at_s.max(),
        day_total=first_day.sofa_total.argmax(first_day.at_s),
        day_highest=first_day.sofa_highest.argmax(first_day.at_s),
    )
    rows = records.events.stays.left_join(scores, "stay_id").drop("stay_id_right")
    emergency = records.emergencies.select("admission_id", "emergency_s")
    rows = rows.left_join(emergency, "admission_id").drop("admission_id_right")
    within_s = records.choices.admission_score_within_hours * HOUR_S
    on_admission = rows.in_s - rows.admitted_s <= within_s
    nothing = ibis.null("int64")
    return rows.mutate(
        admission_lowest=ibis.ifelse(on_admission, rows.day_total, nothing),
        admission_highest=ibis.ifelse(on_admission, rows.day_highest, nothing),
    ).drop("day_total", "day_highest")


def _suspicions(records: Records, stays: ir.Table) -> ir.Table:
    """One row per stay and moment at which infection was suspected in its admission."""
    suspected = infection.suspected_infections(records.orders, records.cultures, records.choices)
    met = stays.join(suspected.drop("patient_id"), "admission_id")
    return met.select(
        "stay_id",
        "suspected_s",
        "admission_lowest",
        "admission_highest",
        setting=infection.derive_setting(met.suspected_s, met.emergency_s, records.choices),
    )
