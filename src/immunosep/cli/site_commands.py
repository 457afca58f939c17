"""The options of `immunosep site …` and `immunosep serve`."""

from pathlib import Path
from typing import Annotated

import typer

from immunosep.cli.options import TRIAL

site_app = typer.Typer(no_args_is_help=True, help="Make a trial's website, and check its records.")

FOLDER = Annotated[
    Path, typer.Argument(metavar="DIR", help="The folder of the site.", show_default=False)
]


@site_app.command("init")
def init(
    path: FOLDER,
    trial: TRIAL = "immunosep",
    code: Annotated[
        Path | None,
        typer.Option(metavar="CODE.json", help="The sealed code, from `immunosep code generate`."),
    ] = None,
    teaching: Annotated[
        bool, typer.Option("--teaching", help="Make a test list and its key: to rehearse with.")
    ] = False,
    database: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="postgresql://…; without it, SQLite in the folder.",
            show_default=False,
        ),
    ] = "",
    email: Annotated[
        str, typer.Option(metavar="ADDRESS", help="The administrator's address.")
    ] = "administrator@example.org",
) -> None:
    """Make a site: its settings, database, centres, sealed code and administrator.

    \b
    immunosep site init rehearsal --teaching
    immunosep site init trial --code code.json --database postgresql://localhost/trial
    """
    from immunosep.cli.site import run_init

    run_init(path, trial=trial, database_url=database, code=code, teaching=teaching, email=email)


@site_app.command("verify")
def verify(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="DIR|FILE.tar.gz", help="The folder of a site, or a backup.", show_default=False
        ),
    ],
) -> None:
    """Check a site's records: the audit trail, every allocation, order and number; or a backup.

    \b
    immunosep site verify trial
    immunosep site verify trial-monday.tar.gz
    """
    from immunosep.cli.site import run_verify

    run_verify(path)


@site_app.command("export")
def export(
    path: FOLDER,
    out: Annotated[Path, typer.Option(metavar="NEW_DIR", help="A new folder.", show_default=False)],
) -> None:
    """Write what others check: allocations, the sealed code, the audit trail. No arm is in it.

    \b
    immunosep site export trial --out for-inspection
    """
    from immunosep.cli.site import run_export

    run_export(path, out)


@site_app.command("backup")
def backup(
    path: FOLDER,
    out: Annotated[
        Path,
        typer.Argument(metavar="FILE.tar.gz", help="A new file.", show_default=False),
    ],
) -> None:
    """Write everything a site has into one file, while it is in use; no secret, no code key.

    \b
    immunosep site backup trial trial-monday.tar.gz
    """
    from immunosep.cli.site_backup import run_backup

    run_backup(path, out)


@site_app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE.tar.gz", show_default=False)],
    path: FOLDER,
    database: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="An empty database, postgresql://…; without it, SQLite in the folder.",
            show_default=False,
        ),
    ] = "",
    secret_key_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The secret key the site had; without it, a new one."),
    ] = None,
) -> None:
    """Make a site again from a backup, in a new folder, and prove that it is the same.

    \b
    immunosep site restore trial-monday.tar.gz trial
    immunosep site restore trial-monday.tar.gz trial --database postgresql://localhost/trial
    """
    from immunosep.cli.site_backup import run_restore

    run_restore(file, path, database_url=database, secret_key_file=secret_key_file)


@site_app.command("upgrade")
def upgrade(path: FOLDER) -> None:
    """Bring a stopped site's database to this version: backed up, checked, or left as it was.

    \b
    immunosep site upgrade trial
    """
    from immunosep.cli.site_backup import run_upgrade

    run_upgrade(path)


@site_app.command("units")
def units(
    path: FOLDER,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where to write.", show_default=False)],
    backups: Annotated[
        Path,
        typer.Option(metavar="DIR", help="Where the nightly backups go.", show_default=False),
    ],
    user: Annotated[str, typer.Option(help="Who runs the site.")] = "immunosep",
    keyed_user: Annotated[
        str, typer.Option(help="Who runs the keyed process: somebody else.")
    ] = "immunosep-keyed",
    port: Annotated[int, typer.Option(min=1, max=65534)] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64)] = 4,
) -> None:
    """Write systemd units: the site, the keyed process; every night a look, a backup and a check.

    \b
    immunosep site units trial --out units --backups backups
    """
    from immunosep.cli.site_units import run_units

    run_units(path, out, backups=backups, user=user, keyed_user=keyed_user, port=port,
              workers=workers)  # fmt: skip


@site_app.command("validate")
def validate(
    path: FOLDER,
    out: Annotated[Path, typer.Option(metavar="NEW_DIR", help="A new folder.", show_default=False)],
    results: Annotated[
        Path | None,
        typer.Option(metavar="FILE.xml", help="What `pytest --junit-xml` wrote, to show it too."),
    ] = None,
) -> None:
    """Check this installation and write its validation pack: requirement, test, evidence.

    \b
    immunosep site validate trial --out validation
    """
    from immunosep.cli.site_validate import run_validate

    run_validate(path, out, results=results)


def serve(
    path: FOLDER,
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=1, max=65534, help="The site's port; the pharmacy has the next.")
    ] = 8000,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="How many processes answer (PostgreSQL: several).")
    ] = 1,
    behind: Annotated[
        bool, typer.Option("--background", help="Come back once the site answers.")
    ] = False,
    stop: Annotated[
        bool, typer.Option("--stop", help="Stop a site that serves in the background.")
    ] = False,
) -> None:
    """Serve a site to browsers.

    \b
    immunosep serve trial
    immunosep serve trial --background --workers 4
    immunosep serve trial --stop
    """
    from immunosep.cli.site import run_serve

    run_serve(path, host=host, port=port, workers=workers, behind=behind, stop=stop)
