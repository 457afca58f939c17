"""What was not recorded of a file, as a file: place, column and reason, never a value."""

import csv
import io
from collections.abc import Iterable

from immunosep.sources.bedside.values import FORMULA
from immunosep.sources.results import Refused

HEADERS = ("place", "column", "reason", "is_a_fault")


def as_csv(refused: Iterable[Refused]) -> str:
    """One line each, as RFC 4180 has it; no cell that a spreadsheet would run."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(HEADERS)
    for each in refused:
        cells = (each.place, each.column, each.reason, "yes" if each.faulty else "no")
        writer.writerow([plain(cell) for cell in cells])
    return file.getvalue()


def plain(cell: str) -> str:
    """A text that begins like a formula, with a mark before it that makes it text."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
