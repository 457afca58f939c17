"""The course of daily scores by a mixed model, and outcomes compared pair by pair."""

from immunosep.analysis.daily_course import CourseLine
from immunosep.analysis.report_data import TrialAnalysis
from immunosep.analysis.win_ratio import WinRatio
from immunosep.protocol.endpoints import Death, Endpoint, SofaFall
from immunosep.report.trial import numbers
from immunosep.report.trial.model import Cell, Row, Table
from immunosep.report.trial.outcome_tables import short_state

COURSE, PAIRS = "derivation.course", "derivation.pairs"


def course_table(analysis: TrialAnalysis) -> Table | None:
    """How much faster the treated arm changes, and the arms' difference on the last day."""
    course = analysis.course
    if course is None:
        return None
    return Table(
        id="table.course",
        caption=f"Course of daily SOFA, days {course.first_day} to {course.last_day}, compared by "
        "a linear mixed model",
        head=(
            "",
            "Participants; scores",
            "Difference in change, points a day (95 % CI)",
            "P",
            f"Difference on day {course.last_day}, points (95 % CI)",
        ),
        rows=tuple(_course_row(line) for line in course.lines),
        note="Treated less control: below 0 the treated arm’s scores fall faster, or are lower. "
        "Own intercept and slope for each participant, restricted maximum likelihood. Scores that "
        f"were seen, of those alive: read it beside survival.{_course_note(course.lines)}",
    )


def _course_row(line: CourseLine) -> Row:
    id_ = f"course.{line.id}"
    counted = Cell(
        text=f"{line.participants:,}; {line.scores:,}",
        id=f"{id_}.counted",
        value={"participants": line.participants, "scores": line.scores},
        derivation=COURSE,
    )
    return Row(
        label=short_state(line.label),
        cells=(
            counted,
            numbers.points(line.slope, id_=f"{id_}.slope", derivation=COURSE),
            numbers.p_value(line.test, id_=f"{id_}.p", derivation=COURSE),
            numbers.points(line.last, id_=f"{id_}.last", derivation=COURSE),
        ),
    )


def _course_note(lines: tuple[CourseLine, ...]) -> str:
    said = [f" {short_state(x.label)}: {x.why_not}." for x in lines if x.why_not]
    still = [short_state(x.label) for x in lines if x.singular]
    if still:
        said.append(f" A variance between participants came out as 0: {', '.join(still)}.")
    return "".join(said)


def pairs_table(analysis: TrialAnalysis) -> Table | None:
    """Pairs won, lost and tied by the treated, and the win ratio."""
    found = analysis.hierarchy
    if found is None:
        return None
    lines = [("whole", "All pairs", found.whole)]
    if found.by_state is not None:
        lines.append(("by_state", "Pairs within an immune state", found.by_state))
    order = "; then ".join(_compared(endpoint) for endpoint in found.outcomes)
    decided = "; ".join(
        f"{count:,} by the {_short(endpoint)}"
        for count, endpoint in zip(found.whole.decided_by, found.outcomes, strict=True)
    )
    return Table(
        id="table.pairs",
        caption="Each treated participant compared with each control (win ratio)",
        head=("", "Won", "Lost", "Tied", "Win ratio (95 % CI)", "P",
              "Net benefit, points (95 % CI)"),
        rows=tuple(_pairs_row(id_, label, one) for id_, label, one in lines),
        note=f"In this order: {order}. Of all pairs, decided: {decided}. Exploratory: "
        "no published plan names it. The win ratio is pairs won over pairs lost; the net "
        "benefit, the share won less the share lost.",
    )  # fmt: skip


def _compared(endpoint: Endpoint) -> str:
    wins = "the later, or none, wins" if _is_death(endpoint) else "the larger wins"
    return f"{_short(endpoint)} ({wins})"


def _short(endpoint: Endpoint) -> str:
    match endpoint.definition:
        case Death(day=day):
            return f"death by day {day}"
        case SofaFall(last_day=day):
            return f"fall of SOFA by day {day}"
        case _:
            return endpoint.label


def _is_death(endpoint: Endpoint) -> bool:
    return isinstance(endpoint.definition, Death)


def _pairs_row(id_: str, label: str, found: WinRatio) -> Row:
    id_ = f"pairs.{id_}"
    pairs = found.wins + found.losses + found.ties
    counts = (("won", found.wins), ("lost", found.losses), ("tied", found.ties))
    return Row(
        label=label,
        cells=(
            *(
                numbers.number(count, of=pairs, id_=f"{id_}.{name}", derivation=PAIRS)
                for name, count in counts
            ),
            numbers.ratio(found.win_ratio, id_=f"{id_}.win_ratio", derivation=PAIRS),
            numbers.p_value(found.test, id_=f"{id_}.p", derivation=PAIRS),
            numbers.percent_points(found.net_benefit, id_=f"{id_}.net_benefit", derivation=PAIRS),
        ),
    )
