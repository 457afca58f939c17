"""Hourly SOFA of a MIMIC-IV extract, in the columns that mimic-code publishes."""

from pathlib import Path

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr import types as ir

from immunosep.concepts import sofa
from immunosep.concepts.sofa_hourly import (
    derive_components,
    derive_hour_rows,
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


KEY = ("stay_id", "hr", "starttime", "endtime")
POINTS = tuple(f"{name}_24hours" for name in sofa.COMPONENTS)
BOUNDS = ("sofa_24hours", "lowest", "highest", "missing")


def events_of(connection: Backend, tables: MimicTables, *, profile: Profile = TRIAL) -> Events:
    """The event tables the profile's SOFA is derived from, kept in temporary tables."""
    if profile == MIMIC_CODE:
        return mimic_code_events(connection, tables)
    return trial_events(connection, tables)


def hour_rows(connection: Backend, events: Events, *, profile: Profile = TRIAL) -> ir.Table:
    """What `derive_hour_rows` answers, kept in a temporary table: score and inputs both read it."""
    return materialise(connection, derive_hour_rows(events, profile), "immunosep_hour_rows")


def hourly_sofa(
    folder: str | Path,
    *,
    profile: Profile = TRIAL,
    connection: Backend | None = None,
    with_inputs: bool = True,
) -> ir.Table:
    """One row per ICU stay and hour: the score, its components, and the inputs of that hour."""
    connection = connection or connect()
    tables = read_tables(connection, folder)
    events = events_of(connection, tables, profile=profile)
    rows = hour_rows(connection, events, profile=profile)
    scored = derive_hourly_sofa(rows, events.stays, profile)
    totals = ("sofa_24hours",) if profile == MIMIC_CODE else BOUNDS
    if not with_inputs:
        return _timed(scored, events.stays).select(*KEY, *POINTS, *totals)
    inputs = _inputs(rows, events.stays, profile)
    both = scored.inner_join(inputs, ["stay_id", "hr"])
    columns = [name for name in inputs.columns if name not in KEY]
    return _timed(both, events.stays).select(*KEY, *columns, *POINTS, *totals)


def _inputs(rows: ir.Table, stays: ir.Table, profile: Profile) -> ir.Table:
    hours = derive_hourly_inputs(rows, stays)
    if profile != MIMIC_CODE:
        return hours.drop("urine_ml_day")
    inputs = {theirs: hours[ours] for theirs, ours in PUBLISHED_INPUTS.items()}
    return hours.select("stay_id", "hr", **inputs, **derive_components(hours, profile))


def _timed(hours: ir.Table, stays: ir.Table) -> ir.Table:
    """Add when each hour starts and ends, as timestamps without a zone."""
    start = stays.select("stay_id", "in_s")
    rows = hours.inner_join(start, "stay_id")
    start_s = rows.in_s + rows.hr * 3600
    times = {"starttime": start_s, "endtime": start_s + 3600}
    epoch = ibis.timestamp("1970-01-01")  # an instant made from seconds would carry a zone
    return rows.mutate(**{name: epoch + at.as_interval("s") for name, at in times.items()})
