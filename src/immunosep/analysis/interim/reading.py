"""What a forecast starts from, out of a file: centres with what they enrolled, people watched."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from immunosep.analysis.interim.events import Watched
from immunosep.analysis.sheets import (
    Parse,
    parse_count,
    parse_day,
    parse_number,
    parse_text,
    parse_yes_no,
    read_column,
    unknown_column,
)
from immunosep.errors import SourceError
from immunosep.screening.recruitment import CentreCount
from immunosep.sources.bedside.files import read_sheet, subject_of
from immunosep.sources.bedside.problems import Problems

CENTRES: Mapping[str, Parse] = {
    "centre": parse_text,
    "opened": parse_day,
    "enrolled": parse_count,
}
CLOSES = "closes"
WATCHED: Mapping[str, Parse] = {
    "days": parse_number,
    "event": parse_yes_no,
    "under_observation": parse_yes_no,
}


def read_centres(path: str | Path) -> list[CentreCount]:
    """One centre a row: centre, opened, enrolled; closes, where it does."""
    columns = _columns(path, CENTRES, optional={CLOSES: parse_day})
    return [CentreCount(**row) for row in _rows(columns)]


def read_watched(path: str | Path) -> list[Watched]:
    """One participant a row: days watched, event, under_observation."""
    return [Watched(**row) for row in _rows(_columns(path, WATCHED, optional={}))]


def _columns(
    path: str | Path, required: Mapping[str, Parse], *, optional: Mapping[str, Parse]
) -> dict[str, list[Any]]:
    subject, sheet = subject_of(path), read_sheet(path)
    unknown = [unknown_column(name, sheet) for name in required if name not in sheet.headers]
    if unknown:
        raise SourceError(subject, unknown)
    problems = Problems()
    found = {
        name: read_column(sheet, name, parse, problems, required=name in required)
        for name, parse in {**required, **optional}.items()
        if name in sheet.headers
    }
    if problems:
        raise SourceError(subject, problems.sentences(sheet.places))
    return found


def _rows(columns: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]
