"""`immunosep interim`: limits at a trial's looks, what one has shown, and what is to come."""

from pathlib import Path
from typing import Annotated

import typer

from immunosep.cli.analyse import FORMAT, AnswerFormat, check_analysis_extras
from immunosep.cli.options import TRIAL

interim_app = typer.Typer(
    no_args_is_help=True,
    help="Looks before a trial's end: limits, power, and when participants and events are there.",
)

SHARES = "A share of the information a look was made at; may be given again."
LEVEL = Annotated[float, typer.Option(metavar="FRACTION", help="How sure the intervals are.")]


@interim_app.command("limits")
def limits(
    trial: TRIAL = "immunosep",
    at: Annotated[list[float] | None, typer.Option("--at", metavar="FRACTION", help=SHARES)] = None,
    final: Annotated[
        bool, typer.Option("--final", help="The last of --at is the last look: spend what is left.")
    ] = False,
    format_: FORMAT = AnswerFormat.TEXT,
) -> None:
    """Limits of z at the looks the trial plans, or at those that were made.

    \b
    immunosep interim limits --trial my_trial.py
    immunosep interim limits --trial my_trial.py --at 0.4
    """
    check_analysis_extras()
    from immunosep.cli.interim_looks import run_limits

    run_limits(trial, made=tuple(at or ()), final=final, format_=format_)


@interim_app.command("power", context_settings={"ignore_unknown_options": True})
def power(
    z: Annotated[float, typer.Option("--z", help="z at the look, above 0 for a benefit.")],
    information: Annotated[
        float, typer.Option("--information", metavar="FRACTION", help="The share there was.")
    ],
    trial: TRIAL = "immunosep",
    drift: Annotated[
        float | None,
        typer.Option("--drift", help="Mean of z at the end as planned; else by the sample size."),
    ] = None,
    prior: Annotated[
        tuple[float, float] | None,
        typer.Option("--prior", metavar="MEAN SD", help="What was believed of that before."),
    ] = None,
    format_: FORMAT = AnswerFormat.TEXT,
) -> None:
    """Conditional and predictive power: the chance to succeed, given what a look has shown.

    \b
    immunosep interim power --trial my_trial.py --z 1.2 --information 0.4
    """
    check_analysis_extras()
    from immunosep.cli.interim_looks import run_power

    run_power(trial, z=z, information=information, drift=drift, prior=prior, format_=format_)


@interim_app.command("recruitment")
def recruitment(
    path: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="One centre a row: centre, opened, enrolled, closes."),
    ],
    target: Annotated[int, typer.Option(help="How many participants it takes.")],
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="DAY", help="The day the counts are of: 2026-07-01.")
    ],
    on: Annotated[
        list[str] | None,
        typer.Option("--on", metavar="DAY", help="A day to forecast; may be given again."),
    ] = None,
    level: LEVEL = 0.95,
    format_: FORMAT = AnswerFormat.TEXT,
) -> None:
    """When the participants will be there, from what each centre has enrolled.

    \b
    immunosep interim recruitment centres.csv --target 280 --as-of 2026-07-01
    """
    check_analysis_extras()
    from immunosep.cli.interim_forecasts import run_recruitment

    run_recruitment(
        path, target=target, as_of=as_of, on=tuple(on or ()), level=level, format_=format_
    )


@interim_app.command("events")
def events(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="One participant a row: days, event, under_observation."
        ),
    ],
    watched: Annotated[
        float, typer.Option("--watched", metavar="DAYS", help="For how long each is watched.")
    ],
    ahead: Annotated[
        list[float], typer.Option("--ahead", metavar="DAYS", help="Days from now; may be repeated.")
    ],
    cut: Annotated[
        list[float] | None,
        typer.Option("--cut", metavar="DAYS", help="A day after which the hazard may differ."),
    ] = None,
    target: Annotated[
        int | None, typer.Option(help="A number of events, and when it will be there.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the draws: the same number, the same answer.")] = 1,
    level: LEVEL = 0.95,
    format_: FORMAT = AnswerFormat.TEXT,
) -> None:
    """How many events there will be, from each participant's days of observation.

    \b
    immunosep interim events watched.csv --watched 28 --ahead 14 --ahead 28
    """
    check_analysis_extras()
    from immunosep.cli.interim_forecasts import EventsAsked, run_events

    run_events(
        EventsAsked(
            path=path,
            watched=watched,
            ahead=tuple(sorted(ahead)),
            cuts=tuple(cut or ()),
            target=target,
            seed=seed,
            level=level,
        ),
        format_,
    )
