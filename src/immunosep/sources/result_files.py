"""Results as a file: a table of text, or a FHIR Bundle (`sources.fhir`).

A table has one line per sample, with a column for each value (`ferritin_ng_ml`, or `ferritin
[ug/L]`), or one line per value (`column`, `value`, `unit`). Either has `number`, the participant's,
and `moment`; it may have `visit` and `reason`. Cells are kept as written: what one says is for
whoever knows the centre's clock. A line that is wrong is refused alone, the others are read.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from immunosep.errors import SourceError, UnitError
from immunosep.sources.bedside.files import GZIP, refuse_others
from immunosep.sources.bedside.headers import BY_STEM, GIVEN, WITH_UNIT, conversion
from immunosep.sources.bedside.json_files import is_json
from immunosep.sources.bedside.sheets import MAX_COLUMNS
from immunosep.sources.bedside.text_files import DELIMITERS, SEPARATOR_LINE, decode
from immunosep.sources.bedside.values import MISSING
from immunosep.sources.fhir import read_bundle
from immunosep.sources.results import PARTICIPANT, Refused, Result, Results
from immunosep.tables.casebook import CASE_COLUMNS
from immunosep.tables.columns import Column
from immunosep.tables.names import nearest_name

SUBJECT = "cannot read the results"
MAX_BYTES = 1024 * 1024
"""The largest file of results. More of them is a hospital's records, read in place."""

MAX_LINES = 250
"""The most lines of a table, and Observations taken of a Bundle: what somebody can look through."""

CELL = 1_000  # characters; csv's own limit is 131,072
KNOWN: Mapping[str, Column] = {**GIVEN, **CASE_COLUMNS}
ABOUT = {
    "number": "person", "participant": "person", "patient": "person", "patient_id": "person",
    "moment": "at", "observed_at": "at", "sample_drawn_at": "at",
    "visit": "visit", "reason": "reason",
    "column": "column", "value": "value", "unit": "unit",
}  # fmt: skip
"""What headers that are no column of results say, by any of their names."""

LONG = {"column", "value"}
AS_JSON = "is JSON, but no FHIR Bundle; expected a table as CSV, or a Bundle"


@dataclass(frozen=True, kw_only=True)
class Header:
    """What stands in one column of the table: a result's column with its unit, or `about` it."""

    about: str = ""
    column: str = ""
    unit: str = ""


def read_results(content: bytes) -> Results:
    """The results in a file; SourceError where it is no file of results at all."""
    if len(content) > MAX_BYTES:
        limit = f"is larger than {MAX_BYTES // 2**20} MiB, the limit for results; split it"
        raise SourceError(SUBJECT, [limit])
    if not content.strip():
        raise SourceError(SUBJECT, ["is empty; expected a table as CSV, or a FHIR Bundle"])
    if content.startswith(GZIP):
        raise SourceError(SUBJECT, ["is compressed; give the file itself"])
    refuse_others(content, SUBJECT)
    text = decode(content, SUBJECT)
    read = read_bundle(text, system=PARTICIPANT) if is_json(text) else read_table(text)
    if len(read.taken) > MAX_LINES:
        raise SourceError(SUBJECT, [f"has more than {MAX_LINES} results; split it"])
    return read


def read_table(text: str) -> Results:
    """The results of delimited text."""
    lines = _lines(text)
    headers = _headers(next(lines, (1, []))[1])
    taken: list[Result] = []
    refused: list[Refused] = []
    for number, cells in lines:
        found = _of_line(f"line {number}", cells, headers)
        taken += [each for each in found if isinstance(each, Result)]
        refused += [each for each in found if isinstance(each, Refused)]
    if not taken and not refused:
        raise SourceError(SUBJECT, ["holds no result; expected a header and a line for each"])
    return Results(taken=taken, refused=refused)


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each line that is not blank, with its number in the file."""
    told = SEPARATOR_LINE.match(text)
    head = text.lstrip("\r\n").partition("\n")[0]
    delimiter = told["delimiter"] if told else max(DELIMITERS, key=head.count)
    if delimiter not in DELIMITERS:
        raise SourceError(SUBJECT, ["expected commas, semicolons or tabs between cells"])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start, count, skip = 1, 0, bool(told)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells) and not skip:
                count += 1
                if count > MAX_LINES + 1:
                    raise SourceError(SUBJECT, [f"has more than {MAX_LINES} lines; split it"])
                yield start, cells
            skip, start = False, reader.line_num + 1
    except csv.Error:
        said = f"line {start} cannot be split into cells: a quotation mark is not closed"
        raise SourceError(SUBJECT, [said]) from None


def _headers(written: Sequence[str]) -> list[Header]:
    """What each column is; SourceError with all that is wrong with them, showing none."""
    if len(written) > MAX_COLUMNS:
        raise SourceError(SUBJECT, [f"has more than {MAX_COLUMNS} columns"])
    headers, problems = [], []
    for place, text in enumerate(written, 1):
        try:
            headers.append(_header(text.strip()))
        except (LookupError, UnitError) as error:
            problems.append(f"header {place} {error.args[0]}")
    problems += list(_missing(headers)) if not problems else []
    if problems:
        raise SourceError(SUBJECT, problems)
    return headers


def _header(text: str) -> Header:
    if text.lower() in ABOUT:
        return Header(about=ABOUT[text.lower()])
    split = WITH_UNIT.match(text)
    name, unit = (split["name"].lower(), split["unit"]) if split else (text.lower(), "")
    column = KNOWN.get(name) or BY_STEM.get(name)
    if column is None:
        near = nearest_name(name, KNOWN)
        raise LookupError(f"is not known; the nearest is {near}" if near else "is not known")
    if not unit and name not in KNOWN:
        raise LookupError(f"has no unit; name it {column.name}, or add the unit in [ ]")
    if unit:
        _check_unit(unit, column)
    return Header(column=column.name, unit=unit)


def _check_unit(unit: str, column: Column) -> None:
    if not column.unit:
        raise LookupError(f"has a unit, but {column.name} takes none")
    conversion(unit, column)


def _missing(headers: Sequence[Header]) -> Iterator[str]:
    about = [each.about for each in headers if each.about]
    columns = [each.column for each in headers if each.column]
    if "person" not in about:
        yield "there is no header number, the participant's"
    if not columns and not set(about) >= LONG:
        yield "there is no column of results; name one, or give column, value and unit"
    if columns and LONG & set(about):
        yield "has columns of results, and column and value besides; give one or the other"
    twice = {each for each in (*about, *columns) if (*about, *columns).count(each) > 1}
    yield from (f"two headers give {each}; keep one" for each in sorted(twice))


def _of_line(place: str, cells: list[str], headers: list[Header]) -> list[Result | Refused]:
    if len(cells) != len(headers):
        width = f"{len(cells)} cells, the header has {len(headers)}"
        return [Refused(place=place, reason=width)]
    if any(len(cell) > CELL for cell in cells):
        return [Refused(place=place, reason=f"a cell is longer than {CELL} characters")]
    pairs = list(zip(headers, (cell.strip() for cell in cells), strict=True))
    about = {header.about: cell for header, cell in pairs if header.about}
    if not about["person"]:
        return [Refused(place=place, reason="no number of a participant")]
    if "column" in about:
        return [_of_value(place, about)]
    said = [(header, cell) for header, cell in pairs if header.column and not _is_missing(cell)]
    if not said:
        return [Refused(place=place, reason="no result", faulty=False)]
    return [_result(place, header.column, cell, header.unit, about) for header, cell in said]


def _of_value(place: str, about: Mapping[str, str]) -> Result | Refused:
    column = KNOWN.get(about["column"].lower())
    if column is None:
        return Refused(place=place, reason="the name in column is none of the dictionary")
    if _is_missing(about["value"]):
        return Refused(place=place, column=column.name, reason="no value")
    unit = about.get("unit", "")
    try:
        if unit:
            _check_unit(unit, column)
    except (LookupError, UnitError) as error:
        return Refused(place=place, column=column.name, reason=_of_unit(error))
    return _result(place, column.name, about["value"], unit, about)


def _of_unit(error: LookupError | UnitError) -> str:
    """Why a unit in a cell is refused; a cell may hold anything, so it is not repeated."""
    said = isinstance(error, LookupError)
    return str(error.args[0]) if said else "the unit is not known, or not one of this column"


def _result(place: str, column: str, text: str, unit: str, about: Mapping[str, str]) -> Result:
    return Result(
        place=place, person=about["person"], column=column, text=text, unit=unit,
        at=about.get("at", ""), visit=about.get("visit", ""), reason=about.get("reason", ""),
    )  # fmt: skip


def _is_missing(cell: str) -> bool:
    return cell.lower() in MISSING
