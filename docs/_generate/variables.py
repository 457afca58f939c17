"""docs/reference/variables.md: the data dictionary, a row for each column."""

from docs._generate import markdown
from immunosep.tables import casebook, dictionary
from immunosep.tables.columns import Column

HEADINGS = ["name", "what it is", "values", "unit", "possible", "plausible", "LOINC", "absent when"]


def page() -> str:
    """What a source may send, then what is derived from it."""
    return markdown.page(
        "## What a source may send",
        markdown.table(HEADINGS, map(_row, dictionary.BEDSIDE)),
        "## What is derived",
        markdown.table(HEADINGS, map(_row, dictionary.DERIVED)),
        "## What is recorded after randomisation",
        "The columns of a participant's casebook, which a trial puts together into forms.",
        markdown.table(HEADINGS, map(_row, casebook.CASE_COLUMNS.values())),
    )


def _row(column: Column) -> list[str]:
    about = f"{column.label}. {column.note}" if column.note else column.label
    return [
        f"`{column.name}`",
        about,
        ", ".join(f"`{choice}`" for choice in column.choices) or column.kind.value,
        f"`{column.unit}`" if column.unit else "",
        str(column.possible or ""),
        str(column.plausible or ""),
        column.loinc,
        column.missing.value,
    ]
