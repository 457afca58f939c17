"""An answer in a clinician's words: the value found, the limit, what is missing."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from immunosep.concepts.sofa import COMPONENTS
from immunosep.protocol.criteria import Criterion
from immunosep.screening.assessment import Answer
from immunosep.tables.columns import Column, Kind
from immunosep.tables.dictionary import COLUMNS
from immunosep.tables.units import UNIT_SIGNS

COMPONENT_NAMES = {"cns": "nervous system"}

Row = Mapping[str, Any]


def reason_against(criterion: Criterion, row: Row, *, excludes: bool) -> str:
    """Why a criterion stands against enrolment: `row` has the snapshot's values of one patient."""
    verb = "excluded" if excludes else "not met"
    if _says_itself(criterion):
        return f"{criterion.text} – {verb}."
    found = describe_values(criterion, row)
    limit = f" (limit: {criterion.limit})" if criterion.limit else ""
    return f"{criterion.text} – {verb}{': ' + found if found else ''}{limit}."


def reason_open(criterion: Criterion, deciding: tuple[str, ...]) -> str:
    """What is still needed to decide a criterion."""
    if _says_itself(criterion):
        return f"{criterion.text} – not recorded."
    needed = ", ".join(lower_first(COLUMNS[name].label) for name in deciding)
    return f"{criterion.text} – unknown{': needs ' + needed if needed else ''}."


def _says_itself(criterion: Criterion) -> bool:
    """Whether its text already is the question that its one yes/no column answers."""
    return [COLUMNS[name].kind for name in criterion.reads] == [Kind.YES_NO]


def describe_values(criterion: Criterion, row: Row) -> str:
    """The values a criterion was decided on, each with its name and unit."""
    reads = criterion.reads
    said = [describe_sofa(row)] if "sofa_lowest" in reads else []
    said += [describe_admission(row)] if "sofa_admission_lowest" in reads else []
    said += [
        describe_value(COLUMNS[name], row[name])
        for name in reads
        if not name.startswith("sofa_") and row.get(name) is not None
    ]
    return ", ".join(part for part in said if part)


def describe_sofa(row: Row) -> str:
    """SOFA as one number, or as the range that its missing parts leave open."""
    lowest, highest = row["sofa_lowest"], row["sofa_highest"]
    if lowest == highest:
        return f"SOFA {lowest}"
    missing = [COMPONENT_NAMES.get(p, p) for p in COMPONENTS if row[f"sofa_{p}"] is None]
    without = f" ({', '.join(missing)} missing)" if missing else ""
    return f"SOFA between {lowest} and {highest}{without}"


def describe_admission(row: Row) -> str:
    """SOFA on admission, or its range; nothing where it is not known."""
    if row["sofa_admission"] is not None:
        return f"{row['sofa_admission']} on admission"
    lowest, highest = row["sofa_admission_lowest"], row["sofa_admission_highest"]
    if lowest is None or highest is None:
        return ""
    return f"between {lowest} and {highest} on admission"


def describe_value(column: Column, value: Any) -> str:
    """A value with its name and unit, in words."""
    label = lower_first(column.label)
    match column.kind:
        case Kind.YES_NO:
            return f"{label}: {'yes' if value else 'no'}"
        case Kind.CATEGORY:
            return f"{label}: {str(value).replace('_', ' ')}"
        case Kind.TIME | Kind.TEXT:
            return f"{label}: {value}"
        case Kind.NUMBER if column.unit == "h":
            return f"{label} {describe_hours(value)}"
        case Kind.NUMBER | Kind.INTEGER:
            sign = UNIT_SIGNS.get(column.unit, column.unit)
            return f"{label} {plain_number(value)}{' ' + sign if sign else ''}"


def describe_window(
    closes: datetime | None, answer: Answer | None, *, hours_since_sepsis: float | None = None
) -> str:
    """When the window closes, that it has, or that the times contradict each other."""
    if closes is None:
        return ""
    if hours_since_sepsis is not None and hours_since_sepsis < 0:
        return "The first dose, or this assessment, is before Sepsis-3 was met: check the times."
    if answer is Answer.NOT_MET:
        return f"The window for the first dose closed at {describe_time(closes)}."
    return f"The first dose must start before {describe_time(closes)}."


def describe_time(moment: datetime) -> str:
    """A time for people, with its offset from UTC where the record gave one."""
    return moment.strftime("%d %b %Y, %H:%M") + (f" ({moment.tzname()})" if moment.tzinfo else "")


def describe_hours(hours: float) -> str:
    """A time passed, in whole minutes: 71 h 59 min 59 s is still less than 72 h."""
    whole, minutes = divmod(int(abs(hours) * 60 + 1e-6), 60)
    passed = f"{whole} h {minutes} min" if minutes else f"{whole} h"
    return f"{passed} too early" if hours < 0 else passed


def clock_time(seconds: int | None, utc_offset_minutes: int | None) -> datetime | None:
    """A time for people: in the centre's clock, with its offset from UTC where that was given."""
    if seconds is None:
        return None
    moment = datetime.fromtimestamp(seconds, UTC)
    if utc_offset_minutes is None:
        return moment.replace(tzinfo=None)
    return moment.astimezone(timezone(timedelta(minutes=utc_offset_minutes)))


def plain_number(value: float) -> str:
    """A number as a person writes it: thousands apart, and never rounded across a limit."""
    return f"{round(value, 4):,.12g}"


def lower_first(label: str) -> str:
    """A label inside a sentence: 'Ferritin' is lowered, 'SOFA' and 'HLA-DR' are not."""
    return label if label[:2].isupper() or label[:1] == label[:2] else label[0].lower() + label[1:]
