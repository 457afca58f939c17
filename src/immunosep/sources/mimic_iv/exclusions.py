"""Exclusions from codes, orders and charts: what the records can tell of each patient.

A code carries no time. Chronic diseases count from any admission up to this one; the rest from this
admission alone. A topic is TRUE by a code that names it, NULL by one that may mean it (`says` is
"perhaps" in `codes/diagnoses.csv`), and FALSE without either if the admission was coded at all.
"""

import ibis
from ibis.expr import types as ir

from immunosep.sources.mimic_iv.choices import Choices
from immunosep.sources.mimic_iv.code_lists import diagnosis_codes, fragments, one_of
from immunosep.sources.mimic_iv.tables import MimicTables

DAY_S = 24 * 60 * 60
CHRONIC = (
    "stage_iv_malignancy",
    "hiv",
    "primary_immunodeficiency",
    "systemic_lupus",
    "demyelinating_disease",
)
OF_THIS_ADMISSION = (
    "covid_19",
    "catheter_related",
    "do_not_resuscitate",
    "tuberculosis",
    "pregnant",
    "lactating",
)
CODE_STATUS = (223758, 228687)  # items of chartevents
REPRODUCTIVE_YEARS = (15, 49)  # women of reproductive age: World Health Organization


def listed_codes(tables: MimicTables) -> ir.Table:
    """One row per code of this source and topic of `codes/diagnoses.csv` that lists it."""
    kinds = _diagnoses(tables).select("system", "code").distinct()
    listed = diagnosis_codes()
    same = ibis.ifelse(
        listed.whole, kinds.code == listed.prefix, kinds.code.startswith(listed.prefix)
    )
    topics = kinds.join(listed, [kinds.system == listed.listed_system, same])
    return topics.select("system", "code", "topic", "certain")


def coded_topics(tables: MimicTables, codes: ir.Table) -> ir.Table:
    """One row per admission, topic and certainty: the first rank among the admission's codes."""
    met = _diagnoses(tables).join(codes, ["system", "code"])
    key = ["patient_id", "admission_id", "topic", "certain"]
    return met.group_by(key).agg(rank=met["rank"].min())


def _diagnoses(tables: MimicTables) -> ir.Table:
    diagnoses = tables.diagnoses_icd
    version = diagnoses.icd_version
    return diagnoses.select(
        patient_id=diagnoses.subject_id,
        admission_id=diagnoses.hadm_id,
        system=ibis.cases((version == 9, "icd9"), (version == 10, "icd10")),
        code=diagnoses.icd_code.strip(),
        rank=diagnoses.seq_num.coalesce(0),
    )


def coded_admissions(tables: MimicTables) -> ir.Table:
    """One row per admission that was coded at all."""
    return tables.diagnoses_icd.select(admission_id="hadm_id").distinct().mutate(coded=True)


def diagnosed(index: ir.Table, coded: ir.Table, admissions: ir.Table) -> ir.Table:
    """One row per stay with codes: `<topic>` and `<topic>_perhaps` of every topic of exclusion."""
    past = coded.join(admissions.select("admission_id", past_s="admitted_s"), "admission_id")
    met = index.select("stay_id", "patient_id", "admitted_s", this_id="admission_id").join(
        past, "patient_id"
    )
    earlier = met.past_s <= met.admitted_s
    this = met.admission_id == met.this_id
    flags = {}
    for topic in (*CHRONIC, *OF_THIS_ADMISSION):
        counts = (met.topic == topic) & (earlier if topic in CHRONIC else this)
        flags[topic] = (counts & met.certain).any()
        flags[f"{topic}_perhaps"] = (counts & ~met.certain).any()
    return met.group_by("stay_id").agg(**flags)


def derive_topic(rows: ir.Table, topic: str, choices: Choices) -> ir.BooleanValue:
    """TRUE, FALSE or NULL for a topic, from the columns `diagnosed` adds."""
    absent = ibis.literal(False) if choices.no_code_means_absent else ibis.null("boolean")
    return ibis.cases(
        (rows[topic].coalesce(False), True),
        (rows[f"{topic}_perhaps"].coalesce(False), ibis.null("boolean")),
        (rows.coded, absent),
        else_=ibis.null("boolean"),
    )


def drug_exposures(index: ir.Table, orders: ir.Table, choices: Choices) -> ir.Table:
    """One row per stay with such an order before the assessment: whether of each class."""
    listed = orders.filter(
        orders.drug_class.isin(["anti_tuberculosis", "rifamycin", "anti_cytokine"])
    ).select("patient_id", "drug_class", "start_s", "end_s", order_admission_id="admission_id")
    met = index.select("stay_id", "patient_id", "admission_id", "assessed_s").join(
        listed, "patient_id"
    )
    started = met.filter(met.start_s <= met.assessed_s)
    here = started.order_admission_id == started.admission_id
    end_s = started.end_s.coalesce(started.start_s)
    in_month = started.assessed_s - end_s <= choices.anti_cytokine_days * DAY_S
    return started.group_by("stay_id").agg(
        anti_tuberculosis=((started.drug_class == "anti_tuberculosis") & here).any(),
        rifamycin=((started.drug_class == "rifamycin") & here).any(),
        anti_cytokine=((started.drug_class == "anti_cytokine") & in_month).any(),
    )


def derive_tuberculosis_treatment(rows: ir.Table, choices: Choices) -> ir.BooleanValue:
    """Whether drugs against tuberculosis are given; a rifamycin alone counts with its code."""
    with_code = rows.rifamycin.coalesce(False) & rows.tuberculosis.coalesce(False)
    given = rows.anti_tuberculosis.coalesce(False) | with_code
    none = ibis.literal(False) if choices.no_order_means_not_given else ibis.null("boolean")
    return ibis.cases((given, True), (rows.ordered, none), else_=ibis.null("boolean"))


def derive_pregnant(rows: ir.Table, choices: Choices) -> ir.BooleanValue:
    """TRUE by a test or a code; never in a man."""
    tested = ibis.ifelse(rows.pregnancy_test.coalesce(False), True, ibis.null("boolean"))
    return ibis.ifelse(
        rows.sex == "male", False, tested.coalesce(derive_topic(rows, "pregnant", choices))
    )


def derive_lactating(rows: ir.Table) -> ir.BooleanValue:
    """TRUE by a code, FALSE in men and outside reproductive age, otherwise not recorded: NULL."""
    fertile = rows.age_years.between(*REPRODUCTIVE_YEARS)
    return ibis.cases(
        (rows.sex == "male", False),
        (rows.lactating.coalesce(False), True),
        ((rows.sex == "female") & ~fertile, False),
        else_=ibis.null("boolean"),
    )


def code_status(index: ir.Table, statuses: ir.Table) -> ir.Table:
    """One row per stay with a code status charted in the admission so far: whether one was DNR."""
    met = index.select("stay_id", "patient_id", "admitted_s", "assessed_s").join(
        statuses, "patient_id"
    )
    so_far = met.filter(met.at_s >= met.admitted_s, met.at_s <= met.assessed_s)
    forbids = one_of(so_far.text, fragments("code_status", says="do_not_resuscitate"))
    allows = one_of(so_far.text, fragments("code_status", says="full"))
    known = so_far.mutate(forbids=forbids).filter(forbids | allows)
    return known.group_by("stay_id").agg(charted_do_not_resuscitate=known.forbids.any())


def code_statuses(charted: ir.Table) -> ir.Table:
    """One row per code status of `events.read_charted`: (patient_id, at_s, text)."""
    rows = charted.filter(charted.itemid.isin(CODE_STATUS), charted.text.notnull())
    return rows.select("patient_id", "at_s", "text")


def derive_do_not_resuscitate(rows: ir.Table, choices: Choices) -> ir.BooleanValue:
    """By the code status charted before the assessment; without one, by the codes."""
    return rows.charted_do_not_resuscitate.coalesce(
        derive_topic(rows, "do_not_resuscitate", choices)
    )
