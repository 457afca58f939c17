"""A hospital's patients counted: where they are lost, and who is left."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from immunosep.cli.pages.words import say_patients
from immunosep.protocol.trial import Trial
from immunosep.screening.feasibility import Feasibility
from immunosep.screening.feasibility import Group as Counted
from immunosep.screening.wording import plain_number

BAR_WIDTH = 10
MOVED = (
    "The dates lie in years to come, so they have been moved to make the records anonymous: "
    "patients by year and by month are not shown."
)
ABOUT_COLUMNS = (
    "Lost: decided against here, and at no criterion above. Unknown: not decided here, carried "
    "along. Alone: lost to this criterion only (two that say the same, such as adult and below "
    "18, count as one), so won by dropping it."
)


def counted_page(trial: Trial, counts: Feasibility, *, this_year: int) -> RenderableType:
    """The page: attrition in the order of the protocol, what each costs alone, units, years.

    Records made anonymous have their dates moved, each patient's by its own span. A year to come
    gives that away, and years and rates mean nothing then.
    """
    name = trial.acronym or trial.title
    moved = any(group.name.isdigit() and int(group.name) > this_year for group in counts.by_year)
    return Group(
        Text(f"{name}: {say_patients(counts.screened)} screened", style="bold"),
        Padding(_summary(counts, moved=moved), (1, 0, 1, 2)),
        _attrition(counts),
        Padding(
            Text(
                ABOUT_COLUMNS,
                style="dim",
            ),
            (0, 0, 1, 0),
        ),
        *_groups("Unit", counts.by_unit),
        *([Text(MOVED, style="dim")] if moved else _groups("Year", counts.by_year)),
    )


def _summary(counts: Feasibility, *, moved: bool) -> Table:
    lines = Table.grid(padding=(0, 2))
    lines.add_column(justify="right")
    lines.add_row(f"{counts.possible:,}", "nothing decided stands against")
    lines.add_row(f"{counts.eligible:,}", "of them eligible, every criterion decided")
    if counts.possible_per_month is not None and not moved:
        rate = plain_number(float(f"{counts.possible_per_month:.2g}"))
        lines.add_row(rate, f"possible enrolments a month, over {counts.months:,.0f} months")
    for state, count in counts.immune_states.items():
        lines.add_row(f"{count:,}", f"immune state {state.replace('_', ' ')}")
    return lines


def _attrition(counts: Feasibility) -> Table:
    lines = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    lines.add_column("Criterion", ratio=1)
    for name in ("Lost", "Unknown", "Left", "Alone"):
        lines.add_column(name, justify="right", no_wrap=True)
    lines.add_column("", no_wrap=True, width=BAR_WIDTH)
    kind = ""
    for step in counts.steps:
        if step.kind != kind:
            kind = step.kind
            lines.add_row(Text(kind.capitalize(), style="bold"))
        lines.add_row(
            Text(step.criterion.replace("_", " ")),
            *(f"{n:,}" for n in (step.lost, step.unknown, step.left, step.lost_to_this_alone)),
            Text(bar(step.left, counts.screened), style="blue"),
        )
    return lines


def bar(part: int, whole: int) -> str:
    """A bar as long as the part is of the whole; the smallest part still shows."""
    eighths = round(BAR_WIDTH * 8 * part / whole) if whole else 0
    eighths = max(eighths, 1) if part else 0
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()


def _groups(title: str, groups: Sequence[Counted]) -> list[RenderableType]:
    if not groups:
        return []
    lines = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    lines.add_column(title, ratio=1)
    lines.add_column("Screened", justify="right")
    lines.add_column("Nothing against", justify="right")
    for group in groups:
        lines.add_row(Text(group.name), f"{group.screened:,}", f"{group.possible:,}")
    return [lines, Text("")]
