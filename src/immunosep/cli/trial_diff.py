"""`immunosep trial diff`: what one version of a protocol changes of another."""

import typer
from rich.table import Table
from rich.text import Text

from immunosep.cli.options import Format
from immunosep.cli.output import print_csv, print_json, print_page
from immunosep.protocol.difference import Difference, difference_of
from immunosep.protocol.substance import Substance
from immunosep.trials import find_trial

COLUMNS = ("part", "item", "field", "kind", "sentence", "substance", "because")
COLOURS = {
    Substance.SUBSTANTIAL: "red",
    Substance.NOT_SUBSTANTIAL: "green",
    Substance.TO_BE_JUDGED: "yellow",
}


def run(old: str, new: str, format_: Format) -> None:
    """Print the difference; an unchanged trial says so."""
    found = difference_of(find_trial(old), find_trial(new))
    match format_:
        case Format.JSON:
            print_json(found.as_json())
        case Format.CSV:
            print_csv([change.as_json() for change in found.changes], COLUMNS)
        case Format.TABLE:
            _print(found)


def _print(found: Difference) -> None:
    if found.is_none:
        typer.echo(f"The two are the same, in every word and number (digest {found.old.digest}).")
        return
    print_page(_page(found))
    counts = ", ".join(f"{found.count(each)} {each}" for each in Substance)
    number = len(found.changes)
    typer.echo(f"\n{number} change{'s' * (number != 1)}: {counts}.")


def _page(found: Difference) -> Table:
    lines = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    lines.add_column(ratio=1)
    lines.add_column(max_width=30)
    for change in found.changes:
        weight = Text(change.substance.value, style=COLOURS[change.substance])
        if change.because:
            weight.append(f"\n{change.because}", style="dim")
        lines.add_row(Text(change.sentence), weight)
    return lines
