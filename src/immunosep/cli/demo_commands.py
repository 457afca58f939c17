"""The options of `immunosep demo`."""

from pathlib import Path
from typing import Annotated

import typer

MOST_PATIENTS = 1000  # a teaching list has 60 places a centre
SMALL = 100  # five centres and 42 participants: what there is to see, in a minute or two
PUBLISHED = 672  # screened; Giamarellos-Bourboulis JAMA 2026;335:775
TRIED_SEED = 20


def demo(
    path: Annotated[Path, typer.Argument(metavar="DIR", help="The folder for it.")] = Path(
        "immunosep-demo"
    ),
    seed: Annotated[
        int, typer.Option(min=0, help="What the patients and the list are drawn from.")
    ] = TRIED_SEED,
    patients: Annotated[
        int, typer.Option(min=20, max=MOST_PATIENTS, help="How many were screened.")
    ] = SMALL,
    whole: Annotated[
        bool, typer.Option("--whole", help="The published trial: 672 screened. Takes minutes.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=1, max=65534, help="The site's port; the pharmacy has the next.")
    ] = 8000,
    foreground: Annotated[
        bool, typer.Option("--foreground", help="Serve until interrupted, not in the background.")
    ] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="Remove the one that is there, with what was entered.")
    ] = False,
) -> None:
    """Start a rehearsal: a trial followed to day 90, with virtual patients and a log-in a role.

    \b
    immunosep demo rehearsal
    immunosep demo rehearsal --whole
    immunosep demo rehearsal --anew --seed 7 --port 8080
    """
    from immunosep.cli.demo import run

    run(
        path,
        seed=seed,
        patients=PUBLISHED if whole else patients,
        port=port,
        foreground=foreground,
        anew=anew,
    )
