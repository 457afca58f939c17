"""`immunosep site archive`: a centre's own copy of its records."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from immunosep.web.folder import SiteFolder, use


def archive(
    path: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder of the site.", show_default=False)
    ],
    centre: Annotated[
        str, typer.Argument(metavar="CENTRE", help="The centre's id or number.", show_default=False)
    ],
    out: Annotated[Path, typer.Option(metavar="NEW_DIR", help="A new folder.", show_default=False)],
) -> None:
    """Write a centre's own copy of its records, to read without this software. No arm is in it.

    \b
    immunosep site archive trial 01_jena --out jena
    """
    use(SiteFolder(path).settings())
    from immunosep.web.audit.actions import Site
    from immunosep.web.records.archive.writing import find_centre, write_archive

    made = write_archive(out, find_centre(centre), by=Site(), now=datetime.now(UTC))
    typer.echo(f"{out} holds {made.patients} patients of {made.centre} in {made.files} files.")
    typer.echo(f"The SHA-256 of its list of digests, SHA256SUMS, is {made.sha256}")
    if made.hidden:
        typer.echo("The trial is not locked: results that may hint at a treatment are not shown.")
