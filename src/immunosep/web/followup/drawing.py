"""A course as shapes of one drawing: days from left to right, one lane for each kind of thing.

The days with a daily score have most of the width, what is before and after is drawn together.
A number beside a mark is that of its line in the list below, which says the same in words.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from immunosep.concepts.sofa import WORST_TOTAL
from immunosep.web.followup.timeline import Course, Mark

Scale = Callable[[float], float]

WIDTH, LEFT, RIGHT = 420.0, 12.0, 408.0
BEFORE, DENSE = 0.14, 0.72  # shares of the width: up to day 1, up to the last daily score
EARLIEST = -2.0  # the line begins here at the latest, so that a mark of day 1 is not at its edge
HEAD, ROW, SCORE_HEIGHT, GAP = 20.0, 26.0, 96.0, 12.0
NEAR = 26.0  # marks nearer than this stand on another row
TICK_EVERY = 5
SPACE_OF_A_TICK = 22.0
COURSE, EVENTS = "Course", "Events"


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A mark as drawn: `number` is its line in the list."""

    mark: Mark
    number: int
    x: float
    y: float
    width: float = 0

    @property
    def label_y(self) -> float:
        """Where its number stands."""
        return self.y + 5


@dataclass(frozen=True, kw_only=True)
class Lane:
    """One row of marks, with its name above."""

    name: str
    y: float
    numbered: bool
    spots: list[Spot] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Bar:
    """The score of one day, solid up to its lowest, open up to its highest."""

    day: int
    x: float
    width: float
    y: float
    height: float
    open_y: float
    open_height: float


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A day with its number."""

    day: int
    x: float


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """All shapes, and the marks in the order of their numbers."""

    width: float
    height: float
    foot: float
    today: float | None
    ticks: list[Tick]
    lanes: list[Lane]
    bars: list[Bar]
    score_y: float
    score_foot: float
    score_middle: float
    marks: list[tuple[int, Mark]]


def draw(course: Course) -> Drawing:
    """The drawing of a course."""
    scale = _scale(course)
    listed = [mark for mark in course.marks if mark.lane in (COURSE, EVENTS)]
    numbers = {id(mark): number for number, mark in enumerate(listed, start=1)}
    lanes: list[Lane] = []
    y = HEAD
    names = [COURSE, *dict.fromkeys(m.lane for m in course.marks if m.lane not in (COURSE, EVENTS))]
    for name in [*names, EVENTS]:
        marks = [mark for mark in course.marks if mark.lane == name]
        if not marks:
            continue
        lane, y = _lane(name, marks, numbers, y=y, scale=scale)
        lanes.append(lane)
    score_y, score_foot = y + HEAD, y + HEAD + SCORE_HEIGHT
    bars = [_bar(each.day, each.score.lowest, each.score.highest, score_foot, scale)
            for each in course.scores]  # fmt: skip
    foot = score_foot if bars else y
    return Drawing(
        width=WIDTH,
        height=foot + 2 * GAP + 10,
        foot=foot,
        today=scale(course.today) if course.today <= course.last_day + 1 else None,
        ticks=_ticks(course, scale),
        lanes=lanes,
        bars=bars,
        score_y=score_y,
        score_foot=score_foot,
        score_middle=(score_y + score_foot) / 2,
        marks=[(numbers[id(mark)], mark) for mark in listed],
    )


def _scale(course: Course) -> Scale:
    """From a day to its place from left to right: three straight parts, the middle one widest."""
    first = min([EARLIEST, *(mark.day for mark in course.marks)])
    dense = max(float(min(course.dense_until + 1, course.last_day)), 1.5)
    last = max([course.last_day + 1, dense + 1, *(mark.day for mark in course.marks)])
    days = (first, 1.0, dense, float(last))
    places = [LEFT + share * (RIGHT - LEFT) for share in (0.0, BEFORE, DENSE, 1.0)]

    def place(day: float) -> float:
        at = 1 if day <= days[1] else 2 if day <= days[2] else 3
        share = min((day - days[at - 1]) / (days[at] - days[at - 1]), 1.0)
        return round(places[at - 1] + share * (places[at] - places[at - 1]), 1)

    return place


def _lane(
    name: str, marks: Iterable[Mark], numbers: dict[int, int], *, y: float, scale: Scale
) -> tuple[Lane, float]:
    """The marks of one lane, on as many rows as keep them apart; where the next lane begins."""
    numbered = name in (COURSE, EVENTS)
    ends: list[float] = []
    spots: list[Spot] = []
    for mark in marks:
        x = scale(mark.day)
        end = scale(mark.until) if mark.until is not None else x
        row = next((n for n, taken in enumerate(ends) if x - taken >= NEAR), len(ends))
        row = row if numbered else 0
        ends[row : row + 1] = [end]
        spots.append(
            Spot(
                mark=mark, number=numbers.get(id(mark), 0), x=x,
                y=y + HEAD + (row + 0.5) * ROW, width=round(end - x, 1),
            )
        )  # fmt: skip
    rows = len(ends)
    return Lane(name=name, y=y + HEAD - 6, numbered=numbered, spots=spots), y + HEAD + rows * ROW


def _bar(day: int, lowest: int, highest: int, foot: float, scale: Scale) -> Bar:
    point = SCORE_HEIGHT / WORST_TOTAL
    x, end = scale(day), scale(day + 1)
    return Bar(
        day=day, x=x + 1, width=round(max(end - x - 2, 2), 1),
        y=foot - lowest * point, height=lowest * point,
        open_y=foot - highest * point, open_height=(highest - lowest) * point,
    )  # fmt: skip


def _ticks(course: Course, scale: Scale) -> list[Tick]:
    """Day 1, every fifth, and the visits after the daily ones, where there is space."""
    dense = [1, *range(TICK_EVERY, course.dense_until + 1, TICK_EVERY)]
    days = [*dense, *(day for day in course.visits if day > course.dense_until)]
    ticks: list[Tick] = []
    for day in days:
        x = scale(day)
        if not ticks or x - ticks[-1].x >= SPACE_OF_A_TICK:
            ticks.append(Tick(day=day, x=x))
    return ticks
