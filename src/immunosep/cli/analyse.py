"""`immunosep analyse`: compare two arms, rebuild what a report printed.

The first word after `analyse` is a command of its own, or else the DATA of the command `RECORDS`,
if there is one.
"""

from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from immunosep.cli.options import TRIAL
from immunosep.errors import ImmunosepError

ANALYSIS_EXTRAS = ("scipy", "statsmodels")
RECORDS = "records"  # the command that `immunosep analyse DATA` means


class AnswerFormat(StrEnum):
    """How an analysis is printed."""

    TEXT = "text"
    JSON = "json"


class Committee(StrEnum):
    """Which report of a monitoring committee."""

    OPEN = "open"
    CLOSED = "closed"


class AnalyseGroup(TyperGroup):
    """Reads a first argument that is neither a command nor an option of the group as DATA."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command that takes DATA in front of it."""
        if RECORDS in self.commands and args and not self._knows(ctx, args[0]):
            args = [RECORDS, *args]
        return super().parse_args(ctx, args)

    def _knows(self, ctx: Any, word: str) -> bool:
        options = {name for param in self.get_params(ctx) for name in param.opts}
        return word in self.commands or word.partition("=")[0] in options


def complete_published(incomplete: str) -> list[str]:
    """The ids of the trials whose printed results are known."""
    from immunosep.trials.published import PUBLISHED

    return [name for name in PUBLISHED if name.startswith(incomplete)]


def check_analysis_extras() -> None:
    """Say which packages an analysis needs, before any of them is asked for."""
    missing = [name for name in ANALYSIS_EXTRAS if find_spec(name) is None]
    if missing:
        raise ImmunosepError(
            f"the analysis needs {' and '.join(missing)}; "
            "install with `pip install 'immunosep[analysis]'`"
        )


FORMAT = Annotated[AnswerFormat, typer.Option("--format", help="How to print the answer.")]

analyse_app = typer.Typer(
    cls=AnalyseGroup,
    invoke_without_command=True,
    no_args_is_help=True,
    help="Compare two arms by every method; rebuild what a trial's report printed.",
)


@analyse_app.callback()
def analyse(
    ctx: typer.Context,
    published: Annotated[
        str | None,
        typer.Option(
            "--published",
            metavar="ID",
            help="Rebuild what this trial's report printed, from its counts.",
            autocompletion=complete_published,
        ),
    ] = None,
    format_: FORMAT = AnswerFormat.TEXT,
) -> None:
    """Compare two arms by every method; rebuild what a trial's report printed.

    \b
    immunosep analyse --published immunosep
    immunosep analyse two-by-two 46 131 26 145
    """
    if ctx.invoked_subcommand is not None:
        if published is not None:
            raise typer.BadParameter("--published stands alone, without a command")
        return
    if published is None:
        raise typer.BadParameter("expected --published ID, or a command")
    check_analysis_extras()
    from immunosep.cli.analyse_published import run

    run(published, format_)


@analyse_app.command("two-by-two", context_settings={"ignore_unknown_options": True})
def two_by_two(
    events_1: Annotated[str, typer.Argument(metavar="A", help="With the event in the first arm.")],
    total_1: Annotated[str, typer.Argument(metavar="N1", help="Participants of the first arm.")],
    events_2: Annotated[str, typer.Argument(metavar="B", help="With the event in the second arm.")],
    total_2: Annotated[str, typer.Argument(metavar="N2", help="Participants of the second arm.")],
    format_: FORMAT = AnswerFormat.TEXT,
    level: Annotated[
        float, typer.Option(metavar="FRACTION", help="How sure the intervals are.")
    ] = 0.95,
) -> None:
    """Compare A of N1 with B of N2: difference, ratios, tests, each by every method.

    \b
    immunosep analyse two-by-two 46 131 26 145
    immunosep analyse two-by-two 46 131 26 145 --format json --level 0.9
    """
    check_analysis_extras()
    from immunosep.cli.analyse_two_by_two import run

    run((events_1, total_1), (events_2, total_2), format_=format_, level=level)


@analyse_app.command(RECORDS)
def records(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="The folder of exported records.")],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where to write; made if need be.")
    ],
    trial: TRIAL = "immunosep",
    unlocked: Annotated[
        bool,
        typer.Option("--unlocked", help="Take records that may still change: DRAFT on each page."),
    ] = False,
    committee: Annotated[
        Committee | None,
        typer.Option("--committee", help="A monitoring committee's report: arms pooled, or not."),
    ] = None,
) -> None:
    """Analyse a trial's records: report.html, .pdf, .docx and results.json.

    \b
    immunosep analyse records/ --out report/
    immunosep analyse records/ --out draft/ --unlocked
    immunosep analyse records/ --out committee/ --unlocked --committee open
    """
    check_analysis_extras()
    from immunosep.analysis.report_data import Report
    from immunosep.cli.analyse_records import run

    report = Report.FINAL if committee is None else Report(committee.value)
    run(data, out=out, trial_name=trial, unlocked=unlocked, report=report)
