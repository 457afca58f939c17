"""The units hospitals write, and their conversion to the unit of a column.

Codes are UCUM (Schadow G, McDonald CJ. The Unified Code for Units of Measure, 2.1). A unit converts
to any other of its dimension; a molar and a mass concentration convert only where the column names
its own factor, because that depends on the molecule.
"""

from dataclasses import dataclass
from difflib import get_close_matches

from immunosep.errors import UnitError


@dataclass(frozen=True)
class Unit:
    """A unit: UCUM code, what it measures, its size in that dimension's base, other spellings."""

    code: str
    dimension: str
    size: float
    spellings: tuple[str, ...] = ()


UNITS = (
    Unit("g/L", "mass concentration", 1000.0, ("mg/mL",)),
    Unit("g/dL", "mass concentration", 10000.0),
    Unit("mg/dL", "mass concentration", 10.0, ("mg%",)),
    Unit("mg/L", "mass concentration", 1.0, ("ug/mL",)),
    Unit("ug/dL", "mass concentration", 0.01),
    Unit("ug/L", "mass concentration", 0.001, ("ng/mL",)),
    Unit("ng/dL", "mass concentration", 0.00001),
    Unit("pg/mL", "mass concentration", 0.000001, ("ng/L",)),
    Unit("mmol/L", "molar concentration", 1000.0, ("mM",)),
    Unit("umol/L", "molar concentration", 1.0, ("uM", "mcmol/L", "micromol/L")),
    Unit("nmol/L", "molar concentration", 0.001, ("nM",)),
    Unit("pmol/L", "molar concentration", 0.000001),
    Unit("mm[Hg]", "pressure", 1.0, ("mmHg", "Torr")),
    Unit("kPa", "pressure", 7.50062),  # 1 kPa = 7.50062 mmHg (NIST SP 811)
    Unit("/uL", "number concentration", 1.0, ("/mm3", "cells/uL", "cells/mm3", "/cmm", "10*6/L")),
    Unit(
        "10*3/uL",
        "number concentration",
        1000.0,
        ("10*9/L", "K/uL", "10*3/mm3", "Gpt/L", "Giga/L", "x10*9/L", "x10*3/uL", "thou/uL",
         "/nL", "Tsd/uL", "Tsd./uL", "Tsd/mm3", "thousand/uL", "thousand/mm3"),
    ),
    Unit("mL/(24.h)", "volume rate", 1.0, ("mL/day", "mL/d", "mL/24h", "mL/24 h", "cc/day")),
    Unit("L/(24.h)", "volume rate", 1000.0, ("L/day", "L/d", "L/24h")),
    Unit("mL/h", "volume rate", 24.0, ("mL/hr", "cc/h", "cc/hr")),
    Unit("mL/kg/h", "volume rate by weight", 1.0, ("mL/kg/hr", "cc/kg/h")),
    Unit("[pH]", "acidity", 1.0, ("pH",)),
    Unit("kg", "mass", 1.0),
    Unit("g", "mass", 0.001),
    Unit("[lb_av]", "mass", 0.45359237, ("lb", "lbs", "pound")),
    Unit("1", "fraction", 1.0, ("fraction",)),
    Unit("%", "fraction", 0.01, ("percent", "vol%")),
    Unit("ug/kg/min", "dose rate", 1.0),
    Unit("ug/kg/h", "dose rate", 1 / 60, ("ug/kg/hr",)),
    Unit("mg/kg/min", "dose rate", 1000.0),
    Unit("mg/kg/h", "dose rate", 1000 / 60, ("mg/kg/hr",)),
    Unit("mg/kg/d", "daily dose", 1.0, ("mg/kg/day",)),
    Unit("ug/kg/d", "daily dose", 0.001, ("ug/kg/day",)),
    Unit("a", "age", 1.0, ("years", "year", "y", "yr")),
    Unit("mo", "age", 1 / 12, ("months", "month")),
    Unit("min", "duration", 1.0, ("minutes", "minute")),
    Unit("h", "duration", 60.0, ("hours", "hour", "hr")),
    Unit("U/L", "catalytic concentration", 1.0, ("IU/L", "[iU]/L")),
    Unit("Cel", "temperature", 1.0, ("C", "degC", "°C")),
    Unit("s", "time", 1.0, ("sec", "seconds")),
    Unit("{molecules}/{cell}", "molecules per cell", 1.0, ("molecules/cell", "molecules/monocyte",
        "receptors/cell", "AB/C", "antibodies/cell", "AB/cell", "mAb/cell")),
    Unit("{score}", "score", 1.0, ("points", "score")),
)  # fmt: skip
"""Every unit this package reads. Sizes are exact by definition, but where a source is cited."""

MOLAR = "molar concentration"
CONCENTRATIONS = {MOLAR, "mass concentration"}
UNIT_SIGNS = {
    "mm[Hg]": "mmHg",
    "/uL": "/mm³",
    "10*3/uL": "×10³/µL",
    "{molecules}/{cell}": "molecules per monocyte",
    "{score}": "",
    "mL/(24.h)": "mL in 24 h",
    "a": "years",
    "mo": "months",
    "[lb_av]": "lb",
    "1": "",
    "mg/kg/d": "mg/kg a day",
    "ug/kg/min": "µg/kg/min",
}
"""How a UCUM code is written for people, where that differs."""

GIGA_PER_LITRE = ("G/L", "G/l")  # for 10^9/L; as spellings they differ from gram only by case
CLOSE = 0.8  # of 1; a slip in a unit's letters, not another unit


def unit_of(text: str) -> Unit:
    """The unit a hospital's spelling means, such as "µmol/l", "mcg/L", "x10^9/L" or "/mm³"."""
    if text.strip() in GIGA_PER_LITRE:
        return _BY_SPELLING[_plain("10*9/L")]
    try:
        return _BY_SPELLING[_plain(text)]
    except KeyError:
        near = _nearest(_plain(text))
        hint = f" The nearest known is {near.code}." if near else ""
        raise UnitError(f"unit {text!r} is not known.{hint} Write a UCUM code.") from None


def conversion_factor(unit: str, to: str, *, umol_l_per_mg_dl: float | None = None) -> float:
    """What a value in `unit` is multiplied by to be in `to`; the last is a molecule's own."""
    here, there = unit_of(unit), unit_of(to)
    if here.dimension == there.dimension:
        return here.size / there.size
    if umol_l_per_mg_dl and {here.dimension, there.dimension} == CONCENTRATIONS:
        return _in_mg_dl(here, umol_l_per_mg_dl) / _in_mg_dl(there, umol_l_per_mg_dl)
    if {here.dimension, there.dimension} == CONCENTRATIONS:
        raise UnitError(
            f"unit {unit!r} measures {here.dimension}, expected {there.dimension}: that takes a "
            f"factor of the molecule, and none is known here. Give the value in {to}, as the "
            "laboratory converts it."
        )
    raise UnitError(
        f"unit {unit!r} measures {here.dimension}, expected {there.dimension} ({there.code}). "
        "Check the column it stands in."
    )


def _in_mg_dl(unit: Unit, umol_l_per_mg_dl: float) -> float:
    per_mg_dl = umol_l_per_mg_dl if unit.dimension == MOLAR else unit_of("mg/dL").size
    return unit.size / per_mg_dl


def _nearest(plain: str) -> Unit | None:
    """The unit nearly spelt so; one of another first letter is another size, such as fmol/L."""
    alike = [spelling for spelling in _BY_SPELLING if spelling[:1] == plain[:1]]
    near = get_close_matches(plain, alike, n=1, cutoff=CLOSE)
    return _BY_SPELLING[near[0]] if near else None


def _plain(text: str) -> str:
    plain = text.strip().lower().replace("mcg", "ug")
    for written, meant in _GLYPHS:
        plain = plain.replace(written, meant)
    return plain


_GLYPHS = (
    ("µ", "u"), ("μ", "u"), ("²", "2"), ("10³", "10*3"), ("³", "3"), ("⁶", "*6"), ("⁹", "*9"),
    ("×", "x"), ("^", "*"), ("10e", "10*"), ("x 10", "x10"), ("x10", "10"), (" ", ""), ("·", "."),
)  # fmt: skip

_BY_SPELLING = {
    _plain(spelling): unit for unit in UNITS for spelling in (unit.code, *unit.spellings)
}
