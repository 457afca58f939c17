"""`immunosep interim recruitment` and `events`: when participants and events will be there."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from immunosep.analysis.interim.events import forecast_events
from immunosep.analysis.interim.reading import read_centres, read_watched
from immunosep.cli.analyse import AnswerFormat
from immunosep.cli.output import print_json, print_page
from immunosep.errors import AnalysisError
from immunosep.screening.recruitment import forecast_recruitment


@dataclass(frozen=True, kw_only=True)
class EventsAsked:
    """What the command was given."""

    path: Path
    watched: float
    ahead: tuple[float, ...]
    cuts: tuple[float, ...]
    target: int | None
    seed: int
    level: float


def run_recruitment(
    path: Path,
    *,
    target: int,
    as_of: str,
    on: tuple[str, ...],
    level: float,
    format_: AnswerFormat,
) -> None:
    """Print the forecast of participants."""
    days = _days(as_of, *on)
    found = forecast_recruitment(
        read_centres(path), as_of=days[0], target=target, days=sorted(days[1:]), level=level
    )
    if format_ is AnswerFormat.JSON:
        print_json(
            {
                "as_of": found.as_of.isoformat(),
                "enrolled": found.enrolled,
                "target": found.target,
                "level": found.level,
                "reached": {
                    name: None if day is None else day.isoformat()
                    for name, day in _ends(found.early, found.middle, found.late).items()
                },
                "on": [
                    {"day": by.day.isoformat(), "expected": by.expected, "low": by.low,
                     "high": by.high}
                    for by in found.curve
                ],
            }
        )  # fmt: skip
        return
    sure = f"{100 * level:g} % interval"
    lines = [f"{found.enrolled:,} enrolled when {found.as_of} begins; {sure} in brackets"]
    lines += [f"  {by.day}  {by.expected:,.0f} ({by.low:,} to {by.high:,})" for by in found.curve]
    early, middle, late = (
        "not within 20 years" if day is None else day.isoformat()
        for day in (found.early, found.middle, found.late)
    )
    print_page("\n".join([*lines, f"{found.target:,} are there on {middle} ({early} to {late})"]))


def run_events(asked: EventsAsked, format_: AnswerFormat) -> None:
    """Print the forecast of events."""
    found = forecast_events(
        read_watched(asked.path),
        days_ahead=asked.ahead,
        watched_for_days=asked.watched,
        rng=np.random.default_rng(asked.seed),
        cuts=asked.cuts,
        target=asked.target,
        level=asked.level,
    )
    if format_ is AnswerFormat.JSON:
        print_json(
            {
                "events": found.events,
                "target": found.target,
                "level": found.level,
                "seed": asked.seed,
                "reached_in_days": _ends(found.early, found.middle, found.late),
                "ahead": [
                    {"days": by.days_ahead, "expected": by.expected, "low": by.low,
                     "high": by.high}
                    for by in found.curve
                ],
            }
        )  # fmt: skip
        return
    sure = f"{100 * asked.level:g} % interval"
    lines = [f"{found.events:,} events so far, nobody else to join; {sure} in brackets"]
    lines += [
        f"  in {by.days_ahead:g} days  {by.expected:,.1f} ({by.low:,} to {by.high:,})"
        for by in found.curve
    ]
    if found.target is not None:
        early, middle, late = (
            "not reached" if days is None else f"{days:.0f} days"
            for days in (found.early, found.middle, found.late)
        )
        lines.append(f"{found.target:,} are there in {middle} ({early} to {late})")
    print_page("\n".join(lines))


def _ends(early: Any, middle: Any, late: Any) -> dict[str, Any]:
    return {"early": early, "middle": middle, "late": late}


def _days(*words: str) -> list[date]:
    found, problems = list[date](), list[str]()
    for word in words:
        try:
            found.append(date.fromisoformat(word))
        except ValueError:
            problems.append(f"{word!r} is no day; write it as 2026-01-31")
    if problems:
        raise AnalysisError("interim recruitment", problems)
    return found
