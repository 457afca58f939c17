"""Whether printed accuracies can be true together: prevalence, sensitivity, specificity, PPV, NPV.

Three of them fix the others. Each printed number stands for all that round to it, or for a range;
what follows from the numbers taken at their face value is told beside. The four cells of the table
they describe (shares of all people) obey linear inequalities: "a sensitivity of l or more" is
tp >= l (tp + fn). Whether any table obeys them all is a linear programme, and the lowest and
highest value of a ratio of cells is one too (Charnes & Cooper Nav Res Logist Q 1962;9:181). Both
are SciPy's.

A number without a table is impossible. One that leaves only tables of a test that calls nearly
everyone positive, or nearly nobody, is impossible for a test of any use: see LEAST.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from scipy.optimize import linprog

from immunosep.errors import AnalysisError

Array = np.ndarray[Any, np.dtype[np.float64]]

LEAST = 0.1
"""Below it nine in ten of those with the condition are missed, or of those without it are called
positive. Ours: no paper draws this line, and the answer names it."""

TP, FN, FP, TN = np.eye(4)


class Figure(StrEnum):
    """One of the five figures."""

    PREVALENCE = "prevalence"
    SENSITIVITY = "sensitivity"
    SPECIFICITY = "specificity"
    PPV = "ppv"
    NPV = "npv"


RATIOS: dict[Figure, tuple[Array, Array]] = {
    Figure.PREVALENCE: (TP + FN, TP + FN + FP + TN),
    Figure.SENSITIVITY: (TP, TP + FN),
    Figure.SPECIFICITY: (TN, TN + FP),
    Figure.PPV: (TP, TP + FP),
    Figure.NPV: (TN, TN + FN),
}
POSITIVE = (TP + FP, TP + FN + FP + TN)
TWINS = {
    Figure.SENSITIVITY: Figure.SPECIFICITY,
    Figure.SPECIFICITY: Figure.SENSITIVITY,
    Figure.PPV: Figure.NPV,
    Figure.NPV: Figure.PPV,
}
"""What a figure is most often printed for by mistake."""


class Verdict(StrEnum):
    """Whether any test has such figures."""

    POSSIBLE = "possible"
    USELESS = "impossible for a test of any use"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, kw_only=True)
class Range:
    """From a lowest to a highest proportion."""

    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A figure as printed: at its face value, and all that rounds to it."""

    face: Range
    rounded: Range


Figures = Mapping[Figure, Printed]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What follows from figures; `implied` has all five and the share that tests positive.

    `at_face` is the same from the numbers as they are printed; empty if only rounding saves them.
    """

    verdict: Verdict
    implied: Mapping[str, Range]
    at_face: Mapping[str, Range]


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What was stated, and what follows.

    `expected` is what each stated figure would be for a test of some use, were the others true.
    `instead` are readings in which a figure was printed for its twin, that are possible.
    """

    stated: Figures
    reading: Reading
    expected: Mapping[Figure, Range]
    instead: Mapping[tuple[Figure, Figure], Reading]
    least: float


def check_claim(stated: Figures, *, least: float = LEAST) -> Claim:
    """Whether the stated figures can be true together."""
    _check(stated, least)
    reading = _read(stated, least)
    if reading.verdict is Verdict.POSSIBLE:
        return Claim(stated=stated, reading=reading, expected={}, instead={}, least=least)
    return Claim(
        stated=stated,
        reading=reading,
        expected=dict(_expected(stated, least)),
        instead=dict(_instead(stated, least)),
        least=least,
    )


def parse_figure(text: str, *, name: str) -> Printed:
    """A figure as it is printed: `0.971`, `97.1%` or `3.7-4.3 %`."""
    found = re.fullmatch(r"\s*(\d*\.?\d+)\s*(%?)\s*(?:(?:-|–|to)\s*(\d*\.?\d+)\s*)?(%?)\s*", text)
    if not found:
        raise AnalysisError(
            "claim", [f"{name} is {text!r}, expected a proportion such as 0.971, 97.1% or 3.7-4.3%"]
        )
    first, percent, second, also_percent = found.groups()
    scale = 100 if percent or also_percent else 1
    ends = [float(first), float(second or first)]
    halves = [_half_unit(first), _half_unit(second or first)]
    low, high = (ends[0] - halves[0]) / scale, (ends[1] + halves[1]) / scale
    if not (ends[0] <= ends[1] and ends[1] / scale <= 1):
        raise AnalysisError(
            "claim", [f"{name} is {text!r}, expected a proportion from 0 to 1, or 0 to 100 %"]
        )
    return Printed(
        face=Range(low=ends[0] / scale, high=ends[1] / scale),
        rounded=Range(low=max(0.0, low), high=min(1.0, high)),
    )


def _half_unit(number: str) -> float:
    return 0.5 * 10.0 ** -len(number.partition(".")[2])


def _read(stated: Figures, least: float) -> Reading:
    rows = _rows({figure: printed.rounded for figure, printed in stated.items()})
    face = _rows({figure: printed.face for figure, printed in stated.items()})
    if _extreme(RATIOS[Figure.PREVALENCE], rows, 1) is None:
        return Reading(verdict=Verdict.IMPOSSIBLE, implied={}, at_face={})
    useful = _extreme(RATIOS[Figure.PREVALENCE], [*rows, *_of_use(least)], 1) is not None
    return Reading(
        verdict=Verdict.POSSIBLE if useful else Verdict.USELESS,
        implied=_implied(rows),
        at_face=_implied(face),
    )


def _implied(rows: list[Array]) -> dict[str, Range]:
    asked = {figure.value: ratio for figure, ratio in RATIOS.items()} | {"positive": POSITIVE}
    return {name: found for name, ratio in asked.items() if (found := _range(ratio, rows))}


def _expected(stated: Figures, least: float) -> list[tuple[Figure, Range]]:
    found = []
    for figure in stated:
        others = {name: value.rounded for name, value in stated.items() if name is not figure}
        value = _range(RATIOS[figure], [*_rows(others), *_of_use(least)])
        if value:
            found.append((figure, value))
    return found


def _instead(stated: Figures, least: float) -> list[tuple[tuple[Figure, Figure], Reading]]:
    found = []
    for figure in stated:
        twin = TWINS.get(figure)
        if twin is None or twin in stated:
            continue
        renamed = {twin if name is figure else name: value for name, value in stated.items()}
        reading = _read(renamed, least)
        if reading.verdict is Verdict.POSSIBLE:
            found.append(((figure, twin), reading))
    return found


def _rows(stated: Mapping[Figure, Range]) -> list[Array]:
    """Each row times the cells must be 0 or less."""
    rows = []
    for figure, value in stated.items():
        part, whole = RATIOS[figure]
        rows += [value.low * whole - part, part - value.high * whole]
    return rows


def _of_use(least: float) -> list[Array]:
    useful = Range(low=least, high=1.0)
    return _rows({Figure.SENSITIVITY: useful, Figure.SPECIFICITY: useful})


def _range(ratio: tuple[Array, Array], rows: list[Array]) -> Range | None:
    low, high = _extreme(ratio, rows, 1), _extreme(ratio, rows, -1)
    return None if low is None or high is None else Range(low=low, high=high)


def _extreme(ratio: tuple[Array, Array], rows: list[Array], sign: int) -> float | None:
    """The lowest (sign 1) or highest (-1) value of a ratio of cells; None if no table fits.

    The cells are scaled so that the ratio's denominator is 1, which the inequalities allow.
    """
    part, whole = ratio
    found = linprog(
        sign * part,
        A_ub=np.array(rows) if rows else None,
        b_ub=np.zeros(len(rows)) if rows else None,
        A_eq=whole[None, :],
        b_eq=[1.0],
        bounds=(0, None),
        method="highs",
    )
    return sign * float(found["fun"]) if found["status"] == 0 else None


def _check(stated: Figures, least: float) -> None:
    problems = []
    if len(stated) < 2:
        problems.append(
            f"{len(stated)} figures were given; expected two or more of "
            f"{', '.join(Figure)}: fewer cannot contradict each other"
        )
    if not 0 <= least < 0.5:
        problems.append(f"the least of use is {least:g}, expected a proportion below 0.5")
    if problems:
        raise AnalysisError("claim", problems)
