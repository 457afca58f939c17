"""The report on patients: what was found of each, why, what is open, and until when."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from immunosep.concepts.snapshot import PATIENTS, derive_snapshot
from immunosep.concepts.sofa import COMPONENTS
from immunosep.protocol.criteria import Criterion
from immunosep.protocol.trial import Trial
from immunosep.report.attrition import bars
from immunosep.report.document import count, render, write_whole
from immunosep.report.drawing import Illustration, printable
from immunosep.report.scores import score_distribution, scores
from immunosep.report.standing import standing
from immunosep.report.verdicts import (
    CLASSES,
    SIGNS,
    WORDS,
    say_answer,
    say_state,
    stands_against,
)
from immunosep.report.windows import elapsed_of, window_distribution, windows
from immunosep.screening.assess import UNDETERMINED, Verdict
from immunosep.screening.assessment import Answer, Assessment
from immunosep.screening.wording import (
    COMPONENT_NAMES,
    describe_sofa,
    describe_values,
    describe_window,
)
from immunosep.sources.prepared import prepare
from immunosep.tables.columns import Kind
from immunosep.tables.dictionary import COLUMNS

MANY = 50  # beyond so many patients, figures count instead of naming each
FEW = 12  # up to so many, every card lies open
MOST_CARDS = 100  # beyond so many, the page would be too heavy to open


@dataclass(frozen=True, kw_only=True)
class Line:
    """One criterion in a patient's card; `found` is the value it was decided on."""

    number: int | None
    text: str
    found: str
    sign: str
    words: str
    style: str


@dataclass(frozen=True, kw_only=True)
class Card:
    """One patient, in words."""

    anchor: str
    name: str
    verdict: str
    sign: str
    style: str
    state: str
    sofa: str
    sofa_brief: str
    parts: tuple[tuple[str, int | None], ...]
    entered: bool
    inclusion: tuple[Line, ...]
    exclusion: tuple[Line, ...]
    against: tuple[str, ...]
    still_open: tuple[str, ...]
    needed: tuple[str, ...]
    warnings: tuple[str, ...]
    window: str


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One number at the top of the page."""

    number: str
    label: str
    sign: str = ""
    style: str = ""


def write_patients_report(
    path: Path,
    *,
    trial: Trial,
    assessments: Sequence[Assessment],
    patients: pa.Table,
    source: str,
    now: datetime,
) -> None:
    """Write the page on these patients; `assessments` are theirs, in the same order."""
    many = len(assessments) > MANY
    snapshot = _snapshot()(patients).to_pylist()
    shown = _shown(assessments)
    page = render(
        "patients.html.j2",
        trial=trial,
        source=source,
        now=now,
        content={
            "screened": count(len(assessments), "patient"),
            "verdicts": _verdict_tiles(assessments),
            "states": _state_tiles(trial, assessments),
            "figures": _figures(trial, assessments, patients, many=many),
            "cards": [_card(trial, at, assessments[at], snapshot[at]) for at in shown],
            "left_out": len(assessments) - len(shown),
            "many": many,
            "closed": len(assessments) > FEW,
            "shown": count(len(shown), "patient"),
            "criteria": len(trial.inclusion) + len(trial.exclusion),
        },
    )
    write_whole(Path(path), page)


@cache
def _snapshot() -> Callable[[pa.Table], pa.Table]:
    return prepare(derive_snapshot(PATIENTS), about=PATIENTS)


def _shown(assessments: Sequence[Assessment]) -> list[int]:
    """Which patients have a card: all, or those nothing stands against first."""
    order = {Verdict.ELIGIBLE: 0, Verdict.UNDETERMINED: 1, Verdict.INELIGIBLE: 2}
    places = range(len(assessments))
    if len(assessments) <= MOST_CARDS:
        return list(places)
    return sorted(places, key=lambda at: order[assessments[at].verdict])[:MOST_CARDS]


def _figures(
    trial: Trial, assessments: Sequence[Assessment], patients: pa.Table, *, many: bool
) -> list[Illustration]:
    given = [assessment.sofa for assessment in assessments]
    clocks = elapsed_of(assessments, patients)
    if many:
        drawn = [
            _reasons_counted(trial, assessments),
            standing(trial, assessments, patients),
            score_distribution(given),
            window_distribution(trial, clocks),
        ]
    else:
        drawn = [
            standing(trial, assessments, patients),
            windows(trial, clocks),
            scores([assessment.patient_id for assessment in assessments], given),
        ]
    return [figure for figure in drawn if figure]


def _reasons_counted(trial: Trial, assessments: Sequence[Assessment]) -> Illustration | None:
    rows = []
    for criterion, excludes in _numbered(trial):
        answers = [assessment.criteria[criterion.id] for assessment in assessments]
        against = sum(stands_against(answer, excludes=excludes) for answer in answers)
        if against:
            rows.append((printable(criterion.text), against, None))
    rows.sort(key=lambda row: -row[1])
    if not rows:
        return None
    return bars(
        "What stands against enrolment",
        rows,
        alt=f"Bar chart of the patients each criterion stands against, most for: {rows[0][0]} "
        f"({rows[0][1]:,}).",
        note=f"Of {count(len(assessments), 'patient')}; one patient may be counted at several "
        "criteria.",
    )


def _numbered(trial: Trial) -> list[tuple[Criterion, bool]]:
    return [*((c, False) for c in trial.inclusion), *((c, True) for c in trial.exclusion)]


def _verdict_tiles(assessments: Sequence[Assessment]) -> list[Tile]:
    counted = Counter(assessment.verdict for assessment in assessments)
    return [
        Tile(number=f"{counted[v]:,}", label=WORDS[v], sign=SIGNS[v], style=CLASSES[v])
        for v in Verdict
    ]


def _state_tiles(trial: Trial, assessments: Sequence[Assessment]) -> list[Tile]:
    counted = Counter(assessment.immune_state for assessment in assessments)
    order = [state.id for state in trial.immune_states]
    order += [state for state in sorted(counted) if state not in order]
    return [
        Tile(number=f"{counted[state]:,}", label=say_state(trial, state))
        for state in order
        if trial.immune_states
    ]


def _card(trial: Trial, at: int, found: Assessment, row: Mapping[str, Any]) -> Card:
    against = sum(
        stands_against(found.criteria[criterion.id], excludes=excludes)
        for criterion, excludes in _numbered(trial)
    )
    return Card(
        anchor=f"patient-{at + 1}",
        name=printable(found.patient_id, longest=80),
        verdict=WORDS[found.verdict],
        sign=SIGNS[found.verdict],
        style=CLASSES[found.verdict],
        state="" if not trial.immune_states else _say_state(trial, found.immune_state),
        sofa=describe_sofa(row),
        sofa_brief=_brief(found),
        parts=tuple(
            (COMPONENT_NAMES.get(part, part).capitalize(), found.sofa.components[part])
            for part in COMPONENTS
        ),
        entered=found.sofa.entered,
        inclusion=tuple(_line(c, found, row, excludes=False) for c in trial.inclusion),
        exclusion=tuple(_line(c, found, row, excludes=True) for c in trial.exclusion),
        against=found.reasons[:against],
        still_open=found.reasons[against:],
        needed=tuple(COLUMNS[name].label for name in found.unknown),
        warnings=found.warnings,
        window=describe_window(
            found.window_closes_at,
            _window_answer(trial, found),
            hours_since_sepsis=found.hours_since_sepsis,
        ),
    )


def _brief(found: Assessment) -> str:
    score = found.sofa
    if score.lowest == score.highest:
        return str(score.total)
    return f"{score.lowest} to {score.highest}"


def _say_state(trial: Trial, state: str) -> str:
    return "Not known yet" if state == UNDETERMINED else say_state(trial, state)


def _line(
    criterion: Criterion, found: Assessment, row: Mapping[str, Any], *, excludes: bool
) -> Line:
    sign, words, style = say_answer(found.criteria[criterion.id], excludes=excludes)
    return Line(
        number=criterion.number,
        text=criterion.text,
        found="" if _answers_itself(criterion) else describe_values(criterion, row),
        sign=sign,
        words=words,
        style=style,
    )


def _answers_itself(criterion: Criterion) -> bool:
    """Whether the answer already says all: the criterion asks one yes or no."""
    return [COLUMNS[name].kind for name in criterion.reads] == [Kind.YES_NO]


def _window_answer(trial: Trial, found: Assessment) -> Answer | None:
    reading = [c.id for c in trial.inclusion if "hours_since_sepsis" in c.reads]
    return found.criteria[reading[0]] if reading else None
