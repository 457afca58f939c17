"""Sepsis-3 the way mimic-code derives it from MIMIC-IV, quirks included, to compare with it.

Source of the rules: MIT-LCP/mimic-code, commit 8bcbd190, mimic-iv/concepts (read, not copied):
antibiotic, suspicion_of_infection, sepsis3. Each quirk is named where it is.
"""

import ibis
from ibis.expr import types as ir

from immunosep.concepts.sepsis3_hourly import derive_sepsis3_compatible
from immunosep.concepts.suspected_infection import MIMIC_CODE, derive_suspicions
from immunosep.sources.mimic_iv.code_lists import fragments, one_of
from immunosep.sources.mimic_iv.cultures import specimens_as_mimic_code
from immunosep.sources.mimic_iv.events import seconds
from immunosep.sources.mimic_iv.tables import MimicTables

EYES_EARS_SKIN = ("OU", "OS", "OD", "AU", "AS", "AD", "TP")
REFUSED_ROUTES = ("ear", "eye")
REFUSED_NAMES = ("cream", "desensitization", "ophth oint", "gel")
COMPONENTS = ("respiration", "coagulation", "liver", "cardiovascular", "cns", "renal")


def sepsis3_as_mimic_code(tables: MimicTables, hours: ir.Table) -> ir.Table:
    """One row per stay with Sepsis-3, with the columns of mimic-code's table `sepsis3`.

    `hours` has stay_id, at_s (the end of the hour), the components and the total, `*_24hours`.
    """
    antibiotics = antibiotics_as_mimic_code(tables)
    found = derive_suspicions(antibiotics, specimens_as_mimic_code(tables), rule=MIMIC_CODE)
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
