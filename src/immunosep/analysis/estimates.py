"""What a method answers: an estimate with its interval, or a test's P value, and by which method.

`None` says that the number does not exist for these data (an odds ratio of an empty table); it is
shown as "not estimable", never as a number.
"""

from dataclasses import dataclass

LEVEL = 0.95  # ICH E9 (1998) 5.5: intervals beside every test; 95 % as the trial prints


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """One number with its confidence interval; an end that does not exist is None."""

    value: float | None
    low: float | None
    high: float | None
    method: str
    level: float = LEVEL

    @property
    def estimable(self) -> bool:
        """Whether there is a number at all."""
        return self.value is not None


@dataclass(frozen=True, kw_only=True)
class TestResult:
    """One test: its P value, and its statistic with degrees of freedom where it has them."""

    __test__ = False  # no test of ours: pytest would collect the name

    p_value: float | None
    method: str
    statistic: float | None = None
    degrees_of_freedom: float | None = None
