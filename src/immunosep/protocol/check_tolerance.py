"""What may be wrong with quality tolerance limits, and with the training that is asked for."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from immunosep.protocol.tolerance import Measure

if TYPE_CHECKING:
    from immunosep.protocol.trial import Trial


def tolerance_problems(trial: "Trial") -> Iterator[str]:
    """Limits that are no share, measure nothing, or do not say why."""
    for each in trial.tolerance_limits:
        name = f"tolerance limit {each.id!r}"
        measure: object = each.measure
        limit: object = each.limit
        if not isinstance(measure, Measure):
            yield f"{name}: `measure` is {measure!r}, expected Measure, such as Measure.UNBLINDED"
        if isinstance(limit, bool) or not isinstance(limit, int | float) or not 0 <= limit < 1:
            yield f"{name}: `limit` is {limit!r}, expected a share from 0 to less than 1"
        for field in ("label", "why"):
            if not str(getattr(each, field)).strip():
                yield f"{name} has no `{field}`. Write what people will read"


def training_problems(trial: "Trial") -> Iterator[str]:
    """Trainings without a name, or named twice."""
    for at, name in enumerate(trial.training_required, start=1):
        if not name.strip():
            yield f"`training_required`, item {at}, is empty. Name the training"
        if name in trial.training_required[: at - 1]:
            yield f"`training_required` names {name!r} twice. Leave one out"
