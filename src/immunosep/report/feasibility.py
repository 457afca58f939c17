"""The report on a hospital's records: who could have been enrolled, and where patients are lost."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from immunosep.concepts.sofa import COMPONENTS
from immunosep.protocol.trial import Trial
from immunosep.report.attrition import attrition, bars, lost_to_one
from immunosep.report.document import count, render, write_whole
from immunosep.report.drawing import Illustration, printable
from immunosep.report.patients import Tile
from immunosep.report.scores import score_distribution
from immunosep.report.verdicts import say_state
from immunosep.screening.assessment import Score
from immunosep.screening.feasibility import Feasibility, Group, Step
from immunosep.screening.wording import plain_number

MOST_BARS = 30


def write_feasibility_report(
    path: Path,
    *,
    trial: Trial,
    feasibility: Feasibility,
    source: str,
    now: datetime,
    answers: pa.Table | None = None,
) -> None:
    """Write the page on these counts; with `answers`, those of `assess`, SOFA is drawn as well."""
    dated = not _lies_ahead(feasibility, now)
    page = render(
        "feasibility.html.j2",
        trial=trial,
        source=source,
        now=now,
        content={
            "screened": count(feasibility.screened, "patient"),
            "tiles": _tiles(feasibility, dated=dated),
            "flow": attrition(trial, feasibility),
            "costs": lost_to_one(feasibility.steps),
            "states": _states(trial, feasibility),
            "groups": [
                (heading, figure, groups)
                for heading, groups in (
                    ("By unit", feasibility.by_unit),
                    ("By year", feasibility.by_year if dated else ()),
                )
                if (figure := _groups(heading, groups))
            ],
            "sofa": None if answers is None else score_distribution(_scores(answers)),
            "feasibility": feasibility,
            "dated": dated,
            "silent": [step for step in feasibility.steps if _records_are_silent(step)],
        },
    )
    write_whole(Path(path), page)


def _tiles(feasibility: Feasibility, *, dated: bool) -> list[Tile]:
    rate = feasibility.possible_per_month if dated else None
    months = feasibility.months
    return [
        Tile(number=f"{feasibility.screened:,}", label="Screened"),
        Tile(
            number=f"{feasibility.possible:,}",
            label="Possible: no criterion decided against",
            sign="?" if feasibility.possible > feasibility.eligible else "✓",
            style="open" if feasibility.possible > feasibility.eligible else "for",
        ),
        Tile(
            number=f"{feasibility.eligible:,}",
            label="Eligible: every criterion decided",
            sign="✓",
            style="for",
        ),
        Tile(
            number="–" if rate is None else plain_number(float(f"{rate:.2g}")),
            label="Possible enrolments a month"
            + (": not known" if rate is None or months is None else f", over {months:,.0f} months"),
        ),
    ]


def _lies_ahead(feasibility: Feasibility, now: datetime) -> bool:
    """Whether the records' dates are not those of the calendar: de-identified ones lie ahead."""
    years = [int(group.name) for group in feasibility.by_year if group.name.isdigit()]
    return max(years, default=0) > now.year


def _states(trial: Trial, feasibility: Feasibility) -> Illustration | None:
    if not feasibility.immune_states or not trial.immune_states:
        return None
    rows = [
        (printable(say_state(trial, state)), number, None)
        for state, number in feasibility.immune_states.items()
    ]
    said = ", ".join(f"{words} {number:,}" for words, number, _ in rows)
    return bars(
        "Immune states",
        rows,
        alt=f"Bar chart of immune states: {said}.",
        note="Of everyone screened. Undetermined: what the records hold does not decide it.",
    )


def _groups(heading: str, groups: Sequence[Group]) -> Illustration | None:
    if not any(group.name != "unknown" for group in groups):
        return None
    largest = sorted(groups, key=lambda group: -group.screened)[:MOST_BARS]
    kept = f" The {MOST_BARS} with most patients are drawn." if len(groups) > MOST_BARS else ""
    return bars(
        f"Possible participants {heading.lower()}",
        [
            (printable(group.name), group.screened, group.possible)
            for group in groups
            if group in largest
        ],
        alt=f"Bar chart {heading.lower()} of patients screened and, of these, possible; the table "
        "below has the same numbers.",
        note="The whole bar is everyone screened, the dark part those no criterion stands against."
        + kept,
    )


def _records_are_silent(step: Step) -> bool:
    """The records answer this criterion for none of those not lost before it."""
    return step.left > 0 and step.lost == 0 and step.unknown == step.left


def _scores(answers: pa.Table) -> list[Score]:
    return [
        Score(
            components={part: row[f"sofa_{part}"] for part in COMPONENTS},
            total=row["sofa_total"],
            lowest=row["sofa_lowest"],
            highest=row["sofa_highest"],
            entered=row["sofa_lowest"] == row["sofa_highest"],
        )
        for row in answers.to_pylist()
    ]
