"""`immunosep site look`: the rules look for deviations without anybody asking.

By night, so that it also forgets the log-ins that are over.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from immunosep.web.folder import SiteFolder, use


def look(
    path: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder of the site.", show_default=False)
    ],
) -> None:
    """Let the rules look for deviations from the protocol, and forget log-ins that are over.

    A timer runs it every night.

    \b
    immunosep site look trial
    """
    use(SiteFolder(path).settings())
    from immunosep.web.accounts.open_log_ins import forget_ended
    from immunosep.web.oversight.recording import look_by_night

    now = datetime.now(UTC)
    forget_ended(now=now)
    search = look_by_night(now=now)
    if search is None:
        typer.echo("The trial is locked: nothing is looked for any more.")
    else:
        typer.echo(f"{search.found} deviations found that were not recorded yet")
