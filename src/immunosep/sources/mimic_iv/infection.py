"""Where and when infection was suspected, and where in the body it was.

Infection is suspected by an antibiotic and a culture (`concepts.suspected_infection`). Its focus is
coded at discharge, without a time: of the coded foci the one the hospital ranked first counts. A
positive blood culture near the suspicion without a coded focus is a primary bacteraemia.
"""

import ibis
from ibis.expr import types as ir

from immunosep.concepts.suspected_infection import derive_suspicions
from immunosep.sources.mimic_iv.choices import Choices
from immunosep.sources.mimic_iv.cultures import is_blood, is_skin_commensal
from immunosep.sources.mimic_iv.events import seconds
from immunosep.sources.mimic_iv.tables import MimicTables

HOUR_S = 60 * 60
PNEUMONIAS = ("pneumonia", "ventilator_associated_pneumonia")
FOCI = (
    *PNEUMONIAS,
    "acute_pyelonephritis",
    "intra_abdominal",
    "acute_cholangitis",
    "meningitis",
    "skin",
)
INVASIVE_VENTILATION = 225792  # item of procedureevents


def suspected_infections(orders: ir.Table, cultures: ir.Table, choices: Choices) -> ir.Table:
    """One row per admission and moment at which infection was suspected."""
    antibacterial = orders.filter(orders.drug_class == "antibacterial")
    starts = antibacterial.select("patient_id", "admission_id", antibiotic_s=antibacterial.start_s)
    found = derive_suspicions(starts, cultures, rule=choices.suspicion)
    return found.select("patient_id", "admission_id", "suspected_s").distinct()


def derive_setting(
    moment_s: ir.IntegerValue, emergency_s: ir.IntegerValue, choices: Choices
) -> ir.StringValue:
    """Where the infection met the patient, from the moment and the registration as an emergency."""
    came_with_it = moment_s - emergency_s <= choices.emergency_within_hours * HOUR_S
    return ibis.ifelse(came_with_it.coalesce(False), "emergency_department", "hospitalised")


def foci(index: ir.Table, coded: ir.Table) -> ir.Table:
    """One row per stay with codes: the focus ranked first, and which other infections are coded."""
    of_admission = index.select("stay_id", "admission_id").join(coded, "admission_id")
    topic = of_admission.topic
    return of_admission.group_by("stay_id").agg(
        focus=topic.argmin(of_admission.rank, where=topic.isin(FOCI)),
        ventilator_coded=(topic == "ventilator_associated_pneumonia").any(),
        bacteraemia_coded=(topic == "bacteraemia").any(),
        other_coded=(topic == "other").any(),
    )


def blood_cultures(index: ir.Table, cultures: ir.Table, choices: Choices) -> ir.Table:
    """One row per stay with growth in blood near the suspicion: whether all is of the skin."""
    blood = cultures.filter(is_blood(cultures.specimen), cultures.organism.notnull())
    taken = blood.select(
        blood_patient_id=blood.patient_id,
        at_s=blood.taken_s.coalesce(blood.day_s),
        skin=is_skin_commensal(blood.organism),
    )
    within_s = choices.blood_culture_within_hours * HOUR_S
    near = index.join(
        taken,
        [
            index.patient_id == taken.blood_patient_id,
            taken.at_s >= index.moment_s - within_s,
            taken.at_s <= index.moment_s + within_s,
        ],
    )
    return near.group_by("stay_id").agg(only_skin=near.skin.all())


def long_ventilated(index: ir.Table, tables: MimicTables, choices: Choices) -> ir.Table:
    """One row per ventilated stay: whether for long when infection was suspected."""
    runs = tables.procedureevents
    runs = runs.filter(runs.itemid == INVASIVE_VENTILATION).select(
        "stay_id",
        start_s=seconds(runs.starttime),
        end_s=seconds(runs.endtime),
    )
    met = index.select("stay_id", "moment_s").join(runs, "stay_id")
    after_s = choices.ventilator_associated_after_hours * HOUR_S
    long = (met.start_s <= met.moment_s - after_s) & (met.end_s >= met.moment_s - 24 * HOUR_S)
    return met.group_by("stay_id").agg(long_ventilated=long.any())


def derive_infection(rows: ir.Table, choices: Choices) -> ir.StringValue:
    """The qualifying infection, from the columns `foci`, `blood_cultures` and the others add."""
    in_hospital_s = rows.moment_s - rows.admitted_s
    pneumonia = ibis.cases(
        (
            rows.ventilator_coded.coalesce(False) | rows.long_ventilated.coalesce(False),
            "ventilator_associated_pneumonia",
        ),
        (
            in_hospital_s > choices.hospital_acquired_after_hours * HOUR_S,
            "hospital_acquired_pneumonia",
        ),
        else_="community_acquired_pneumonia",
    )
    grown = rows.only_skin.notnull() | rows.bacteraemia_coded.coalesce(False)
    nothing = ibis.literal("no_infection") if choices.no_code_means_absent else ibis.null("string")
    return ibis.cases(
        (rows.focus.isin(PNEUMONIAS), pneumonia),
        (rows.focus.notnull(), rows.focus),
        (grown, "primary_bacteraemia"),
        (rows.other_coded.coalesce(False), "other"),
        (rows.coded, nothing),
        else_=ibis.null("string"),
    )


def derive_contaminant(rows: ir.Table) -> ir.BooleanValue:
    """Whether only skin commensals grew, or a catheter was the source; NULL without growth."""
    from_catheter = rows.catheter_related & (rows.only_skin.notnull() | rows.bacteraemia_coded)
    return rows.only_skin | from_catheter.coalesce(False)
