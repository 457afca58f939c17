"""The canonical event tables: what every source of records is turned into before a rule sees it.

Times are whole seconds since 1970-01-01 in the hospital's own naive local time (int64): rules
subtract them, never convert them. Identifiers are int64. Measured values are float64 in the unit of
their variable (`VARIABLES`). An absent value is NULL, and NULL means unknown.

Each table is an unbound Ibis table, so that a misspelt column fails when a rule is imported.
"""

from dataclasses import dataclass

import ibis
from ibis.expr import types as ir

STAYS = ibis.table(
    {
        "patient_id": "!int64",
        "admission_id": "!int64",
        "stay_id": "!int64",
        "in_s": "!int64",  # into the unit
        "out_s": "int64",
        "admitted_s": "int64",  # into the hospital
        "discharged_s": "int64",
        "died_s": "int64",
        "unit": "string",
        "age_years": "int64",
        "calendar_year": "int64",  # where the record's own times are shifted
        "sex": "string",  # female | male
    },
    name="stays",
)
"""One row per stay in a unit (intensive care, or wherever scores are kept)."""

NUMBERS = ibis.table(
    {
        "patient_id": "!int64",
        "admission_id": "int64",
        "stay_id": "int64",
        "specimen_id": "int64",
        "variable": "!string",
        "at_s": "!int64",
        "value": "float64",
    },
    name="numbers",
)
"""One row per measured number: a laboratory result, a charted vital sign, a urine volume."""

TEXTS = ibis.table(
    {
        "patient_id": "!int64",
        "admission_id": "int64",
        "stay_id": "int64",
        "variable": "!string",
        "at_s": "!int64",
        "code": "!string",
    },
    name="texts",
)
"""One row per charted word: a ventilator mode, an oxygen device, a code status."""

INFUSIONS = ibis.table(
    {
        "patient_id": "!int64",
        "admission_id": "int64",
        "stay_id": "int64",
        "variable": "!string",
        "start_s": "!int64",
        "end_s": "!int64",
        "rate": "float64",
    },
    name="infusions",
)
"""One row per interval of constant rate of an infusion, or of a support such as ventilation."""

CULTURES = ibis.table(
    {
        "patient_id": "!int64",
        "admission_id": "int64",
        "specimen_id": "!int64",
        "taken_s": "int64",  # NULL when only the day is known
        "day_s": "!int64",  # midnight of the day it was taken
        "specimen": "string",
        "organism": "string",
        "positive": "boolean",
    },
    name="cultures",
)
"""One row per organism of a culture; one row with organism NULL for a culture without growth."""

DRUGS = ibis.table(
    {
        "patient_id": "!int64",
        "admission_id": "int64",
        "drug": "!string",
        "start_s": "int64",
        "end_s": "int64",
        "route": "string",
        "dose_mg_day": "float64",
        "given": "!boolean",  # false: ordered, not known to have been given
    },
    name="drugs",
)
"""One row per order or administration of a drug the rules ask about."""

DIAGNOSES = ibis.table(
    {
        "patient_id": "!int64",
        "admission_id": "!int64",
        "system": "!string",  # icd9 | icd10
        "code": "!string",  # without the dot
    },
    name="diagnoses",
)
"""One row per diagnosis coded at discharge; it carries no time."""


@dataclass(frozen=True, eq=False)
class Events:
    """The event tables a score is derived from, as one source wrote them."""

    stays: ir.Table
    numbers: ir.Table
    texts: ir.Table
    infusions: ir.Table


def in_columns(rows: ir.Table, schema: ibis.Schema) -> ir.Table:
    """The rows in the columns of the schema, a column they lack being NULL: ready for a union."""
    kinds = {name: kind.copy(nullable=True) for name, kind in schema.items()}
    return rows.select(
        **{
            name: rows[name].cast(kind) if name in rows.columns else ibis.null(kind)
            for name, kind in kinds.items()
        }
    )
