"""Hourly SOFA of a MIMIC-IV extract, in the columns that mimic-code publishes."""

from pathlib import Path

from ibis.backends.duckdb import Backend
from ibis.expr import types as ir

from immunosep.concepts import sofa
from immunosep.concepts.sofa_hourly import (
    INPUTS,
    derive_components,
    derive_hourly_inputs,
    derive_hourly_sofa,
)
from immunosep.concepts.sofa_profiles import MIMIC_CODE, TRIAL, Profile
from immunosep.sources.extract import connect
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


KEY = ("stay_id", "hr", "starttime", "endtime")
POINTS = tuple(f"{name}_24hours" for name in sofa.COMPONENTS)
BOUNDS = ("sofa_24hours", "lowest", "highest", "missing")


def events_of(connection: Backend, tables: MimicTables, *, profile: Profile = TRIAL) -> Events:
    """The event tables the profile's SOFA is derived from, kept in temporary tables."""
    if profile == MIMIC_CODE:
        return mimic_code_events(connection, tables)
    return trial_events(connection, tables)


def hourly_sofa(
    folder: str | Path,
    *,
    profile: Profile = TRIAL,
    connection: Backend | None = None,
    with_inputs: bool = True,
) -> ir.Table:
    """One row per ICU stay and hour: the score, its components and its inputs, as published.

    For the compatible profile the inputs are those of the hour, otherwise the worst of 24 hours.
    """
    connection = connection or connect()
    tables = read_tables(connection, folder)
    events = events_of(connection, tables, profile=profile)
    if profile == MIMIC_CODE:
        return _as_mimic_code(events, with_inputs=with_inputs)
    hours = derive_hourly_inputs(events, profile)
    scored = derive_hourly_sofa(hours, profile, with_inputs=with_inputs)
    columns = [*KEY, *POINTS, *BOUNDS, *(INPUTS if with_inputs else ())]
    return _timed(scored, events.stays).select(*columns)


def _as_mimic_code(events: Events, *, with_inputs: bool) -> ir.Table:
    hours = derive_hourly_inputs(events, MIMIC_CODE)
    scored = derive_hourly_sofa(hours, MIMIC_CODE)
    points = scored.select("stay_id", "hr", *POINTS, "sofa_24hours")
    if not with_inputs:
        return _timed(points, events.stays).select(*KEY, *POINTS, "sofa_24hours")
    inputs = {theirs: hours[ours] for theirs, ours in PUBLISHED_INPUTS.items()}
    own = hours.select("stay_id", "hr", **inputs, **derive_components(hours, MIMIC_CODE))
    joined = points.inner_join(own, ["stay_id", "hr"])
    columns = [*KEY, *PUBLISHED_INPUTS, *sofa.COMPONENTS, *POINTS, "sofa_24hours"]
    return _timed(joined, events.stays).select(*columns)


def _timed(hours: ir.Table, stays: ir.Table) -> ir.Table:
    """Add when each hour starts and ends, as timestamps without a zone."""
    start = stays.select("stay_id", "in_s")
    rows = hours.inner_join(start, "stay_id")
    start_s = rows.in_s + rows.hr * 3600
    return rows.mutate(
        starttime=start_s.as_timestamp("s"), endtime=(start_s + 3600).as_timestamp("s")
    )
