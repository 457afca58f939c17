"""Endpoints, each with its estimand (ICH E9(R1), 2019, A.3.3), and their definitions as data."""

from dataclasses import dataclass
from enum import StrEnum


class Rank(StrEnum):
    """An endpoint's place in the protocol."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    EXPLORATORY = "exploratory"
    SAFETY = "safety"


class Strategy(StrEnum):
    """How an intercurrent event is handled (ICH E9(R1), A.3.2)."""

    TREATMENT_POLICY = "treatment policy"
    HYPOTHETICAL = "hypothetical"
    COMPOSITE = "composite variable"
    WHILE_ON_TREATMENT = "while on treatment"
    PRINCIPAL_STRATUM = "principal stratum"


@dataclass(frozen=True, kw_only=True)
class IntercurrentEvent:
    """What may happen after treatment starts that changes what the variable means."""

    event: str
    strategy: Strategy
    handling: str


@dataclass(frozen=True, kw_only=True)
class Estimand:
    """What is to be estimated: the five attributes of ICH E9(R1)."""

    treatment: str
    population: str
    variable: str
    intercurrent_events: tuple[IntercurrentEvent, ...]
    summary: str


@dataclass(frozen=True, kw_only=True)
class SofaFall:
    """SOFA on one day minus its mean over later days; a response if that is above a limit.

    A day dead counts `dead_counts_as`; a day without a score takes the last one before it.
    """

    baseline_day: int
    first_day: int
    last_day: int
    responds_above: float
    dead_counts_as: int


@dataclass(frozen=True, kw_only=True)
class MeanSofa:
    """The mean of the daily SOFA from `first_day` to `last_day`, of those alive throughout."""

    first_day: int
    last_day: int


@dataclass(frozen=True, kw_only=True)
class Death:
    """Death of any cause by `day`."""

    day: int


@dataclass(frozen=True, kw_only=True)
class SurvivalWithSofaFall:
    """Alive on `day`, with a SOFA lower than the first by `fall_points` or `fall_fraction`."""

    day: int
    fall_points: float | None = None
    fall_fraction: float | None = None


@dataclass(frozen=True, kw_only=True)
class Reversal:
    """Leaving the immune state by `day`, judged on at least `samples` samples.

    MALS: ferritin lower by `ferritin_fall_fraction` or more. Immunoparalysis: HLA-DR above
    `hla_dr_above` and ferritin below `ferritin_below`.
    """

    day: int
    samples: int
    ferritin_fall_fraction: float
    hla_dr_above: float
    ferritin_below: float


@dataclass(frozen=True, kw_only=True)
class OrderedOutcome:
    """One of several outcomes on `day`, the best first."""

    day: int
    levels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AdverseEvents:
    """Treatment-emergent adverse events until `day`."""

    day: int
    serious: bool


Definition = (
    SofaFall | MeanSofa | Death | SurvivalWithSofaFall | Reversal | OrderedOutcome | AdverseEvents
)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One endpoint: what it is in words, as data, as an estimand, and how it is analysed."""

    id: str
    label: str
    rank: Rank
    estimand: Estimand
    analysis: str
    source: str
    definition: Definition | None = None
    note: str = ""
