"""One patient: the verdict and why, then criterion by criterion."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from immunosep.cli.pages.words import (
    answer_on_window,
    say_answer,
    say_sofa,
    say_state,
    say_verdict,
)
from immunosep.protocol.criteria import Criterion
from immunosep.protocol.trial import Trial
from immunosep.screening.assessment import Assessment
from immunosep.screening.wording import describe_time, describe_values, describe_window
from immunosep.tables.columns import Kind
from immunosep.tables.dictionary import COLUMNS


def patient_page(trial: Trial, assessment: Assessment, row: Mapping[str, Any]) -> RenderableType:
    """The page; `row` has the snapshot's values that the criteria were decided on."""
    window = describe_window(
        assessment.window_closes_at,
        answer_on_window(trial, assessment),
        hours_since_sepsis=assessment.hours_since_sepsis,
    )
    head = Table.grid(padding=(0, 2))
    head.add_row("Verdict", say_verdict(assessment.verdict))
    head.add_row("Immune state", Text(say_state(trial, assessment.immune_state)))
    head.add_row("SOFA", Text(say_sofa(assessment.sofa)))
    if assessment.assessed_at is not None:
        head.add_row("Assessed", Text(describe_time(assessment.assessed_at)))
    if trial.window_hours is not None:
        head.add_row("Window", Text(window or "unknown: when Sepsis-3 was first met is not given"))
    return Group(
        Text(f"Patient {assessment.patient_id}, {trial.acronym or trial.title}", style="bold"),
        Padding(head, (1, 0, 0, 2)),
        *_list("Why", assessment.reasons),
        *_list("Would decide it, as columns", [", ".join(assessment.unknown)]),
        *_list("Look again", assessment.warnings),
        *_criteria("Inclusion", trial.inclusion, assessment, row, excludes=False),
        *_criteria("Exclusion", trial.exclusion, assessment, row, excludes=True),
    )


def _answers_itself(criterion: Criterion) -> bool:
    """Whether its one yes/no column says no more than the answer does."""
    return [COLUMNS[name].kind for name in criterion.reads] == [Kind.YES_NO]


def _list(title: str, sentences: Iterable[str]) -> list[RenderableType]:
    lines = Table.grid(padding=(0, 1))
    for sentence in sentences:
        if sentence:
            lines.add_row("·", Text(sentence))
    if not lines.rows:
        return []
    return [Text(f"\n{title}", style="bold"), Padding(lines, (0, 0, 0, 2))]


def _criteria(
    title: str,
    criteria: Iterable[Criterion],
    assessment: Assessment,
    row: Mapping[str, Any],
    *,
    excludes: bool,
) -> list[RenderableType]:
    lines = Table.grid(padding=(0, 2))
    lines.add_column(no_wrap=True)
    for criterion in criteria:
        answer = say_answer(assessment.criteria[criterion.id], excludes=excludes)
        found = "" if _answers_itself(criterion) else describe_values(criterion, row)
        text = Text(criterion.text)
        if found:
            text.append(f" – {found}", style="dim")
        lines.add_row(answer, text)
    if not lines.rows:
        return []
    return [Text(f"\n{title}", style="bold"), Padding(lines, (0, 0, 0, 2))]
