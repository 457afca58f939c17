"""Delimited text."""

import codecs
import csv
import io
import re
from collections.abc import Iterator

from immunosep.errors import SourceError
from immunosep.sources.bedside.problems import Problems
from immunosep.sources.bedside.sheets import MAX_COLUMNS, Sheet

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
SEPARATOR_LINE = re.compile(r"[\r\n]*\"?sep=(?P<delimiter>[^\r\n])\"?[;, \t]*[\r\n]", re.IGNORECASE)
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(content: bytes, subject: str) -> str:
    """The text of UTF-8 bytes; any other encoding is an error that says how to save the file."""
    if content.startswith(UTF_16) or b"\x00" in content[:4096]:
        raise SourceError(subject, ["is not UTF-8 (UTF-16 or binary); save it as CSV UTF-8"])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceError(
            subject,
            [f"line {line} is not UTF-8, it may be Latin-1 or Windows-1252; save it as CSV UTF-8"],
        ) from None
    if "\x00" in text:
        raise SourceError(subject, ["holds zero bytes: damaged or binary; export it again"])
    return text


def read_csv(text: str, subject: str) -> Sheet:
    """One row per line, blank lines left out; every line has as many cells as the header.

    Excel's first line `sep=;` names the delimiter, and is no header.
    """
    told = SEPARATOR_LINE.match(text)
    delimiter = told["delimiter"] if told else _delimiter(text)
    if delimiter not in DELIMITERS:
        raise SourceError(subject, [_wrong_delimiter(delimiter)])
    lines = _lines(text, delimiter, subject)
    if told:
        next(lines)
    headers = next(lines, (1, []))[1]
    check_width(len(headers), subject)
    if len(headers) == 1 and (other := next((c for c in "|:" if c in headers[0]), "")):
        raise SourceError(subject, [_wrong_delimiter(other)])
    rows: list[list[str]] = []
    places: list[str] = []
    problems = Problems()
    for line, cells in lines:
        if len(cells) != len(headers):
            problems.in_row(len(places), _wrong_width(len(cells), len(headers)))
        rows.append(cells)
        places.append(f"line {line}")
    if problems:
        raise SourceError(subject, problems.sentences(places))
    return _sheet(headers, rows, places, delimiter)


def check_width(count: int, subject: str) -> None:
    """Refuse what cannot be a patient file before looking at any of its headers."""
    if count > MAX_COLUMNS:
        raise SourceError(
            subject,
            [
                f"has {count:,} columns, expected at most {MAX_COLUMNS}; give one row per "
                "patient and one column per variable (`immunosep variables` lists them)"
            ],
        )


def _lines(text: str, delimiter: str, subject: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield start, cells
            start = reader.line_num + 1
    except csv.Error:
        raise SourceError(
            subject,
            [
                f"line {start} cannot be split into cells: a quotation mark is not closed, or the "
                "file is cut short; export it again"
            ],
        ) from None


def _delimiter(text: str) -> str:
    header = text.lstrip("\r\n").partition("\n")[0]
    return max(DELIMITERS, key=header.count)


def _wrong_delimiter(found: str) -> str:
    return f"is separated by {found!r}; expected commas, semicolons or tabs; export it again"


def _wrong_width(found: int, expected: int) -> str:
    if found < expected:
        return f"{found} cells, the header has {expected}; the line may be cut short"
    return (
        f"{found} cells, the header has {expected}; put quotation marks round text with delimiters"
    )


def _sheet(headers: list[str], rows: list[list[str]], places: list[str], delimiter: str) -> Sheet:
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in headers]
    kept = [
        (header, column)
        for header, column in zip(headers, columns, strict=True)
        if header.strip() or any(cell.strip() for cell in column)
    ]
    notes = () if delimiter == "," else (f"read as separated by {DELIMITERS[delimiter]}",)
    return Sheet(
        headers=tuple(header for header, _ in kept),
        columns=tuple(column for _, column in kept),
        places=places,
        notes=notes,
        may_be_decimal=delimiter != ",",
    )
