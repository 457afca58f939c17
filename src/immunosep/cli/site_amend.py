"""`immunosep site amend`: bringing a new version of the trial to a site."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from immunosep.web.folder import SiteFolder, use


def amend(
    path: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder of the site.", show_default=False)
    ],
    new: Annotated[
        Path | None,
        typer.Argument(
            metavar="NEW.py",
            help="The trial as amended; without it, files that are missing are put back.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Bring a new version of its trial to a site; it goes live nowhere until approved there.

    \b
    immunosep site amend trial version_2.py
    """
    use(SiteFolder(path).settings())
    from immunosep.web.amendments.taking import put_back, take_version

    if new is None:
        for version in put_back():
            typer.echo(f"The file of version {version.name} is back: {version.digest}")
        typer.echo("The file of every version is there.")
        return
    version = take_version(new, now=datetime.now(UTC))
    typer.echo(f"The site has version {version.name}, with the digest {version.digest}.")
    typer.echo("No centre works by it yet: look at Amendments, propose it, and record approvals.")
