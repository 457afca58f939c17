"""MIMIC-IV as canonical event tables, for the trial's own reading of SOFA.

Every large table is read once, filtered to the items of `variables`, and kept in temporary tables;
what follows works on those.
"""

from collections.abc import Iterable

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr import types as ir

from immunosep.errors import SourceError, UnitError
from immunosep.sources.extract import fetch, materialise
from immunosep.sources.mimic_iv import variables
from immunosep.sources.mimic_iv.tables import MimicTables
from immunosep.sources.mimic_iv.variables import Item
from immunosep.tables.events import NUMBERS, TEXTS, Events, in_columns
from immunosep.tables.units import conversion_factor


def seconds(moment: ir.TimestampValue) -> ir.IntegerValue:
    """Whole seconds since 1970 of a naive time; the one place a time becomes a number."""
    return moment.epoch_seconds().cast("int64")


def trial_events(connection: Backend, tables: MimicTables) -> Events:
    """The four event tables of `concepts.sofa_hourly`, for the profile `TRIAL`."""
    charted = read_charted(connection, tables, charted_items())
    return events_from(
        connection, tables, charted=charted, laboratory=read_laboratory(connection, tables)
    )


def events_from(
    connection: Backend, tables: MimicTables, *, charted: ir.Table, laboratory: ir.Table
) -> Events:
    """The same from values read before, which may hold items besides those of SOFA."""
    derived = ibis.union(
        laboratory_numbers(connection, laboratory), gcs_numbers(charted), urine_numbers(tables)
    )
    derived = materialise(connection, derived, "immunosep_numbers")
    return Events(
        stays=materialise(connection, stays(tables), "immunosep_stays"),
        numbers=derived.union(charted_numbers(charted)),  # most rows: not worth a second copy
        texts=materialise(connection, support_texts(connection, charted), "immunosep_texts"),
        infusions=materialise(
            connection,
            infusions(connection, tables).union(ventilation(tables)),
            "immunosep_infusions",
        ),
    )


def charted_items() -> tuple[int, ...]:
    """The items of chartevents that the trial's reading needs."""
    gcs = (variables.GCS_EYE, variables.GCS_VERBAL, variables.GCS_MOTOR)
    return (*(item.itemid for item in variables.CHARTED), *gcs, *variables.SUPPORT_ITEMS)


def read_charted(
    connection: Backend,
    tables: MimicTables,
    items: tuple[int, ...],
    words: tuple[int, ...] = (),
    *,
    by_stay: bool = False,
) -> ir.Table:
    """One row per charted value of these items, and of `words`; text is kept where it is needed.

    `by_stay` adds the stay it was charted in and when it was stored, which cost a fifth more.
    """
    chart = tables.chartevents
    wordy = chart.itemid.isin((variables.GCS_VERBAL, *variables.SUPPORT_ITEMS, *words))
    rows = chart.filter(chart.itemid.isin((*items, *words))).select(
        patient_id=chart.subject_id,
        admission_id=chart.hadm_id,
        itemid=chart.itemid,
        at_s=seconds(chart.charttime),
        value=chart.valuenum,
        text=wordy.ifelse(chart.value, ibis.null("string")),
        **({"stay_id": chart.stay_id} if by_stay else {}),
        **({"stored_s": seconds(chart.storetime)} if by_stay else {}),
    )
    return materialise(connection, rows, "immunosep_charted")


def read_laboratory(
    connection: Backend, tables: MimicTables, also: tuple[int, ...] = ()
) -> ir.Table:
    """One row per result of the items needed, and of `also`; what kind of blood is in `text`."""
    lab = tables.labevents
    items = [item.itemid for item in variables.LABORATORY]
    wordy = lab.itemid.isin((variables.SPECIMEN_ITEM, *also))
    rows = lab.filter(lab.itemid.isin([*items, variables.SPECIMEN_ITEM, *also])).select(
        patient_id=lab.subject_id,
        admission_id=lab.hadm_id,
        specimen_id=lab.specimen_id,
        itemid=lab.itemid,
        at_s=seconds(lab.charttime),
        value=lab.valuenum,
        text=wordy.ifelse(lab.value, ibis.null("string")),
        unit=lab.valueuom,
    )
    return materialise(connection, rows, "immunosep_laboratory")


def stays(tables: MimicTables) -> ir.Table:
    """One row per ICU stay, as `tables.events.STAYS`."""
    stay, admission, patient = tables.icustays, tables.admissions, tables.patients
    admission = admission.drop("subject_id")
    rows = stay.left_join(admission, "hadm_id").left_join(patient, "subject_id")
    return rows.select(
        patient_id=rows.subject_id,
        admission_id=rows.hadm_id,
        stay_id=rows.stay_id,
        in_s=seconds(rows.intime),
        out_s=seconds(rows.outtime),
        admitted_s=seconds(rows.admittime),
        discharged_s=seconds(rows.dischtime),
        died_s=seconds(rows.deathtime),
        unit=rows.first_careunit,
        age_years=rows.anchor_age + rows.intime.year() - rows.anchor_year,
        calendar_year=_calendar_year(rows),
        sex=ibis.cases((rows.gender == "F", "female"), (rows.gender == "M", "male")),
    ).filter(lambda row: row.in_s.notnull())


def _calendar_year(rows: ir.Table) -> ir.IntegerValue:
    """The middle of the three years a record may be from: MIMIC-IV shifts every time."""
    first_of_three = rows.anchor_year_group.substr(0, 4).try_cast("int64")
    return first_of_three + 1 + rows.intime.year() - rows.anchor_year


def charted_numbers(charted: ir.Table) -> ir.Table:
    """One row per charted number of `variables.CHARTED` within its limits, as `NUMBERS`.

    One branch for each variable, its name a constant: asked for one, the engine skips the others.
    """
    branches = []
    for (variable, above, at_most), itemids in alike(variables.CHARTED).items():
        rows = charted.filter(charted.itemid.isin(itemids))
        if variable == "fio2_percent":
            rows = rows.mutate(value=percent_of(rows.value))
        rows = rows.filter(rows.value > above, rows.value <= at_most)
        branches.append(as_numbers(rows.mutate(variable=ibis.literal(variable))))
    return ibis.union(*branches)


def laboratory_numbers(connection: Backend, laboratory: ir.Table) -> ir.Table:
    """One row per laboratory result of `variables.LABORATORY` within its limits, as `NUMBERS`.

    An oxygen pressure is kept only from blood known to be arterial.
    """
    factor = unit_factors(
        connection, laboratory, "unit", items=variables.LABORATORY, subject="hosp/labevents"
    )
    value = laboratory.value * factor
    oxygen = laboratory.itemid == variables.FIO2_OF_GAS
    rows = laboratory.mutate(
        variable=variable_of(laboratory.itemid, value, variables.LABORATORY),
        value=oxygen.ifelse(percent_of(value), value),
    )
    rows = rows.filter(rows.variable.notnull())
    kinds = laboratory.filter(laboratory.itemid == variables.SPECIMEN_ITEM)
    arterial = kinds.filter(kinds.text == variables.ARTERIAL).select("specimen_id").distinct()
    gases = rows.filter(rows.variable == "pao2_mmhg").semi_join(arterial, "specimen_id")
    others = rows.filter(rows.variable != "pao2_mmhg")
    return as_numbers(others.union(gases))


def gcs_numbers(charted: ir.Table) -> ir.Table:
    """One row per assessment: `gcs` with all three parts, or `gcs_intubated` with a tube.

    An assessment that lacks a part is left out: its total is unknown.
    """
    parts = (variables.GCS_EYE, variables.GCS_VERBAL, variables.GCS_MOTOR)
    rows = charted.filter(charted.itemid.isin(parts))
    part = {itemid: rows.itemid == itemid for itemid in parts}
    tube = part[variables.GCS_VERBAL] & (rows.text == variables.GCS_TUBE)
    spoken = part[variables.GCS_VERBAL] & ~(rows.text == variables.GCS_TUBE).fill_null(False)
    moments = rows.group_by("patient_id", "admission_id", "at_s").agg(
        eye=rows.value.max(where=part[variables.GCS_EYE]),
        verbal=rows.value.max(where=spoken),
        motor=rows.value.max(where=part[variables.GCS_MOTOR]),
        tube=tube.fill_null(False).cast("int64").max(),
    )
    intubated = moments.tube == 1
    total = moments.eye + moments.verbal + moments.motor
    known = moments.mutate(
        variable=intubated.ifelse("gcs_intubated", "gcs"),
        value=intubated.ifelse(ibis.null("float64"), total),
    )
    return as_numbers(known.filter(intubated | (total.between(3, 15))))


def urine_numbers(tables: MimicTables) -> ir.Table:
    """One row per volume of urine, irrigation fluid put in counted as negative."""
    output = tables.outputevents
    rows = output.filter(output.itemid.isin(variables.URINE))
    sign = (rows.itemid == variables.IRRIGANT_IN).ifelse(-1, 1)
    return as_numbers(
        rows.select(
            patient_id=rows.subject_id,
            admission_id=rows.hadm_id,
            stay_id=rows.stay_id,
            variable=ibis.literal("urine_ml"),
            at_s=seconds(rows.charttime),
            value=rows.value * sign,
        ).filter(lambda row: row.value.notnull())
    )


def infusions(connection: Backend, tables: MimicTables) -> ir.Table:
    """One row per interval of constant rate of a drug SOFA scores, as `INFUSIONS`."""
    items = {item.itemid: item for item in variables.INFUSIONS}
    given = tables.inputevents
    rows = given.filter(given.itemid.isin(list(items)), given.rate.notnull())
    rows = materialise(connection, rows, "immunosep_rates")
    return as_infusions(
        rows,
        variable=variable_of(rows.itemid, rows.rate, variables.INFUSIONS),
        rate=rows.rate * _rate_factor(connection, rows),
    )


def _rate_factor(connection: Backend, rows: ir.Table) -> ir.FloatingValue:
    factors = unit_factors(
        connection, rows, "rateuom", items=variables.INFUSIONS, subject="icu/inputevents"
    )
    # A weight of 1 kg marks rows whose rate is per patient-kg already, labelled mg for mcg
    # (mimic-code issue tracker, norepinephrine; MIMIC-IV 2.2).
    mislabelled = (rows.patientweight == 1) & (rows.rateuom == "mg/kg/min")
    return mislabelled.fill_null(False).ifelse(1.0, factors)


def ventilation(tables: MimicTables) -> ir.Table:
    """One row per charted interval of mechanical ventilation, as `INFUSIONS` without a rate."""
    done = tables.procedureevents
    procedures = variables.VENTILATION_PROCEDURES
    rows = done.filter(done.itemid.isin(list(procedures)))
    variable = ibis.cases(*((rows.itemid == item, name) for item, name in procedures.items()))
    return as_infusions(rows, variable=variable, rate=ibis.null("float64"))


def support_texts(connection: Backend, charted: ir.Table) -> ir.Table:
    """One row per charted oxygen device or ventilator mode that tells the support, as `TEXTS`."""
    rows = charted.filter(charted.itemid.isin(variables.SUPPORT_ITEMS), charted.text.notnull())
    # Few spellings, many rows: each spelling is looked up once, here.
    found = fetch(connection, rows.select("itemid", "text").distinct())
    spellings: dict[str, list[tuple[int, str]]] = {}
    for kind in found:
        if code := _support(kind["itemid"], kind["text"]):
            spellings.setdefault(code, []).append((kind["itemid"], kind["text"]))
    rows = rows.mutate(variable=ibis.literal("respiratory_support"), code=_code_of(rows, spellings))
    return in_columns(rows.filter(rows.code.notnull()), TEXTS.schema())


def _support(itemid: int, text: str) -> str | None:
    device, *_ = variables.SUPPORT_ITEMS
    codes = variables.DEVICES if itemid == device else variables.MODES
    return codes.get(text.strip().lower())


def _code_of(rows: ir.Table, spellings: dict[str, list[tuple[int, str]]]) -> ir.StringValue:
    choices = [
        (
            (rows.itemid == itemid)
            & rows.text.isin([text for one, text in pairs if one == itemid]),
            code,
        )
        for code, pairs in spellings.items()
        for itemid in sorted({one for one, _ in pairs})
    ]
    return ibis.cases(*choices) if choices else ibis.null("string")


def percent_of(fraction: ir.FloatingValue) -> ir.FloatingValue:
    """An oxygen fraction as 21 to 100 percent, whichever way it was written; else NULL."""
    as_fraction, as_percent = fraction.between(0.21, 1), fraction.between(21, 100)
    return ibis.cases((as_fraction, fraction * 100), (as_percent, fraction))


def alike(items: Iterable[Item]) -> dict[tuple[str, float, float], list[int]]:
    """The items of each variable that have the same limits."""
    found: dict[tuple[str, float, float], list[int]] = {}
    for item in items:
        found.setdefault((item.variable, item.above, item.at_most), []).append(item.itemid)
    return found


def variable_of(
    itemid: ir.IntegerValue, value: ir.FloatingValue, items: Iterable[Item]
) -> ir.StringValue:
    """The variable an item measures, NULL where the value is outside the item's limits."""
    return ibis.cases(
        *(
            (itemid.isin(itemids) & (value > above) & (value <= at_most), variable)
            for (variable, above, at_most), itemids in alike(items).items()
        )
    )


def unit_factors(
    connection: Backend, rows: ir.Table, unit_column: str, *, items: Iterable[Item], subject: str
) -> ir.FloatingValue:
    """What each row's value is multiplied by to be in our unit; every unknown unit is refused."""
    known = {item.itemid: item for item in items if item.unit}
    problems, factors = [], []
    found = rows.filter(rows[unit_column].notnull()).select("itemid", unit_column).distinct()
    for pair in fetch(connection, found):
        itemid, unit = pair["itemid"], pair[unit_column]
        try:
            factor = _factor(known[itemid], unit) if itemid in known else 1.0
        except UnitError as error:
            problems.append(f"item {itemid}: {error}")
            continue
        if factor != 1.0:
            factors.append(((rows.itemid == itemid) & (rows[unit_column] == unit), factor))
    if problems:
        raise SourceError(f"{subject} has units that cannot be read", problems)
    return ibis.cases(*factors, else_=1.0) if factors else ibis.literal(1.0)


def _factor(item: Item, unit: str) -> float:
    return conversion_factor(unit, item.unit, umol_l_per_mg_dl=item.umol_l_per_mg_dl)


def as_numbers(rows: ir.Table) -> ir.Table:
    """Rows that name a variable, in the columns of `NUMBERS`; a column they lack is NULL."""
    return in_columns(rows.filter(rows.variable.notnull()), NUMBERS.schema())


def as_infusions(rows: ir.Table, *, variable: ir.StringValue, rate: ir.FloatingValue) -> ir.Table:
    """Rows with a start and an end, in the columns of `INFUSIONS`."""
    named = rows.select(
        patient_id=rows.subject_id,
        admission_id=rows.hadm_id,
        stay_id=rows.stay_id,
        variable=variable,
        start_s=seconds(rows.starttime),
        end_s=seconds(rows.endtime),
        rate=rate,
    )
    return named.filter(named.variable.notnull(), named.start_s.notnull(), named.end_s.notnull())
