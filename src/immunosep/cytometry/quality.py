"""What was checked of a measurement, within which limits, and what follows from it.

One row is a check: its name, the value found, the limit in words, and pass, flag or refuse. The
worst outcome is the verdict. A flagged number is reported with the flag beside it; a refused tube
gives no number. The limits are ours, from simulated beads and blood and the few published slopes:
no manufacturer's limits were found in print.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import inf, isfinite
from typing import Any


class Outcome(StrEnum):
    """What one check says, from best to worst."""

    PASS = "pass"
    FLAG = "flag"
    REFUSE = "refuse"


class Verdict(StrEnum):
    """What the checks say together: report the number, report it flagged, or give none."""

    REPORT = "report"
    FLAG = "flag"
    REFUSE = "refuse"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing looked at; `says` is a sentence for people where it did not pass.

    The value of a `share` is shown in per cent.
    """

    name: str
    value: float | str | None
    limit: str
    outcome: Outcome
    says: str = ""
    share: bool = False

    def as_json(self) -> dict[str, Any]:
        """The check as plain values."""
        return {
            "name": self.name,
            "value": self.value,
            "limit": self.limit,
            "outcome": self.outcome.value,
        }


@dataclass(frozen=True, kw_only=True)
class Limit:
    """Where a number passes and where it is flagged; beyond both it is refused."""

    passes: tuple[float, float]
    flags: tuple[float, float]
    words: str

    @property
    def share(self) -> bool:
        """Whether it limits a share."""
        return "%" in self.words

    def judge(self, value: float) -> Outcome:
        """The outcome for a value; what is not finite is refused."""
        if not isfinite(value):
            return Outcome.REFUSE
        if self.passes[0] <= value <= self.passes[1]:
            return Outcome.PASS
        return Outcome.FLAG if self.flags[0] <= value <= self.flags[1] else Outcome.REFUSE


def at_least(passes: float, flags: float, words: str) -> Limit:
    """A limit from below."""
    return Limit(passes=(passes, inf), flags=(flags, inf), words=words)


def at_most(passes: float, flags: float, words: str) -> Limit:
    """A limit from above."""
    return Limit(passes=(-inf, passes), flags=(-inf, flags), words=words)


SLOPE = Limit(passes=(0.95, 1.05), flags=(0.90, 1.10), words="0.95 to 1.05; flag to 0.90 or 1.10")
R_SQUARED = at_least(0.998, 0.995, "0.998 or more; flag from 0.995")
RESIDUAL = at_most(0.06, 0.10, "6 % or less; flag to 10 %")
SLOPE_ONE = at_most(0.05, 0.10, "5 % or less; flag to 10 %")
BEADS_PER_LEVEL = at_least(500, 100, "500 or more; flag from 100")
BEADS_IN_LEVELS = at_least(0.70, 0.50, "70 % or more; flag from 50 %")
LEVEL_CV = at_most(0.20, 0.30, "20 % or less; flag to 30 %")
COMB = at_least(1.5, 1.2, "1.5 or more; flag from 1.2")
MONOCYTES = at_least(1000, 200, "1,000 or more; flag from 200")
MARGIN = at_most(0.01, 0.01, "1 % or less")
NOT_POSITIVE = at_most(0.01, 0.01, "1 % or less")
NOT_FINITE = at_most(0.001, 0.001, "0.1 % or less")
SECOND_GATE = at_most(0.05, inf, "5 % or less; else flag")
MEDIAN_APART = at_most(0.10, inf, "10 % or less; else flag")


def check(name: str, value: float, limit: Limit, says: str) -> Check:
    """The check of a number; `says` is kept where it did not pass."""
    outcome = limit.judge(value)
    return Check(
        name=name,
        value=value if isfinite(value) else None,
        limit=limit.words,
        outcome=outcome,
        says="" if outcome is Outcome.PASS else says,
        share=limit.share,
    )


def worst(checks: Iterable[Check]) -> Outcome:
    """The worst outcome; without a check, that is a pass."""
    order = list(Outcome)
    return max((check.outcome for check in checks), key=order.index, default=Outcome.PASS)


def verdict_of(checks: Iterable[Check]) -> Verdict:
    """What the checks say together."""
    match worst(checks):
        case Outcome.PASS:
            return Verdict.REPORT
        case Outcome.FLAG:
            return Verdict.FLAG
        case Outcome.REFUSE:
            return Verdict.REFUSE
