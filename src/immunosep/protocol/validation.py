"""What may be wrong with a trial, all of it at once."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from immunosep.protocol.trial import Trial


def problems_of(trial: "Trial") -> list[str]:
    """Every problem of a trial, in the order of its fields; an empty list if it is valid."""
    return list(_no_criteria(trial))


def _no_criteria(trial: "Trial") -> Iterator[str]:
    if not trial.inclusion and not trial.exclusion:
        yield "it has no criterion; give at least one in `inclusion` or `exclusion`"
