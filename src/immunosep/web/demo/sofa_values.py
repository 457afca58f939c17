"""What a bedside chart would say for given points of SOFA: values that score exactly so.

Ranges are those of the score (`concepts.sofa`: Vincent Intensive Care Med 1996;22:707), a little
inside where a rounded value could fall beyond. A part without points was not measured.
"""

from collections.abc import Mapping
from random import Random
from typing import Any

Points = Mapping[str, int | None]
Range = tuple[float, float]

RATIO: tuple[Range, ...] = ((405, 470), (310, 390), (210, 290), (110, 190), (65, 95))
OXYGEN: tuple[float, ...] = (0.21, 0.28, 0.4, 0.55, 0.9)
PLATELETS: tuple[Range, ...] = ((160, 380), (101, 148), (51, 98), (21, 48), (6, 19))
BILIRUBIN: tuple[Range, ...] = ((0.3, 1.1), (1.2, 1.9), (2.0, 5.9), (6.1, 11.9), (12.1, 22))
PRESSURE: tuple[Range, ...] = ((72, 95), (56, 69), (58, 78), (60, 80), (55, 75))
COMA: tuple[Range, ...] = ((15, 15), (13, 14), (10, 12), (6, 9), (3, 5))
CREATININE: tuple[Range, ...] = ((0.5, 1.1), (1.2, 1.9), (2.0, 3.4), (3.5, 4.9), (5.1, 8.5))
URINE: tuple[Range, ...] = ((1100, 2600), (900, 2200), (600, 1800), (520, 900), (20, 190))
SUPPORTED_FROM = 3  # points that only respiratory support allows
DOBUTAMINE: Range = (2, 8)
NOREPINEPHRINE: Mapping[int, Range] = {3: (0.02, 0.1), 4: (0.12, 0.6)}


def values_for(points: Points, draw: Random) -> dict[str, Any]:
    """The columns of a day's page; unmeasured parts are left out."""
    return {
        **_respiration(points["respiration"], draw),
        **_one("platelets_10e3_ul", PLATELETS, points["coagulation"], draw),
        **_one("bilirubin_mg_dl", BILIRUBIN, points["liver"], draw, digits=1),
        **_circulation(points["cardiovascular"], draw),
        **_one("gcs", COMA, points["cns"], draw),
        **_one("creatinine_mg_dl", CREATININE, points["renal"], draw, digits=1),
        **_one("urine_ml_day", URINE, points["renal"], draw, digits=-1),
    }


def _respiration(points: int | None, draw: Random) -> dict[str, Any]:
    if points is None:
        return {}
    oxygen = OXYGEN[points]
    supported = points >= SUPPORTED_FROM or (points > 0 and draw.random() < 0.5)
    return {
        "pao2_mmhg": round(draw.uniform(*RATIO[points]) * oxygen),
        "fio2": oxygen,
        "respiratory_support": supported,
    }


def _circulation(points: int | None, draw: Random) -> dict[str, Any]:
    found = _one("map_mmhg", PRESSURE, points, draw)
    if points == 2:  # the only drug that scores so: the others score more
        found["dobutamine_ug_kg_min"] = round(draw.uniform(*DOBUTAMINE), 1)
    elif points is not None and points in NOREPINEPHRINE:
        found["norepinephrine_ug_kg_min"] = round(draw.uniform(*NOREPINEPHRINE[points]), 2)
    return found


def _one(
    name: str, ranges: tuple[Range, ...], points: int | None, draw: Random, *, digits: int = 0
) -> dict[str, Any]:
    if points is None:
        return {}
    value = round(draw.uniform(*ranges[points]), digits)
    return {name: value if digits > 0 else int(value)}
