"""The commands and their options. What each does is in its own file, loaded when it is run."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from immunosep import __version__
from immunosep.cli.analyse import analyse_app
from immunosep.cli.biomarker import biomarker_app
from immunosep.cli.code import code_app
from immunosep.cli.demo_commands import demo
from immunosep.cli.interim import interim_app
from immunosep.cli.options import (
    AT,
    COUNT,
    FORMAT,
    PATIENTS_FILE,
    REPORT,
    SOURCE,
    TRIAL,
    Format,
    ProfileName,
    SourceName,
    complete_trial,
)
from immunosep.cli.site_amend import amend
from immunosep.cli.site_archive import archive
from immunosep.cli.site_commands import serve, site_app
from immunosep.cli.site_look import look
from immunosep.cli.site_programs import openapi, send
from immunosep.cli.site_records import records
from immunosep.errors import ImmunosepError


class Commands(TyperGroup):
    """Turns an error meant for a user into one message and exit code 2."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        from immunosep.cli.output import answer_written

        try:
            with answer_written():
                return super().invoke(ctx)
        except ImmunosepError as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(2) from None
        except RuntimeError as error:
            if "interrupted" in str(error).lower():  # how DuckDB says that Ctrl-C was pressed
                raise KeyboardInterrupt from None
            raise


app = typer.Typer(
    name="immunosep",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Screen patients for a precision sepsis trial: who could take part, until when, and why.",
)
trial_app = typer.Typer(no_args_is_help=True, help="Show a trial's protocol, or check your own.")
app.add_typer(trial_app, name="trial")
app.add_typer(analyse_app, name="analyse")
app.add_typer(code_app, name="code")
app.add_typer(biomarker_app, name="biomarker")
app.add_typer(interim_app, name="interim")
app.add_typer(site_app, name="site")
site_app.command("amend")(amend)
site_app.command("records")(records)
site_app.command("archive")(archive)
site_app.command("look")(look)
site_app.command("send")(send)
site_app.command("openapi")(openapi)
app.command("serve")(serve)
app.command("demo")(demo)


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"immunosep {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Screen patients for a precision sepsis trial: who could take part, until when, and why."""


@app.command()
def screen(
    path: PATIENTS_FILE,
    source: SOURCE = SourceName.BEDSIDE,
    trial: TRIAL = "immunosep",
    format_: FORMAT = Format.TABLE,
    report: REPORT = None,
    at: AT = None,
    count: COUNT = None,
) -> None:
    """Say of each patient whether the trial would take them, and why.

    \b
    immunosep screen patients.csv
    immunosep screen - --format json < patient.json
    immunosep screen --source mimic-iv mimic-iv-demo-2.2 --report report.html
    """
    from immunosep.cli.screen import run

    run(path, source=source, trial=trial, format_=format_, report=report, at=at, count=count)


@app.command()
def sofa(
    path: PATIENTS_FILE,
    source: SOURCE = SourceName.BEDSIDE,
    hourly: Annotated[
        bool, typer.Option("--hourly", help="Score every hour of every stay (hospital records).")
    ] = False,
    profile: Annotated[
        ProfileName,
        typer.Option(help="Whose reading of the records to score by (hospital records)."),
    ] = ProfileName.TRIAL,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the hours to this .parquet or .csv file."),
    ] = None,
    format_: FORMAT = Format.TABLE,
) -> None:
    """Score SOFA, with its lowest and highest where parts are missing.

    \b
    immunosep sofa patients.csv
    immunosep sofa --source mimic-iv mimic-iv-demo-2.2 --hourly --out sofa.parquet
    """
    from immunosep.cli.sofa import run

    run(path, source=source, hourly=hourly, profile=profile, out=out, format_=format_)


@app.command("hla-dr")
def hla_dr(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATIENT.fcs|DIR",
            help="The patient tube; or a folder of pairs, NAME_patient.fcs and NAME_beads.fcs.",
            show_default=False,
        ),
    ],
    beads: Annotated[
        Path | None,
        typer.Option(metavar="BEADS.fcs", help="The bead tube, run at the same settings."),
    ] = None,
    lot: Annotated[
        Path | None,
        typer.Option(
            metavar="LOT.toml", help="The bead lot: lot, expires and the four pe_per_bead."
        ),
    ] = None,
    channels: Annotated[
        Path | None,
        typer.Option(metavar="MAP.toml", help="Which channel is what, where stains do not tell."),
    ] = None,
    handling: Annotated[
        Path | None,
        typer.Option(metavar="SAMPLE.toml", help="Hours to staining, transport, lysis, tube."),
    ] = None,
    trial: TRIAL = "immunosep",
    format_: FORMAT = Format.TABLE,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT.html", help="Also write a report; of a folder, a folder of reports."
        ),
    ] = None,
) -> None:
    """Measure HLA-DR molecules per monocyte from a patient tube and a bead tube.

    \b
    immunosep hla-dr patient.fcs --beads beads.fcs --lot lot.toml
    immunosep hla-dr tubes/ --lot lot.toml --format csv
    """
    from immunosep.cli.hla_dr import run

    run(
        path,
        beads=beads,
        lot=lot,
        channels=channels,
        handling=handling,
        trial=trial,
        format_=format_,
        report=report,
    )


@app.command()
def variables(
    format_: FORMAT = Format.TABLE,
    template: Annotated[
        bool,
        typer.Option("--template", help="Print an empty sheet instead: a trial's columns, as CSV."),
    ] = False,
    trial: Annotated[
        str | None,
        typer.Option(
            metavar="ID|FILE.py",
            help="Whose columns the template has; immunosep if not given.",
            autocompletion=complete_trial,
        ),
    ] = None,
) -> None:
    """List the data dictionary: the columns a patient file may have.

    \b
    immunosep variables
    immunosep variables --template > patients.csv
    """
    if trial and not template:
        raise typer.BadParameter("--trial goes with --template")
    if template:
        from immunosep.cli import template as sheet

        sheet.run(trial or "immunosep")
    else:
        from immunosep.cli.variables import run

        run(format_)


@trial_app.command("list")
def list_trials(format_: FORMAT = Format.TABLE) -> None:
    """List the trials that come with the package."""
    from immunosep.cli.trial import run_list

    run_list(format_)


@trial_app.command("show")
def show_trial(
    trial: Annotated[
        str,
        typer.Argument(
            metavar="ID|FILE.py", help="A trial's id, or a file.", autocompletion=complete_trial
        ),
    ] = "immunosep",
    centres: Annotated[
        bool, typer.Option("--centres", help="List every centre, with what is odd about its entry.")
    ] = False,
    format_: FORMAT = Format.TABLE,
) -> None:
    """Show a protocol: criteria, immune states, arms, regimens, choices, centres."""
    from immunosep.cli.trial import run_show

    run_show(trial, format_, centres=centres)


@trial_app.command("diff")
def diff_trials(
    old: Annotated[
        str,
        typer.Argument(
            metavar="OLD", help="A trial's id, or a file.", autocompletion=complete_trial
        ),
    ],
    new: Annotated[
        str,
        typer.Argument(metavar="NEW", help="The same, amended.", autocompletion=complete_trial),
    ],
    format_: FORMAT = Format.TABLE,
) -> None:
    """Say in words what one version of a protocol changes of another.

    \b
    immunosep trial diff immunosep version_2.py
    """
    from immunosep.cli.trial_diff import run

    run(old, new, format_)


@trial_app.command("check")
def check_trial(
    path: Annotated[str, typer.Argument(metavar="FILE.py", help="The Python file of a trial.")],
) -> None:
    """List every problem of a trial you have written, or say that it is valid."""
    from immunosep.cli.trial import run_check

    run_check(path)
