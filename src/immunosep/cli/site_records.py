"""`immunosep site records`: the trial's records as tables, for the analysis."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from immunosep.web.folder import SiteFolder, use


def records(
    path: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder of the site.", show_default=False)
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="OUT", help="The new folder to write into.")
    ],
) -> None:
    """Write the trial's records as tables, with invented arms, for `immunosep analyse`.

    \b
    immunosep site records trial --out records
    """
    use(SiteFolder(path).settings())
    from immunosep.web.audit.actions import Site
    from immunosep.web.records.writing import export_records

    written = export_records(out, by=Site(), now=datetime.now(UTC))
    for name, file in written.files.items():
        typer.echo(f"{out / name}.parquet: {file.rows} rows")
    typer.echo("The arms are invented. `immunosep code records` fills in the true ones.")
    if written.locked_s is None:
        typer.echo("The trial is not locked: what is written may still change.")
