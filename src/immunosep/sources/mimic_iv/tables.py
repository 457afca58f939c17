"""The MIMIC-IV tables the rules need, as they lie on disk: nothing is copied, nothing is changed.

A table `hosp/labevents` may be `labevents.parquet` (a file, or a folder of parts), a folder
`labevents/` of Parquet parts, `labevents.csv.gz` or `labevents.csv`; the first found is read.
Columns and types: https://mimic.mit.edu/docs/iv/modules (MIMIC-IV 2.2). Columns not named here are
not read.
"""

import csv
import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

import duckdb
from ibis.backends.duckdb import Backend
from ibis.expr import types as ir

from immunosep.errors import SourceError

PATIENT = {"subject_id": "BIGINT"}
ADMISSION = PATIENT | {"hadm_id": "BIGINT"}
STAY = ADMISSION | {"stay_id": "BIGINT"}


@dataclass(frozen=True)
class Layout:
    """One table of the source: where it lies, and the DuckDB type of each column read."""

    folder: str
    columns: Mapping[str, str]
    optional: Mapping[str, str] = field(default_factory=dict)  # NULL where the file has none
    needed: bool = True  # without it there is no answer; other tables may be absent

    @property
    def types(self) -> dict[str, str]:
        return {**self.columns, **self.optional}


LAYOUTS = {
    "patients": Layout(
        "hosp",
        PATIENT | {"gender": "VARCHAR", "anchor_age": "BIGINT", "anchor_year": "BIGINT"},
        {"anchor_year_group": "VARCHAR", "dod": "TIMESTAMP"},
    ),
    "admissions": Layout(
        "hosp",
        ADMISSION | {"admittime": "TIMESTAMP", "dischtime": "TIMESTAMP"},
        {
            "deathtime": "TIMESTAMP",
            "admission_type": "VARCHAR",
            "admission_location": "VARCHAR",
            "discharge_location": "VARCHAR",
            "edregtime": "TIMESTAMP",
            "edouttime": "TIMESTAMP",
        },
    ),
    "labevents": Layout(
        "hosp",
        ADMISSION
        | {
            "specimen_id": "BIGINT",
            "itemid": "INTEGER",
            "charttime": "TIMESTAMP",
            "value": "VARCHAR",
            "valuenum": "DOUBLE",
            "valueuom": "VARCHAR",
        },
        {"comments": "VARCHAR"},
    ),
    "icustays": Layout(
        "icu",
        STAY | {"intime": "TIMESTAMP", "outtime": "TIMESTAMP"},
        {"first_careunit": "VARCHAR", "last_careunit": "VARCHAR"},
    ),
    "chartevents": Layout(
        "icu",
        STAY
        | {
            "charttime": "TIMESTAMP",
            "itemid": "INTEGER",
            "value": "VARCHAR",
            "valuenum": "DOUBLE",
        },
        {"storetime": "TIMESTAMP", "valueuom": "VARCHAR"},
    ),
    "inputevents": Layout(
        "icu",
        STAY
        | {
            "starttime": "TIMESTAMP",
            "endtime": "TIMESTAMP",
            "itemid": "INTEGER",
            "rate": "DOUBLE",
            "rateuom": "VARCHAR",
            "patientweight": "DOUBLE",
        },
        {"amount": "DOUBLE", "amountuom": "VARCHAR", "statusdescription": "VARCHAR"},
    ),
    "outputevents": Layout(
        "icu",
        STAY | {"charttime": "TIMESTAMP", "itemid": "INTEGER", "value": "DOUBLE"},
        {"valueuom": "VARCHAR"},
    ),
    "procedureevents": Layout(
        "icu",
        STAY | {"starttime": "TIMESTAMP", "endtime": "TIMESTAMP", "itemid": "INTEGER"},
        {"value": "DOUBLE", "valueuom": "VARCHAR", "statusdescription": "VARCHAR"},
    ),
    "diagnoses_icd": Layout(
        "hosp",
        ADMISSION | {"icd_code": "VARCHAR", "icd_version": "INTEGER"},
        {"seq_num": "INTEGER"},
        needed=False,
    ),
    "microbiologyevents": Layout(
        "hosp",
        ADMISSION
        | {
            "micro_specimen_id": "BIGINT",
            "chartdate": "TIMESTAMP",
            "charttime": "TIMESTAMP",
            "spec_type_desc": "VARCHAR",
            "test_name": "VARCHAR",
            "org_itemid": "BIGINT",
            "org_name": "VARCHAR",
        },
        {"spec_itemid": "BIGINT", "test_itemid": "BIGINT"},
        needed=False,
    ),
    "prescriptions": Layout(
        "hosp",
        ADMISSION
        | {
            "starttime": "TIMESTAMP",
            "stoptime": "TIMESTAMP",
            "drug": "VARCHAR",
            "dose_val_rx": "VARCHAR",
            "dose_unit_rx": "VARCHAR",
            "route": "VARCHAR",
        },
        {
            "pharmacy_id": "BIGINT",
            "drug_type": "VARCHAR",
            "doses_per_24_hrs": "DOUBLE",
            "form_rx": "VARCHAR",
            "prod_strength": "VARCHAR",
        },
        needed=False,
    ),
    "emar": Layout(
        "hosp",
        ADMISSION | {"charttime": "TIMESTAMP", "medication": "VARCHAR", "event_txt": "VARCHAR"},
        {"pharmacy_id": "BIGINT", "emar_id": "VARCHAR"},
        needed=False,
    ),
    "transfers": Layout(
        "hosp",
        ADMISSION
        | {
            "eventtype": "VARCHAR",
            "careunit": "VARCHAR",
            "intime": "TIMESTAMP",
            "outtime": "TIMESTAMP",
        },
        needed=False,
    ),
}
"""Every table the rules read. A needed one that is missing is an error; another is then empty."""


@dataclass(frozen=True, eq=False)
class MimicTables:
    """The source's own tables, unchanged but for the choice of columns and their types."""

    patients: ir.Table
    admissions: ir.Table
    labevents: ir.Table
    icustays: ir.Table
    chartevents: ir.Table
    inputevents: ir.Table
    outputevents: ir.Table
    procedureevents: ir.Table
    diagnoses_icd: ir.Table
    microbiologyevents: ir.Table
    prescriptions: ir.Table
    emar: ir.Table
    transfers: ir.Table


def read_tables(connection: Backend, folder: str | Path) -> MimicTables:
    """Open every table in place; raise one SourceError that lists all that is missing."""
    root = Path(folder)
    problems: list[str] = []
    queries = {
        name: _query(connection, root / layout.folder, name, problems)
        for name, layout in LAYOUTS.items()
    }
    if problems:
        raise SourceError(f"{root} is not in the MIMIC-IV layout", problems)
    views = {name: _view(connection, name, query) for name, query in queries.items()}
    return MimicTables(**{part.name: views[part.name] for part in fields(MimicTables)})


def _view(connection: Backend, name: str, query: str) -> ir.Table:
    connection.raw_sql(f'CREATE OR REPLACE TEMP VIEW "mimic_iv_{name}" AS {query}')
    return connection.table(f"mimic_iv_{name}")


def _query(connection: Backend, folder: Path, name: str, problems: list[str]) -> str:
    layout = LAYOUTS[name]
    path = _path(folder, name)
    if path is None:
        if layout.needed:
            problems.append(
                f"no {layout.folder}/{name} (.parquet, .csv.gz or .csv); add that table"
            )
        return _select(layout, set()) + " WHERE false"
    try:
        header = _header(connection, path)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, duckdb.Error) as error:
        problems.append(
            f"{layout.folder}/{path.name} is not readable ({type(error).__name__}); "
            "expected Parquet, or CSV in UTF-8, whole; fetch it again"
        )
        return ""
    missing = [column for column in layout.columns if column not in header]
    if missing:
        problems.append(
            f"{layout.folder}/{path.name} lacks {', '.join(missing)}; "
            "expected the columns of MIMIC-IV 2.2"
        )
    return f"{_select(layout, set(header))} FROM {_scan(path, layout, header)}"


def _select(layout: Layout, present: set[str]) -> str:
    sources = {name: f'"{name}"' if name in present else "NULL" for name in layout.types}
    columns = (
        f'CAST({sources[name]} AS {kind}) AS "{name}"' for name, kind in layout.types.items()
    )
    return f"SELECT {', '.join(columns)}"


def _path(folder: Path, name: str) -> Path | None:
    for ending in (".parquet", "", ".csv.gz", ".csv"):
        path = folder / f"{name}{ending}"
        if path.is_file() if ending else path.is_dir():
            return path
        if ending == ".parquet" and path.is_dir():
            return path
    return None


def _is_csv(path: Path) -> bool:
    return path.name.endswith((".csv", ".csv.gz"))


def _header(connection: Backend, path: Path) -> list[str]:
    if not _is_csv(path):
        rows = connection.raw_sql(f"DESCRIBE SELECT * FROM {_parquet(path)}").fetchall()
        return [str(row[0]) for row in rows]
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as text:
        return [name.strip().lower() for name in next(csv.reader([text.readline()]), [])]


def _scan(path: Path, layout: Layout, header: list[str]) -> str:
    if not _is_csv(path):
        return _parquet(path)
    kinds = {name: layout.types.get(name, "VARCHAR") for name in header}
    columns = ", ".join(f"{_quoted(name)}: {_quoted(kind)}" for name, kind in kinds.items())
    return (
        f"read_csv({_quoted(str(path))}, columns={{{columns}}}, auto_detect=false, header=true, "
        "delim=',', quote='\"', escape='\"', nullstr='')"
    )


def _parquet(path: Path) -> str:
    pattern = path / "**" / "*.parquet" if path.is_dir() else path
    return f"read_parquet({_quoted(str(pattern))})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
