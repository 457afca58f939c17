"""Small invented records of a trial, as tables: say what matters, the rest is unremarkable."""

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from immunosep.analysis.records import Records, take_records
from immunosep.concepts.sofa import COMPONENTS
from immunosep.sources.records import Arms, Manifest
from immunosep.tables.records import RECORDS
from immunosep.trials import find_trial

TOTALS = ("sofa", "sofa_lowest", "sofa_highest")
IMMUNOSEP = find_trial("immunosep")
FIRST_DOSE_S = 1_700_000_000
DAY_S = 86_400
LOCKED_S = FIRST_DOSE_S + 200 * DAY_S
Row = dict[str, Any]


def manifest(**changes: Any) -> Manifest:
    """A manifest of locked records with real arms."""
    told: Row = {
        "trial": "immunosep",
        "trial_version": "1",
        "trial_digest": "0" * 64,
        "arms": Arms.REAL,
        "written_s": LOCKED_S,
        "locked_s": LOCKED_S,
        "software": "immunosep, invented",
    }
    return Manifest(**told | changes)


def participant(name: str, **changes: Any) -> Row:
    """One who was treated, and lived until day 90."""
    told: Row = {
        "participant": name,
        "centre": "athens",
        "country": "Greece",
        "stratum": "athens",
        "position": 1,
        "immune_state": "immunoparalysis",
        "arm": "precision",
        "randomised_s": FIRST_DOSE_S - 3600,
        "first_dose_s": FIRST_DOSE_S,
        "data_withdrawn": False,
        "in_error": False,
        "treatment_completed": True,
        "last_alive_s": FIRST_DOSE_S + 90 * DAY_S,
        "trial_digest": "0" * 64,
        "locked": True,
        "signed": True,
    }
    return told | changes


def days(name: str, scores: Iterable[int | str | None], *, first: int = 1) -> list[Row]:
    """One row per day: a score, or 'dead', 'discharged', 'not_assessed', or None: not recorded."""
    return [
        {"participant": name, "day": day, **_day(score)}
        for day, score in enumerate(scores, start=first)
    ]


def _day(score: int | str | None) -> Row:
    if not isinstance(score, int):
        return {"status": score}
    parts = {part: min(4, max(0, score - 4 * at)) for at, part in enumerate(COMPONENTS)}
    return {"status": "present", **dict.fromkeys(TOTALS, score), **parts}


def tables_of(tables: Mapping[str, list[Row]]) -> dict[str, pa.Table]:
    """Every table of RECORDS, those not given without rows."""
    return {
        name: pa.Table.from_pylist(tables.get(name, []), schema=about.schema().to_pyarrow())
        for name, about in RECORDS.items()
    }


def records_of(tables: Mapping[str, list[Row]], **changes: Any) -> Records:
    """The same, checked and loaded."""
    return take_records(tables_of(tables), manifest=manifest(**changes), trial=IMMUNOSEP)
