"""Several patients: a line of answers and a line why for each, then totals."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from immunosep.cli.pages.words import (
    VERDICTS,
    answer_on_window,
    say_patients,
    say_sofa_shortly,
    say_verdict,
)
from immunosep.protocol.trial import Trial
from immunosep.screening.assess import Verdict
from immunosep.screening.assessment import Answer, Assessment

MOST_LISTED = 500
WINDOW = "First dose before"
INDENT = "    "


def listed_page(trial: Trial, assessments: Sequence[Assessment]) -> RenderableType:
    """The page."""
    left_out = len(assessments) - MOST_LISTED
    more = [Text(f"… and {left_out:,} more; --format csv lists them all")] if left_out > 0 else []
    return Group(
        _Lines(trial, assessments[:MOST_LISTED]), *more, Text(""), _totals(trial, assessments)
    )


@dataclass(frozen=True)
class _Lines:
    """Lines as wide as the terminal: the answers in columns, a reason below cut to fit."""

    trial: Trial
    assessments: Sequence[Assessment]

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        cells = [_cells(self.trial, assessment) for assessment in self.assessments]
        head = ["  Patient", "Verdict", "Immune state", "SOFA", WINDOW]
        widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
        spare = options.max_width - sum(widths) - 2 * (len(widths) - 1)
        widths[0] = max(widths[0] + min(spare, 0), len(head[0]))
        yield _line(head, widths, "bold")
        for assessment, row in zip(self.assessments, cells, strict=True):
            yield _line(row, widths, VERDICTS[assessment.verdict][1])
            yield from _below(self.trial, assessment, options.max_width)


def _cells(trial: Trial, assessment: Assessment) -> list[str]:
    closes = assessment.window_closes_at
    over = answer_on_window(trial, assessment) is Answer.NOT_MET
    if over and (assessment.hours_since_sepsis or 0) < 0:
        over, closes = False, None  # the times contradict each other
    return [
        f"{VERDICTS[assessment.verdict][0]} {assessment.patient_id}",
        assessment.verdict.value,
        assessment.immune_state.replace("_", " "),
        say_sofa_shortly(assessment.sofa),
        "over" if over else closes.strftime("%d %b %Y %H:%M") if closes else _no_window(trial),
    ]


def _no_window(trial: Trial) -> str:
    return "-" if trial.window_hours is None else "?"


def _line(cells: Sequence[str], widths: Sequence[int], style: str) -> Text:
    line = Text(no_wrap=True, overflow="ellipsis")
    for at, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        part = Text(cell, style=style if at < 2 or style == "bold" else "")
        part.truncate(width, overflow="ellipsis", pad=True)
        line.append_text(part)
        line.append("  ")
    line.rstrip()
    return line


def _below(trial: Trial, assessment: Assessment, width: int) -> Iterator[RenderableType]:
    if assessment.reasons:
        count = len(assessment.reasons) - 1
        more = f" (and {count} more)" if count else ""
        reason = Text(INDENT + _named(trial, assessment.reasons[0]), style="dim")
        reason.truncate(width - len(more), overflow="ellipsis")
        yield reason.append(more)
    for warning in assessment.warnings:
        yield Padding(Text(f"Look again: {warning}", style="yellow"), (0, 0, 0, len(INDENT)))


def _named(trial: Trial, reason: str) -> str:
    """A reason that begins with the criterion's short name, so that its point is seen first."""
    for criterion in trial.criteria:
        if reason.startswith(f"{criterion.text} – "):
            return criterion.id.replace("_", " ") + reason.removeprefix(criterion.text)
    return reason


def _totals(trial: Trial, assessments: Sequence[Assessment]) -> RenderableType:
    verdicts = Counter(assessment.verdict for assessment in assessments)
    states = Counter(assessment.immune_state for assessment in assessments)
    lines = Table.grid(padding=(0, 2))
    lines.add_column(justify="right")
    for verdict in Verdict:
        lines.add_row(f"{verdicts[verdict]:,}", say_verdict(verdict))
    for state, count in states.most_common():
        lines.add_row(f"{count:,}", f"immune state {state.replace('_', ' ')}")
    return Group(
        Text(f"{say_patients(len(assessments))}, {trial.acronym or trial.title}", style="bold"),
        Padding(lines, (0, 0, 0, 2)),
    )
