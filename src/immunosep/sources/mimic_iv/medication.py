"""Orders of the drugs the rules ask about: antibacterials, corticosteroids, and those that exclude.

Read from `prescriptions` (an order: name, route, start, stop, dose) and, where the electronic
administration record covers the order, `emar` (whether any dose was given). `emar` carries no dose
and covers only part of the hospital, so an order counts unless every entry for it says it was not
given. Which names and routes count is written in `codes/drugs.csv`, `drug_refusals.csv`,
`routes.csv` and `administrations.csv`.
"""

import ibis
import pyarrow as pa
from ibis.expr import types as ir

from immunosep.sources.mimic_iv.code_lists import fragments, one_of, read_list
from immunosep.sources.mimic_iv.events import seconds
from immunosep.sources.mimic_iv.tables import MimicTables

NUMBER = r"^[0-9]+(\.[0-9]+)?$"  # "20", not "5-10": a range is no known dose


def drug_orders(tables: MimicTables) -> ir.Table:
    """One row per order of a listed drug by mouth or by vein: class, name, times, dose.

    `given` is true where the administration record says so and false where it has no entry for the
    order; an order whose every entry says it was not given is left out.
    """
    orders = tables.prescriptions
    listed = orders.join(listed_drugs(orders), "drug").join(_routes(), "route")
    by_a_way_that_works = listed.filter((listed.way == "parenteral") | listed.works_by_mouth)
    known = by_a_way_that_works.select(
        "drug_class",
        "pharmacy_id",
        patient_id=by_a_way_that_works.subject_id,
        admission_id=by_a_way_that_works.hadm_id,
        drug=by_a_way_that_works.label,
        route=by_a_way_that_works.way,
        start_s=seconds(by_a_way_that_works.starttime),
        end_s=seconds(by_a_way_that_works.stoptime),
        dose_mg_day=_dose_mg_day(by_a_way_that_works),
    )
    seen = known.left_join(_administrations(tables.emar, known), "pharmacy_id")
    kept = seen.filter(seen.any_given.isnull() | seen.any_given)
    return kept.mutate(given=kept.any_given.coalesce(False)).drop(
        "any_given", "pharmacy_id", "pharmacy_id_right"
    )


def ordered_admissions(tables: MimicTables) -> ir.Table:
    """One row per admission with any order; without one, its orders are not in the extract."""
    return tables.prescriptions.select(admission_id="hadm_id").distinct().mutate(ordered=True)


def listed_drugs(orders: ir.Table) -> ir.Table:
    """One row per drug name and class of `codes/drugs.csv`; the longest fragment names it."""
    names = orders.select("drug").distinct()
    names = names.filter(~one_of(names.drug, fragments("drug_refusals")))
    rows = [
        {
            "drug_class": row["class"],
            "fragment": row["fragment"],
            "label": row["label"],
            "works_by_mouth": row["oral"] == "yes",
        }
        for row in read_list("drugs")
    ]
    entries = ibis.memtable(pa.Table.from_pylist(rows))
    met = names.join(entries, names.drug.lower().contains(entries.fragment))
    longest = met.group_by("drug", "drug_class").agg(
        label=met.label.argmax(met.fragment.length()),
        works_by_mouth=met.works_by_mouth.argmax(met.fragment.length()),
    )
    return longest


def _routes() -> ir.Table:
    rows = [{"route": row["route"], "way": row["kind"]} for row in read_list("routes")]
    return ibis.memtable(pa.Table.from_pylist(rows))


def _dose_mg_day(orders: ir.Table) -> ir.FloatingValue:
    """Dose times doses a day, one at least; NULL unless it is one number in mg or g."""
    amount = ibis.ifelse(
        orders.dose_val_rx.re_search(NUMBER), orders.dose_val_rx, ibis.null("string")
    ).try_cast("float64")
    unit = orders.dose_unit_rx.lower()
    in_mg = ibis.cases((unit == "mg", amount), (unit == "g", amount * 1000), else_=ibis.null())
    return in_mg * ibis.greatest(orders.doses_per_24_hrs.coalesce(1.0), 1.0)


def _administrations(emar: ir.Table, orders: ir.Table) -> ir.Table:
    """One row per order with entries of administration: whether any says it was given."""
    entries = emar.filter(emar.event_txt.notnull())
    entries = entries.semi_join(orders, "pharmacy_id")
    says_not = one_of(entries.event_txt, fragments("administrations", says="not_given"))
    says_given = one_of(entries.event_txt, fragments("administrations", says="given"))
    return entries.group_by("pharmacy_id").agg(any_given=(says_given & ~says_not).any())
