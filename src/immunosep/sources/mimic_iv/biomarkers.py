"""Laboratory values beside SOFA: ferritin, neutrophils, lactate, pregnancy tests.

Item numbers: d_labitems of MIMIC-IV 2.2. A result above the analyser's range is text ("> 15000")
with an empty number: it is kept as its lower bound. Neutrophils are the absolute count, else the
neutrophils and bands of the differential times the white cells of the same specimen.
"""

from dataclasses import dataclass

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr import types as ir

from immunosep.sources.mimic_iv.choices import Choices
from immunosep.sources.mimic_iv.events import unit_factors
from immunosep.sources.mimic_iv.variables import Item

HOUR_S = 60 * 60
PER_MM3 = 1000  # 10^3 per microlitre to one per cubic millimetre
FERRITIN, LACTATE = 50924, 50813
NEUTROPHILS_ABSOLUTE, NEUTROPHILS_PERCENT, BANDS_PERCENT, WHITE_CELLS = 52075, 51256, 51144, 51301
PREGNANCY_TESTS = (51085, 51637, 52720)  # urine, serum, urine
ITEMS = (
    Item(FERRITIN, "ferritin", "ng/mL"),
    Item(LACTATE, "lactate", "mmol/L"),
    Item(NEUTROPHILS_ABSOLUTE, "neutrophils", "10*3/uL"),
    Item(NEUTROPHILS_PERCENT, "neutrophils_percent", "%"),
    Item(BANDS_PERCENT, "bands_percent", "%"),
    Item(WHITE_CELLS, "white_cells", "10*3/uL"),
    *(Item(test, "pregnancy_test") for test in PREGNANCY_TESTS),
)
ITEM_IDS = tuple(item.itemid for item in ITEMS)
ABOVE_RANGE = r"^ *> *=? *([0-9][0-9,]*(?:\.[0-9]+)?) *$"


def results(connection: Backend, laboratory: ir.Table) -> ir.Table:
    """One row per result of these items in their unit; a unit that is not known is refused.

    `laboratory` is what `events.read_laboratory` gives: a number in `value`, the words in `text`.
    """
    wanted = laboratory.filter(laboratory.itemid.isin(ITEM_IDS), laboratory.at_s.notnull())
    above = wanted.text.re_extract(ABOVE_RANGE, 1).replace(",", "").nullif("").try_cast("float64")
    factor = unit_factors(connection, wanted, "unit", items=ITEMS, subject="hosp/labevents")
    columns = ("patient_id", "specimen_id", "itemid", "at_s", "text")
    return wanted.select(*columns, value=wanted.value.coalesce(above) * factor)


def ferritin(results: ir.Table) -> ir.Table:
    """One row per ferritin, in ng/mL: (patient_id, at_s, value)."""
    found = results.filter(results.itemid == FERRITIN, results.value > 0)
    return found.select("patient_id", "at_s", "value")


def neutrophils(results: ir.Table) -> ir.Table:
    """One row per specimen with a neutrophil count, per mm3: (patient_id, at_s, value)."""
    items = (NEUTROPHILS_ABSOLUTE, NEUTROPHILS_PERCENT, BANDS_PERCENT, WHITE_CELLS)
    counts = results.filter(results.itemid.isin(items), results.value >= 0)
    value, item = counts.value, counts.itemid
    of_specimen = counts.group_by("patient_id", "specimen_id").agg(
        at_s=counts.at_s.min(),
        absolute=value.max(where=item == NEUTROPHILS_ABSOLUTE),
        percent=value.max(where=item == NEUTROPHILS_PERCENT),
        bands=value.max(where=item == BANDS_PERCENT),
        white=value.max(where=item == WHITE_CELLS),
    )
    share = (of_specimen.percent + of_specimen.bands.coalesce(0.0)) / 100
    counted = of_specimen.mutate(
        value=of_specimen.absolute.coalesce(share * of_specimen.white) * PER_MM3
    )
    return counted.filter(counted.value.notnull()).select("patient_id", "at_s", "value")


def highest_lactate(index: ir.Table, results: ir.Table) -> ir.Table:
    """One row per stay with a lactate in the 24 h up to the assessment: the highest, in mmol/L."""
    lactates = results.filter(results.itemid == LACTATE).select("patient_id", "at_s", "value")
    met = index.select("stay_id", "patient_id", "assessed_s").join(lactates, "patient_id")
    recent = met.filter(met.at_s <= met.assessed_s, met.assessed_s - met.at_s <= 24 * HOUR_S)
    return recent.group_by("stay_id").agg(lactate_mmol_l=recent.value.max())


def pregnancy_tests(index: ir.Table, results: ir.Table) -> ir.Table:
    """One row per stay with a pregnancy test in the admission so far: whether any was positive."""
    tests = results.filter(results.itemid.isin(PREGNANCY_TESTS), results.text.notnull())
    tests = tests.select("patient_id", "at_s", positive=tests.text.lower().startswith("pos"))
    met = index.select("stay_id", "patient_id", "admitted_s", "assessed_s").join(
        tests, "patient_id"
    )
    during = met.filter(met.at_s >= met.admitted_s - 24 * HOUR_S, met.at_s <= met.assessed_s)
    return during.group_by("stay_id").agg(pregnancy_test=during.positive.any())


@dataclass(frozen=True)
class Near:
    """Which of several values counts: within these hours of a moment, later ones first or not."""

    before_hours: int
    after_hours: int
    later_first: bool


def ferritin_near(choices: Choices) -> Near:
    """The first at or after the onset, else the last before."""
    return Near(choices.ferritin_before_hours, choices.ferritin_after_hours, later_first=True)


def neutrophils_near(choices: Choices) -> Near:
    """The last at or before the assessment, else the first after."""
    hours = choices.neutrophils_within_hours
    return Near(hours, hours, later_first=False)


def value_near(values: ir.Table, moments: ir.Table, near: Near) -> ir.Table:
    """One row per stay with a value near its `moment_s`: `value` and its `value_s`."""
    met = moments.select("stay_id", "patient_id", "moment_s").join(values, "patient_id")
    gap_s = met.at_s - met.moment_s
    inside = met.mutate(gap_s=gap_s).filter(
        gap_s >= -near.before_hours * HOUR_S, gap_s <= near.after_hours * HOUR_S
    )
    last_choice = inside.gap_s < 0 if near.later_first else inside.gap_s > 0
    ranked = inside.mutate(
        rank=ibis.row_number().over(
            group_by="stay_id", order_by=[last_choice, inside.gap_s.abs(), inside.value.desc()]
        )
    )
    first = ranked.filter(ranked["rank"] == 0)
    return first.select("stay_id", "value", value_s=first.at_s)
