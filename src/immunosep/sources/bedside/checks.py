"""What one cell cannot tell: identities, and values that do not go together."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from immunosep.sources.bedside.problems import Problems

Columns = dict[str, list[Any]]
Warnings = dict[int, tuple[str, ...]]

SAME_ID = "patient_id: the same in these rows; every patient needs their own"

NOT_OF_MEN = ("pregnant", "lactating", "pregnancy_test_pending")


def check_rows(columns: Columns, problems: Problems, warnings: Warnings) -> None:
    """Refuse identities that are absent or shared; warn of rows that contradict themselves."""
    _check_identities(columns.get("patient_id", []), problems)
    for low, high, sentence in _pairs(columns):
        for row, (first, second) in enumerate(zip(low, high, strict=True)):
            if first is not None and second is not None and second < first:
                warnings[row] = (*warnings.get(row, ()), sentence)
    for name in NOT_OF_MEN:
        for row in _rows_where(columns, "male", name):
            sentence = f"Sex is male and {name} is yes: check both."
            warnings[row] = (*warnings.get(row, ()), sentence)


def _check_identities(ids: Sequence[str | None], problems: Problems) -> None:
    rows_of = defaultdict(list)
    for row, name in enumerate(ids):
        if name is not None:
            rows_of[name].append(row)
    for rows in rows_of.values():
        for row in rows if len(rows) > 1 else ():
            problems.in_row(row, SAME_ID)


def _pairs(columns: Columns) -> Iterator[tuple[list[Any], list[Any], str]]:
    """Columns whose second may not be below their first, and what to say where it is."""
    for low, high, sentence in (
        ("sepsis_onset_at", "first_dose_at", "The first dose is before sepsis: check the times."),
        ("sepsis_onset_at", "assessed_at", "The assessment is before sepsis: check the times."),
        ("sofa_admission_lowest", "sofa_admission_highest",
         "The highest possible SOFA on admission is below the lowest: check both."),
    ):  # fmt: skip
        if low in columns and high in columns:
            yield columns[low], columns[high], sentence


def _rows_where(columns: Columns, sex: str, name: str) -> list[int]:
    if "sex" not in columns or name not in columns:
        return []
    pairs = zip(columns["sex"], columns[name], strict=True)
    return [row for row, (this_sex, value) in enumerate(pairs) if this_sex == sex and value]
