"""Cultures of body fluids, from `microbiologyevents`: one row per organism, or one without growth.

That table holds every specimen the laboratory received: screens for carriage, serology and viral
loads too. What counts as a culture is written in `codes/specimens.csv`, what is a skin commensal in
`codes/skin_commensals.csv`.
"""

import ibis
from ibis.expr import types as ir

from immunosep.sources.mimic_iv.code_lists import fragments, one_of
from immunosep.sources.mimic_iv.events import seconds
from immunosep.sources.mimic_iv.tables import MimicTables

NO_ORGANISM = (90760, 90856)  # org_itemid of "CANCELLED" and of "NO GROWTH": mimic-code, same test
CANCELLED = "CANCELLED"


def cultures(tables: MimicTables) -> ir.Table:
    """One row per cultured specimen and organism that grew; organism NULL without growth."""
    events = tables.microbiologyevents
    kinds = events.select("spec_type_desc", "test_name").distinct()
    cultured = events.join(kinds.filter(_is_culture(kinds)), ["spec_type_desc", "test_name"])
    return _specimens(cultured, _grown(cultured))


def specimens_as_mimic_code(tables: MimicTables) -> ir.Table:
    """One row per specimen of any kind: mimic-code takes all for cultures."""
    events = tables.microbiologyevents
    return _specimens(events, ibis.null("string"))


def is_blood(specimen: ir.StringValue) -> ir.BooleanValue:
    """Whether a specimen is a blood culture; fluid sent in a blood-culture bottle is not."""
    return specimen.lower().startswith("blood culture")


def is_skin_commensal(organism: ir.StringValue) -> ir.BooleanValue:
    """Whether an organism is a coagulase-negative staphylococcus or another skin commensal."""
    return one_of(organism, fragments("skin_commensals"))


def _specimens(events: ir.Table, organism: ir.StringValue) -> ir.Table:
    named = events.mutate(organism=organism)
    grouped = named.group_by("micro_specimen_id", "organism").agg(
        patient_id=named.subject_id.max(),
        admission_id=named.hadm_id.max(),
        taken_s=seconds(named.charttime.max()),
        day_s=seconds(named.chartdate.max()),
        specimen=named.spec_type_desc.max(),
    )
    grew = grouped.organism.notnull().any().over(group_by="micro_specimen_id")
    kept = grouped.mutate(grew=grew)
    kept = kept.filter(kept.organism.notnull() | ~kept.grew)
    return kept.select(
        "patient_id",
        "admission_id",
        "taken_s",
        "day_s",
        "specimen",
        "organism",
        specimen_id=kept.micro_specimen_id,
        positive=kept.organism.notnull(),
    )


def _is_culture(kinds: ir.Table) -> ir.BooleanValue:
    grown = one_of(kinds.test_name, fragments("specimens", field="test", says="culture"))
    other_test = one_of(kinds.test_name, fragments("specimens", field="test", says="no_culture"))
    other_specimen = one_of(kinds.spec_type_desc, fragments("specimens", field="specimen"))
    return grown & ~other_test & ~other_specimen


def _grown(events: ir.Table) -> ir.StringValue:
    named = events.org_name.notnull() & (events.org_name != "") & (events.org_name != CANCELLED)
    real = ~events.org_itemid.isin(NO_ORGANISM).coalesce(False)
    return ibis.ifelse(named & real, events.org_name, ibis.null("string"))
