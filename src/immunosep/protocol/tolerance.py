"""Quality tolerance limits: how much may go wrong in the trial as a whole before somebody asks why.

ICH E6(R3) 3.10.1.3 asks the sponsor for pre-specified acceptable ranges; which, and how wide, is
the trial's own decision. Every measure is counted over all arms together.
"""

from dataclasses import dataclass
from enum import StrEnum


class Measure(StrEnum):
    """What is counted, of which whole: each is a share from 0 to 1."""

    RANDOMISED_IN_ERROR = "participants randomised in error, of those randomised"
    NO_FIRST_DOSE = "participants without a first dose a week on, of those randomised"
    ALL_CONSENT_WITHDRAWN = "participants who took all consent back, of those randomised"
    DOSES_NOT_GIVEN = "doses not given, of those due"
    PAGES_OVERDUE = "pages whose day is over without an entry, of those due"
    STATUS_UNKNOWN = "vital status unknown or not recorded, of the contacts due"
    IMPORTANT_DEVIATIONS = "participants with an important deviation, of those randomised"
    UNBLINDED = "participants whose treatment somebody learned, of those randomised"


@dataclass(frozen=True, kw_only=True)
class ToleranceLimit:
    """One limit: at most `limit` of a measure is inside; `why` says where the number is from."""

    id: str
    label: str
    measure: Measure
    limit: float
    why: str
