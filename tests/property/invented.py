"""Invented patients for property tests: any column, known or missing, on and around every limit."""

from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from immunosep.concepts.snapshot import PATIENTS
from immunosep.tables.columns import Column, Kind
from immunosep.tables.dictionary import BEDSIDE

SCHEMA = PATIENTS.schema().to_pyarrow()
HOUR = 3600
LIMITS = {  # values on and beside the limits of ImmunoSep and SOFA, where a mistake would show
    "age_years": (17.99, 18.0),
    "ferritin_ng_ml": (4419.0, 4420.0, 4420.1),
    "hla_dr_per_monocyte": (4999.0, 5000.0),
    "neutrophils_per_mm3": (1499.0, 1500.0),
    "prednisone_equivalent_mg_kg_day": (0.399, 0.4),
    "platelets_10e3_ul": (19.0, 20.0, 49.0, 50.0, 99.0, 100.0, 149.0, 150.0),
    "bilirubin_mg_dl": (1.19, 1.2, 1.99, 2.0, 5.99, 6.0, 11.99, 12.0),
    "creatinine_mg_dl": (1.19, 1.2, 1.99, 2.0, 3.49, 3.5, 4.99, 5.0),
    "urine_ml_day": (199.0, 200.0, 499.0, 500.0),
    "map_mmhg": (69.9, 70.0),
}


def values(column: Column) -> st.SearchStrategy[Any]:
    """A value the column may hold."""
    match column.kind:
        case Kind.YES_NO:
            return st.booleans()
        case Kind.CATEGORY:
            return st.sampled_from(column.choices)
        case Kind.TIME:
            return st.integers(100 * HOUR, 300 * HOUR)
        case Kind.TEXT:
            return st.just("ward")
        case Kind.INTEGER if column.possible:
            return st.integers(int(column.possible.low), int(column.possible.high))
        case _:
            assert column.possible is not None
            low = column.possible.low + (1e-3 if column.possible.above else 0)
            anywhere = st.floats(low, column.possible.high, allow_nan=False)
            near = LIMITS.get(column.name)
            return st.one_of(st.sampled_from(near), anywhere) if near else anywhere


def patients() -> st.SearchStrategy[dict[str, Any]]:
    """One row with every column of the dictionary, each known or missing."""
    columns = {c.name: st.none() | values(c) for c in BEDSIDE if c.name != "patient_id"}
    rows = st.fixed_dictionaries({"patient_id": st.just("p"), **columns})
    return rows.map(_in_order)


def _in_order(row: dict[str, Any]) -> dict[str, Any]:
    """The lowest possible score on admission is not above the highest: that is no record at all."""
    low, high = row["sofa_admission_lowest"], row["sofa_admission_highest"]
    if low is None or high is None or low <= high:
        return row
    return row | {"sofa_admission_lowest": high, "sofa_admission_highest": low}


def table_of(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows as a source would give them."""
    return pa.Table.from_pylist(rows, schema=SCHEMA)
