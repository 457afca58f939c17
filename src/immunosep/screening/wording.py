"""An answer in a clinician's words: the value found, the limit, what is missing."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from immunosep.concepts.sofa import COMPONENTS
from immunosep.languages import Figure, Said, inside, listed, opening, say
from immunosep.protocol.criteria import Criterion
from immunosep.screening.assessment import Answer
from immunosep.tables.columns import Column, Kind
from immunosep.tables.dictionary import COLUMNS
from immunosep.tables.units import UNIT_SIGNS

COMPONENT_NAMES = {"cns": "nervous system"}
UNKNOWN = say("unknown")

Row = Mapping[str, Any]


def reason_against(criterion: Criterion, row: Row, *, excludes: bool) -> str:
    """Why a criterion stands against enrolment: `row` has the snapshot's values of one patient."""
    verb = say("excluded") if excludes else say("not met")
    if _says_itself(criterion):
        return _sentence(criterion, verb)
    found = describe_values(criterion, row)
    finding = say("{verb}: {found}", verb=verb, found=found) if found else verb
    if criterion.limit:
        finding = say("{finding} (limit: {limit})", finding=finding, limit=Said(criterion.limit))
    return _sentence(criterion, finding)


def reason_open(criterion: Criterion, deciding: tuple[str, ...]) -> str:
    """What is still needed to decide a criterion."""
    if _says_itself(criterion):
        return _sentence(criterion, say("not recorded"))
    needed = listed(inside(COLUMNS[name].label) for name in deciding)
    return _sentence(
        criterion, say("unknown: needs {needed}", needed=needed) if needed else UNKNOWN
    )


def finding_of(reason: str) -> str:
    """The second half of a reason: what was found, without the criterion it is about."""
    return (
        opening(say("{finding}.", finding=reason.parts["finding"]))
        if isinstance(reason, Said)
        else reason
    )


def _sentence(criterion: Criterion, finding: Said) -> Said:
    return say("{criterion} – {finding}.", criterion=Said(criterion.text), finding=finding)


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
    return listed(part for part in said if part)


def describe_sofa(row: Row) -> str:
    """SOFA as one number, or as the range that its missing parts leave open."""
    lowest, highest = row["sofa_lowest"], row["sofa_highest"]
    if lowest == highest:
        return say("SOFA {points}", points=lowest)
    missing = [component_name(part) for part in COMPONENTS if row[f"sofa_{part}"] is None]
    between = say("SOFA between {lowest} and {highest}", lowest=lowest, highest=highest)
    if not missing:
        return between
    return say("{score} ({missing} missing)", score=between, missing=listed(missing))


def component_name(part: str) -> Said:
    """An organ of SOFA in words."""
    return Said(COMPONENT_NAMES.get(part, part))


def describe_admission(row: Row) -> str:
    """SOFA on admission, or its range; nothing where it is not known."""
    if row["sofa_admission"] is not None:
        return say("{points} on admission", points=row["sofa_admission"])
    lowest, highest = row["sofa_admission_lowest"], row["sofa_admission_highest"]
    if lowest is None or highest is None:
        return ""
    return say("between {lowest} and {highest} on admission", lowest=lowest, highest=highest)


def describe_value(column: Column, value: Any) -> str:
    """A value with its name and unit, in words."""
    label = inside(column.label)
    match column.kind:
        case Kind.YES_NO:
            return say("{label}: {value}", label=label, value=say("yes") if value else say("no"))
        case Kind.CATEGORY:
            return say("{label}: {value}", label=label, value=Said(str(value).replace("_", " ")))
        case Kind.TIME | Kind.TEXT:
            return say("{label}: {value}", label=label, value=value)
        case Kind.NUMBER if column.unit == "h":
            return say("{label} {value}", label=label, value=describe_hours(value))
        case Kind.NUMBER | Kind.INTEGER:
            sign = UNIT_SIGNS.get(column.unit, column.unit)
            value = Figure(plain_number(value))
            if not sign:
                return say("{label} {value}", label=label, value=value)
            return say("{label} {value} {unit}", label=label, value=value, unit=Said(sign))


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
    return say("{passed} too early", passed=passed) if hours < 0 else passed


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
