"""What comes out of comparing the groups on one endpoint: counts, estimates, tests.

A number that does not exist for these data is None, and shown as not estimable. With one group
nothing is compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from immunosep.analysis.counts import TwoByTwo
from immunosep.analysis.estimates import Estimate, TestResult
from immunosep.analysis.kaplan_meier import SurvivalCurve
from immunosep.analysis.number_needed import NumberNeeded


@dataclass(frozen=True, kw_only=True)
class Counted:
    """One group: how many had it, of how many for whom it is known, and of how many it is not."""

    group: str
    events: int
    total: int
    unknown: int
    proportion: Estimate


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One line of a table of proportions: the groups, and what tells them apart if there are two.

    `id` is the number's own name wherever it is shown.
    """

    id: str
    label: str
    groups: tuple[Counted, ...]
    difference: Estimate | None = None
    odds_ratio: Estimate | None = None
    fisher: TestResult | None = None
    number_needed: NumberNeeded | None = None

    @property
    def table(self) -> TwoByTwo:
        """The counts as a two-by-two table, the treated arm first."""
        first, second = self.groups
        return TwoByTwo.of((first.events, first.total), (second.events, second.total))


@dataclass(frozen=True, kw_only=True)
class Stratified:
    """An endpoint across the immune states."""

    odds_ratio: Estimate
    test: TestResult | None
    breslow_day: TestResult | None
    tarone: TestResult | None


@dataclass(frozen=True, kw_only=True)
class Adjusted:
    """An endpoint adjusted for immune state and large centres by logistic regression."""

    odds_ratio: Estimate
    test: TestResult
    covariates: tuple[str, ...]
    penalised: bool
    left_out: str = ""


@dataclass(frozen=True, kw_only=True)
class Interaction:
    """One endpoint in a subgroup and in the others, and whether the effect differs."""

    subgroup: str
    label: str
    inside: Compared
    outside: Compared
    unknown: int
    ratio: Estimate | None = None
    test: TestResult | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Survived:
    """An endpoint as a time: the groups' curves, and their comparison.

    `unknown`: of how many of each group no time is known; they are in no curve.
    """

    until_day: int
    curves: Mapping[str, SurvivalCurve | None]
    unknown: Mapping[str, int]
    hazard_ratio: Estimate | None = None
    stratified_hazard_ratio: Estimate | None = None
    log_rank: TestResult | None = None
    proportional: TestResult | None = None
    restricted_difference: Estimate | None = None


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One group's number: mean with deviation, median with quartiles."""

    group: str
    count: int
    unknown: int
    mean: float | None
    deviation: float | None
    median: float | None
    quartiles: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class Averaged:
    """A number compared between the groups."""

    id: str
    label: str
    groups: tuple[Measured, ...]
    student: Estimate | None = None
    student_test: TestResult | None = None
    welch: Estimate | None = None
    welch_test: TestResult | None = None


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """An ordered outcome: each group's counts by level, the best first."""

    levels: tuple[str, ...]
    counts: Mapping[str, tuple[int, ...]]
    unknown: Mapping[str, int]
    odds_ratio: Estimate | None = None
    test: TestResult | None = None
    likelihood_ratio: TestResult | None = None
    proportional: TestResult | None = None
