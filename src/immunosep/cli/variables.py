"""`immunosep variables`: the data dictionary."""

from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from immunosep.cli.options import Format
from immunosep.cli.output import print_csv, print_json, print_page
from immunosep.tables.columns import Column, Missing, Range
from immunosep.tables.dictionary import BEDSIDE

_EMPTY = {Missing.NOT_YET: "not known, or not happened yet"}


def run(format_: Format) -> None:
    """Print every column a patient file may have."""
    match format_:
        case Format.JSON:
            print_json([_described(column) for column in BEDSIDE])
        case Format.CSV:
            rows = [_described(column) for column in BEDSIDE]
            print_csv([{**row, **_limits(row)} for row in rows], _CSV_COLUMNS)
        case Format.TABLE:
            print_page(_page())


def _described(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "label": column.label,
        "kind": column.kind.value,
        "unit": column.unit,
        "possible": _ends(column.possible),
        "plausible": _ends(column.plausible),
        "loinc": column.loinc,
        "missing": column.missing.value,
        "choices": list(column.choices),
        "note": column.note,
    }


def _ends(limits: Range | None) -> dict[str, Any] | None:
    if limits is None:
        return None
    return {"low": limits.low, "high": limits.high, "low_included": not limits.above}


def _limits(row: dict[str, Any]) -> dict[str, str]:
    return {
        name: f"{row[name]['low']:g} to {row[name]['high']:g}" if row[name] else ""
        for name in ("possible", "plausible")
    }


_CSV_COLUMNS = (
    "name", "label", "kind", "unit", "possible", "plausible", "loinc", "missing", "choices", "note",
)  # fmt: skip


def _page() -> RenderableType:
    lines = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    lines.add_column("Name", no_wrap=True)
    lines.add_column("What it is", ratio=1)
    for column in BEDSIDE:
        lines.add_row(Text(column.name, style="bold"), _about(column))
    return Group(
        lines,
        Text(
            "\nOnly patient_id is needed; what is left out is unknown. Another unit may stand in "
            "brackets: creatinine [umol/L].",
            style="dim",
        ),
    )


def _about(column: Column) -> Text:
    text = Text(column.label)
    if column.choices:
        text.append(f": {', '.join(column.choices)}")
    facts = [
        f"{column.kind.value}{', ' + column.unit if column.unit else ''}",
        f"{column.possible}" if column.possible else "",
        f"LOINC {column.loinc}" if column.loinc else "",
        f"empty: {_EMPTY.get(column.missing, column.missing.value)}"
        if column.missing is not Missing.NEVER
        else "needed",
    ]
    text.append("\n" + "; ".join(fact for fact in facts if fact), style="dim")
    if column.note:
        text.append(f"\n{column.note}", style="dim")
    return text
