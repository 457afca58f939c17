"""Several patients: what was found of each and the first reason why, then totals."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from immunosep.cli.pages.words import (
    VERDICTS,
    answer_on_window,
    say_sofa_shortly,
    say_verdict,
)
from immunosep.protocol.trial import Trial
from immunosep.screening.assess import Verdict
from immunosep.screening.assessment import Answer, Assessment

MOST_LISTED = 500


def listed_page(trial: Trial, assessments: Sequence[Assessment]) -> RenderableType:
    """The page: a line of answers and a line of reasons for each patient, and what it comes to."""
    left_out = len(assessments) - MOST_LISTED
    more = [Text(f"… and {left_out:,} more; --format csv lists them all")] if left_out > 0 else []
    return Group(
        *(part for assessment in assessments[:MOST_LISTED] for part in _patient(trial, assessment)),
        *more,
        _totals(trial, assessments),
    )


def _patient(trial: Trial, assessment: Assessment) -> tuple[RenderableType, ...]:
    sign, colour = VERDICTS[assessment.verdict]
    said = [
        assessment.verdict.value,
        assessment.immune_state.replace("_", " "),
        f"SOFA {say_sofa_shortly(assessment.sofa)}",
        _window(trial, assessment),
    ]
    head = Text(f"{sign} {assessment.patient_id}", style=f"bold {colour}")
    head.append("  " + ", ".join(part for part in said if part), style="default not bold")
    below = [Text(reason, style="dim") for reason in assessment.reasons[:1]]
    if len(assessment.reasons) > 1:
        below[0].append(f" And {len(assessment.reasons) - 1} more.")
    below += [Text(f"Look again: {warning}", style="yellow") for warning in assessment.warnings]
    return head, *(Padding(line, (0, 0, 0, 4)) for line in below)


def _window(trial: Trial, assessment: Assessment) -> str:
    closes = assessment.window_closes_at
    if closes is None:
        return ""
    over = answer_on_window(trial, assessment) is Answer.NOT_MET
    return f"window {'closed' if over else 'closes'} {closes.strftime('%d %b %Y, %H:%M')}"


def _totals(trial: Trial, assessments: Sequence[Assessment]) -> RenderableType:
    verdicts = Counter(assessment.verdict for assessment in assessments)
    states = Counter(assessment.immune_state.replace("_", " ") for assessment in assessments)
    lines = Table.grid(padding=(0, 2))
    lines.add_column(justify="right")
    for verdict in Verdict:
        lines.add_row(f"{verdicts[verdict]:,}", say_verdict(verdict))
    named = ", ".join(f"{count:,} {state}" for state, count in states.most_common())
    return Group(
        Text(f"\n{len(assessments):,} patients, {trial.acronym or trial.title}", style="bold"),
        Padding(lines, (0, 0, 0, 2)),
        Padding(Text(f"Immune states: {named}"), (0, 0, 0, 2)),
    )
