"""What a page says now, in the casebook's own units: the one row that edit checks read."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from immunosep.sources.bedside.headers import Field, conversion
from immunosep.sources.bedside.values import read_cell
from immunosep.tables.casebook import CASE_COLUMNS
from immunosep.tables.columns import Column, Kind
from immunosep.web.casebook.models import Page, PageEntry

Values = Mapping[str, Any]


def values_of(page: Page, up_to: int | None = None) -> dict[str, Any]:
    """The last value of each column, as kept; as it stood when `up_to` was the last entry."""
    entries = PageEntry.objects.filter(page=page).order_by("id")
    if up_to is not None:
        entries = entries.filter(pk__lte=up_to)
    last = dict(entries.values_list("column", "value"))
    return {name: value for name, value in last.items() if value is not None}


def values_of_pages(pages: Iterable[Page]) -> dict[int, dict[str, Any]]:
    """The same of many pages, in one query."""
    found: dict[int, dict[str, Any]] = {page.pk: {} for page in pages}
    entries = PageEntry.objects.filter(page__in=list(found)).order_by("id")
    for pk, column, value in entries.values_list("page_id", "column", "value"):
        found[pk][column] = value
    return {
        pk: {name: value for name, value in values.items() if value is not None}
        for pk, values in found.items()
    }


def measured(column: Column, stored: Any) -> Any:
    """A value as kept, in its column's own unit; a moment as whole seconds since 1970 UTC."""
    if column.kind is Kind.TIME:
        return int(datetime.fromisoformat(stored).timestamp())
    value, unit = stored, column.unit
    if isinstance(stored, Mapping):
        value, unit = stored["value"], stored["unit"]
    factor = conversion(unit, column) if unit else 1.0
    cell = read_cell(value, Field(column.name, column, has_unit=True, factor=factor))
    assert not cell.problem, "it was read before it was kept"
    return cell.value


def row_of(values: Values) -> dict[str, Any]:
    """A page's values as `tables.casebook.CASE` has them."""
    return {name: measured(CASE_COLUMNS[name], stored) for name, stored in values.items()}
