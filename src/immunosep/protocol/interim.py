"""When a trial is looked at before its end, what stops it then, and what that costs.

`Looks` is the plan as the protocol states it. The limits on the z scale follow from it by
calculation: `analysis.interim.boundaries`.
"""

from dataclasses import dataclass
from enum import StrEnum


class Spending(StrEnum):
    """How the type I error is shared among the looks, by the name of its paper."""

    OBRIEN_FLEMING = "obrien_fleming"  # Biometrics 1979;35:549
    POCOCK = "pocock"  # Biometrika 1977;64:191
    WANG_TSIATIS = "wang_tsiatis"  # Biometrics 1987;43:193; the parameter is the exponent
    HAYBITTLE_PETO = "haybittle_peto"  # BJR 1971;44:793; the parameter is z before the last look
    LAN_DEMETS_OBRIEN_FLEMING = "lan_demets_obrien_fleming"  # Biometrika 1983;70:659
    LAN_DEMETS_POCOCK = "lan_demets_pocock"  # Biometrika 1983;70:659
    HWANG_SHIH_DECANI = "hwang_shih_decani"  # Stat Med 1990;9:1439; the parameter is gamma
    KIM_DEMETS = "kim_demets"  # Biometrika 1987;74:149; the parameter is the power of time


SPENDING_FUNCTIONS = frozenset(
    {
        Spending.LAN_DEMETS_OBRIEN_FLEMING,
        Spending.LAN_DEMETS_POCOCK,
        Spending.HWANG_SHIH_DECANI,
        Spending.KIM_DEMETS,
    }
)
"""Those that are functions of the information alone: looks may then come at other times."""

WITH_PARAMETER = frozenset(
    {
        Spending.WANG_TSIATIS,
        Spending.HAYBITTLE_PETO,
        Spending.HWANG_SHIH_DECANI,
        Spending.KIM_DEMETS,
    }
)
"""Those that are a family: one of it is chosen by `parameter`."""


@dataclass(frozen=True, kw_only=True)
class Futility:
    """When a trial is stopped because it is unlikely to succeed.

    Either `z`, one limit for each look but the last, or `spending` of the type II error `beta`,
    with its `parameter`. `binding`: the trial must stop there, and the limits of efficacy count on
    it; otherwise they do not, and the committee may go on.
    """

    binding: bool
    z: tuple[float, ...] = ()
    spending: Spending | None = None
    parameter: float | None = None
    beta: float | None = None


@dataclass(frozen=True, kw_only=True)
class Looks:
    """The looks of a trial: `information` at each, as a share of all, the last of them 1.

    `alpha` is the whole type I error, of both sides if `sided` is 2. `tests` is the id of the
    endpoint that is compared.
    """

    information: tuple[float, ...]
    spending: Spending
    alpha: float
    sided: int
    tests: str
    source: str
    parameter: float | None = None
    futility: Futility | None = None
