"""A claim about a test: the verdict, what follows from it, and how it might have been meant."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from immunosep.analysis.biomarker.claims import Claim, Figure, Range, Reading, Verdict
from immunosep.cli.pages.words import AGAINST, FAVOURABLE

NAMES = {
    Figure.PREVALENCE.value: "Prevalence",
    Figure.SENSITIVITY.value: "Sensitivity",
    Figure.SPECIFICITY.value: "Specificity",
    Figure.PPV.value: "Positive predictive value",
    Figure.NPV.value: "Negative predictive value",
    "positive": "Share that tests positive",
}
SPARE = 0.05
"""Of a per cent: below it, two ends are printed as one number."""


def claim_page(found: Claim) -> RenderableType:
    """The page on one claim."""
    return Group(
        _verdict(found),
        *_table("What follows, as printed", found.reading.at_face),
        *_table("What follows, allowing for rounding", found.reading.implied),
        *_table("What each would be, were the others true of a test of some use", found.expected),
        *[part for pair, reading in found.instead.items() for part in _instead(*pair, reading)],
    )


def _verdict(found: Claim) -> Text:
    verdict = found.reading.verdict
    sign, colour = FAVOURABLE if verdict is Verdict.POSSIBLE else AGAINST
    least = f"{100 * found.least:g} %"
    why = {
        Verdict.POSSIBLE: "there are tests with these figures",
        Verdict.IMPOSSIBLE: "no table of four cells has these figures, whatever the rounding",
        Verdict.USELESS: f"no test with a sensitivity and a specificity of {least} or more has "
        "these figures, whatever the rounding",
    }
    return Text.assemble((f"{sign} {verdict.value}", f"bold {colour}"), f": {why[verdict]}")


def _table(title: str, ranges: Mapping[Any, Range]) -> list[RenderableType]:
    if not ranges:
        return []
    lines = Table.grid(padding=(0, 2))
    for name, label in NAMES.items():
        if name in ranges:
            lines.add_row(label, _say(ranges[name]))
    return [Text(f"\n{title}", style="bold"), Padding(lines, (0, 0, 0, 2))]


def _instead(printed: Figure, means: Figure, reading: Reading) -> list[RenderableType]:
    names = (NAMES[printed.value].lower(), NAMES[means.value].lower())
    title = f"Possible, if the {names[0]} was printed for the {names[1]}"
    return _table(title, reading.implied)


def _say(found: Range) -> str:
    low, high = (100 * end for end in (found.low, found.high))
    if high - low < SPARE:
        return f"{(low + high) / 2:.2f} %"
    return f"{low:.1f} to {high:.1f} %"
