"""A ready-made randomisation list, read strictly: it is sealed as it stands, or refused whole.

One row is one slot: `trial,purpose,stratum,position,arm`, UTF-8, a line feed after each line, each
stratum's rows together, positions from 1. Trial and purpose stand on every row, so that a list of
another trial, or one to rehearse with, is seen wherever it was cut from. Nothing is corrected and
nothing is sorted: a file that was changed on its way may be wrong where nobody can see it.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import combinations, groupby
from pathlib import Path

from immunosep.errors import SequenceError
from immunosep.protocol.allocation import AllocationPlan
from immunosep.randomisation.blocks import (
    MOST_BY_CHANCE,
    first_misfit,
    is_out_of_ratio,
    most_likely,
    repeats_a_pattern,
)
from immunosep.randomisation.code import LIST_COLUMNS, Purpose
from immunosep.randomisation.sequence import Slot

BYTE_ORDER_MARK = "\ufeff"
RESAVED = (
    "Another program has saved the file again, and may have changed more. Take the file as it "
    "was made, or have it written as UTF-8 with a line feed after each line"
)


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a list has to be: of this trial, for this purpose, one sequence for each stratum."""

    trial: str
    purpose: Purpose
    plan: AllocationPlan
    strata: tuple[str, ...]


@dataclass(frozen=True)
class _Row:
    line: int
    cells: tuple[str, ...]

    @property
    def stratum(self) -> str:
        return self.cells[2]

    @property
    def arm(self) -> str:
        return self.cells[4]

    @property
    def position(self) -> int | None:
        """The position as it should be written; None for anything else, 01 and 1.0 too."""
        text = self.cells[3]
        return int(text) if text.isdecimal() and str(int(text)) == text else None


def read_list(path: Path, *, expected: Expected) -> tuple[Slot, ...]:
    """The slots of a list's file, in its order."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SequenceError(f"cannot read {path}", [error.strerror or "no reason given"]) from None
    return parse_list(content, name=path.name, expected=expected)


def parse_list(content: bytes, *, name: str, expected: Expected) -> tuple[Slot, ...]:
    """The slots of a list's bytes, in its order; every problem of it at once if it has any."""
    problems: list[str] = []
    text = _text(content, problems)
    rows = _rows(text, problems)
    problems += _row_problems(rows, expected)
    problems += _position_problems(rows, expected)
    problems += _chance_problems(rows, expected)
    if problems:
        raise SequenceError(f"{name} cannot be sealed", problems)
    return _slots(rows)


def parse_published(content: bytes, *, name: str) -> tuple[Slot, ...]:
    """The slots of a list that is already sealed, and published: only its form is looked at."""
    problems: list[str] = []
    rows = _rows(_text(content, problems), problems)
    problems += [
        f"line {row.line}: the position is not a whole number" for row in rows if not row.position
    ]
    if problems:
        raise SequenceError(f"{name} is not a list as `immunosep code open` writes it", problems)
    return _slots(rows)


def _slots(rows: Sequence[_Row]) -> tuple[Slot, ...]:
    return tuple(Slot(stratum=row.stratum, position=row.position or 0, arm=row.arm) for row in rows)


def _text(content: bytes, problems: list[str]) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problems.append(f"line {line}: it is not UTF-8. {RESAVED}")
        return ""
    if text.startswith(BYTE_ORDER_MARK):
        problems.append(f"line 1: it begins with a byte-order mark. {RESAVED}")
    if "\r" in text:
        line = text.count("\n", 0, text.index("\r")) + 1
        problems.append(f"line {line}: it ends with a carriage return. {RESAVED}")
    return text.removeprefix(BYTE_ORDER_MARK).replace("\r\n", "\n").replace("\r", "\n")


def _rows(text: str, problems: list[str]) -> list[_Row]:
    if not text:
        problems.append("line 1: there is no text")
        return []
    reader = csv.reader(io.StringIO(text), strict=True)
    rows = []
    try:
        for cells in reader:
            rows.append(_Row(reader.line_num, tuple(cells)))
    except csv.Error:
        problems.append(f"line {reader.line_num}: its quotes do not close as CSV has them")
    wanted = ",".join(LIST_COLUMNS)
    if rows[:1] and rows[0].cells != LIST_COLUMNS:
        problems.append(f"line 1: expected the header {wanted}")
    whole = [row for row in rows[1:] if len(row.cells) == len(LIST_COLUMNS)]
    problems += [
        f"line {row.line}: it has {len(row.cells)} cells, expected {len(LIST_COLUMNS)}: {wanted}"
        for row in rows[1:]
        if row not in whole
    ]
    return whole


def _row_problems(rows: Sequence[_Row], expected: Expected) -> Iterator[str]:
    for row in rows:
        at = f"line {row.line}:"
        trial, purpose, stratum, _, arm = row.cells
        if trial != expected.trial:
            yield f"{at} the list is of another trial, expected {expected.trial}"
        if purpose != expected.purpose.value:
            yield (
                f"{at} the list is not marked {expected.purpose.value} in the column purpose. "
                f"Never use a list made for {_other(expected.purpose)} here"
            )
        if stratum not in expected.strata:
            near = get_close_matches(stratum, expected.strata, n=1)
            hint = f"; the nearest is {near[0]}" if near else ""
            yield f"{at} there is no such stratum in this trial{hint}"
        if row.position is None:
            yield f"{at} the position is not a whole number, written without point or zeros before"
        if arm not in expected.plan.ratio:
            yield f"{at} the arm is none of the trial's, expected {_either(expected.plan.ratio)}"


def _position_problems(rows: Sequence[_Row], expected: Expected) -> Iterator[str]:
    seen: dict[str, dict[int, int]] = {}
    last_stratum = ""
    for row in rows:
        places = seen.setdefault(row.stratum, {})
        if places and row.stratum != last_stratum:
            yield f"line {row.line}: this stratum's rows are not together; the file was sorted"
        last_stratum = row.stratum
        if row.position is None:
            continue
        next_ = max(places, default=0) + 1
        if row.position in places:
            yield f"line {row.line}: position {row.position} stands on line {places[row.position]}"
        elif row.position != next_:
            yield (
                f"line {row.line}: position {row.position}, expected {next_}. A slot is missing, "
                "positions do not begin at 1, or the file was sorted"
            )
        places[row.position] = row.line
    for stratum in expected.strata:
        if stratum not in seen:
            after = rows[-1].line if rows else 1
            yield f"line {after}: the list ends and has no slot of stratum {stratum}"


def _chance_problems(rows: Sequence[_Row], expected: Expected) -> Iterator[str]:
    plan = expected.plan
    blocks = " or ".join(map(str, plan.block_sizes))
    ratio = ":".join(map(str, plan.ratio.values()))
    if not plan.block_sizes:
        yield "line 1: the trial's plan names no block sizes to compare the list with"
        return
    sequences = {stratum: list(of) for stratum, of in groupby(rows, key=lambda row: row.stratum)}
    for stratum, of in sequences.items():
        arms = [row.arm for row in of]
        misfit = first_misfit(arms, ratio=plan.ratio, block_sizes=plan.block_sizes)
        if misfit is not None:
            yield (
                f"line {of[misfit].line}: from here stratum {stratum} fits no blocks of {blocks} "
                f"at {ratio}"
            )
        if is_out_of_ratio(arms, ratio=plan.ratio, block_sizes=plan.block_sizes):
            yield f"line {of[-1].line}: the arms of stratum {stratum} are not {ratio}"
        pattern = repeats_a_pattern(arms, ratio=plan.ratio, block_sizes=plan.block_sizes)
        if pattern:
            yield f"line {of[0].line}: stratum {stratum} repeats one pattern to its end"
    yield from _copies(sequences, plan)


def _copies(sequences: dict[str, list[_Row]], plan: AllocationPlan) -> Iterator[str]:
    pairs = len(sequences) * (len(sequences) - 1) / 2
    for one, other in combinations(sequences, 2):
        arms = [[row.arm for row in sequences[stratum]] for stratum in (one, other)]
        length = min(map(len, arms))
        likely = most_likely(length, ratio=plan.ratio, block_sizes=plan.block_sizes)
        if pairs * likely < MOST_BY_CHANCE and arms[0][:length] == arms[1][:length]:
            yield (
                f"line {sequences[other][0].line}: stratum {other} has the sequence of stratum "
                f"{one}. Each needs its own"
            )


def _either(names: Iterable[str]) -> str:
    return " or ".join(names)


def _other(purpose: Purpose) -> str:
    return next(each.value for each in Purpose if each is not purpose)
