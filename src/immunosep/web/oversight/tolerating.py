"""Where the trial stands against its quality tolerance limits (`protocol.tolerance`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from immunosep.protocol.tolerance import Measure, ToleranceLimit
from immunosep.web.oversight.counting import Counts

PARTS: Mapping[Measure, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Measure.RANDOMISED_IN_ERROR: (("in_error",), ("randomised",)),
    Measure.NO_FIRST_DOSE: (("no_first_dose",), ("randomised",)),
    Measure.ALL_CONSENT_WITHDRAWN: (("withdrawn",), ("randomised",)),
    Measure.DOSES_NOT_GIVEN: (("not_given",), ("given", "not_given")),
    Measure.PAGES_OVERDUE: (("overdue",), ("entered", "overdue")),
    Measure.STATUS_UNKNOWN: (("contacts_unknown",), ("contacts",)),
    Measure.IMPORTANT_DEVIATIONS: (("important",), ("randomised",)),
    Measure.UNBLINDED: (("unblinded",), ("randomised",)),
}
"""Which counts are divided by the sum of which."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One limit, and how many there are of how many."""

    limit: ToleranceLimit
    count: int
    of: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None while there is nothing to count."""
        return self.count / self.of if self.of else None

    @property
    def inside(self) -> bool:
        """Whether it is kept: the limit itself is inside."""
        return self.share is None or self.share <= self.limit.limit

    @property
    def per_cent(self) -> str:
        """The share, as a page shows it."""
        return "" if self.share is None else f"{100 * self.share:.1f} %"

    @property
    def limit_per_cent(self) -> str:
        """The limit likewise."""
        return f"{100 * self.limit.limit:.3g} %"


def standings(limits: Iterable[ToleranceLimit], counts: Counts) -> list[Standing]:
    """Where each limit stands, in the trial's order."""
    return [
        Standing(
            limit=each,
            count=sum(_total(counts, name) for name in PARTS[each.measure][0]),
            of=sum(_total(counts, name) for name in PARTS[each.measure][1]),
        )
        for each in limits
    ]


def _total(counts: Counts, name: str) -> int:
    return int(getattr(counts, name).total())
