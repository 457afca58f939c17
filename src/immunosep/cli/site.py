"""`immunosep site` and `immunosep serve`: making a trial's website, running it, checking it."""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import typer

from immunosep.errors import SettingsError
from immunosep.trials import find_trial
from immunosep.web.finding import Finding
from immunosep.web.folder import SiteFolder, use

PASSWORD_BYTES = 15


def run_init(
    path: Path, *, trial: str, database_url: str, code: Path | None, teaching: bool, email: str
) -> None:
    """Make a site in a new folder: settings, database, centres, code, administrator."""
    folder = SiteFolder(path)
    if folder.settings_file.exists():
        raise SettingsError(
            f"{path} has a site already; expected a new folder, so that none is overwritten. "
            "Name another, or serve this one."
        )
    if teaching == (code is not None):
        raise SettingsError(
            "a site needs one randomisation code: either --code CODE.json, made by `immunosep code "
            "generate`, or --teaching, which makes a test list to rehearse with."
        )
    find_trial(trial)  # a misspelt trial makes no folder
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    _make(folder, trial, database_url, code, email, password)
    typer.echo(f"The site is in {path}. Its administrator logs in as {email}")
    typer.echo(f"with the password {password} (said once; change it at the first log-in).")
    typer.echo(f"Start it with: immunosep serve {path}")


def _make(
    folder: SiteFolder, trial: str, database_url: str, code: Path | None, email: str, password: str
) -> None:
    from immunosep.randomisation.code_files import read_code

    sealed = read_code(code) if code else None
    settings = {
        "IMMUNOSEP_SECRET_KEY": secrets.token_urlsafe(50),
        "IMMUNOSEP_TRIAL": trial if not Path(trial).exists() else str(Path(trial).resolve()),
        "IMMUNOSEP_DATABASE_URL": database_url
        or f"sqlite:///{(folder.path / 'site.sqlite3').resolve()}",
        "IMMUNOSEP_DEMO": "no" if code else "yes",
    }
    use(settings)
    from immunosep.web import installing

    administrator = installing.Administrator(email=email, name="Administrator", password=password)
    with _all_or_nothing(folder.path):
        keyed = {}
        if sealed is None:
            sealed, keys = installing.teaching_code(secrets.token_bytes(32))
            key_file = installing.keep_teaching_code(folder.path, sealed, keys)
            keyed = {"IMMUNOSEP_CODE_KEY_FILE": str(key_file)}
        installing.migrate()
        installing.furnish(
            sealed, live=code is not None, administrator=administrator, now=datetime.now(UTC)
        )
        folder.write(settings, keyed)


@contextmanager
def _all_or_nothing(path: Path) -> Iterator[None]:
    """A new folder that is gone again, with what was put into it, where something goes wrong."""
    here_before = set(path.iterdir()) if path.is_dir() else set()
    path.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for made in set(path.iterdir()) - here_before:
            made.unlink()
        if not here_before:
            path.rmdir()
        raise


def run_export(path: Path, out: Path) -> None:
    """Write allocations, sealed code and audit trail into a new folder."""
    _enter(SiteFolder(path))
    from immunosep.web.exporting import export_site

    for name in export_site(out, now=datetime.now(UTC)):
        typer.echo(out / name)


def run_verify(path: Path) -> None:
    """Say of each thing that must hold whether it does; exit code 1 if one does not."""
    if path.is_file():
        from immunosep.cli.site_backup import run_check

        whole = run_check(path)
    else:
        _enter(SiteFolder(path))
        from immunosep.web.checking import check_site

        whole = say_findings(check_site())
    if not whole:
        raise typer.Exit(1)


def say_findings(findings: Iterable[Finding]) -> bool:
    """A line for each finding, and for each of its faults; whether there was none."""
    whole = True
    for finding in findings:
        rows = f" ({finding.rows:,} rows)" if finding.rows else ""
        typer.echo(f"{'FAULT' if finding.faults else 'ok   '} {finding.checked}{rows}")
        for fault in finding.faults:
            typer.echo(f"      {fault}")
        whole = whole and not finding.faults
    return whole


def run_serve(path: Path, *, host: str, port: int, workers: int, behind: bool, stop: bool) -> None:
    """Serve a site until interrupted; or behind; or stop one that serves behind."""
    from immunosep.web.serving import Address, serve, start_behind, stop_behind

    folder, address = SiteFolder(path), Address(host=host, port=port)
    folder.settings()
    if stop:
        typer.echo("Stopped." if stop_behind(folder) else "It was not running.")
        return
    if behind:
        start_behind(folder, address, workers=workers)
    typer.echo(f"The site is at {address.site}")
    if folder.has_key:
        typer.echo(f"The pharmacy, which holds the code key, is at {address.keyed}")
    if not behind:
        raise typer.Exit(serve(folder, address, workers=workers))
    typer.echo(f"Stop it with: immunosep serve {path} --stop")


def _enter(folder: SiteFolder) -> None:
    use(folder.settings())
