"""How participants were at entry: APACHE II, the Charlson index, septic shock; or why not known.

What a form asks is known by its columns, never by its name. Shock that screening did not ask is
derived (`concepts.septic_shock`): the casebook asks for a vasopressor "despite adequate fluids", so
one answer stands for both, and whoever has a time of sepsis had it.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import ibis
import pyarrow as pa

from immunosep.concepts.septic_shock import septic_shock
from immunosep.sources.prepared import prepare
from immunosep.tables.casebook import BASELINE
from immunosep.web.casebook.models import Page
from immunosep.web.casebook.values import row_of
from immunosep.web.records.gathering import Casebook

Row = dict[str, Any]
ASKED = tuple(column.name for column in BASELINE)
TOTALS = ("apache_ii", "charlson")
VASOPRESSOR, LACTATE = "vasopressor_for_map_65", "lactate_mmol_l"
BECAUSE = "baseline_unknown_because"
SHOCK = "septic_shock"
PARTS = ibis.table(
    {"sepsis_3": "boolean", VASOPRESSOR: "boolean", LACTATE: "float64"}, name="participants"
)


def baseline_rows(books: list[Casebook], *, known: list[Row]) -> Iterator[Row]:
    """One row per participant, in their order; `known` is what screening knew of each."""
    told = [_told(book) for book in books]
    for book, entry, page, shock in zip(books, known, told, _shocks(told, known), strict=True):
        at_entry = entry.get(SHOCK)
        found = {name: page.get(name) for name in TOTALS}
        found[SHOCK] = shock if at_entry is None else at_entry
        lacks = any(value is None for value in found.values())
        yield found | {"baseline_unknown": page.get(BECAUSE) or _why(book) if lacks else None}


def _told(book: Casebook) -> Row:
    """What the planned pages say of it, in the dictionary's units."""
    found: Row = {}
    for _, values in book.planned_with(*ASKED):
        found |= row_of({name: value for name, value in values.items() if name in ASKED})
    return found


def _why(book: Casebook) -> str:
    """The reason that the pages themselves are, where nobody wrote one."""
    if all(set(ASKED).isdisjoint(form.columns) for form in book.trial.casebook):
        return "not_asked"
    pages = list(book.planned_with(*ASKED))
    if any(values for _, values in pages):
        return "left_out"
    missed = any(page.stage != Page.Stage.STARTED for page, _ in pages)
    return "missed" if missed else "no_page"


def _shocks(told: list[Row], known: list[Row]) -> list[bool | None]:
    rows = [
        {
            "sepsis_3": None if entry.get("sepsis_onset_at") is None else True,
            VASOPRESSOR: page.get(VASOPRESSOR),
            LACTATE: page.get(LACTATE),
        }
        for page, entry in zip(told, known, strict=True)
    ]
    given = pa.Table.from_pylist(rows, schema=PARTS.schema().to_pyarrow())
    found: list[bool | None] = _prepared()(given)[SHOCK].to_pylist()
    return found


@cache
def _prepared() -> Callable[[pa.Table], pa.Table]:
    shock = septic_shock(
        sepsis_3=PARTS.sepsis_3,
        vasopressor_for_map_65=PARTS[VASOPRESSOR],
        lactate_mmol_l=PARTS[LACTATE],
        fluids_adequate=PARTS[VASOPRESSOR],
    )
    return prepare(PARTS.select(**{SHOCK: shock}), about=PARTS)
