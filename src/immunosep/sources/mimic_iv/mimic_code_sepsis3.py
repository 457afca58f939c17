"""Sepsis-3 the way mimic-code derives it from MIMIC-IV, quirks included, to compare with it.

Source of the rules: MIT-LCP/mimic-code, commit 8bcbd190, mimic-iv/concepts (read, not copied):
antibiotic, suspicion_of_infection, sepsis3. Each quirk is named where it is.
"""

from pathlib import Path

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr import types as ir

from immunosep.concepts.sepsis3_hourly import derive_sepsis3_compatible
from immunosep.concepts.sofa import COMPONENTS
from immunosep.concepts.sofa_hourly import derive_hourly_sofa
from immunosep.concepts.sofa_profiles import MIMIC_CODE
from immunosep.concepts.suspected_infection import MIMIC_CODE as AS_MIMIC_CODE
from immunosep.concepts.suspected_infection import derive_suspicions
from immunosep.sources.extract import connect, materialise
from immunosep.sources.mimic_iv.code_lists import fragments, one_of
from immunosep.sources.mimic_iv.cultures import specimens_as_mimic_code
from immunosep.sources.mimic_iv.events import seconds
from immunosep.sources.mimic_iv.hourly import events_of, hour_rows
from immunosep.sources.mimic_iv.tables import MimicTables, read_tables

EYES_EARS_SKIN = ("OU", "OS", "OD", "AU", "AS", "AD", "TP")
REFUSED_ROUTES = ("ear", "eye")
REFUSED_NAMES = ("cream", "desensitization", "ophth oint", "gel")
HOUR_S = 60 * 60


def read_sepsis3(folder: str | Path, *, connection: Backend | None = None) -> ir.Table:
    """One row per stay with Sepsis-3 as mimic-code counts it, in its columns."""
    engine = connection or connect()
    tables = read_tables(engine, folder)
    events = events_of(engine, tables, profile=MIMIC_CODE)
    rows = hour_rows(engine, events, profile=MIMIC_CODE)
    scored = derive_hourly_sofa(rows, events.stays, MIMIC_CODE).join(
        events.stays.select("stay_id", "in_s"), "stay_id"
    )
    hours = scored.mutate(at_s=scored.in_s + (scored.hr + 1) * HOUR_S)
    return sepsis3_as_mimic_code(tables, materialise(engine, hours, "immunosep_hours"))


def sepsis3_as_mimic_code(tables: MimicTables, hours: ir.Table) -> ir.Table:
    """One row per stay with Sepsis-3, with the columns of mimic-code's table `sepsis3`.

    `hours` has stay_id, at_s (the end of the hour), the components and the total, `*_24hours`.
    """
    antibiotics = antibiotics_as_mimic_code(tables)
    found = derive_suspicions(antibiotics, specimens_as_mimic_code(tables), rule=AS_MIMIC_CODE)
    met = derive_sepsis3_compatible(found, hours)
    scores = hours.select(
        hour_stay_id="stay_id",
        at_s="at_s",
        sofa_score="sofa_24hours",
        **{name: f"{name}_24hours" for name in COMPONENTS},
    )
    rows = met.join(scores, [met.stay_id == scores.hour_stay_id, met.sofa_s == scores.at_s])
    return rows.select(
        "stay_id",
        "sofa_score",
        *COMPONENTS,
        subject_id=rows.patient_id,
        antibiotic_time=_moment(rows.antibiotic_s),
        culture_time=_moment(rows.culture_s),
        suspected_infection_time=_moment(rows.suspected_s),
        sofa_time=_moment(rows.sofa_s),
        sepsis3=ibis.literal(True),
    ).select(
        *("subject_id", "stay_id", "antibiotic_time", "culture_time", "suspected_infection_time"),
        *("sofa_time", "sofa_score", *COMPONENTS, "sepsis3"),
    )


def antibiotics_as_mimic_code(tables: MimicTables) -> ir.Table:
    """One row per order of an antibiotic that starts inside an ICU stay: what is ordered counts.

    A name and route count for every order once one of them is no diluent; nitrofurantoin and other
    drugs that do not reach the blood count too. An order that starts outside a stay has no stay_id
    there, and so never becomes sepsis.
    """
    orders = tables.prescriptions
    kinds = orders.filter(orders.drug_type != "BASE").select("drug", "route").distinct()
    kinds = kinds.filter(_is_antibiotic(kinds))
    ordered = orders.filter(orders.starttime.notnull()).join(kinds, ["drug", "route"])
    inside = ordered.select(
        order_admission_id=ordered.hadm_id,
        patient_id=ordered.subject_id,
        starttime=ordered.starttime,
    )
    stays = tables.icustays.select("hadm_id", "stay_id", "intime", "outtime")
    met = inside.join(
        stays,
        [
            inside.order_admission_id == stays.hadm_id,
            inside.starttime >= stays.intime,
            inside.starttime < stays.outtime,
        ],
    )
    return met.select("patient_id", "stay_id", antibiotic_s=seconds(met.starttime))


def _is_antibiotic(kinds: ir.Table) -> ir.BooleanValue:
    route_counts = ~kinds.route.isin(EYES_EARS_SKIN) & ~one_of(kinds.route, list(REFUSED_ROUTES))
    name_counts = ~one_of(kinds.drug, list(REFUSED_NAMES))
    return route_counts & name_counts & one_of(kinds.drug, fragments("antibiotics_mimic_code"))


def _moment(at_s: ir.IntegerValue) -> ir.TimestampValue:
    return at_s.as_timestamp("s").cast("timestamp")
