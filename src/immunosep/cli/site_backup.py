"""`immunosep site backup`, `restore` and `upgrade`, and `verify` of a backup's file."""

import os
from datetime import UTC, datetime
from pathlib import Path

import typer

from immunosep.errors import SettingsError
from immunosep.web.folder import SiteFolder, use

UPGRADES = "backups"
WRITTEN_ANEW = ("IMMUNOSEP_SECRET_KEY", "IMMUNOSEP_DATABASE_URL")


def run_backup(path: Path, out: Path) -> None:
    """Write everything a site has, but its secrets, into one file."""
    folder = SiteFolder(path)
    settings = folder.settings()
    use(settings)
    from immunosep.web.backups.writing import write_backup

    written = write_backup(out, settings=settings, now=datetime.now(UTC))
    trail = written.manifest.trail
    rows = sum(table.rows for table in written.manifest.tables)
    typer.echo(f"{out} holds {rows:,} rows in {len(written.manifest.tables)} tables.")
    typer.echo(f"Its SHA-256 is {written.sha256}")
    typer.echo(f"The audit trail ends at event {trail['events']} with {trail['digest']}")
    typer.echo("Keep apart, because it is not in there:")
    for name in written.manifest.kept_apart:
        typer.echo(f"  {name}")
    typer.echo("  the code key and its passphrase, in the hands of whoever keeps them")


def run_check(file: Path) -> bool:
    """Say of each thing that must hold of a backup whether it does; False if one does not."""
    from immunosep.cli.site import say_findings
    from immunosep.web.backups.inspecting import check_backup

    return say_findings(check_backup(file))


def run_restore(file: Path, path: Path, *, database_url: str, secret_key_file: Path | None) -> None:
    """Make a site from a backup: in a new folder, on an empty database."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise SettingsError(
            f"{path} is not empty; expected a new folder, so that nothing is overwritten. Name "
            "another."
        )
    from immunosep.web.backups.inspecting import refuse_damaged
    from immunosep.web.backups.target import Target

    manifest = refuse_damaged(file)
    secret_key = _secret_key(secret_key_file)
    with Target(file, path, database_url=database_url, secret_key=secret_key) as target:
        for name in target.settings:
            os.environ.pop(name, None)  # a restored site is never another one's database
        use(target.settings)
        from immunosep.web.backups.restoring import restore_into_database

        restored = restore_into_database(file, manifest, now=datetime.now(UTC))
        target.finish()
    events = manifest.trail["events"]
    typer.echo(f"The site is in {path}, as it was at {manifest.made_at}: every table is the same")
    typer.echo(f"byte for byte, and the audit trail is unbroken over {events:,} events.")
    _say_what_is_left(path, manifest.kept_apart, new_key=secret_key_file is None)
    if restored.waiting:
        typer.echo(f"Its tables are of an older version: immunosep site upgrade {path}")
    for fault in restored.faults:
        typer.echo(f"FAULT {fault}")
    if restored.faults:
        raise typer.Exit(1)


def _secret_key(file: Path | None) -> str:
    import secrets

    if file is None:
        return secrets.token_urlsafe(50)
    try:
        key = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(
            f"cannot read {file}: {error.strerror}. Name a readable file."
        ) from None
    if not key:
        raise SettingsError(f"{file} is empty; expected the secret key the site had.")
    return key


def _say_what_is_left(path: Path, apart: tuple[str, ...], *, new_key: bool) -> None:
    if new_key:
        typer.echo("It has a new secret key: everybody logs in again, and second factors are made")
        typer.echo("anew. (With --secret-key-file they stay.)")
    again = [name for name in apart if name not in WRITTEN_ANEW]
    if again:
        typer.echo(f"Write these into {path / 'site.env'} again: {', '.join(again)}")
    typer.echo(f"The code key is not here: name its file in {path / 'keyed.env'}, then serve.")


def run_upgrade(path: Path) -> None:
    """Bring the tables of a site's database to this version, or leave them as they were."""
    folder = SiteFolder(path)
    settings = folder.settings()
    if (path / "serve.pid").exists():
        raise SettingsError(
            f"the site serves; expected one that is stopped. Stop it: immunosep serve {path} --stop"
        )
    use(settings)
    from immunosep.web import upgrading

    steps = upgrading.waiting()
    if not steps:
        typer.echo("The tables are of this version.")
        return
    backup = _backup_before(path, settings)
    typer.echo(f"{backup} is the site before the upgrade.")
    upgrading.upgrade(now=datetime.now(UTC))
    typer.echo(f"The tables are of this version, after {len(steps)} migrations.")


def _backup_before(path: Path, settings: dict[str, str]) -> Path:
    from immunosep.web.backups.writing import write_backup

    now = datetime.now(UTC)
    folder = path / UPGRADES
    folder.mkdir(mode=0o700, exist_ok=True)
    out = folder / f"before-upgrade-{now:%Y%m%dT%H%M%SZ}.tar.gz"
    write_backup(out, settings=settings, now=now)
    return out
