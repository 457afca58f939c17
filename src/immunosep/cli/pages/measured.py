"""HLA-DR measured: the number, how sure it is and every check; or a line for each of many pairs."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from immunosep.cli.pages.words import AGAINST, FAVOURABLE, OPEN, say_state
from immunosep.cytometry.hla_dr import Measurement
from immunosep.cytometry.quality import Check, Outcome, Verdict
from immunosep.cytometry.wording import (
    describe_interval,
    describe_number,
    describe_probability,
    say_count,
    say_found,
)
from immunosep.protocol.trial import Trial

SIGNS = {Outcome.PASS: FAVOURABLE, Outcome.FLAG: ("!", OPEN[1]), Outcome.REFUSE: AGAINST}
VERDICTS = {
    Verdict.REPORT: SIGNS[Outcome.PASS],
    Verdict.FLAG: SIGNS[Outcome.FLAG],
    Verdict.REFUSE: SIGNS[Outcome.REFUSE],
}


def measured_page(trial: Trial, name: str, found: Measurement, state: str) -> RenderableType:
    """The page on one pair of tubes."""
    head = Table.grid(padding=(0, 2))
    head.add_row("Verdict", _verdict(found.verdict))
    number = Text(describe_number(found), style="bold")
    interval = describe_interval(found)
    number.append(f" (95 % interval {interval})" if interval else "", style="not bold")
    head.add_row("HLA-DR per monocyte", number)
    if found.result and found.result.probability_below is not None:
        grey = ", grey: repeat the test" if found.result.grey else ""
        said = describe_probability(found.result.probability_below)
        head.add_row(f"Below {found.limit:,g}", Text(f"probability {said}{grey}"))
    head.add_row("If ferritin is low", Text(say_state(trial, state)))
    head.add_row("Monocytes", f"{found.monocytes:,}")
    if found.calibration:
        line = found.calibration.line
        said = f"slope {line.slope:.3f}, intercept {line.intercept:.3f}, R² {line.r_squared:.5f}"
        head.add_row("Line of the beads", Text(said))
    return Group(
        Text(f"HLA-DR on monocytes of {name}, lot {found.lot.lot}", style="bold"),
        Padding(head, (1, 0, 0, 2)),
        *_list("Why", found.reasons),
        *_list("Of the files", found.notes),
        Text("\nChecks", style="bold"),
        Padding(_checks(found.checks), (0, 0, 0, 2)),
    )


def pairs_page(answers: Sequence[Mapping[str, Any]], *, limit: float) -> Group:
    """One line a pair, and below how many were refused."""
    lines = Table(
        box=None,
        pad_edge=False,
        header_style="bold",
        padding=(0, 2, 0, 0),
    )
    lines.add_column("Pair", overflow="fold")
    lines.add_column("Verdict", no_wrap=True)
    lines.add_column("HLA-DR", justify="right", no_wrap=True)
    lines.add_column("95 % interval", no_wrap=True)
    lines.add_column(f"Below {limit:,g}", no_wrap=True)
    lines.add_column("Monocytes", justify="right", no_wrap=True)
    for found in answers:
        lines.add_row(*_row(found, limit))
    refused = sum(found["verdict"] == Verdict.REFUSE for found in answers)
    pairs = f"{len(answers)} pair{'s' * (len(answers) != 1)}"
    said = f"{pairs}: {len(answers) - refused} with a number, {refused} refused."
    summary = Text(f"\n{said} --format json gives every check.")
    return Group(lines, *_list("Why", _whys(answers)), summary)


def _whys(answers: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each reason once, with the pairs it holds for; first those of refused pairs alone."""
    pairs: dict[str, list[str]] = {}
    with_a_number = set()
    for found in answers:
        for reason in found["reasons"]:
            pairs.setdefault(reason, []).append(found["pair"])
            if found["verdict"] != Verdict.REFUSE:
                with_a_number.add(reason)
    ordered = sorted(pairs, key=lambda reason: reason in with_a_number)
    return [f"{reason} ({', '.join(pairs[reason])})" for reason in ordered]


def _row(found: Mapping[str, Any], limit: float) -> tuple[str | Text, ...]:
    number, bounds = found["hla_dr_per_monocyte"], found["interval_95"]
    said = "" if number is None else say_count(number, limit)
    if found.get("beyond"):
        said = f"{'<' if found['beyond'] == 'below' else '>'} {said}"
    chance = found[f"probability_below_{limit:g}"]
    return (
        Text(found["pair"]),
        _verdict(Verdict(found["verdict"])),
        Text(said, style="bold"),
        "" if bounds is None else " to ".join(say_count(bound, limit) for bound in bounds),
        _chance(chance, grey=found["grey"]),
        f"{found['monocytes']:,}",
    )


def _chance(probability: float | None, *, grey: bool) -> str:
    if probability is None:
        return ""
    said = describe_probability(probability)
    said = said.replace("less than ", "<").replace("more than ", ">")
    return f"{said}{', grey' if grey else ''}"


def _verdict(verdict: Verdict) -> Text:
    sign, colour = VERDICTS[verdict]
    return Text(f"{sign} {verdict.value}", style=f"bold {colour}")


def _checks(checks: Sequence[Check]) -> Table:
    lines = Table.grid(padding=(0, 2))
    for check in checks:
        sign, colour = SIGNS[check.outcome]
        lines.add_row(
            Text(f"{sign} {check.outcome.value}", style=colour),
            Text(check.name),
            Text(say_found(check)),
            Text(check.limit, style="dim"),
        )
    return lines


def _list(title: str, sentences: Sequence[str]) -> list[RenderableType]:
    if not sentences:
        return []
    lines = Table.grid(padding=(0, 1))
    for sentence in sentences:
        lines.add_row("·", Text(sentence))
    return [Text(f"\n{title}", style="bold"), Padding(lines, (0, 0, 0, 2))]
