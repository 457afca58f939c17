"""Who is compared: the participants whose data are kept, their groups, and their records.

Every array has one value per participant, in the order of `names`. Groups are the two arms, the
treated one first, or one group of everybody where arms are closed or must not be compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from ibis.expr import types as ir
from numpy.typing import NDArray

from immunosep.analysis.followed import kept
from immunosep.analysis.records import Records
from immunosep.errors import AnalysisError

Mask = NDArray[np.bool_]
EVERYBODY = "all"


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """An arm, or everybody: who belongs to it."""

    id: str
    label: str
    members: Mask


@dataclass(frozen=True, kw_only=True, eq=False)
class People:
    """The participants whose data are kept."""

    records: Records
    rows: pa.Table
    groups: tuple[Group, ...]
    states: Mapping[str, str]  # of the trial's immune states, those that occur: id and label

    def __len__(self) -> int:
        """How many there are."""
        return int(self.rows.num_rows)

    @property
    def compared(self) -> bool:
        """Whether there are two arms to compare."""
        return len(self.groups) == 2

    @property
    def treated(self) -> Mask:
        """Who is in the treated arm; only where arms are compared."""
        assert self.compared
        return self.groups[0].members

    @cached_property
    def immune_state(self) -> NDArray[Any]:
        """Each participant's immune state at randomisation."""
        return np.asarray(self.rows["immune_state"].to_pylist(), dtype=str)

    @property
    def everybody(self) -> Mask:
        """A mask of all of them."""
        return np.ones(len(self), dtype=bool)

    def numbers(self, column: str) -> NDArray[np.float64]:
        """A column of the participants as numbers, NaN where unknown."""
        return numbers_of(self.rows[column])

    def words(self, column: str) -> list[str | None]:
        """A column of the participants as words, None where unknown."""
        found: list[str | None] = self.rows[column].to_pylist()
        return found

    def ask(self, expression: ir.Table) -> pa.Table:
        """What a derivation answers, one row per participant, in the order of the others."""
        found = self.records.ask(expression.order_by("participant"))
        if not found["participant"].equals(self.rows["participant"]):
            raise AnalysisError(
                "A derivation",
                ["it answers for other participants than those kept; expected one row of each"],
            )
        return found


def gather_people(records: Records, *, compare: bool = True) -> People:
    """Those whose data are kept, by arm if `compare` and the arms are known, else all together."""
    rows = records.ask(kept().order_by("participant"))
    arms = np.asarray(rows["arm"].to_pylist(), dtype=object)
    by_arm = compare and any(arm is not None for arm in records.tables["participants"]["arm"]
                             .to_pylist())  # fmt: skip
    groups = tuple(
        Group(id=arm.id, label=arm.label, members=np.asarray(arms == arm.id, dtype=bool))
        for arm in sorted(records.trial.arms, key=lambda arm: arm.control)
    )
    if not by_arm:
        whole = np.ones(rows.num_rows, dtype=bool)
        groups = (Group(id=EVERYBODY, label="All participants", members=whole),)
    present = set(rows["immune_state"].to_pylist())
    return People(
        records=records,
        rows=rows,
        groups=groups,
        states={s.id: s.label for s in records.trial.immune_states if s.id in present},
    )


def numbers_of(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """A column as floats, NaN where it is NULL; truth values as 1 and 0."""
    found: NDArray[np.float64] = np.asarray(
        column.cast("float64").to_numpy(zero_copy_only=False), dtype=np.float64
    )
    return found
