"""What may be wrong with a trial's looks: no limits follow from them, or nothing is compared."""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from immunosep.protocol.interim import (
    SPENDING_FUNCTIONS,
    WITH_PARAMETER,
    Futility,
    Looks,
    Spending,
)
from immunosep.protocol.overlap import is_number

if TYPE_CHECKING:
    from immunosep.protocol.trial import Trial

PARAMETERS = {
    Spending.WANG_TSIATIS: (-1.0, 1.0),
    Spending.HAYBITTLE_PETO: (1.0, 10.0),
    Spending.HWANG_SHIH_DECANI: (-50.0, 50.0),
    Spending.KIM_DEMETS: (0.01, 50.0),
}
"""Within what a parameter makes sense: beyond, a look spends all of the error or none."""


def interim_problems(trial: "Trial") -> Iterator[str]:
    """A plan of looks that cannot be followed."""
    looks = trial.interim
    if looks is None:
        return
    if not looks.source.strip():
        yield "the interim looks have no source"
    if trial.endpoints and looks.tests not in {endpoint.id for endpoint in trial.endpoints}:
        yield f"the interim looks test {looks.tests!r}, which is no endpoint of the trial"
    yield from looks_problems(looks)


def looks_problems(looks: Looks) -> Iterator[str]:
    """The same of looks alone, whatever trial they are of."""
    yield from _information(looks)
    if looks.sided not in (1, 2):
        yield f"interim looks: sided is {looks.sided!r}, expected 1 or 2"
    if not (is_number(looks.alpha) and 0 < looks.alpha < 0.5):
        yield f"interim looks: alpha is {looks.alpha!r}, expected a number between 0 and 0.5"
    yield from _spending("interim looks", looks.spending, looks.parameter)
    if looks.futility is not None:
        yield from _futility(looks, looks.futility)


def _information(looks: Looks) -> Iterator[str]:
    shares: object = looks.information
    if not (isinstance(shares, tuple | list) and shares and all(map(is_number, shares))):
        yield "interim looks: `information` must be a tuple of numbers, such as (0.5, 1.0)"
    elif any(later <= earlier for earlier, later in pairwise((0, *shares))) or shares[-1] != 1:
        yield "interim looks: `information` must rise from above 0 to 1, the last look"


def _spending(name: str, spending: object, parameter: float | None) -> Iterator[str]:
    if not isinstance(spending, Spending):
        yield f"{name}: spending is {spending!r}, expected Spending, such as Spending.POCOCK"
        return
    if spending not in WITH_PARAMETER:
        if parameter is not None:
            yield f"{name}: {spending.value} has no parameter; leave it out"
        return
    low, high = PARAMETERS[spending]
    if not (is_number(parameter) and parameter is not None and low <= parameter <= high):
        yield (
            f"{name}: {spending.value} has the parameter {parameter!r}, expected a number from "
            f"{low:g} to {high:g}"
        )


def _futility(looks: Looks, futility: Futility) -> Iterator[str]:
    if looks.sided != 1:
        yield "interim looks: limits of futility need a one-sided test: write sided=1"
    if (futility.spending is None) == (not futility.z):
        yield "interim looks: futility needs either `z` or `spending`, and not both"
        return
    if futility.spending is None:
        yield from _fixed(looks, futility)
        return
    yield from _spending("futility", futility.spending, futility.parameter)
    if futility.spending not in SPENDING_FUNCTIONS:
        yield "futility: spending must be a function of the information, such as Lan & DeMets'"
    if looks.spending not in SPENDING_FUNCTIONS and futility.binding:
        yield "futility: where it is binding, alpha must be spent by a function of the information"
    if not (is_number(futility.beta) and futility.beta is not None and 0 < futility.beta < 0.5):
        yield f"futility: beta is {futility.beta!r}, expected a number between 0 and 0.5"


def _fixed(looks: Looks, futility: Futility) -> Iterator[str]:
    if len(futility.z) != len(looks.information) - 1 or not all(map(is_number, futility.z)):
        yield (
            f"futility: {len(futility.z)} limits of z for {len(looks.information)} looks; expected "
            "one for each look but the last"
        )
    if futility.parameter is not None or futility.beta is not None:
        yield "futility: `parameter` and `beta` go with `spending`; leave them out"
