"""When ImmunoSep's participants are seen. Day 1 is the first dose.

The protocol lists ten days. Its primary endpoint needs SOFA on each of days 1 to 9, and the
secondary on 1 to 15, so those days are visits as well (choice `sofa_days`).
"""

from immunosep.protocol.casebook import VisitBlock
from immunosep.protocol.schedule import Visit
from immunosep.trials.immunosep.references import PROTOCOL

BASELINE_DAY = 1  # written once the first dose is given, of the time before it
LISTED_DAYS = (0, 2, 3, 4, 5, 7, 8, 15, 28, 90)  # JAMA 2026;335:775, Supplement 1
SOFA_DAYS = range(1, 16)  # JAMA 2026;335:775: days 1 to 9, and to 15
BIOMARKER_DAYS = (0, 2, 3, 4, 5, 7, 8, 15, 28)  # choice `biomarker_days`
LAST_TREATMENT_DAY = 15  # JAMA 2026;335:775
INFECTION_OUTCOME_DAY = 15  # JAMA 2026;335:775, Supplement 1
VITAL_STATUS_DAYS = (28, 90)  # JAMA 2026;335:775

LABELS = {
    0: "Screening and randomisation",
    1: "First dose",
    15: "End of treatment",
    28: "Follow-up contact",
    90: "Last contact",
}


def _assessments(day: int) -> tuple[str, ...]:
    planned = {
        "eligibility": day == 0,
        "informed consent": day == 0,
        "baseline": day == BASELINE_DAY,
        "SOFA": day in SOFA_DAYS,
        "ferritin": day in BIOMARKER_DAYS,
        "HLA-DR on monocytes": day in BIOMARKER_DAYS,
        "outcome of the infection": day == INFECTION_OUTCOME_DAY,
        "adverse events": day > 0,
        "end of treatment": day == LAST_TREATMENT_DAY,
        "vital status": day in VITAL_STATUS_DAYS,
    }
    return tuple(assessment for assessment, due in planned.items() if due)


SCHEDULE = tuple(
    Visit(
        id=f"day_{day}",
        day=day,
        label=LABELS.get(day, f"Treatment day {day}"),
        assessments=_assessments(day),
        source=PROTOCOL.short if day in LISTED_DAYS else "choice `sofa_days`",
    )
    for day in sorted({*LISTED_DAYS, *SOFA_DAYS})
)

BLOCKS = (
    VisitBlock(id="to_day_9", label="Days 1 to 9", first=1, last=9),
    VisitBlock(id="to_day_15", label="Days 10 to 15", first=10, last=15),
    VisitBlock(id="day_28", label="Day 28", first=28, last=28),
    VisitBlock(id="day_90", label="Day 90", first=90, last=90),
)
"""Signed as each is complete: the primary endpoint's days, those after, each later contact."""
