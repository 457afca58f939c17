"""MIMIC-IV as canonical event tables the way mimic-code reads it, quirks included.

Source of the rules: MIT-LCP/mimic-code, commit 8bcbd190, mimic-iv/concepts (read, not copied):
icustay_times, icustay_hourly, bg, vitalsign, gcs, oxygen_delivery, ventilator_setting, ventilation,
urine_output, urine_output_rate, enzyme, chemistry, complete_blood_count, sofa. Each quirk is named
where it is. Charted numbers and rates are 32-bit there, so they are rounded to that here.
"""

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr import types as ir

from immunosep.sources.extract import materialise
from immunosep.sources.mimic_iv import variables
from immunosep.sources.mimic_iv.events import (
    as_infusions,
    as_numbers,
    read_charted,
    read_laboratory,
    seconds,
    support_texts,
    variable_of,
)
from immunosep.sources.mimic_iv.tables import MimicTables
from immunosep.sources.mimic_iv.variables import Item
from immunosep.tables.events import STAYS, Events

HOUR_S = 3600
FLOW_ITEMS = (223834, 227582, 227287)  # oxygen flow, of BiPAP, of an additional cannula
DEVICE_ITEM, MODE_ITEM, HAMILTON_ITEM = variables.SUPPORT_ITEMS
MAP_ITEMS = (220052, 220181, 225312)


def mimic_code_events(connection: Backend, tables: MimicTables) -> Events:
    """The four event tables of `concepts.sofa_hourly`, for the profile `MIMIC_CODE`."""
    gcs = (variables.GCS_EYE, variables.GCS_VERBAL, variables.GCS_MOTOR)
    items = (
        *MAP_ITEMS, *gcs, *FLOW_ITEMS, *variables.SUPPORT_ITEMS, 223835, variables.HEART_RATE
    )  # fmt: skip
    charted = read_charted(connection, tables, items, by_stay=True)
    laboratory = read_laboratory(connection, tables)
    numbers = ibis.union(
        _laboratory(laboratory),
        _pressures(charted),
        _oxygen_fractions(charted),
        _gcs(charted),
        _urine(charted, tables),
    )
    return Events(
        stays=materialise(connection, _stays(charted, tables), "immunosep_stays"),
        numbers=materialise(connection, numbers, "immunosep_numbers"),
        texts=support_texts(connection, charted).limit(0),  # no charted device counts
        infusions=materialise(
            connection, _rates(tables).union(_ventilation(charted)), "immunosep_infusions"
        ),
    )


def _stays(charted: ir.Table, tables: MimicTables) -> ir.Table:
    """Hours count from the first heart rate, rounded up to the hour, not from admission."""
    heart = charted.filter(charted.itemid == variables.HEART_RATE, charted.stay_id.notnull())
    times = heart.group_by("stay_id").agg(first_s=heart.at_s.min(), last_s=heart.at_s.max())
    hours = times.last_s // HOUR_S - times.first_s // HOUR_S  # clock boundaries, not elapsed hours
    begin_s = -(-times.first_s // HOUR_S) * HOUR_S - HOUR_S
    times = times.mutate(in_s=begin_s, out_s=begin_s + HOUR_S * hours + 1)
    stay = tables.icustays.join(times, "stay_id")
    return stay.select(
        patient_id=stay.subject_id,
        admission_id=stay.hadm_id,
        stay_id=stay.stay_id,
        in_s=stay.in_s,
        out_s=stay.out_s,
        **{
            name: ibis.null(kind)
            for name, kind in STAYS.schema().items()
            if name not in ("patient_id", "admission_id", "stay_id", "in_s", "out_s")
        },
    )


LABORATORY = (
    Item(51265, "platelets_10e3_ul", above=0),
    Item(50885, "bilirubin_mg_dl", above=0),
    Item(50912, "creatinine_mg_dl", above=0, at_most=150),
)


def _laboratory(laboratory: ir.Table) -> ir.Table:
    plain = laboratory.mutate(variable=variable_of(laboratory.itemid, laboratory.value, LABORATORY))
    value, number = laboratory.itemid, laboratory.value
    percent = ibis.cases(
        ((number > 20) & (number <= 100), number), ((number > 0.2) & (number <= 1), number * 100)
    )
    oxygen = laboratory.filter(value.isin((50821, 50816))).mutate(
        variable=(value == 50821).ifelse("pao2_mmhg", "fio2_percent"),
        value=(value == 50821).ifelse(number, percent),
    )
    kinds = laboratory.filter(value == variables.SPECIMEN_ITEM)
    kinds = kinds.group_by("specimen_id").agg(kind=kinds.text.max())
    arterial = kinds.filter(kinds.kind == variables.ARTERIAL)
    oxygen = oxygen.semi_join(arterial, "specimen_id").filter(lambda row: row.value.notnull())
    return as_numbers(plain).union(as_numbers(oxygen))


def _pressures(charted: ir.Table) -> ir.Table:
    """Arterial line and cuff of one minute are averaged."""
    rows = charted.filter(
        charted.itemid.isin(MAP_ITEMS),
        charted.stay_id.notnull(),
        charted.value > 0,
        charted.value < 300,
    )
    means = rows.group_by("patient_id", "stay_id", "at_s").agg(value=_single(rows.value).mean())
    return as_numbers(means.mutate(variable=ibis.literal("map_mmhg")))


def _oxygen_fractions(charted: ir.Table) -> ir.Table:
    rows = charted.filter(charted.itemid == 223835)
    percent = ibis.cases(
        ((rows.value > 0.2) & (rows.value <= 1), rows.value * 100),
        (rows.value.between(20, 100), rows.value),
    )
    rows = rows.mutate(variable=ibis.literal("fio2_percent"), value=_single(percent))
    return as_numbers(rows.filter(rows.value.notnull()))


def _gcs(charted: ir.Table) -> ir.Table:
    """A tube makes the total 15; a missing part is that of up to 6 hours before, else the best."""
    eye, verbal, motor = variables.GCS_EYE, variables.GCS_VERBAL, variables.GCS_MOTOR
    rows = charted.filter(charted.itemid.isin((eye, verbal, motor)))
    spoken = (rows.text == variables.GCS_TUBE).fill_null(False).ifelse(0.0, rows.value)
    now = rows.group_by("patient_id", "stay_id", "at_s").agg(
        motor=rows.value.max(where=rows.itemid == motor),
        verbal=spoken.max(where=rows.itemid == verbal),
        eye=rows.value.max(where=rows.itemid == eye),
    )
    in_time = ibis.window(group_by=now.stay_id, order_by=now.at_s)
    recent = now.at_s.lag().over(in_time) > now.at_s - 6 * HOUR_S
    last = {
        part: recent.ifelse(now[part].lag().over(in_time), ibis.null("float64"))
        for part in ("motor", "verbal", "eye")
    }
    both = now.mutate(**{f"last_{part}": value for part, value in last.items()})
    tube_before = (both.last_verbal == 0).fill_null(False)
    tube = (both.verbal == 0) | (both.verbal.isnull() & tube_before)

    def part(name: str, best: float) -> ir.FloatingValue:
        before = tube_before.ifelse(ibis.null("float64"), both[f"last_{name}"])
        return ibis.coalesce(both[name], before, best)

    total = part("motor", 6.0) + part("verbal", 5.0) + part("eye", 4.0)
    scored = both.mutate(
        variable=ibis.literal("gcs"), value=tube.fill_null(False).ifelse(15.0, total)
    )
    return as_numbers(scored)


def _urine(charted: ir.Table, tables: MimicTables) -> ir.Table:
    """Volumes of 23 hours, scaled to 24 if they took 22 to 30 hours to collect; an hour's highest.

    A volume took the minutes since the one before it, the first those since the first heart rate.
    """
    output = tables.outputevents
    rows = output.filter(output.itemid.isin(variables.URINE))
    taken = (rows.itemid == variables.IRRIGANT_IN) & (rows.value > 0)
    rows = rows.mutate(at_s=seconds(rows.charttime), ml=taken.ifelse(-rows.value, rows.value))
    moments = rows.group_by("stay_id", "at_s").agg(
        patient_id=rows.subject_id.max(), ml=rows.ml.sum()
    )
    moments = moments.join(_first_heart_rate(charted, tables), "stay_id")
    in_time = ibis.window(group_by=moments.stay_id, order_by=moments.at_s)
    before_s = moments.at_s.lag().over(in_time).coalesce(moments.first_s)
    timed = moments.mutate(minutes=moments.at_s // 60 - before_s // 60)
    day = ibis.range_window(
        group_by=timed.stay_id, order_by=timed.at_s, preceding=23 * HOUR_S, following=0
    )
    sums = timed.mutate(ml=timed.ml.sum().over(day), minutes=timed.minutes.sum().over(day))
    hours = (sums.minutes * 5 / 3).round() / 100  # hours rounded to hundredths
    scaled = sums.mutate(ml_day=sums.ml / hours * 24, hour=(sums.at_s - 1) // HOUR_S)
    scaled = scaled.filter(hours.between(22, 30))
    highest = scaled.group_by("patient_id", "stay_id", "hour").agg(
        at_s=scaled.at_s.max(), value=scaled.ml_day.max()
    )
    return as_numbers(highest.mutate(variable=ibis.literal("urine_ml_day")))


def _first_heart_rate(charted: ir.Table, tables: MimicTables) -> ir.Table:
    stay, month = tables.icustays, ibis.interval(months=1)
    limits = stay.select(
        "stay_id", low_s=seconds(stay.intime - month), high_s=seconds(stay.outtime + month)
    )
    heart = charted.filter(charted.itemid == variables.HEART_RATE)
    near = heart.join(limits, "stay_id")
    near = near.filter(near.at_s > near.low_s, near.at_s < near.high_s)
    return near.group_by("stay_id").agg(first_s=near.at_s.min())


def _rates(tables: MimicTables) -> ir.Table:
    """The first item of each drug only; rates as charted but for norepinephrine in mg."""
    items = [item for item in variables.INFUSIONS if item.itemid != 229617]
    given = tables.inputevents
    rows = given.filter(given.itemid.isin([item.itemid for item in items]))
    in_mg = (rows.itemid == 221906) & (rows.rateuom == "mg/kg/min") & (rows.patientweight != 1)
    rate = in_mg.fill_null(rows.patientweight.isnull() & False).ifelse(rows.rate * 1000, rows.rate)
    variable = ibis.cases(*((rows.itemid == item.itemid, item.variable) for item in items))
    return as_infusions(rows, variable=variable, rate=_single(rate))


def _single(value: ir.FloatingValue) -> ir.FloatingValue:
    # Eight decimals keep 0.1 in 32 bits at 0.1, and the next number up above it.
    return value.cast("float32").cast("float64").round(8)


INVASIVE_MODES = (
    "(S) CMV", "APRV", "APRV/Biphasic+ApnPress", "APRV/Biphasic+ApnVol", "APV (cmv)", "Ambient",
    "Apnea Ventilation", "CMV", "CMV/ASSIST", "CMV/ASSIST/AutoFlow", "CMV/AutoFlow", "CPAP/PPS",
    "CPAP/PSV", "CPAP/PSV+Apn TCPL", "CPAP/PSV+ApnPres", "CPAP/PSV+ApnVol", "MMV", "MMV/AutoFlow",
    "MMV/PSV", "MMV/PSV/AutoFlow", "P-CMV", "PCV+", "PCV+/PSV", "PCV+Assist", "PRES/AC", "PRVC/AC",
    "PRVC/SIMV", "PSV/SBT", "SIMV", "SIMV/AutoFlow", "SIMV/PRES", "SIMV/PSV", "SIMV/PSV/AutoFlow",
    "SIMV/VOL", "SYNCHRON MASTER", "SYNCHRON SLAVE", "VOL/AC",
)  # fmt: skip
INVASIVE_HAMILTON_MODES = (
    "APRV", "APV (cmv)", "Ambient", "(S) CMV", "P-CMV", "SIMV", "APV (simv)", "P-SIMV", "VS", "ASV",
)  # fmt: skip
NIV_HAMILTON_MODES = ("DuoPaP", "NIV", "NIV-ST")
DEVICES = {
    "Tracheostomy tube": "tracheostomy",
    "Trach mask ": "tracheostomy",
    "Endotracheal tube": "invasive",
    "Bipap mask ": "non_invasive",
    "CPAP mask ": "non_invasive",
    "High flow nasal cannula": "high_flow",
    "None": "none",
} | dict.fromkeys(
    (
        "Non-rebreather", "Face tent", "Aerosol-cool", "Venti mask ", "Medium conc mask ",
        "Ultrasonic neb", "Vapomist", "Oxymizer", "High flow neb", "Nasal cannula",
    ),
    "oxygen",
)  # fmt: skip
"""Exact strings, trailing blanks included: a cleaned extract no longer matches."""

NEW_AFTER_HOURS = 14  # a gap of this many clock boundaries begins a new episode


def _ventilation(charted: ir.Table) -> ir.Table:
    """Episodes of invasive ventilation. One with a single charted moment is dropped."""
    moments = _support_moments(charted)
    in_time = ibis.window(group_by=moments.stay_id, order_by=moments.at_s)
    alike = ibis.window(group_by=[moments.stay_id, moments.code], order_by=moments.at_s)
    known = moments.mutate(
        before=moments.code.lag().over(in_time),
        next_s=moments.at_s.lead().over(in_time),
        same_s=moments.at_s.lag().over(alike),
    )
    long_ago = (known.at_s // HOUR_S - known.same_s // HOUR_S) >= NEW_AFTER_HOURS
    new = known.before.isnull() | long_ago.fill_null(False) | (known.before != known.code)
    lost = known.next_s.isnull() | (
        (known.next_s // HOUR_S - known.at_s // HOUR_S) >= NEW_AFTER_HOURS
    )
    marked = known.mutate(new=new.cast("int64"), until_s=lost.ifelse(known.at_s, known.next_s))
    so_far = ibis.range_window(
        group_by=marked.stay_id, order_by=marked.at_s, preceding=None, following=0
    )
    numbered = marked.mutate(episode=marked.new.sum().over(so_far))
    episodes = numbered.group_by("stay_id", "episode").agg(
        start_s=numbered.at_s.min(),
        last_s=numbered.at_s.max(),
        end_s=numbered.until_s.max(),
        code=numbered.code.max(),
        patient_id=numbered.patient_id.max(),
    )
    invasive = episodes.filter(episodes.code == "invasive", episodes.start_s != episodes.last_s)
    return invasive.select(
        patient_id="patient_id",
        admission_id=ibis.null("int64"),
        stay_id="stay_id",
        variable=ibis.literal("support_invasive"),
        start_s="start_s",
        end_s="end_s",
        rate=ibis.null("float64"),
    )


def _support_moments(charted: ir.Table) -> ir.Table:
    """One row per stay and moment with a status: tracheostomy before invasive before the others."""
    devices, modes = _devices(charted), _modes(charted)
    key = ["stay_id", "at_s"]
    both = devices.outer_join(modes, key)
    device, mode, hamilton = both.device, both["mode"], both.hamilton
    kind = ibis.cases(*((device == word, code) for word, code in DEVICES.items()))
    invasive = (
        (kind == "invasive") | mode.isin(INVASIVE_MODES) | hamilton.isin(INVASIVE_HAMILTON_MODES)
    ).fill_null(False)
    code = ibis.cases(
        (kind == "tracheostomy", "tracheostomy"),
        (invasive, "invasive"),
        (hamilton.isin(NIV_HAMILTON_MODES), "non_invasive"),
        else_=kind,
    )
    rows = both.select(
        stay_id=ibis.coalesce(both.stay_id, both.stay_id_right),
        at_s=ibis.coalesce(both.at_s, both.at_s_right),
        patient_id=ibis.coalesce(both.patient_id, both.patient_id_right),
        code=code,
    )
    return rows.filter(rows.code.notnull(), rows.stay_id.notnull())


def _devices(charted: ir.Table) -> ir.Table:
    """The first device of each moment at which an oxygen flow was charted too; others are lost."""
    flows = charted.filter(charted.itemid.isin(FLOW_ITEMS), charted.value.notnull())
    flows = flows.group_by("patient_id", "at_s").agg(stay_id=flows.stay_id.max())
    rows = charted.filter(charted.itemid == DEVICE_ITEM)
    latest = ibis.window(
        group_by=[rows.patient_id, rows.at_s],
        order_by=[rows.stored_s.desc(), rows.text.desc()],
    )
    first = rows.mutate(rank=ibis.row_number().over(latest))
    first = first.filter(first["rank"] == 0).select("patient_id", "at_s", device="text")
    return first.inner_join(flows, ["patient_id", "at_s"])


def _modes(charted: ir.Table) -> ir.Table:
    rows = charted.filter(
        charted.itemid.isin((MODE_ITEM, HAMILTON_ITEM)),
        charted.stay_id.notnull(),
        charted.text.notnull(),
    )
    return rows.group_by("patient_id", "at_s").agg(
        stay_id=rows.stay_id.max(),
        mode=rows.text.max(where=rows.itemid == MODE_ITEM),
        hamilton=rows.text.max(where=rows.itemid == HAMILTON_ITEM),
    )
