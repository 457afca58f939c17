"""A report before it is written in any format: sections of words, tables and figures.

Every number is a cell with an id of its own, the same in each format and in the JSON, and with the
id of the derivation that says where it comes from.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from matplotlib.figure import Figure

from immunosep.report.drawing import Illustration


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell: what is printed, and for a number its id, its value, and its derivation."""

    text: str
    id: str = ""
    value: Any = None
    derivation: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a table; one without cells is a heading of those below it."""

    label: str
    cells: tuple[Cell, ...] = ()
    indent: bool = False
    strong: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table, the first column holding the rows' labels."""

    id: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A figure: as the page shows it, and how it is painted for formats that need pixels."""

    id: str
    illustration: Illustration
    paint: Callable[[int], Figure]


@dataclass(frozen=True, kw_only=True)
class Words:
    """Paragraphs, or a list of what something is called and what it is."""

    paragraphs: tuple[str, ...] = ()
    terms: tuple[tuple[str, str], ...] = ()
    heading: str = ""
    id: str = ""


Block = Table | Picture | Words


@dataclass(frozen=True, kw_only=True)
class Section:
    """A chapter of the report."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class Document:
    """The whole report; `warnings` stand on every page."""

    title: str
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    summary: tuple[Cell, ...]
    sections: tuple[Section, ...] = field(default=())

    def cells(self) -> Iterator[Cell]:
        """Every number of the report."""
        for section in self.sections:
            for block in section.blocks:
                if isinstance(block, Table):
                    yield from (c for row in block.rows for c in row.cells if c.id)
