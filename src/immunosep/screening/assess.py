"""Every criterion of a trial answered for every patient: met, not met or unknown.

`derive_assessment` is the one evaluator, an expression that runs on any engine; `assess` puts it to
rows in this process, compiled once per trial.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import cache

import ibis
import pyarrow as pa
from ibis.expr import types as ir

from immunosep.concepts.snapshot import PATIENTS, SNAPSHOT, derive_snapshot
from immunosep.protocol.trial import Trial
from immunosep.sources.prepared import prepare
from immunosep.tables.dictionary import DERIVED


class Verdict(StrEnum):
    """What the criteria say together."""

    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    UNDETERMINED = "undetermined"


UNCLASSIFIED = "unclassified"  # every immune state's rule is false
UNDETERMINED = "undetermined"  # some rule is unknown, and none that takes precedence is true


def assess(trial: Trial, patients: pa.Table) -> pa.Table:
    """One row per row of `patients`, in their order, with the columns of `derive_assessment`.

    `patients` has the columns of `concepts.snapshot.PATIENTS`, as `sources.bedside` reads them.
    """
    return _prepared(trial)(patients)


def assess_immune_states(trial: Trial, snapshots: pa.Table) -> list[str]:
    """The immune state of each row of a table of snapshots, and nothing else: ready much sooner.

    `snapshots` has the columns of `concepts.snapshot.SNAPSHOT` that the states' rules read; what is
    left out is unknown.
    """
    schema = SNAPSHOT.schema().to_pyarrow()
    known = pa.Table.from_pylist(snapshots.to_pylist(), schema=schema)
    return [str(state) for state in _states(trial)(known)["immune_state"].to_pylist()]


def met(criterion_id: str) -> str:
    """The name of the column that says whether a criterion is met."""
    return f"met_{criterion_id}"


def derive_assessment(trial: Trial, patients: ir.Table) -> ir.Table:
    """One row per row of `patients`: verdict, immune state, what is derived, each criterion.

    The column of a criterion (`met`) is true for met, false for not met, NULL for unknown; for an
    exclusion criterion met means that the exclusion applies. Times are in seconds, like every time.
    """
    answered = SNAPSHOT.select(
        "patient_id",
        immune_state=_immune_state(trial),
        window_closes_at=_window_closes_at(trial),
        **{column.name: SNAPSHOT[column.name] for column in DERIVED},
        **{met(criterion.id): criterion.rule for criterion in trial.criteria},
    )
    return bind(answered.mutate(verdict=_verdict(trial, answered)), derive_snapshot(patients))


def bind(question: ir.Table, snapshot: ir.Table) -> ir.Table:
    """The question, written on the unbound snapshot, asked of an actual one."""
    return question.op().replace({SNAPSHOT.op(): snapshot.op()}).to_expr()


def _window_closes_at(trial: Trial) -> ir.IntegerValue:
    if trial.window_hours is None:
        return ibis.null("int64")
    return SNAPSHOT.sepsis_onset_at + round(trial.window_hours * 3600)


@cache
def _prepared(trial: Trial) -> Callable[[pa.Table], pa.Table]:
    return prepare(derive_assessment(trial, PATIENTS), about=PATIENTS)


@cache
def _states(trial: Trial) -> Callable[[pa.Table], pa.Table]:
    return prepare(SNAPSHOT.select(immune_state=_immune_state(trial)), about=SNAPSHOT)


def _verdict(trial: Trial, answered: ir.Table) -> ir.StringValue:
    qualifies = ibis.and_(
        *(answered[met(criterion.id)] for criterion in trial.inclusion),
        *(~answered[met(criterion.id)] for criterion in trial.exclusion),
    )
    treatable = answered.immune_state != UNDETERMINED  # which treatment depends on the state
    return ibis.cases(
        (qualifies & treatable, Verdict.ELIGIBLE.value),
        (~qualifies, Verdict.INELIGIBLE.value),
        else_=Verdict.UNDETERMINED.value,
    )


def _immune_state(trial: Trial) -> ir.StringValue:
    branches, none_before = [], ibis.literal(True)
    for state in trial.immune_states:
        branches.append((none_before & state.rule, state.id))
        none_before = none_before & ~state.rule
    return ibis.cases(*branches, (none_before, UNCLASSIFIED), else_=UNDETERMINED)
