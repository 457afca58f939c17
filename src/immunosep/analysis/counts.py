"""A two-by-two table: in each of two arms, how many had the event, of how many.

Every method of this package that compares two proportions takes one. An arm of nobody is allowed,
as a stratum may have one: what cannot be estimated from it is then None.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from numbers import Integral

from scipy import stats

from immunosep.errors import AnalysisError


@dataclass(frozen=True, kw_only=True)
class TwoByTwo:
    """`events_1` of `total_1` in the first arm, `events_2` of `total_2` in the second."""

    events_1: int
    total_1: int
    events_2: int
    total_2: int

    def __post_init__(self) -> None:
        """Refuse what cannot be counts, naming every reason."""
        problems = list(_problems(self.events_1, self.total_1, arm="first"))
        problems += _problems(self.events_2, self.total_2, arm="second")
        if problems:
            raise AnalysisError("a two-by-two table", problems)

    @classmethod
    def of(cls, first: tuple[int, int], second: tuple[int, int]) -> "TwoByTwo":
        """The table of two pairs (events, total)."""
        return cls(events_1=first[0], total_1=first[1], events_2=second[0], total_2=second[1])

    @property
    def total(self) -> int:
        """Everybody in both arms."""
        return self.total_1 + self.total_2

    @property
    def events(self) -> int:
        """Everybody with the event."""
        return self.events_1 + self.events_2

    @property
    def both_arms(self) -> bool:
        """Whether there is somebody in each arm."""
        return self.total_1 > 0 and self.total_2 > 0

    @property
    def cells(self) -> tuple[int, int, int, int]:
        """a, b, c, d: events and others of the first arm, events and others of the second."""
        return (
            self.events_1,
            self.total_1 - self.events_1,
            self.events_2,
            self.total_2 - self.events_2,
        )

    @property
    def proportions(self) -> tuple[float, float]:
        """The share with the event in each arm; both arms hold somebody."""
        return self.events_1 / self.total_1, self.events_2 / self.total_2

    @property
    def difference(self) -> float:
        """First proportion minus second; both arms hold somebody."""
        first, second = self.proportions
        return first - second

    @property
    def mirrored(self) -> "TwoByTwo":
        """The same table with its arms exchanged."""
        return TwoByTwo.of((self.events_2, self.total_2), (self.events_1, self.total_1))


def _problems(events: int, total: int, *, arm: str) -> Iterator[str]:
    if not all(isinstance(n, Integral) and not isinstance(n, bool) for n in (events, total)):
        yield f"the {arm} arm has a count that is not a whole number; expected whole numbers"
        return
    for name, count in (("events", events), ("participants", total)):
        if count < 0:
            yield f"{count} {name} in the {arm} arm; expected 0 or more"
    if events > total >= 0:
        yield (
            f"{events} of {total} in the {arm} arm; expected no more than all of them: "
            "count participants, not events"
        )


def check_level(level: float) -> None:
    """Refuse a confidence level that is none."""
    if not 0 < level < 1:
        raise AnalysisError(
            "the confidence level",
            [f"{level:g} came; expected a fraction between 0 and 1, such as 0.95"],
        )


def two_sided_quantile(level: float) -> float:
    """The normal quantile that leaves half of what is outside `level` above it: 1.96 for 0.95."""
    check_level(level)
    return float(stats.norm.isf((1 - level) / 2))
