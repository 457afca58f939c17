"""`immunosep demo`: a teaching site peopled with virtual patients, made, started and explained.

What is drawn, the arms of the list too, repeats with the seed; the key, the numbers on labels and
whatever is sealed do not. Moments are counted back from now.
"""

import hashlib
import json
import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import typer

from immunosep.cli.output import note, progress
from immunosep.errors import SettingsError
from immunosep.simulation.rehearsal import with_a_day_to_try
from immunosep.simulation.virtual_patients import DAYS, draw_patients
from immunosep.trials import find_trial
from immunosep.web.folder import PREFIX, SiteFolder, use

if TYPE_CHECKING:
    from immunosep.web.demo.peopling import Peopled
    from immunosep.web.serving import Address

TRIAL = "immunosep"
MARK = "rehearsal.json"  # says that a folder is one, and may be made anew
MADE = ("site.*", "keyed.*", "code.*", "serve.*", MARK)
HOST = "127.0.0.1"


def run(path: Path, *, seed: int, patients: int, port: int, foreground: bool) -> None:
    """Make the rehearsal anew in `path`, people it, start it, and say how to try it."""
    from immunosep.web.serving import Address, serve, start_behind

    folder, address = SiteFolder(path), Address(host=HOST, port=port)
    clear(folder)
    forget_other_sites()
    peopled = _make(folder, seed=seed, patients=patients, now=datetime.now(UTC))
    forget_other_sites()  # the key, before anything is started
    if foreground:
        _explain(peopled, folder, address, foreground=True)
        raise typer.Exit(serve(folder, address, workers=1))
    try:
        start_behind(folder, address, workers=1)
    except SettingsError as error:
        raise SettingsError(
            f"{error} The rehearsal itself is made; start it with: immunosep serve {path} "
            "--background --port PORT"
        ) from None
    _explain(peopled, folder, address, foreground=False)


def clear(folder: SiteFolder) -> None:
    """Stop and remove the rehearsal that was here; a folder with anything else is left alone."""
    from immunosep.web.serving import stop_behind

    path = folder.path
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        if not (path / MARK).is_file():
            raise SettingsError(
                f"{path} is no rehearsal of an earlier `immunosep demo`; expected a new folder, or "
                "one of its own, which it makes anew. Name another."
            )
        stop_behind(folder)
        for pattern in MADE:
            for file in path.glob(pattern):
                file.unlink()
    path.mkdir(parents=True, exist_ok=True)


def forget_other_sites() -> None:
    """What this terminal says of a site is of another one: a rehearsal takes nothing from it."""
    for name in [name for name in os.environ if name.startswith((PREFIX, "DJANGO_"))]:
        del os.environ[name]


def _make(folder: SiteFolder, *, seed: int, patients: int, now: datetime) -> "Peopled":
    mark = {"seed": seed, "patients": patients, "made_at": now.isoformat()}
    (folder.path / MARK).write_text(json.dumps(mark), encoding="utf-8")
    rows = _draw(seed, patients)
    began = now - timedelta(days=DAYS)
    settings = {
        "IMMUNOSEP_SECRET_KEY": secrets.token_urlsafe(50),
        "IMMUNOSEP_TRIAL": TRIAL,
        "IMMUNOSEP_DATABASE_URL": f"sqlite:///{(folder.path / 'site.sqlite3').resolve()}",
        "IMMUNOSEP_DEMO": "yes",
    }
    key = {"IMMUNOSEP_CODE_KEY_FILE": str((folder.path / "code.private.pem").resolve())}
    use(settings | key | {"IMMUNOSEP_LOG_LEVEL": "WARNING"})
    from immunosep.web import installing
    from immunosep.web.demo.people import ADMINISTRATOR_NAME, PASSWORD, address_of
    from immunosep.web.demo.peopling import SET_UP_BEFORE, people_site

    note("Making the site")
    sealed, keys = installing.teaching_code(
        hashlib.sha256(f"immunosep demo {seed}".encode()).digest()
    )
    installing.keep_teaching_code(folder.path, sealed, keys)
    installing.migrate()
    administrator = installing.Administrator(
        email=address_of("administrator"), name=ADMINISTRATOR_NAME, password=PASSWORD
    )
    installing.furnish(sealed, live=False, administrator=administrator, now=began - SET_UP_BEFORE)
    courses = len(rows) + len({row["centre"] for row in rows})
    with progress("Screening, randomising, treating", total=courses) as tell:
        peopled = people_site(rows, began=began, now=now, tell=tell)
    folder.write(settings, key)
    return peopled


def _draw(seed: int, patients: int) -> list[dict[str, Any]]:
    """The virtual table, as rows; nothing else is drawn from the seed but the list."""
    trial, rng = find_trial(TRIAL), np.random.default_rng(seed)
    drawn = draw_patients(trial, patients=patients, rng=rng)
    return list(with_a_day_to_try(drawn, trial, rng=rng).to_pylist())


def _explain(
    peopled: "Peopled", folder: SiteFolder, address: "Address", *, foreground: bool
) -> None:
    from immunosep.web.demo.people import PASSWORD

    waiting = peopled.screened - peopled.randomised - peopled.not_enrolled
    typer.echo(f"A trial that runs, at {address.site}")
    typer.echo(
        f"{peopled.screened} screened, {peopled.randomised} randomised, {peopled.not_enrolled} not "
        f"enrolled, {waiting} in screening today. All are invented."
    )
    typer.echo(f"\nLog in with the password {PASSWORD} as")
    wide = max(len(each.address) for each in peopled.log_ins)
    for each in peopled.log_ins:
        typer.echo(f"  {each.address:<{wide}}  {each.name}, {each.role.lower()}")
    typer.echo(f"Those of a centre are at {peopled.centre}.")
    typer.echo("\nThree things to try")
    for line in _to_try(peopled, address):
        typer.echo(f"  {line}")
    if foreground:
        typer.echo("\nStop it with Ctrl+C.")
    else:
        typer.echo(f"\nStop it with: immunosep serve {folder.path} --stop")


def _to_try(peopled: "Peopled", address: "Address") -> list[str]:
    number = peopled.stories
    return [
        f"As investigator: {number['ready']} has been screened, and waits to be randomised.",
        f"As pharmacist, at {address.keyed}: {number['to_prepare']} is on the worklist; prepare "
        "the first doses, and check them as second.pharmacist.",
        f"As nurse: take over what the pharmacy handed over for {number['to_receive']}, and record "
        "the first dose.",
    ]
