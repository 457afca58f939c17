"""Hourly SOFA of a MIMIC-IV extract, in the columns that mimic-code publishes."""

from dataclasses import dataclass
from pathlib import Path

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr import types as ir

from immunosep.concepts import sofa
from immunosep.concepts.sofa_hourly import (
    derive_components,
    derive_hourly_inputs,
    derive_hourly_sofa,
)
from immunosep.concepts.sofa_profiles import MIMIC_CODE, TRIAL, Profile
from immunosep.sources.extract import connect, materialise
from immunosep.sources.mimic_iv.events import trial_events
from immunosep.sources.mimic_iv.mimic_code import mimic_code_events
from immunosep.sources.mimic_iv.tables import MimicTables, read_tables
from immunosep.tables.events import Events

PUBLISHED_INPUTS = {
    "pao2fio2ratio_novent": "pao2_fio2_unsupported_mmhg",
    "pao2fio2ratio_vent": "pao2_fio2_supported_mmhg",
    "rate_epinephrine": "epinephrine_ug_kg_min",
    "rate_norepinephrine": "norepinephrine_ug_kg_min",
    "rate_dopamine": "dopamine_ug_kg_min",
    "rate_dobutamine": "dobutamine_ug_kg_min",
    "meanbp_min": "map_mmhg",
    "gcs_min": "gcs",
    "uo_24hr": "urine_ml_day",
    "bilirubin_max": "bilirubin_mg_dl",
    "creatinine_max": "creatinine_mg_dl",
    "platelet_min": "platelets_10e3_ul",
}
"""mimic-code's names of the inputs, which in its table are those of the one hour."""


def events_of(connection: Backend, tables: MimicTables, *, profile: Profile = TRIAL) -> Events:
    """The event tables the profile's SOFA is derived from, kept in temporary tables."""
    if profile == MIMIC_CODE:
        return mimic_code_events(connection, tables)
    return trial_events(connection, tables)


def hourly_sofa(
    folder: str | Path, *, profile: Profile = TRIAL, connection: Backend | None = None
) -> ir.Table:
    """One row per ICU stay and hour: the score, its components and inputs, as published."""
    connection = connection or connect()
    tables = read_tables(connection, folder)
    return publish(events_of(connection, tables, profile=profile), profile)


def publish(events: Events, profile: Profile) -> ir.Table:
    """One row per stay and hour, with times as timestamps and mimic-code's order of columns."""
    hours = derive_hourly_inputs(events, profile)
    scored = derive_hourly_sofa(hours, profile)
    points = [f"{name}_24hours" for name in sofa.COMPONENTS]
    if profile != MIMIC_CODE:
        return timed(scored, events.stays).select(
            *KEY, *points, "sofa_24hours", "lowest", "highest", "missing"
        )
    inputs = {theirs: hours[ours] for theirs, ours in PUBLISHED_INPUTS.items()}
    own = hours.select("stay_id", "hr", **inputs, **derive_components(hours, profile))
    joined = scored.select("stay_id", "hr", *points, "sofa_24hours").inner_join(
        own, ["stay_id", "hr"]
    )
    return timed(joined, events.stays).select(
        *KEY, *PUBLISHED_INPUTS, *sofa.COMPONENTS, *points, "sofa_24hours"
    )


KEY = ("stay_id", "hr", "starttime", "endtime")


def timed(hours: ir.Table, stays: ir.Table) -> ir.Table:
    """Add when each hour starts and ends, as timestamps without a zone."""
    start = stays.select("stay_id", "in_s")
    rows = hours.inner_join(start, "stay_id")
    start_s = rows.in_s + rows.hr * 3600
    return rows.mutate(
        starttime=start_s.as_timestamp("s"), endtime=(start_s + 3600).as_timestamp("s")
    )
