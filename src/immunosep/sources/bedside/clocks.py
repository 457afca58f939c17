"""Times brought to one convention.

Written without an offset, a time is seconds in the centre's own clock, and the offset is unknown.
Written with one, it is seconds in UTC, and `utc_offset_minutes` keeps the offset for display: that
of `sepsis_onset_at`, or of the first time given.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from immunosep.errors import ImmunosepError, SourceError
from immunosep.sources.bedside.problems import Problems
from immunosep.sources.bedside.values import Moment, read_time
from immunosep.tables.columns import Kind
from immunosep.tables.dictionary import BEDSIDE

TIMES = tuple(column.name for column in BEDSIDE if column.kind is Kind.TIME)
OFFSET = "utc_offset_minutes"


@dataclass(frozen=True)
class Now(Moment):
    """What this computer's clock shows: known with an offset, and as the time on the wall."""


def settle_clocks(columns: dict[str, list[Any]], count: int, problems: Problems) -> None:
    """Replace each time of `columns` by its seconds, and fill in the offsets, row by row."""
    given = [name for name in TIMES if name in columns]
    offsets = columns.get(OFFSET) or [None] * count
    for row in range(count) if given else ():
        moments = [m for m in (columns[name][row] for name in given) if isinstance(m, Moment)]
        written = [moment.offset for moment in moments]
        with_offset = [offset for offset in written if offset is not None]
        if with_offset and len(with_offset) < len(written):
            problems.in_row(
                row, "some times have an offset from UTC, some have none; write all alike"
            )
        elif with_offset and offsets[row] not in (None, *with_offset):
            problems.in_row(row, f"{OFFSET} contradicts the offset of the times; delete it")
        elif with_offset and offsets[row] is None:
            offsets[row] = with_offset[0]
    for name in given:
        columns[name] = [_seconds(moment, offsets[at]) for at, moment in enumerate(columns[name])]
    columns[OFFSET] = offsets


def _seconds(moment: Any, offset: int | None) -> int | None:
    if isinstance(moment, Moment):
        own = moment.offset if moment.offset is not None else offset
        return moment.seconds - (own or 0) * 60
    return None if moment is None else int(moment.value)


def read_moment(text: str, *, now: datetime) -> Moment:
    """A time given on its own, such as that of an assessment; "now" is `now`, with its offset."""
    if text.strip().lower() == "now":
        here = read_moment(now.isoformat(timespec="seconds"), now=now)
        return Now(here.seconds, here.offset)
    value, problem, _ = read_time(text.strip())
    if problem:
        raise SourceError("cannot read the time of assessment", [problem])
    assert isinstance(value, Moment)
    return value


def fill_assessed_at(patients: pa.Table, moment: Moment) -> pa.Table:
    """The same rows, those without `assessed_at` assessed at `moment`.

    A moment with an offset does not fit times without one, nor the other way round, and is refused.
    `Now` fits either: where times have no offset, it is what the clock on the wall shows.
    """
    columns = {name: patients[name].to_pylist() for name in (*TIMES, OFFSET)}
    misfits = 0
    for row in range(patients.num_rows):
        if columns["assessed_at"][row] is not None:
            continue
        offset, timed = columns[OFFSET][row], any(columns[name][row] is not None for name in TIMES)
        misfits += timed and (offset is None) != (moment.offset is None)
        if offset is None and not timed:
            offset = columns[OFFSET][row] = moment.offset
        own = offset if moment.offset is None else moment.offset
        columns["assessed_at"][row] = moment.seconds - (own or 0) * 60 * (offset is not None)
    if misfits and not isinstance(moment, Now):
        raise _misfit(moment, misfits)
    for name in ("assessed_at", OFFSET):
        at = patients.schema.get_field_index(name)
        patients = patients.set_column(
            at, patients.schema.field(at), pa.array(columns[name], type=pa.int64())
        )
    return patients


def _misfit(moment: Moment, patients: int) -> ImmunosepError:
    has, have = ("no", "one") if moment.offset is None else ("an", "none")
    example = "2026-03-02T08:15" + ("+02:00" if moment.offset is None else "")
    return ImmunosepError(
        f"the time of assessment has {has} offset from UTC, but the times of {patients:,} "
        f"patient{'s' * (patients != 1)} have {have}; write all alike, such as {example}"
    )
