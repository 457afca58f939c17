"""What a plan of analysis sets beside the endpoints: subgroups, and which centres are large."""

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
class AnalysisPlan:
    """`large_centre_share`: a centre with more than this share of participants is a covariate."""

    subgroups: tuple[Subgroup, ...] = ()
    large_centre_share: float | None = None
    source: str = ""
