"""What may be wrong with a component: its interval, its duration, its dose and unit."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

from immunosep.errors import UnitError
from immunosep.protocol.overlap import is_number
from immunosep.protocol.treatment import Component, Intervention
from immunosep.tables.units import unit_of

if TYPE_CHECKING:
    from immunosep.protocol.trial import Trial

AMOUNTS = ("g", "mg", "ug", "ng", "mmol", "umol", "mL", "IU", "[iU]", "U")
DOSE_UNITS = tuple(amount + per for amount in AMOUNTS for per in ("", "/kg", "/m2"))
"""What a dose may be counted in: an amount (UCUM 2.1), alone or by body weight or surface."""

RATES = ("dose rate", "daily dose", "volume rate", "volume rate by weight")
"""What a unit of `tables.units` may measure, to be one of a dose."""

WRITTEN_OUT = {
    "gram": "g",
    "grams": "g",
    "milligram": "mg",
    "milligrams": "mg",
    "microgram": "ug",
    "micrograms": "ug",
    "mcg": "ug",
    "µg": "ug",
    "μg": "ug",
    "nanogram": "ng",
    "ml": "mL",
    "millilitre": "mL",
    "milliliter": "mL",
    "units": "U",
    "unit": "U",
}
"""Other words for a dose's unit, to name the one that is meant."""

INACTIVE = ("placebo", "dummy", "sham")


def dose_problems(trial: "Trial") -> Iterator[str]:
    """Components that cannot be given as written, each once however many cells have it."""
    yield from (problem for each in trial.interventions for problem in _intervention(each))
    components = (each for regimen in trial.regimens for each in regimen.components)
    yield from dict.fromkeys(problem for each in components for problem in _component(each))


def _intervention(intervention: Intervention) -> Iterator[str]:
    words = re.findall("[a-z]+", f"{intervention.id} {intervention.label}".lower())
    found = [word for word in INACTIVE if word in words]
    if intervention.active and found:
        yield (
            f"intervention {intervention.id!r} is a {found[0]} by its name, but has active=True. "
            "Write active=False, or name the drug"
        )


def _component(component: Component) -> Iterator[str]:
    name = f"the {component.route} {component.intervention.id!r}"
    yield from _course(name, component)
    if component.intervention.active:
        yield from _dose(name, component)
    elif component.dose is not None or component.unit:
        given = f"{'' if component.dose is None else component.dose} {component.unit}".strip()
        yield (
            f"{name} has a dose of {given}, but is not active. Leave `dose` and `unit` out, "
            "or write active=True"
        )


def _course(name: str, component: Component) -> Iterator[str]:
    for field in ("every_hours", "days"):
        value: object = getattr(component, field)
        if not isinstance(value, int) or value <= 0:
            yield f"{name}: {field} is {value!r}, expected a whole number, 1 or more"
    volume = component.volume_ml
    if volume is not None and not (is_number(volume) and volume > 0):
        yield f"{name}: volume_ml is {volume!r}, expected a number above 0. Or leave it out"


def _dose(name: str, component: Component) -> Iterator[str]:
    if component.dose is None:
        yield f"{name} is active and has no dose. Write dose=... and unit=..."
        return
    if not (is_number(component.dose) and component.dose > 0):
        yield f"{name}: dose is {component.dose!r}, expected a number above 0"
    if not _is_dose_unit(component.unit):
        came = f"the unit {component.unit!r}" if component.unit else "no unit"
        yield f"{name}: its dose has {came}, expected a unit of a dose.{_meant(component.unit)}"


def _is_dose_unit(unit: str) -> bool:
    if unit in DOSE_UNITS:
        return True
    try:
        return unit_of(unit).dimension in RATES
    except UnitError:
        return False


def _meant(unit: str) -> str:
    amount, slash, per = unit.strip().lower().partition("/")
    meant = WRITTEN_OUT.get(amount.strip(), amount.strip()) + slash + per.strip()
    by_case = {known.lower(): known for known in DOSE_UNITS}
    near = get_close_matches(meant.lower(), by_case, n=1)
    if near:
        return f" The nearest is {by_case[near[0]]}"
    return f" Write {', '.join(AMOUNTS)}, or one of these with /kg or /m2"
