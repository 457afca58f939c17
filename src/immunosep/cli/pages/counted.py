"""A hospital's patients counted: where they are lost, and who is left."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from immunosep.cli.pages.words import say_state
from immunosep.protocol.trial import Trial
from immunosep.screening.feasibility import Feasibility
from immunosep.screening.feasibility import Group as Counted

BAR_WIDTH = 10


def counted_page(trial: Trial, counts: Feasibility) -> RenderableType:
    """The page: attrition in the order of the protocol, what each costs alone, units, years."""
    return Group(
        Text(
            f"{trial.acronym or trial.title}: {counts.screened:,} patients screened", style="bold"
        ),
        Padding(_summary(trial, counts), (1, 0, 1, 2)),
        _attrition(counts),
        Padding(
            Text(
                "Lost: decided against here, and at no criterion above. Unknown: not decided here, "
                "carried along. Alone: lost to this criterion only, so won by dropping it.",
                style="dim",
            ),
            (0, 0, 1, 0),
        ),
        *_groups("Unit", counts.by_unit),
        *_groups("Year", counts.by_year),
    )


def _summary(trial: Trial, counts: Feasibility) -> Table:
    lines = Table.grid(padding=(0, 2))
    lines.add_column(justify="right")
    lines.add_row(f"{counts.possible:,}", "nothing decided stands against")
    lines.add_row(f"{counts.eligible:,}", "of them eligible, every criterion decided")
    if counts.possible_per_month is not None:
        lines.add_row(f"{counts.possible_per_month:.1f}", "a month, over the time of the records")
    for state, count in counts.immune_states.items():
        lines.add_row(f"{count:,}", Text(f"immune state {say_state(trial, state)}"))
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
