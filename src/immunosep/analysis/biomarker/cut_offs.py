"""Where to draw the line between positive and negative.

By Youden's index, the cut-off at which sensitivity and specificity sum to most (Cancer 1950;3:32);
or the one that is as sensitive as can be while it is as specific as asked, or the other way round.
A cut-off is a measured value, and beyond it is positive: "ferritin above 4,420 ng/mL".
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Literal

from numpy.typing import ArrayLike

from immunosep.analysis.biomarker.roc import Direction, RocPoint, draw_curve
from immunosep.errors import AnalysisError

Rule = Literal["youden", "specificity", "sensitivity", "given"]

EQUAL = 1e-12


@dataclass(frozen=True, kw_only=True)
class CutOffRule:
    """How a cut-off is chosen; `value` is the specificity or sensitivity asked, or the cut-off."""

    rule: Rule = "youden"
    value: float | None = None

    def __str__(self) -> str:
        """As people say it."""
        match self.rule:
            case "youden":
                return "Youden's index"
            case "given":
                return "as given"
            case _:
                return f"{self.rule} of at least {100 * (self.value or 0):g} %"


def choose_cut_off(
    marker: ArrayLike, outcome: ArrayLike, rule: CutOffRule, *, direction: Direction = "high"
) -> float:
    """The cut-off that a rule chooses; of equals the most specific one."""
    if rule.rule == "given":
        assert rule.value is not None
        return rule.value
    points = [
        point
        for point in draw_curve(marker, outcome, direction=direction)
        if isfinite(point.cut_off)
    ]
    match rule.rule:
        case "youden":
            return _best(points, lambda point: point.sensitivity + point.specificity)
        case "specificity":
            allowed = [point for point in points if point.specificity >= _asked(rule) - EQUAL]
            return _best(allowed, lambda point: point.sensitivity)
        case "sensitivity":
            allowed = [point for point in points if point.sensitivity >= _asked(rule) - EQUAL]
            if not allowed:
                raise _not_so_sensitive(points[0].sensitivity)
            return _best(allowed, lambda point: point.specificity)


def _asked(rule: CutOffRule) -> float:
    if rule.value is None or not 0 < rule.value <= 1:
        raise AnalysisError(
            "cut-off", [f"{rule.rule} is {rule.value}, expected a proportion above 0, up to 1"]
        )
    return rule.value


def _best(points: list[RocPoint], worth: Callable[[RocPoint], float]) -> float:
    """The one worth most; points come from the least specific on."""
    most = max(worth(point) for point in points)
    return [point for point in points if worth(point) >= most - EQUAL][-1].cut_off


def _not_so_sensitive(most: float) -> AnalysisError:
    return AnalysisError(
        "cut-off",
        [
            "no measured value is as sensitive as asked; the most sensitive one has "
            f"{100 * most:.1f} %. Ask for less, or give the cut-off"
        ],
    )
