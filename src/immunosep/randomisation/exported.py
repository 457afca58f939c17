"""The allocations a site made, as it exports them for the verifier: CSV, or one JSON value a line.

One row is one allocation: `stratum, position, participant, state, allocated_at, trial_digest`. A
column `centre` lets the stratum be checked, `sealed` (Base64) the slot's content, `arm` (only after
the code was opened) what was given. Other columns are left alone.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from immunosep.errors import SourceError

NEEDED = ("stratum", "position", "participant", "state", "allocated_at", "trial_digest")
IF_ANY = ("centre", "sealed", "arm")


@dataclass(frozen=True, kw_only=True)
class Allocation:
    """One slot given to one participant; `line` is where the export says so."""

    line: int
    stratum: str
    position: int
    participant: str
    state: str
    allocated_at: datetime
    trial_digest: str
    centre: str = ""
    sealed: str = ""
    arm: str = ""


def read_allocations(path: Path) -> tuple[Allocation, ...]:
    """The allocations of an exported file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SourceError(path.name, ["it is not UTF-8 text"]) from None
    except OSError as error:
        raise SourceError(f"cannot read {path}", [error.strerror or "no reason given"]) from None
    return parse_allocations(text, name=path.name)


def parse_allocations(text: str, *, name: str) -> tuple[Allocation, ...]:
    """The allocations of an export's text."""
    problems: list[str] = []
    rows = list(_json_rows(text, problems) if text.startswith("{") else _csv_rows(text, problems))
    allocations = [made for line, row in rows if (made := _allocation(line, row, problems))]
    if problems:
        raise SourceError(f"{name} cannot be read as allocations", problems)
    return tuple(allocations)


def _json_rows(text: str, problems: list[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for line, held in enumerate(text.splitlines(), start=1):
        try:
            row = json.loads(held)
        except ValueError:
            row = None
        if isinstance(row, dict):
            yield line, row
        else:
            problems.append(f"line {line}: expected one JSON object with {', '.join(NEEDED)}")


def _csv_rows(text: str, problems: list[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text))
    missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        problems.append(f"line 1: it has no column {', '.join(missing)}")
        return
    for row in reader:
        yield reader.line_num, row


def _allocation(line: int, row: Mapping[str, Any], problems: list[str]) -> Allocation | None:
    found: list[str] = []
    texts = {name: _text(row.get(name)) for name in (*NEEDED, *IF_ANY)}
    found += [f"line {line}: {name} is missing" for name in NEEDED if not texts[name]]
    position = texts.pop("position")
    if position and not position.isdecimal():
        found.append(f"line {line}: position is not a whole number")
    moment = _moment(texts.pop("allocated_at"))
    if moment is None:
        found.append(f"line {line}: allocated_at is no time with a zone, as 2026-01-31T14:05Z is")
    problems += found
    if found or moment is None:
        return None
    return Allocation(line=line, position=int(position), allocated_at=moment, **texts)


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
