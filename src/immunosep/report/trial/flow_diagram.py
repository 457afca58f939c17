"""The flow of participants, as CONSORT 2025 asks for it (Hopewell et al. BMJ 2025;389:e081123)."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from immunosep.analysis.flow import Branch, Flow
from immunosep.analysis.report_data import TrialAnalysis
from immunosep.report.drawing import INK, LINE, MUTED, PAPER, WIDE, illustrate
from immunosep.report.trial.model import Picture
from immunosep.report.trial.sheet import sheet

MOST_REASONS = 6
STAGES = 3  # allocated, followed, analysed


@dataclass(frozen=True, kw_only=True)
class Box:
    """A box of the diagram: its lines, the first in bold, and where it stands."""

    lines: tuple[str, ...]
    left: float
    top: float
    width: float
    text: float

    @property
    def leading(self) -> float:
        return self.text * 1.5

    @property
    def height(self) -> float:
        return len(self.lines) * self.leading + 16

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def middle(self) -> float:
        return self.left + self.width / 2


def flow_picture(analysis: TrialAnalysis) -> Picture:
    """The diagram of who was screened, randomised, treated, followed and analysed."""
    flow = analysis.flow
    reasons = {criterion.id: criterion.text for criterion in analysis.trial.criteria}

    def paint(width: int) -> Figure:
        return _paint(width, flow, reasons)

    return Picture(
        id="figure.flow",
        illustration=illustrate("Flow of participants", alt=_said(flow), paint=paint),
        paint=paint,
    )


def _said(flow: Flow) -> str:
    branches = "; ".join(
        f"{one.label}: {one.randomised:,} randomised, {one.treated:,} treated, "
        f"{one.withdrew:,} withdrew their data, {one.lost:,} lost, {one.analysed:,} analysed"
        for one in flow.branches
    )
    return (
        f"{flow.screened:,} patients screened, {flow.screened - flow.randomised:,} not enrolled, "
        f"{flow.randomised:,} randomised. {branches}."
    )


def _paint(width: int, flow: Flow, reasons: dict[str, str]) -> Figure:
    wide = width == WIDE
    text = 13.0 if wide else 10.0
    boxes, arrows, plain = _laid_out(width, flow, reasons, text=text)
    figure, axes = sheet(width, max(box.bottom for box in boxes) + 6)
    for start, end in plain:
        axes.plot([start[0], end[0]], [start[1], end[1]], color=MUTED, linewidth=1.2)
    for start, end in arrows:
        axes.annotate(
            "", xy=end, xytext=start,
            arrowprops={"arrowstyle": "-|>", "color": MUTED, "linewidth": 1.2, "shrinkA": 0,
                        "shrinkB": 0},
        )  # fmt: skip
    for box in boxes:
        _draw(axes, box)
    return figure


def _draw(axes: Axes, box: Box) -> None:
    axes.add_patch(
        Rectangle((box.left, box.top), box.width, box.height, facecolor=PAPER, edgecolor=LINE,
                  linewidth=1.2)
    )  # fmt: skip
    for at, line in enumerate(box.lines):
        inside = len(line) - len(line.lstrip())
        axes.text(
            box.left + 10 + inside * box.text * 0.45,
            box.top + 8 + (at + 0.5) * box.leading,
            line.strip(),
            va="center",
            fontsize=box.text,
            color=INK if at == 0 else MUTED,
            fontweight="bold" if at == 0 else "normal",
        )


Lines = list[tuple[tuple[float, float], tuple[float, float]]]


def _laid_out(
    width: int, flow: Flow, reasons: dict[str, str], *, text: float
) -> tuple[list[Box], Lines, Lines]:
    wide, gap = width == WIDE, 26.0
    half = (width - 30) / 2 if len(flow.branches) == 2 else width * (0.6 if wide else 1)
    top = Box(lines=(f"Screened (n {flow.screened:,})",), left=6, top=4,
              width=min(half, 260), text=text)  # fmt: skip
    out = Box(
        lines=_fitted(_not_enrolled(flow, reasons), half - 20, text),
        left=width - half - 6,
        top=top.bottom + gap,
        width=half,
        text=text,
    )
    drawn = Box(lines=(f"Randomised (n {flow.randomised:,})",), left=6, top=out.bottom + gap,
                width=min(half, 260), text=text)  # fmt: skip
    boxes, stem = [top, out, drawn], 40.0
    arrows: Lines = [
        ((stem, top.bottom), (stem, drawn.top)),
        ((stem, out.top + 18), (out.left, out.top + 18)),
    ]
    starts = [6.0, width - half - 6][: len(flow.branches)]
    fork = drawn.bottom + gap * 0.5
    level = fork + gap * 0.8
    for stage in range(STAGES):
        row = [
            Box(
                lines=_fitted(_stage(branch, flow, stage), half - 20, text),
                left=left,
                top=level,
                width=half,
                text=text,
            )
            for branch, left in zip(flow.branches, starts, strict=True)
        ]
        from_ = [fork] * len(row) if stage == 0 else [box.bottom for box in boxes[-len(row) :]]
        arrows += [
            ((left + stem - 6, start), (left + stem - 6, level))
            for left, start in zip(starts, from_, strict=True)
        ]
        boxes += row
        level = max(box.bottom for box in row) + gap
    plain = [((stem, drawn.bottom), (stem, fork)), ((stem, fork), (starts[-1] + stem - 6, fork))]
    return boxes, arrows, plain


def _stage(branch: Branch, flow: Flow, stage: int) -> list[str]:
    match stage:
        case 0:
            lines = [f"{branch.label} (n {branch.randomised:,})"]
            lines += [f"Had a first dose: {branch.treated:,}"]
            lines += [f"Had none: {branch.not_treated:,}"] if branch.not_treated else []
            lines += [f"Randomised in error: {branch.in_error:,}"] if branch.in_error else []
            return [*lines, f"Took back consent and data: {branch.withdrew:,}"]
        case 1:
            stopped = sum(branch.stopped.values())
            lines = [f"Completed treatment: {branch.completed:,}"]
            lines += [f"Stopped treatment early: {stopped:,}"]
            lines += [f"   {why.capitalize()}: {count:,}" for why, count in branch.stopped.items()]
            lines += _if_any("Not known to have completed it", branch.end_unknown)
            lines += _if_any("Unblinded", branch.unblinded)
            lines += _if_any(f"Not yet known of on day {flow.last_day}", branch.pending)
            return [*lines, f"Lost before day {flow.last_day}: {branch.lost:,}"]
        case _:
            return [
                f"Analysed as randomised: {branch.analysed:,}",
                f"Per protocol: {branch.per_protocol:,}",
                *_if_any("With a deviation not judged", branch.unjudged),
            ]


def _if_any(what: str, count: int) -> list[str]:
    return [f"{what}: {count:,}"] if count else []


def _not_enrolled(flow: Flow, reasons: dict[str, str]) -> list[str]:
    items = list(flow.not_enrolled.items())
    lines = [f"Not enrolled (n {sum(flow.not_enrolled.values()):,})"]
    for reason, count in items[:MOST_REASONS]:
        lines.append(f"{reasons.get(reason, reason.replace('_', ' ').capitalize())}: {count:,}")
    rest = sum(count for _, count in items[MOST_REASONS:])
    return [*lines, *([f"Other reasons: {rest:,}"] if rest else [])]


def _fitted(lines: Sequence[str], width: float, text: float) -> tuple[str, ...]:
    letters = max(10, int(width / (text * 0.57)))
    fitted: list[str] = []
    for line in lines:
        indent = line[: len(line) - len(line.lstrip())]
        fitted += wrap(
            line.strip(), letters, initial_indent=indent, subsequent_indent=f"{indent}   "
        )
    return tuple(fitted)
