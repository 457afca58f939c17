"""What a report printed, beside the counts it must follow from: data to be checked, not used.

One row is one line of a published table. Its groups are (events, participants), in the order of the
arms; what else they may be is said at the measure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Measure(StrEnum):
    """What a printed number is of the groups beside it."""

    SUM = "sum"  # of each group's parts
    PERCENT = "percent"  # of each group
    DIFFERENCE = "difference, points"  # percentage points, first minus second
    ODDS_RATIO = "odds ratio"
    RISK_RATIO = "risk ratio"
    FISHER_P = "P, Fisher"
    WALD_P = "P, Wald"
    NUMBER_NEEDED = "number needed"
    MANTEL_HAENSZEL = "common odds ratio"  # groups: the arms of one stratum after another
    CMH_P = "P, Mantel-Haenszel"
    BRESLOW_DAY_P = "P, Breslow-Day"
    INTERACTION = "ratio of odds ratios"  # groups: the arms inside the subgroup, then outside
    INTERACTION_P = "P, interaction"
    PROPORTIONAL_ODDS = "proportional odds"  # groups: how many had each outcome, the best first
    PROPORTIONAL_ODDS_P = "P, proportional odds"
    T_TEST_P = "P, t test"  # groups: mean, standard deviation, participants
    NOT_FROM_COUNTS = "model"


@dataclass(frozen=True, kw_only=True)
class PublishedRow:
    """One printed line: its groups, and per measure the value with its ends, as printed.

    Digits are kept as text. An empty text is a number we have not seen; a measure without any text
    was not printed, and is worked out beside the rest. `note` says what a reader has to know, such
    as what the print means instead. `settles` is False where the counts are themselves misprinted,
    or the row prints a value again: it does not tell which method the report used.
    """

    table: str
    row: str
    source: str
    groups: tuple[tuple[float, ...], ...] = ()
    printed: Mapping[Measure, tuple[str, ...]] = field(default_factory=dict)
    note: str = ""
    settles: bool = True
