"""A trial's records, checked before anything is counted, on the engine that derives endpoints.

Tables that contradict each other are refused, every contradiction named with its rows. So are
records that may still change (not locked, or not signed), unless a draft is asked for: then every
page of the report says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from ibis.expr import types as ir

from immunosep.analysis.contradictions import contradictions, unlocked
from immunosep.analysis.followed import FOLLOWED, derive_followed
from immunosep.errors import AnalysisError
from immunosep.protocol.trial import Trial
from immunosep.sources.extract import connect
from immunosep.sources.records import Arms, Manifest, read_files

SUBJECT = "These records"


@dataclass(frozen=True, kw_only=True, eq=False)
class Records:
    """A trial's tables, and FOLLOWED, in an engine under their names; ask it unbound expressions.

    `draft` says that they may still change.
    """

    trial: Trial
    manifest: Manifest
    tables: Mapping[str, pa.Table]
    engine: Any
    draft: bool

    @property
    def arms(self) -> Arms:
        """Whether the arms are real, invented, or still closed."""
        return self.manifest.arms

    def ask(self, expression: ir.Table) -> pa.Table:
        """The rows of an expression on the tables of RECORDS."""
        found: pa.Table = self.engine.to_pyarrow(expression)
        return found


def read_records(folder: Path, *, trial: Trial, allow_unlocked: bool = False) -> Records:
    """The records of a folder; AnalysisError or SourceError says all that stands against them."""
    manifest, tables = read_files(folder)
    return take_records(tables, manifest=manifest, trial=trial, allow_unlocked=allow_unlocked)


def take_records(
    tables: Mapping[str, pa.Table],
    *,
    manifest: Manifest,
    trial: Trial,
    allow_unlocked: bool = False,
) -> Records:
    """Records that are in memory already, under the same checks."""
    open_ = list(unlocked(tables, manifest=manifest))
    problems = [
        *_of_another_trial(manifest, trial),
        *contradictions(tables, manifest=manifest, trial=trial),
        *([] if allow_unlocked else open_),
    ]
    if problems:
        raise AnalysisError(SUBJECT, problems)
    engine = connect()
    for name, rows in tables.items():
        engine.create_table(name, rows, temp=True)
    followed = engine.to_pyarrow(derive_followed())
    engine.create_table(FOLLOWED.get_name(), followed, temp=True)
    return Records(trial=trial, manifest=manifest, tables=tables, engine=engine, draft=bool(open_))


def _of_another_trial(manifest: Manifest, trial: Trial) -> Iterator[str]:
    if manifest.trial != trial.id:
        yield (
            f"they are of trial {manifest.trial!r}; expected {trial.id!r}: name the trial they "
            "belong to with --trial"
        )
    if len(trial.arms) != 2 or sum(arm.control for arm in trial.arms) != 1:
        yield (
            f"trial {trial.id!r} has {len(trial.arms)} arms; expected two, one of them the control"
        )
