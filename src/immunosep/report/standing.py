"""Where each patient stands: the two measurements that decide the immune state, with its limits.

Which measurements, the limits and the regions all come from the trial: the rules name the columns
and numbers, and the regions are what the trial's own evaluator answers in each of them.
"""

from collections import Counter
from collections.abc import Sequence

import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import IdentityTransform

from immunosep.languages import lower_first
from immunosep.protocol.limits import numbers_compared
from immunosep.protocol.trial import Trial
from immunosep.report.document import count
from immunosep.report.drawing import (
    INK,
    LINE,
    MUTED,
    WASH,
    WIDE,
    Illustration,
    bare,
    canvas,
    illustrate,
    panel,
)
from immunosep.report.labels import Box, Marked, places, write_labels
from immunosep.report.regions import paint_regions
from immunosep.report.scales import Scale, Stretch, brief_number, scale_of
from immunosep.report.verdicts import MARKS, WORDS
from immunosep.screening.assess import Verdict
from immunosep.screening.assessment import Assessment

MOST_LABELS = {True: 30, False: 16}
"""How many names fit, on a wide page and on a narrow one."""
GRID = (60, 36)  # beyond MOST_MARKS, near ones are drawn as one mark, the larger the more
MOST_MARKS = 300


def standing(
    trial: Trial, assessments: Sequence[Assessment], patients: pa.Table
) -> Illustration | None:
    """The figure, where the trial's immune states compare two numbers."""
    compared = numbers_compared(trial)[:2]
    if len(compared) < 2:
        return None
    x, y = (
        scale_of(column, limits, patients[column.name].to_pylist()) for column, limits in compared
    )
    marks = _marks(x, y, assessments, patients)
    neither = len(assessments) - sum(mark.count for mark in marks)
    return illustrate(
        "Where each patient stands",
        alt=_alt(trial, x, y, assessments),
        paint=lambda width: _paint(width, trial, x, y, marks),
        note=_note(x, y, neither=neither, grouped=len(assessments) > MOST_MARKS),
    )


def _marks(
    x: Scale, y: Scale, assessments: Sequence[Assessment], patients: pa.Table
) -> list[Marked]:
    """One mark per patient with either value; of many patients, one per cell of a grid."""
    marks = [
        Marked(
            x=None if a is None else x.share(a),
            y=None if b is None else y.share(b),
            room=_room(x, y, a, b),
            verdict=assessment.verdict,
            name=assessment.patient_id,
        )
        for assessment, a, b in zip(
            assessments,
            patients[x.column.name].to_pylist(),
            patients[y.column.name].to_pylist(),
            strict=True,
        )
        if a is not None or b is not None
    ]
    return marks if len(marks) <= MOST_MARKS else _grouped(marks)


def _room(x: Scale, y: Scale, a: float | None, b: float | None) -> tuple[Stretch, Stretch]:
    everywhere = (0.0, 1.0)
    return (
        everywhere if a is None else x.stretch(x.share(a)),
        everywhere if b is None else y.stretch(y.share(b)),
    )


def _grouped(marks: Sequence[Marked]) -> list[Marked]:
    def cell(share: float | None, steps: int, room: Stretch) -> float | None:
        return None if share is None else min(max(round(share * steps) / steps, room[0]), room[1])

    counted = Counter(
        (cell(m.x, GRID[0], m.room[0]), cell(m.y, GRID[1], m.room[1]), m.verdict, m.room)
        for m in marks
    )
    return [
        Marked(x=x, y=y, verdict=verdict, room=room, name="", count=number)
        for (x, y, verdict, room), number in counted.items()
    ]


def _paint(width: int, trial: Trial, x: Scale, y: Scale, marks: Sequence[Marked]) -> Figure:
    wide = width == WIDE
    height, strip = (560, 78) if wide else (440, 58)
    left, top, right = (66, 52, 24) if wide else (56, 62, 14)
    figure = canvas(width, height)
    under = 52
    main = panel(figure, left=left + strip, right=right, top=top, bottom=under + strip)
    beside = panel(figure, left=left, right=width - left - strip + 6, top=top, bottom=under + strip)
    below = panel(
        figure, left=left + strip, right=right, top=height - under - strip + 6, bottom=under
    )
    named = paint_regions(main, trial, x, y, marks, wide=wide)
    _ticks(main, beside, below, x, y, wide=wide)
    _margin(beside, f"{x.short_label} not measured", turn=90, wide=wide)
    _margin(below, f"{y.short_label} not measured", turn=0, wide=wide)
    _verdict_key(figure, marks, left=left if wide else 4, wide=wide)
    labelled = len(marks) <= MOST_LABELS[wide] and all(mark.count == 1 for mark in marks)
    for axes, inside in (
        (main, [m for m in marks if m.x is not None and m.y is not None]),
        (beside, [m for m in marks if m.x is None]),
        (below, [m for m in marks if m.y is None]),
    ):
        _scatter(axes, inside, taken=named, wide=wide, labelled=labelled)
    return figure


def _ticks(main: Axes, beside: Axes, below: Axes, x: Scale, y: Scale, *, wide: bool) -> None:
    for axes in (main, beside, below):
        bare(axes)
        axes.set(xlim=(0, 1), ylim=(0, 1))
    values = x.round_values(sparse=not wide)
    below.set_xticks([x.share(v) for v in values], [brief_number(v) for v in values])
    below.set_xlabel(x.label)
    values = y.round_values(sparse=False)
    beside.set_yticks([y.share(v) for v in values], [brief_number(v) for v in values])
    beside.yaxis.set_tick_params(labelcolor=MUTED)
    beside.set_ylabel(y.label)
    for axes in (main, beside, below):
        axes.tick_params(length=0)
    main.patch.set(edgecolor=LINE, linewidth=1)


def _margin(axes: Axes, words: str, *, turn: int, wide: bool) -> None:
    axes.patch.set_facecolor(WASH)
    size = 11 if wide else 9
    if turn:
        axes.text(0.06, 0.5, words, rotation=turn, va="center", ha="left", color=MUTED,
                  fontsize=size)  # fmt: skip
    else:
        axes.text(0.5, 0.06, words, va="bottom", ha="center", color=MUTED, fontsize=size)


def _verdict_key(figure: Figure, marks: Sequence[Marked], *, left: float, wide: bool) -> None:
    """The three verdicts, each with its sign, above the plot."""
    counted: Counter[Verdict] = Counter()
    for mark in marks:
        counted[mark.verdict] += mark.count
    key = figure.add_axes((0, 0, 1, 1))
    bare(key)
    wide_px, high_px = figure.get_size_inches() * 72
    key.set(xlim=(0, wide_px), ylim=(0, high_px))
    step = 150 if wide else 110
    for at, verdict in enumerate(Verdict):
        x, y = left + 6 + at * step, high_px - 12
        key.scatter([x], [y], s=72, **MARKS[verdict])
        key.text(x + 12, y, f"{WORDS[verdict]} {counted[verdict]:,}", va="center",
                 fontsize=12.5 if wide else 10.5, color=INK)  # fmt: skip


def _scatter(
    axes: Axes, marks: Sequence[Marked], *, taken: Sequence[Box], wide: bool, labelled: bool
) -> None:
    points = places(axes, marks, apart=len(marks) <= MOST_MARKS)
    for verdict in Verdict:
        mine = [at for at, mark in enumerate(marks) if mark.verdict is verdict]
        axes.scatter(
            [points[at][0] for at in mine],
            [points[at][1] for at in mine],
            s=[min((80 if wide else 50) * marks[at].count ** 0.5, 1200) for at in mine],
            **MARKS[verdict],
            transform=IdentityTransform(),
            clip_on=False,
            zorder=4,
        )
    if labelled:
        write_labels(axes, marks, points, taken, size=12 if wide else 9.5)


def _alt(trial: Trial, x: Scale, y: Scale, assessments: Sequence[Assessment]) -> str:
    states = Counter(assessment.immune_state for assessment in assessments)
    said = ", ".join(f"{number:,} {state}" for state, number in states.most_common())
    limits = "; ".join(state.limit for state in trial.immune_states if state.limit)
    return (
        f"Scatter plot of {lower_first(x.column.label)} against {lower_first(y.column.label)}, "
        f"one mark per patient, with the trial’s limits ({limits}). "
        f"Immune states: {said or 'no patients'}."
    )


def _note(x: Scale, y: Scale, *, neither: int, grouped: bool) -> str:
    axes = "Both axes are logarithmic. " if x.log and y.log else ""
    area = (
        "A larger mark stands for more patients. "
        if grouped
        else "Marks that would cover one another stand side by side. "
    )
    are = "is" if neither == 1 else "are"
    absent = f"{count(neither, 'patient')} with neither value {are} not drawn." if neither else ""
    return (
        f"{axes}Dashed lines are the trial’s limits; a mark in a grey margin has one value only. "
        f"{area}{absent}".strip()
    )
