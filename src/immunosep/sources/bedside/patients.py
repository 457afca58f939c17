"""From a sheet of cells to the table of patients, or to one error with everything that is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from immunosep.concepts.snapshot import PATIENTS
from immunosep.errors import SourceError
from immunosep.sources.bedside.checks import check_rows
from immunosep.sources.bedside.clocks import settle_clocks
from immunosep.sources.bedside.commas import settle_commas
from immunosep.sources.bedside.files import read_sheet, subject_of
from immunosep.sources.bedside.headers import (
    ON_ITS_SIDE,
    Field,
    read_headers,
    stands_on_its_side,
)
from immunosep.sources.bedside.json_files import sheet_of
from immunosep.sources.bedside.problems import Problems
from immunosep.sources.bedside.sheets import Sheet
from immunosep.sources.bedside.values import Cell, read_cell
from immunosep.tables.columns import Missing

SCHEMA: pa.Schema = PATIENTS.schema().to_pyarrow()

Columns = dict[str, list[Any]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Patients:
    """One row per patient in `table`, with the columns of `concepts.snapshot.PATIENTS`.

    `warnings` are, by row number from 0, what wants a second look; `notes` are about the file.
    """

    table: pa.Table
    warnings: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_patients(path: str | Path) -> Patients:
    """One row per patient of a CSV, JSON or Parquet file; `-` reads standard input.

    A SourceError lists every problem at once, by line and column, and never shows a value.
    """
    return _patients(read_sheet(path), subject_of(path))


def patients_of(rows: Sequence[Mapping[str, Any]]) -> Patients:
    """One row per mapping, such as one patient typed into a form: validated as a file would be."""
    subject = "cannot read the patient" if len(rows) == 1 else "cannot read the patients"
    return _patients(sheet_of(rows, subject), subject)


def _patients(sheet: Sheet, subject: str) -> Patients:
    if stands_on_its_side(sheet):
        raise SourceError(subject, [ON_ITS_SIDE])
    problems = Problems()
    fields = read_headers(sheet, problems)
    sheet = settle_commas(sheet, fields, problems)
    if not sheet.places:
        problems.add("holds no patient; expected one row for each")
    names = {known.column.name for known in fields if known}
    if names and "patient_id" not in names:
        problems.add("there is no column patient_id; every patient needs one")
    warnings: dict[int, tuple[str, ...]] = {}
    columns = {
        known.column.name: _read_column(known, cells, problems, warnings)
        for known, cells in zip(fields, sheet.columns, strict=True)
        if known
    }
    count = len(sheet.places)
    settle_clocks(columns, count, problems)
    check_rows(columns, problems, warnings)
    if problems:
        raise SourceError(subject, problems.sentences(sheet.places))
    return Patients(table=_table(columns, count), warnings=warnings, notes=sheet.notes)


def _read_column(
    known: Field, raw: list[Any], problems: Problems, warnings: dict[int, tuple[str, ...]]
) -> list[Any]:
    name, needed = known.column.name, known.column.missing is Missing.NEVER
    keys = _keys(raw)
    cells = {
        key: read_cell(value, known) for key, value in dict(zip(keys, raw, strict=True)).items()
    }
    if needed:
        cells = {key: _required(cell) for key, cell in cells.items()}
    if any(cell.problem or cell.warning for cell in cells.values()):
        for row, key in enumerate(keys):
            _, problem, warning = cells[key]
            if problem:
                problems.in_row(row, f"{name}: {problem}")
            elif warning:
                warnings[row] = (*warnings.get(row, ()), warning)
    values = {key: cell.value for key, cell in cells.items()}
    return [values[key] for key in keys]


def _keys(raw: list[Any]) -> list[Any]:
    """What tells cells apart, so that each is read once: True and 1 are equal, yet differ."""
    return raw if set(map(type, raw)) == {str} else [(type(value), value) for value in raw]


def _required(cell: Cell) -> Cell:
    if cell.value is None and not cell.problem:
        return Cell(problem="empty; every patient needs one")
    return cell


def _table(columns: Columns, count: int) -> pa.Table:
    return pa.table(
        [
            pa.array(columns[name], type=SCHEMA.field(name).type)
            if name in columns
            else pa.nulls(count, SCHEMA.field(name).type)
            for name in SCHEMA.names
        ],
        schema=SCHEMA,
    )
