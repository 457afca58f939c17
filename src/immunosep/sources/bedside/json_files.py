"""JSON: an object, a list of objects, {"patients": [...]}, or one object to a line."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from immunosep.errors import SourceError
from immunosep.sources.bedside.problems import Problems
from immunosep.sources.bedside.sheets import Sheet, cell_of
from immunosep.sources.bedside.text_files import check_width
from immunosep.tables.dictionary import COLUMNS

SHAPES = 'expected an object, a list of objects, {"patients": [...]}, or one object to a line'


def read_json(text: str, subject: str) -> Sheet:
    """One row per object."""
    return sheet_of(_objects(text, subject), subject)


def is_json(text: str) -> bool:
    """Whether a text begins as objects do, or is JSON of another shape."""
    if text.lstrip()[:1] in ("{", "["):
        return True
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def sheet_of(rows: Sequence[Mapping[str, Any]], subject: str) -> Sheet:
    """One row per mapping; a key that a mapping lacks is a missing value."""
    headers = list(dict.fromkeys(str(key) for row in rows for key in row))
    check_width(len(headers), subject)
    cells = [{str(key): cell_of(value) for key, value in row.items()} for row in rows]
    return Sheet(
        headers=tuple(headers),
        columns=tuple([row.get(header) for row in cells] for header in headers),
        places=[f"patient {number}" for number in range(1, len(rows) + 1)],
        given_in=tuple([at for at, row in enumerate(cells) if key in row] for key in headers),
    )


def _objects(text: str, subject: str) -> list[dict[str, Any]]:
    problems = Problems()
    parsed = _parse(text, subject, problems)
    if isinstance(parsed, dict) and set(parsed) == {"patients"}:
        parsed = parsed["patients"]
    objects = parsed if isinstance(parsed, list) else [parsed]
    if not all(isinstance(row, dict) for row in objects):
        problems.add(f"holds something else than objects; {SHAPES}")
    if problems:
        raise SourceError(subject, problems.sentences([]))
    return objects


def _parse(text: str, subject: str, problems: Problems) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for key, count in Counter(key for key, _ in pairs).items():
            if count > 1:
                name = repr(key) if key in COLUMNS else "a key"
                problems.add(f"an object has {name} more than once; keep one")
        return dict(pairs)

    decoder = json.JSONDecoder(object_pairs_hook=once)
    try:
        return decoder.decode(text)
    except RecursionError:
        raise SourceError(subject, [f"is nested too deeply; {SHAPES}"]) from None
    except ValueError as error:
        if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data":
            return _one_to_a_line(text, decoder, subject)
        raise _not_json(subject, error, line=None) from None


def _one_to_a_line(text: str, decoder: json.JSONDecoder, subject: str) -> list[Any]:
    objects = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                objects.append(decoder.decode(line.strip()))
            except ValueError as error:
                raise _not_json(subject, error, line=number) from None
    return objects


def _not_json(subject: str, error: ValueError, *, line: int | None) -> SourceError:
    if isinstance(error, json.JSONDecodeError):
        line = line or error.lineno
        where = f"line {line}, character {error.colno}, is"
    else:  # a number of more digits than Python reads
        where = f"line {line} is" if line else "is"
    return SourceError(subject, [f"{where} not JSON, or the file is cut short; {SHAPES}"])
