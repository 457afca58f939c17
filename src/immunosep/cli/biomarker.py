"""`immunosep biomarker`: whether a marker tells who has a condition, and whether a claim can be."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from immunosep.cli.options import FORMAT, REPORT, Format
from immunosep.errors import ImmunosepError

STUDY = "study"


class StudyUnlessNamed(TyperGroup):
    """`immunosep biomarker FILE` is `immunosep biomarker study FILE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the name of the command where there is none."""
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = [STUDY, *args]
        return super().parse_args(ctx, args)


biomarker_app = typer.Typer(
    cls=StudyUnlessNamed,
    no_args_is_help=True,
    help="Study a marker: biomarker FILE. Or check whether printed accuracies can be true.",
)

ANALYSIS_EXTRAS = ("scipy", "statsmodels")
FIGURE = "such as 0.971, 97.1% or 3.7-4.3%"


FILE = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="One row per person, as CSV, JSON or Parquet; - reads standard input.",
        show_default=False,
    ),
]
MARKERS = Annotated[
    list[str],
    typer.Option(
        "--marker",
        metavar="COLUMN",
        help="The marker; given again, further markers to compare with the first.",
    ),
]
OUTCOME = Annotated[
    str,
    typer.Option("--outcome", metavar="COLUMN", help="Who has the condition: 1 or 0, yes, no."),
]
COHORT = Annotated[
    str | None,
    typer.Option(
        "--cohort",
        metavar="COLUMN",
        help="test, validation or confirmation; empty rows are split at random.",
    ),
]
LOW = Annotated[bool, typer.Option("--low", help="Low values mark the condition, not high ones.")]
CUT_OFF = Annotated[
    str,
    typer.Option(
        "--cut-off",
        metavar="RULE",
        help="youden, specificity=0.97, sensitivity=0.95, or a number.",
    ),
]
PREVALENCES = Annotated[
    list[float] | None,
    typer.Option(
        "--prevalence",
        metavar="PROPORTION",
        help="Predictive values where this share has it; may be given again.",
    ),
]
LIMITS = Annotated[
    list[float] | None,
    typer.Option(
        "--limit",
        metavar="PROPORTION",
        help="A limit of risk that parts categories, to compare markers by.",
    ),
]
LOG = Annotated[bool, typer.Option("--log", help="Take the logarithm of the markers for the risk.")]
SHARE = Annotated[
    float, typer.Option(help="The share of those split that is for finding the cut-off.")
]
SEED = Annotated[int, typer.Option(help="Of the split: the same number, the same split.")]


def check_analysis_extras() -> None:
    """Say which packages the statistics need, before any work is done for them."""
    missing = [name for name in ANALYSIS_EXTRAS if find_spec(name) is None]
    if missing:
        raise ImmunosepError(
            f"biomarker needs {' and '.join(missing)}; "
            "install with `pip install 'immunosep[analysis]'`"
        )


@biomarker_app.command(STUDY)
def study(
    path: FILE,
    marker: MARKERS,
    outcome: OUTCOME,
    cohort: COHORT = None,
    low: LOW = False,
    cut_off: CUT_OFF = "youden",
    prevalence: PREVALENCES = None,
    limit: LIMITS = None,
    log: LOG = False,
    share: SHARE = 2 / 3,
    seed: SEED = 1,
    format_: FORMAT = Format.TABLE,
    report: REPORT = None,
) -> None:
    """Find a marker's cut-off in one cohort, try it in a second, confirm it in a third.

    \b
    immunosep biomarker markers.csv --marker ferritin_ng_ml --outcome mals
    immunosep biomarker markers.csv --marker ferritin_ng_ml --outcome mals \\
      --cohort cohort --cut-off specificity=0.97 --prevalence 0.04
    """
    check_analysis_extras()
    from immunosep.cli.biomarker_study import Asked, run

    run(
        Asked(
            path=path,
            markers=tuple(dict.fromkeys(marker)),
            outcome=outcome,
            cohort=cohort,
            low=low,
            cut_off=cut_off,
            prevalences=tuple(prevalence or ()),
            limits=tuple(limit or ()),
            log=log,
            share=share,
            seed=seed,
            report=report,
        ),
        format_,
    )


@biomarker_app.command("claim")
def claim(
    prevalence: Annotated[str | None, typer.Option(metavar="FIGURE", help=FIGURE)] = None,
    sensitivity: Annotated[str | None, typer.Option(metavar="FIGURE", help=FIGURE)] = None,
    specificity: Annotated[str | None, typer.Option(metavar="FIGURE", help=FIGURE)] = None,
    ppv: Annotated[
        str | None, typer.Option(metavar="FIGURE", help="Positive predictive value.")
    ] = None,
    npv: Annotated[
        str | None, typer.Option(metavar="FIGURE", help="Negative predictive value.")
    ] = None,
    least: Annotated[
        float, typer.Option(help="The sensitivity and specificity a test of any use has at least.")
    ] = 0.1,
    format_: FORMAT = Format.TABLE,
) -> None:
    """Say whether printed accuracies can be true together, and what they would imply.

    \b
    immunosep biomarker claim --prevalence 4% --sensitivity 97.1% --npv 98%
    """
    check_analysis_extras()
    from immunosep.cli.biomarker_claim import run

    figures = {
        "prevalence": prevalence,
        "sensitivity": sensitivity,
        "specificity": specificity,
        "ppv": ppv,
        "npv": npv,
    }
    run({name: text for name, text in figures.items() if text is not None}, least, format_)
