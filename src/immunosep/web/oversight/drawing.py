"""Charts as shapes of one drawing, in the style sheet's colours; a table beside each says the same.

Places are whole numbers of the drawing's own units, so that no language writes them otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from immunosep.web.oversight.enrolling import Enrolment

WIDTH, HEIGHT = 420, 260
LEFT, RIGHT, TOP, FOOT = 44, 408, 12, 224
TICKS = 4
STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000)


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A number beside an axis."""

    at: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Curve:
    """How many were randomised so far, and how many may be: paths of an SVG."""

    so_far: str
    to_come: str
    band: str
    target: int | None
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]


def curve_of(enrolment: Enrolment) -> Curve | None:
    """The curve of enrolment with its forecast; nothing before anybody could be randomised."""
    forecast = enrolment.forecast
    if forecast is None:
        return None
    ends = [(_end(month, forecast.as_of), count) for month, count in enrolment.cumulative]
    known = [(enrolment.months[0], 0), *ends]
    ahead = [(each.day, each.expected, each.low, each.high) for each in forecast.curve]
    first, last = known[0][0], ahead[-1][0]
    top = max([1, enrolment.target or 0, *(high for *_, high in ahead)])
    step = next((each for each in STEPS if top <= each * TICKS), STEPS[-1])

    def x(day: date) -> int:
        return round(LEFT + (RIGHT - LEFT) * (day - first).days / max(1, (last - first).days))

    def y(count: float) -> int:
        return round(FOOT - (FOOT - TOP) * count / (step * TICKS))

    now = known[-1]
    lower = [(x(day), y(low)) for day, _, low, _ in ahead]
    upper = [(x(day), y(high)) for day, _, _, high in ahead]
    start = (x(now[0]), y(now[1]))
    shown = [day for day, _ in known if day.day == 1] + [day for day, *_ in ahead]
    every = max(1, -(-len(shown) // 5))
    return Curve(
        so_far=_path([(x(day), y(count)) for day, count in known]),
        to_come=_path([start, *((x(day), y(expected)) for day, expected, *_ in ahead)]),
        band=_path([start, *upper, *reversed(lower)]) + "Z",
        target=y(enrolment.target) if enrolment.target else None,
        across=tuple(Tick(at=x(day), text=f"{day:%b %y}") for day in shown[::every]),
        up=tuple(Tick(at=y(step * n), text=str(step * n)) for n in range(TICKS + 1)),
    )


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One of several counts: its length in the drawing's units."""

    label: str
    count: int
    length: int


def bars_of(counts: Sequence[tuple[str, int]]) -> list[Bar]:
    """Counts as bars, the longest as long as the drawing is wide."""
    most = max((count for _, count in counts), default=1)
    return [
        Bar(label=label, count=count, length=round(WIDTH * count / most)) for label, count in counts
    ]


def _end(month: date, as_of: date) -> date:
    """The day on which a month is over, or now if it is not."""
    index = month.year * 12 + month.month
    return min(date(index // 12, index % 12 + 1, 1), as_of)


def _path(points: Sequence[tuple[int, int]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points)
