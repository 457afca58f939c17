"""What the reports of the trials printed: the rows that `immunosep analyse --published` checks."""

from collections.abc import Mapping
from types import MappingProxyType

from immunosep.errors import AnalysisError
from immunosep.protocol.published import PublishedRow
from immunosep.trials.immunosep import results as immunosep
from immunosep.trials.immunosep import results_of_subgroups as of_subgroups
from immunosep.trials.provide import results as provide

PUBLISHED: Mapping[str, tuple[PublishedRow, ...]] = MappingProxyType(
    {
        "immunosep": (
            *immunosep.FLOW,
            *immunosep.BASELINE,
            *immunosep.OUTCOMES,
            *of_subgroups.SUBGROUPS,
            *of_subgroups.HARMS,
            *immunosep.NOT_FROM_COUNTS,
        ),
        "provide": provide.RESULTS,
    }
)


def find_published(trial: str) -> tuple[PublishedRow, ...]:
    """The printed rows of a trial, by its id."""
    try:
        return PUBLISHED[trial.lower()]
    except KeyError:
        raise AnalysisError(
            "published results",
            [f"{trial!r} came; expected {' or '.join(PUBLISHED)}, whose counts are known"],
        ) from None
