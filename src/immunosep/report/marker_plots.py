"""The figures of a marker's study: how it ranks, whether its risks are true, whether to act on it.

Cohorts stay apart by line and mark as well as by colour.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from immunosep.analysis.biomarker.cohorts import Cohort
from immunosep.analysis.biomarker.decision import NetBenefit
from immunosep.analysis.biomarker.risk import Calibration
from immunosep.analysis.biomarker.roc import RocPoint
from immunosep.analysis.biomarker.study import CohortResult, Study
from immunosep.analysis.estimates import Estimate
from immunosep.report.drawing import (
    AGAINST,
    FOR,
    INK,
    MUTED,
    OPEN,
    WIDE,
    Illustration,
    canvas,
    illustrate,
    panel,
)

Curves = Mapping[Cohort, Sequence[RocPoint]]
COLOURS = {Cohort.TEST: OPEN, Cohort.VALIDATION: AGAINST, Cohort.CONFIRMATION: FOR}
DASHES = {Cohort.TEST: (0, (1, 1.5)), Cohort.VALIDATION: (0, (5, 2)), Cohort.CONFIRMATION: "solid"}
MARKS = {Cohort.TEST: "^", Cohort.VALIDATION: "s", Cohort.CONFIRMATION: "o"}
MOST_POINTS = 500  # of a curve: more than can be told apart


def roc_figure(study: Study, curves: Curves) -> Illustration:
    """Sensitivity against 1 - specificity, and the cut-off with its exact intervals."""

    def paint(width: int) -> Figure:
        figure, axes, text = _square(width)
        axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8)
        for result in study.cohorts:
            _draw_curve(axes, result, curves[result.cohort])
        axes.set_xlabel("1 − specificity", fontsize=text)
        axes.set_ylabel("Sensitivity", fontsize=text)
        _legend(axes, study, text, high=False)
        return figure

    said = "; ".join(f"{_name(one)}: area {_say(one.area)}" for one in study.cohorts)
    return illustrate(
        "Receiver operating characteristic",
        alt=f"Sensitivity against 1 minus specificity. {said}.",
        paint=paint,
        note=f"Area under the curve with DeLong’s {_sure(study)} interval: {said}. Marks: the "
        "cut-off, with exact intervals of sensitivity and specificity. A marker that tells nothing "
        "lies on the diagonal.",
    )


def calibration_figure(study: Study) -> Illustration | None:
    """Observed against foretold risk, by groups of people of like risk."""
    known = [(one, one.calibration) for one in study.cohorts if one.calibration is not None]
    if not known:
        return None
    top = _highest(calibration for _, calibration in known)

    def paint(width: int) -> Figure:
        figure, axes, text = _square(width)
        axes.set(xlim=(0, top), ylim=(0, top))
        axes.plot([0, top], [0, top], color=MUTED, linewidth=0.8)
        for at, (result, calibration) in enumerate(known):
            _draw_groups(axes, result.cohort, calibration, shift=(at - 1) * top * 0.004)
        axes.set_xlabel("Risk foretold", fontsize=text)
        axes.set_ylabel("Share that had it", fontsize=text)
        _legend(axes, study, text, high=True)
        return figure

    said = "; ".join(
        f"{_name(one)}: intercept {_say(found.intercept)}, slope {_say(found.slope)}"
        for one, found in known
    )
    return illustrate(
        "Calibration",
        alt=f"Observed share against foretold risk, by tenths of risk. {said}.",
        paint=paint,
        note=f"{said}; 0 and 1 are perfect. Bars: exact {_sure(study)} intervals. The risk is that "
        "of a logistic regression fitted to the test cohort, where it is right by its making.",
    )


def decision_figure(study: Study) -> Illustration | None:
    """Net benefit by threshold in the last cohort: by the marker, of all, of nobody."""
    result = study.cohorts[-1]
    points = result.decision
    if points is None:
        return None
    found: tuple[NetBenefit, ...] = points

    def paint(width: int) -> Figure:
        figure, axes, text = _square(width)
        x = [100 * point.threshold for point in found]
        best = max(max(point.by_risk, point.by_all) for point in found)
        axes.set(xlim=(0, max(x)), ylim=(-0.25 * max(best, 0.01), 1.15 * max(best, 0.01)))
        axes.axhline(0, color=MUTED, linewidth=0.8)
        axes.plot(x, [p.by_all for p in found], color=AGAINST, linestyle=(0, (5, 2)), marker="s",
                  markersize=4)  # fmt: skip
        axes.plot(x, [p.by_risk for p in found], color=FOR, linewidth=2, marker="o", markersize=4)
        axes.set_xlabel("Acting at a risk of, per cent", fontsize=text)
        axes.set_ylabel("Net benefit", fontsize=text)
        for at, (words, colour) in enumerate(
            (("● by the marker", FOR), ("■ acting on all", AGAINST), ("― on nobody", MUTED))
        ):
            axes.text(0.97, 0.96 - 0.065 * at, words, transform=axes.transAxes, ha="right",
                      va="top", fontsize=text, color=colour)  # fmt: skip
        return figure

    better = [point.threshold for point in found if point.by_risk > max(point.by_all, 0)]
    said = f"best from {100 * min(better):g} to {100 * max(better):g} %" if better else "never best"
    return illustrate(
        f"Decision curve, {_name(result).lower()} cohort",
        alt=f"Net benefit against the risk at which one acts. Acting by the marker is {said}.",
        paint=paint,
        note=f"Of the thresholds shown, acting by the marker is {said}. One wrongly treated weighs "
        "as much as the threshold’s odds of one rightly treated (Vickers, Elkin 2006).",
    )


def _square(width: int) -> tuple[Figure, Axes, float]:
    side, text = (560, 13.0) if width == WIDE else (width, 10.5)
    figure = canvas(width, side)
    left = (width - side) / 2
    axes = panel(figure, left=left + 76, right=left + 24, top=24, bottom=64)
    axes.set(xlim=(-0.005, 1), ylim=(0, 1.005))
    axes.tick_params(labelsize=text)
    axes.grid()
    return figure, axes, text


def _draw_curve(axes: Axes, result: CohortResult, points: Sequence[RocPoint]) -> None:
    cohort = result.cohort
    step = max(1, len(points) // MOST_POINTS)
    kept = [*points[::step], points[-1]]
    axes.plot(
        [1 - p.specificity for p in kept], [p.sensitivity for p in kept], color=COLOURS[cohort],
        linestyle=DASHES[cohort], linewidth=2,
    )  # fmt: skip
    one, two = result.accuracy.specificity, result.accuracy.sensitivity
    if None in (one.value, one.low, one.high, two.value, two.low, two.high):
        return
    x, y = 1 - (one.value or 0), two.value or 0
    axes.errorbar(
        [x], [y], xerr=[[x - 1 + (one.high or 0)], [1 - (one.low or 0) - x]],
        yerr=[[y - (two.low or 0)], [(two.high or 0) - y]], color=COLOURS[cohort],
        marker=MARKS[cohort], markersize=7, elinewidth=1.2, capsize=3,
    )  # fmt: skip


def _draw_groups(axes: Axes, cohort: Cohort, found: Calibration, *, shift: float) -> None:
    y = np.array([group.observed.value or 0.0 for group in found.groups])
    low, high = (
        np.array([getattr(group.observed, end) or 0.0 for group in found.groups])
        for end in ("low", "high")
    )
    axes.errorbar(
        [group.foretold + shift for group in found.groups], y, yerr=[y - low, high - y],
        color=COLOURS[cohort], marker=MARKS[cohort], markersize=5, linestyle="none", elinewidth=1,
    )  # fmt: skip


def _legend(axes: Axes, study: Study, text: float, *, high: bool) -> None:
    for at, result in enumerate(study.cohorts):
        y = 0.95 - 0.065 * at if high else 0.05 + 0.065 * (len(study.cohorts) - 1 - at)
        x = 0.04 if high else 0.62
        axes.plot([x], [y], marker=MARKS[result.cohort], color=COLOURS[result.cohort],
                  markersize=7, transform=axes.transAxes)  # fmt: skip
        axes.text(x + 0.04, y, _name(result), transform=axes.transAxes, va="center", fontsize=text,
                  color=INK)  # fmt: skip


def _highest(found: Iterable[Calibration]) -> float:
    ends = [
        end
        for calibration in found
        for group in calibration.groups
        for end in (group.foretold, group.observed.high or 0.0)
    ]
    return min(1.0, 1.05 * max(ends))


def _name(result: CohortResult) -> str:
    return result.cohort.value.capitalize()


def _say(estimate: Estimate) -> str:
    if estimate.value is None:
        return "not estimable"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f} (no interval)"
    said = f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"
    return said.replace("-", "−")


def _sure(study: Study) -> str:
    return f"{100 * study.question.level:g} %"
