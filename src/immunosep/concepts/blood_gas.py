"""PaO2/FiO2 of each arterial blood gas, with the respiratory support given when it was drawn.

Source: Singer M et al. JAMA 2016;315:801-810, Table 1 (PaO2/FiO2; grades 3 and 4 only with
respiratory support). The oxygen fraction is the one reported with the gas, else the last one
charted. Support is an interval of it, else the last charted device or mode.
"""

from dataclasses import dataclass

import ibis
from ibis.expr import types as ir

from immunosep.tables.events import in_columns


@dataclass(frozen=True)
class Pairing:
    """How a gas meets its oxygen fraction and its support."""

    fio2_within_s: int
    support_within_s: int
    support: frozenset[str]  # the codes of `respiratory_support` that count


def derive_blood_gases(numbers: ir.Table, texts: ir.Table, pairing: Pairing) -> ir.Table:
    """One row per arterial gas: `patient_id, at_s, pao2_fio2_mmhg, on_device`.

    `on_device` is NULL where no device or mode was charted in time.
    """
    charted = _charted_fio2(numbers)
    fio2 = charted.select("patient_id", "at_s", fio2_at_s="at_s")
    moments = (_gases(numbers), fio2, _devices(texts, pairing.support))
    timeline = ibis.union(*(in_columns(rows, TIMELINE) for rows in moments))
    gases = _with_last_charted(timeline, pairing)
    paired = gases.left_join(
        charted,
        [gases.patient_id == charted.patient_id, gases.last_fio2_at_s == charted.at_s],
    )
    percent = ibis.coalesce(gases.fio2_percent, charted.charted_percent)
    ratios = paired.select(
        patient_id=gases.patient_id,
        at_s=gases.at_s,
        pao2_fio2_mmhg=100 * gases.pao2_mmhg / percent,
        on_device=gases.last_device % 2 == 1,
    )
    return ratios.filter(ratios.pao2_fio2_mmhg.notnull())


TIMELINE = ibis.schema(
    {
        "patient_id": "int64",
        "at_s": "int64",
        "pao2_mmhg": "float64",  # a gas
        "fio2_percent": "float64",  # the one reported with the gas
        "fio2_at_s": "int64",  # a charted FiO2
        "device": "int64",  # a charted device
    }
)


def _gases(numbers: ir.Table) -> ir.Table:
    rows = numbers.filter(
        numbers.variable.isin(["pao2_mmhg", "fio2_percent"]), numbers.specimen_id.notnull()
    )
    gases = rows.group_by("patient_id", "specimen_id").agg(
        at_s=rows.at_s.max(),
        pao2_mmhg=rows.value.max(where=rows.variable == "pao2_mmhg"),
        fio2_percent=rows.value.max(where=rows.variable == "fio2_percent"),
    )
    return gases.filter(gases.pao2_mmhg.notnull())


def _charted_fio2(numbers: ir.Table) -> ir.Table:
    rows = numbers.filter(numbers.variable == "fio2_percent", numbers.specimen_id.isnull())
    return rows.group_by("patient_id", "at_s").agg(charted_percent=rows.value.max())


def _devices(texts: ir.Table, support: frozenset[str]) -> ir.Table:
    # The moment and the answer in one number: the greatest is the latest, and support wins a tie.
    rows = texts.filter(texts.variable == "respiratory_support")
    supports = rows.code.isin(sorted(support)).cast("int64")
    return rows.select("patient_id", "at_s", device=rows.at_s * 2 + supports)


def _with_last_charted(timeline: ir.Table, pairing: Pairing) -> ir.Table:
    def before(seconds: int) -> ir.Value:
        return ibis.range_window(
            group_by=timeline.patient_id, order_by=timeline.at_s, preceding=seconds, following=0
        )

    known = timeline.mutate(
        last_fio2_at_s=timeline.fio2_at_s.max().over(before(pairing.fio2_within_s)),
        last_device=timeline.device.max().over(before(pairing.support_within_s)),
    )
    return known.filter(known.pao2_mmhg.notnull())
