"""The report on one measurement of HLA-DR: the number, how it came about, every check."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import exp
from pathlib import Path

from immunosep.cytometry.handling import Handling
from immunosep.cytometry.hla_dr import Measurement
from immunosep.cytometry.quality import Check, Outcome, Verdict
from immunosep.cytometry.wording import (
    VERDICTS,
    describe_interval,
    describe_number,
    describe_probability,
    describe_verdict,
    say_count,
    say_found,
)
from immunosep.protocol.trial import Trial
from immunosep.report.bead_plots import bead_histogram, calibration_line, result_scale
from immunosep.report.document import count, render, write_whole
from immunosep.report.drawing import printable
from immunosep.report.gate_plots import gate_plots
from immunosep.report.patients import Tile
from immunosep.report.verdicts import say_state
from immunosep.screening.assess import UNDETERMINED

SIGNS = {Outcome.PASS: "✓", Outcome.FLAG: "!", Outcome.REFUSE: "✕"}
TONES = {Outcome.PASS: "for", Outcome.FLAG: "again", Outcome.REFUSE: "against"}
OUTCOMES = {
    Verdict.REPORT: Outcome.PASS,
    Verdict.FLAG: Outcome.FLAG,
    Verdict.REFUSE: Outcome.REFUSE,
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One check as the page shows it."""

    name: str
    found: str
    limit: str
    sign: str
    outcome: str
    tone: str


def write_hla_dr_report(
    path: Path,
    *,
    trial: Trial,
    measurement: Measurement,
    state: str,
    handling: Handling | None,
    source: str,
    beads: str,
    now: datetime,
) -> None:
    """Write the page on one pair of tubes; `state` is the immune state if ferritin is low."""
    outcome = OUTCOMES[measurement.verdict]
    figures = [result_scale(measurement), gate_plots(measurement), bead_histogram(measurement)]
    figures.append(calibration_line(measurement))
    page = render(
        "hla_dr.html.j2",
        trial=trial,
        source=source,
        now=now,
        content={
            "beads": printable(beads),
            "lot": printable(measurement.lot.lot, longest=40),
            "expires": f"{measurement.lot.expires:%d %B %Y}".lstrip("0"),
            "verdict": VERDICTS[measurement.verdict],
            "sign": SIGNS[outcome],
            "tone": TONES[outcome],
            "words": describe_verdict(measurement) if measurement.result else "",
            "refused": measurement.result is None,
            "state": "" if state == UNDETERMINED else say_state(trial, state),
            "reasons": measurement.reasons,
            "notes": measurement.notes,
            "tiles": _tiles(measurement),
            "figures": [figure for figure in figures if figure],
            "checks": [_row(check) for check in _worst_first(measurement.checks)],
            "parts": _parts(measurement),
            "handling": handling,
        },
    )
    write_whole(path, page)


def _tiles(found: Measurement) -> list[Tile]:
    if found.result is None:
        return []
    tiles = [
        Tile(number=describe_number(found).capitalize(), label="antibodies bound per monocyte"),
        Tile(number=f"{found.monocytes:,}", label="monocytes measured"),
    ]
    if interval := describe_interval(found):
        tiles.insert(1, Tile(number=interval, label="95 % interval"))
    if found.result.probability_below is not None:
        said = describe_probability(found.result.probability_below)
        for words, sign in (("more than", ">"), ("less than", "<"), (" ", "\N{NO-BREAK SPACE}")):
            said = said.replace(words, sign)
        tiles.insert(2, Tile(number=said, label=f"probability of less than {found.limit:,g}"))
    return tiles


def _worst_first(checks: Sequence[Check]) -> list[Check]:
    order = list(Outcome)
    return sorted(checks, key=lambda check: -order.index(check.outcome))


def _row(check: Check) -> Row:
    return Row(
        name=check.name[0].upper() + check.name[1:],
        found=say_found(check).replace(" %", "\N{NO-BREAK SPACE}%"),
        limit=check.limit,
        sign=SIGNS[check.outcome],
        outcome=check.outcome.value,
        tone=TONES[check.outcome],
    )


def _parts(found: Measurement) -> list[tuple[str, str]]:
    """What the interval is made of, and what stands beside the number."""
    if found.result is None or found.brightness is None:
        return []
    parts = found.result.uncertainty
    said = [
        ("The beads and their line", f"±\N{NO-BREAK SPACE}{_percent(parts.beads)}"),
        (
            f"Sampling of {count(found.monocytes, 'monocyte')}",
            f"±\N{NO-BREAK SPACE}{_percent(parts.sampling)}",
        ),
        ("The assay, from tube to cytometer", f"±\N{NO-BREAK SPACE}{_percent(parts.assay)}"),
        ("Together, one standard deviation", f"±\N{NO-BREAK SPACE}{_percent(parts.total)}"),
    ]
    if found.result.median is not None:
        said.append(("Median of the monocytes, beside the geometric mean",
                     say_count(found.result.median, found.limit)))  # fmt: skip
    return said


def _percent(error: float) -> str:
    return f"{100 * (exp(error) - 1):.1f}\N{NO-BREAK SPACE}%"
