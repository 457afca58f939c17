"""What a plan of analysis sets beside the endpoints: subgroups, large centres, what is imputed."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Subgroup:
    """Participants whose `column` of their record is `at_least` so much, against the others."""

    id: str
    label: str
    other: str
    column: str
    at_least: float
    source: str


@dataclass(frozen=True, kw_only=True)
class ImputationPlan:
    """Missing daily scores of the primary endpoint filled in so many times, from `seed`.

    `shifts` are the points by which what was filled in of the treated arm is made worse, one after
    the other, to find where the conclusion tips.
    """

    imputations: int
    seed: int
    shifts: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AnalysisPlan:
    """`large_centre_share`: a centre with more than this share of participants is a covariate.

    `hierarchy` are endpoints by id, the most important first: deaths and falls of SOFA, compared
    pair by pair (win ratio).
    """

    subgroups: tuple[Subgroup, ...] = ()
    large_centre_share: float | None = None
    imputation: ImputationPlan | None = None
    hierarchy: tuple[str, ...] = ()
    source: str = ""
