"""`immunosep site units`: systemd units for a live site."""

from pathlib import Path

import typer

from immunosep.errors import SettingsError


def run_units(
    path: Path, out: Path, *, backups: Path, user: str, keyed_user: str, port: int, workers: int
) -> None:
    """Write the units and say how they are put in place."""
    from immunosep.web.units import Place, write_units

    if user == keyed_user:
        raise SettingsError(
            f"{user} would run both the site and the keyed process; expected two users, so that "
            "the site's cannot read the code key. Name another with --keyed-user."
        )
    place = Place(
        folder=path.absolute(), backups=backups.absolute(), user=user, keyed_user=keyed_user,
        port=port, workers=workers,
    )  # fmt: skip
    for file in write_units(place, out):
        typer.echo(file)
