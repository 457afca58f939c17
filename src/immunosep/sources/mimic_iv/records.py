"""What a snapshot is drawn from: the small tables that the rules read, each made once."""

from dataclasses import dataclass

from ibis.backends.duckdb import Backend
from ibis.expr import types as ir

from immunosep.concepts.sofa_hourly import derive_hourly_sofa
from immunosep.concepts.sofa_profiles import TRIAL
from immunosep.sources.extract import materialise
from immunosep.sources.mimic_iv import biomarkers, exclusions
from immunosep.sources.mimic_iv.choices import Choices
from immunosep.sources.mimic_iv.cultures import cultures
from immunosep.sources.mimic_iv.events import (
    charted_items,
    events_from,
    read_charted,
    read_laboratory,
    seconds,
)
from immunosep.sources.mimic_iv.hourly import hour_rows
from immunosep.sources.mimic_iv.medication import drug_orders
from immunosep.sources.mimic_iv.tables import MimicTables
from immunosep.tables.events import Events

HOUR_S = 60 * 60


@dataclass(frozen=True, eq=False)
class Records:
    """What a snapshot is drawn from: small tables, each made once."""

    tables: MimicTables
    events: Events
    rows: ir.Table
    hours: ir.Table
    orders: ir.Table
    cultures: ir.Table
    results: ir.Table
    coded: ir.Table
    statuses: ir.Table
    emergencies: ir.Table
    choices: Choices


def read_records(engine: Backend, tables: MimicTables, choices: Choices) -> Records:
    """Read every table once, and keep what the rules ask for in temporary tables."""
    charted = read_charted(engine, tables, charted_items(), words=exclusions.CODE_STATUS)
    laboratory = read_laboratory(engine, tables, also=biomarkers.ITEM_IDS)
    events = events_from(engine, tables, charted=charted, laboratory=laboratory)
    rows = hour_rows(engine, events)
    scored = derive_hourly_sofa(rows, events.stays, TRIAL)
    scored = materialise(engine, scored, "immunosep_hours")
    codes = materialise(engine, exclusions.listed_codes(tables), "immunosep_listed_codes")
    return Records(
        tables=tables,
        events=events,
        rows=rows,
        hours=_timed_hours(scored, events.stays),
        orders=materialise(engine, drug_orders(tables), "immunosep_orders"),
        cultures=materialise(engine, cultures(tables), "immunosep_cultures"),
        results=materialise(engine, biomarkers.results(engine, laboratory), "immunosep_results"),
        coded=materialise(engine, exclusions.coded_topics(tables, codes), "immunosep_coded"),
        statuses=exclusions.code_statuses(charted),
        emergencies=_emergencies(tables),
        choices=choices,
    )


def _timed_hours(scored: ir.Table, stays: ir.Table) -> ir.Table:
    """One row per stay and hour: `at_s`, the end of the hour, and the score with its bounds."""
    timed = scored.join(stays.select("stay_id", "in_s"), "stay_id")
    return timed.mutate(
        at_s=timed.in_s + (timed.hr + 1) * HOUR_S,
        sofa_total=timed.sofa_24hours,
        sofa_lowest=timed.lowest,
        sofa_highest=timed.highest,
    )


def _emergencies(tables: MimicTables) -> ir.Table:
    """One row per admission: when the emergency department registered it, if it did."""
    admissions = tables.admissions
    return admissions.select(
        admission_id=admissions.hadm_id,
        emergency_s=seconds(admissions.edregtime),
        admitted_s=seconds(admissions.admittime),
    )
