"""Three cohorts: a test cohort in which the cut-off is found, two in which it is tried.

As the study behind the ferritin rule had them (Kyriazopoulou et al. BMC Med 2017;15:172): one group
of people split at random in two, and a confirmation cohort from elsewhere. The split keeps the
share of those with the condition, so that neither part is left with too few.
"""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from immunosep.analysis.biomarker.roc import as_outcome
from immunosep.errors import AnalysisError

TEST_SHARE = 2 / 3  # 3,417 of 5,121: Kyriazopoulou et al. BMC Med 2017;15:172


class Cohort(StrEnum):
    """What a person's data are for."""

    TEST = "test"
    VALIDATION = "validation"
    CONFIRMATION = "confirmation"


def split_cohorts(
    outcome: ArrayLike, *, rng: np.random.Generator, share: float = TEST_SHARE
) -> list[Cohort]:
    """Test or validation for each person, drawn at random within each outcome."""
    if not 0 < share < 1:
        raise AnalysisError(
            "cohorts", [f"the share of the test cohort is {share:g}, expected between 0 and 1"]
        )
    ill = as_outcome(outcome)
    in_test = np.zeros(len(ill), dtype=np.bool_)
    for group in (ill, ~ill):
        members = rng.permutation(np.flatnonzero(group))
        in_test[members[: round(share * len(members))]] = True
    return [Cohort.TEST if chosen else Cohort.VALIDATION for chosen in in_test]


def assign_cohorts(
    told: Sequence[str | None],
    outcome: ArrayLike,
    *,
    rng: np.random.Generator,
    share: float = TEST_SHARE,
) -> list[Cohort]:
    """The cohort each row is told to be of; rows that are told none are split in two at random.

    Either all people but those of the confirmation cohort are split, or none.
    """
    known = {each for each in told if each is not None}
    wrong = known - {cohort.value for cohort in Cohort}
    if wrong:
        raise AnalysisError(
            "cohorts",
            [
                f"{len(wrong)} other words stand in the column of cohorts; expected test, "
                "validation, confirmation, or nothing where people are to be split at random"
            ],
        )
    open_rows = [at for at, each in enumerate(told) if each is None]
    if open_rows and known - {Cohort.CONFIRMATION.value}:
        raise AnalysisError(
            "cohorts",
            [
                f"{len(open_rows)} rows have no cohort where others are test or validation; name "
                "the cohort of every row, or of those of the confirmation cohort alone"
            ],
        )
    drawn = dict(
        zip(
            open_rows,
            split_cohorts(as_outcome(outcome)[open_rows], rng=rng, share=share),
            strict=True,
        )
    )
    return [drawn[at] if each is None else Cohort(each) for at, each in enumerate(told)]
