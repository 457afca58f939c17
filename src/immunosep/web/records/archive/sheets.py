"""A table of an archive: shown on a page, and one file for all participants together.

A cell is as it is kept; the page says a moment by the centre's clock, the file in UTC (ISO 8601).
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from immunosep.web.centres.models import Centre
from immunosep.web.centres.templatetags.clock import at_centre, day_in_words

COLUMN, STANDS, VALUE, BLOCK = "column", "stands", "value", "block"
QUIET = (COLUMN, STANDS, BLOCK)  # in the file alone: ids, and whether a value is the last
UNDER = {"by": "role", "action": "subject"}  # what a page shows in one cell, the second below
LONG = ("before", "after", "text")  # may be broken anywhere, so that a page is wide enough

Row = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A cell on a page: `past` if a later one took its place; `under` stands below it."""

    head: str
    text: str
    past: bool = False
    long: bool = False
    under: str = ""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """`of` are columns with one value for every row, which a page says elsewhere: of whom, where.

    `centre` is the one by whose clock a page says moments.
    """

    centre: Centre

    id: str  # of its file
    label: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    of: tuple[tuple[str, Any], ...] = ()
    where: str = ""  # on which page, where the label alone does not say

    @property
    def heads(self) -> list[str]:
        """The columns of a page, in words."""
        return [head_of(name) for name in self._own()]

    @property
    def shown(self) -> list[list[Shown]]:
        """The rows as a page has them."""
        return [list(self._line(row)) for row in self.rows]

    def _line(self, row: Row) -> Iterator[Shown]:
        said = dict(zip(self.columns, row, strict=True))
        past = said.get(STANDS) is False
        for name in self._own():
            yield Shown(
                head=head_of(name),
                text=in_words(said[name], self.centre),
                past=past and name == VALUE,
                long=name in LONG,
                under=in_words(said.get(UNDER.get(name, "")), self.centre),
            )

    def _own(self) -> list[str]:
        """The columns that have a cell of their own on a page."""
        below = {UNDER[name] for name in self.columns if name in UNDER}
        return [name for name in self.columns if name not in QUIET and name not in below]


def head_of(name: str) -> str:
    """A column's name as a heading."""
    return name.replace("_", " ").capitalize()


def in_words(cell: Any, centre: Centre) -> str:
    """A cell as somebody reads it."""
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case datetime():
            return at_centre(cell, centre)
        case date():
            return day_in_words(cell)
        case _:
            return str(cell)


def as_csv(sheets: Sequence[Sheet]) -> str:
    """Sheets of one kind as one file (RFC 4180)."""
    first = sheets[0]
    heads = [*(name for name, _ in first.of), *first.columns]
    return written(
        heads, ([*(v for _, v in each.of), *row] for each in sheets for row in each.rows)
    )


def written(heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Lines between commas."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return file.getvalue()


def _plain(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case datetime():
            return cell.astimezone(UTC).isoformat(timespec="seconds")
        case _:
            return str(cell)
