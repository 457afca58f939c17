"""What becomes of a rehearsal's participants until day 90, drawn for each one's place of the list.

Whoever holds the code says which arm each is in; of the result only the course itself tells it. A
course is one participant's of `draw_trial`, in the same arm and immune state, that nobody else has.
Days count from the first dose, which is day 1.0; a moment is a day with its fraction.

A course is a mapping: `seed` (for what was not drawn here: who enters what when), `sofa`,
`ferritin_ng_ml`, `hla_dr_per_monocyte`, `apache_ii`, `charlson` and `septic_shock` at entry, `days`
(status and SOFA's six parts, day 1 to 15), `samples`, `died` and `left` (a day, or None),
`completed`, `ended_because`, `ended` (a day), `infection_outcome`, `events`, `medication`,
`procedures`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from immunosep.concepts.apache_ii import POINTS_FROM_AGE
from immunosep.concepts.sofa import COMPONENTS
from immunosep.protocol.trial import Trial
from immunosep.randomisation.strata import CENTRE, IMMUNE_STATE, plan_of, stratum_of
from immunosep.screening.assess import assess_immune_states
from immunosep.simulation.courses import draw_trial
from immunosep.simulation.histories import IN_HOSPITAL

DAY_S = 86_400
RISES_BY = 2  # Sepsis-3, Singer JAMA 2016;315:801: above the score on admission
LASTS_DAYS = 40  # at least, of somebody whom a visitor follows
POOL = 2  # participants are drawn for each that is wanted, until every arm and state has enough

UNEXPECTED: Mapping[str, Any] = {
    "term": "Haemolytic anaemia",
    "organ_class": "Blood and lymphatic system disorders",
    "grade": 3,
    "serious": True,
    "fatal": False,
    "relatedness": "possible",
    "expected": False,
    "began": 2.0,
    "ended": 2.6,
    "waits": True,
}
"""What somebody on treatment has whatever their arm: a suspected reaction whose clock runs."""

Row = dict[str, Any]
Arms = Mapping[tuple[str, int], str]
Cell = tuple[str, str]


def with_courses(
    rows: Sequence[Mapping[str, Any]], trial: Trial, *, arms: Arms, rng: np.random.Generator
) -> list[Row]:
    """The rows of virtual patients, in their order; those randomised with a `course`.

    `arms` says what each place (stratum, position) of the list holds. At entry a row has the SOFA
    and the results that its course begins with, which are of its own immune state.
    """
    places = _places(rows, trial)
    cells = {at: (arms[place], state) for at, (place, state) in places.items()}
    drawn = _draw(trial, list(cells.values()), rng)
    seeds = rng.integers(0, 2**32, len(rows))
    made = [dict(row) for row in rows]
    for at in sorted(cells, key=lambda at: not rows[at]["story"]):  # these choose first
        course = _take(drawn[cells[at]], lasting=bool(rows[at]["story"]))
        made[at] = _with_course(rows[at], course | {"seed": int(seeds[at])})
    return made


def _take(courses: list[Row], *, lasting: bool) -> Row:
    """The next course; for somebody to follow now, the next of who is there for weeks."""
    stays = (at for at, course in enumerate(courses) if _lasts(course))
    return courses.pop(next(stays, 0) if lasting else 0)


def _lasts(course: Row) -> bool:
    ends = (course["died"], course["left"])
    return all(end is None or end > LASTS_DAYS for end in ends) and bool(course["completed"])


def _places(
    rows: Sequence[Mapping[str, Any]], trial: Trial
) -> dict[int, tuple[tuple[str, int], str]]:
    """Of each row that is randomised, the place it takes and its immune state.

    Places are taken in the order of the minutes of randomisation; of one minute, in the rows'.
    """
    states = _states(rows, trial)
    randomised = [at for at, row in enumerate(rows) if row["first_dose_hour"] is not None]
    randomised.sort(key=lambda at: (round(rows[at]["decided_hour"] * 60), at))
    taken: dict[str, int] = defaultdict(int)
    found = {}
    for at in randomised:
        values = {CENTRE: str(rows[at]["centre"]), IMMUNE_STATE: states[at]}
        stratum = stratum_of(plan_of(trial), values)
        taken[stratum] += 1
        found[at] = ((stratum, taken[stratum]), states[at])
    return found


def _states(rows: Sequence[Mapping[str, Any]], trial: Trial) -> list[str]:
    """By the trial's own rules, of the results that decide."""
    names = ("ferritin_ng_ml", "hla_dr_per_monocyte")
    table = pa.table(
        {
            "patient_id": [str(at) for at in range(len(rows))],
            **{name: [row.get(name) for row in rows] for name in names},
        }
    )
    return [str(state) for state in assess_immune_states(trial, table)]


def _draw(trial: Trial, wanted: Sequence[Cell], rng: np.random.Generator) -> dict[Cell, list[Row]]:
    """Courses by arm and immune state, as many of each as are wanted and more."""
    found: dict[Cell, list[Row]] = {cell: [] for cell in wanted}
    while any(len(found[cell]) < wanted.count(cell) for cell in found):
        tables = draw_trial(rng, participants=max(POOL * len(wanted), 40), trial=trial)
        for cell, course in _courses(tables):
            found.setdefault(cell, []).append(course)
    return found


def _courses(tables: Mapping[str, pa.Table]) -> Iterator[tuple[Cell, Row]]:
    of: dict[str, dict[str, list[Row]]] = {}
    for name in ("days", "samples", "events", "medication", "procedures"):
        of[name] = defaultdict(list)
        for row in tables[name].to_pylist():
            of[name][row["participant"]].append(row)
    for person in tables["participants"].to_pylist():
        if not person["data_withdrawn"]:
            theirs = {name: rows[person["participant"]] for name, rows in of.items()}
            yield (person["arm"], person["immune_state"]), _course(person, theirs)


def _course(person: Row, theirs: Mapping[str, list[Row]]) -> Row:
    first = person["first_dose_s"]

    def day(seconds: int | None) -> float | None:
        return None if seconds is None else (seconds - first) / DAY_S + 1

    return {
        "sofa": person["sofa_at_entry"],
        "ferritin_ng_ml": person["ferritin_at_entry_ng_ml"],
        "hla_dr_per_monocyte": person["hla_dr_at_entry"],
        **{name: person[name] for name in ("apache_ii", "charlson", "septic_shock")},
        "days": [{name: row[name] for name in ("day", "status", *COMPONENTS)}
                 for row in theirs["days"]],
        "samples": [{name: row[name] for name in ("day", "ferritin_ng_ml", "hla_dr_per_monocyte")}
                    for row in theirs["samples"] if row["day"] > 0],
        "died": day(person["died_s"]),
        "left": day(person["left_hospital_s"]),
        "completed": person["treatment_completed"],
        "ended_because": person["treatment_ended_because"],
        "ended": day(person["treatment_ended_s"]),
        "infection_outcome": person["infection_outcome"],
        "events": [_event(row) | {"began": day(row["began_s"]), "ended": day(row["ended_s"])}
                   for row in theirs["events"]],
        "medication": [{"medicine": row["medication"], "kind": row["kind"],
                        "began": day(row["from_s"]), "ended": day(row["until_s"])}
                       for row in theirs["medication"]],
        "procedures": [{"procedure": row["procedure"], "began": day(row["from_s"]),
                        "ended": day(row["until_s"])} for row in theirs["procedures"]],
    }  # fmt: skip


def _event(row: Row) -> Row:
    return {
        "term": row["term"],
        "organ_class": row["organ_class"],
        "grade": row["grade"],
        "serious": row["serious"],
        "fatal": row["outcome"] == "fatal",
        "relatedness": row["relatedness"],
        "expected": row["expected"],
    }


def _with_course(row: Mapping[str, Any], course: Row) -> Row:
    entry = {name: course[name] for name in ("sofa", "ferritin_ng_ml", "hla_dr_per_monocyte")}
    made = {**row, **entry, "course": course}
    course["apache_ii"] = max(course["apache_ii"], _points_for_age(row["age_years"]))
    if row["story"] == "followed":
        course["events"] = [*course["events"], dict(UNEXPECTED)]
    if row["infection"] in IN_HOSPITAL:
        made["sofa_admission"] = min(row["sofa_admission"], course["sofa"] - RISES_BY)
    return made


def _points_for_age(years: float) -> int:
    """The least that APACHE II can be: a total drawn apart from the age may be below it."""
    return next((points for least, points in POINTS_FROM_AGE if years >= least), 0)
