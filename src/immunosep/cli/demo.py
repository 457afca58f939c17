"""`immunosep demo`: a teaching site peopled with virtual patients, made, started and explained.

What is drawn, the arms of the list too, repeats with the seed; the key, the numbers on labels and
whatever is sealed do not. Moments are counted back from now.
"""

import hashlib
import os
import secrets
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import typer

from immunosep.cli.demo_mark import HOST, MARK, check_ports, is_running, read_mark, write_mark
from immunosep.cli.output import note, progress
from immunosep.errors import SettingsError
from immunosep.simulation.rehearsal import AFTERWARDS_DAYS, with_a_day_to_try
from immunosep.simulation.rehearsed_courses import with_courses
from immunosep.simulation.virtual_patients import DAYS, draw_patients
from immunosep.trials import find_trial
from immunosep.web.folder import PREFIX, SiteFolder, use

if TYPE_CHECKING:
    from immunosep.web.demo.peopling import Peopled
    from immunosep.web.serving import Address

TRIAL = "immunosep"
QUIET = {
    "IMMUNOSEP_LOG_LEVEL": "WARNING",
    "IMMUNOSEP_EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
}
"""While it is made: of what happened last year, nobody is told by e-mail."""
MADE = ("site.*", "keyed.*", "code.*", "serve.*", MARK)


def run(
    path: Path, *, seed: int, patients: int, port: int, foreground: bool, anew: bool = False
) -> None:
    """Make the rehearsal in `path`, or take the one that is there, start it, say how to try it."""
    from immunosep.web.serving import Address, stop_behind

    folder, address = SiteFolder(path), Address(host=HOST, port=port)
    check_folder(folder)
    forget_other_sites()
    mark = read_mark(folder)
    if mark and not anew and is_running(folder, mark["port"]):
        _say([*_told_again(folder, mark, "runs already"), *_to_stop(folder)])
        return
    stop_behind(folder)
    check_ports(port, command=_command("demo", path))
    if mark and not anew:
        mark |= {"port": port}
        write_mark(folder, mark)
        told = _told_again(folder, mark, "runs again")
    else:
        clear(folder)
        told = _make_and_mark(folder, seed=seed, patients=patients, address=address)
    _start(folder, address, told, foreground=foreground)


def _start(
    folder: SiteFolder, address: "Address", told: Sequence[str], *, foreground: bool
) -> None:
    """Serve it, and say what a visitor is told of it."""
    from immunosep.web.serving import serve, start_behind

    if foreground:
        _say([*told, "", "Stop it with Ctrl+C."])
        raise typer.Exit(serve(folder, address, workers=1))
    try:
        start_behind(folder, address, workers=1)
    except SettingsError as error:
        again = _command("demo", folder.path)
        raise SettingsError(
            f"{error} The rehearsal itself is made; start it with: {again} --port PORT"
        ) from None
    _say([*told, *_to_stop(folder)])


def _told_again(folder: SiteFolder, mark: dict[str, Any], how: str) -> list[str]:
    """Where a rehearsal is that was not made now; what waited for a visitor may be done by now."""
    from immunosep.web.serving import Address

    address = Address(host=HOST, port=mark["port"])
    return [
        f"The rehearsal in {folder.path} {how}, at {address.site}",
        f"(the pharmacy at {address.keyed}), with everything entered so far.",
        "",
        *mark["log_ins"],
        "",
        f"Begin anew, without what was entered: {_command('demo', folder.path)} --anew",
    ]


def _to_stop(folder: SiteFolder) -> list[str]:
    return ["", f"Stop it with: {_command('serve', folder.path)} --stop"]


def _say(lines: Sequence[str]) -> None:
    typer.echo("\n".join(lines))


def _command(*words: str | Path) -> str:
    """A command as it can be typed here: by its path where `immunosep` alone is not found."""
    if shutil.which("immunosep"):
        program = ["immunosep"]
    elif Path(sys.argv[0]).name == "immunosep":
        program = [sys.argv[0]]
    else:
        program = [sys.executable, "-m", "immunosep"]
    return shlex.join([*program, *map(str, words)])


def check_folder(folder: SiteFolder) -> None:
    """SettingsError where the folder holds anything that is no rehearsal."""
    path = folder.path
    used = path.exists() and (not path.is_dir() or any(path.iterdir()))
    if used and not (path / MARK).is_file():
        raise SettingsError(
            f"{path} is no rehearsal of an earlier `immunosep demo`; expected a new folder, or "
            "one of its own. Name another."
        )


def clear(folder: SiteFolder) -> None:
    """Remove the rehearsal that was here, and nothing else."""
    for pattern in MADE:
        for file in folder.path.glob(pattern):
            file.unlink()
    folder.path.mkdir(parents=True, exist_ok=True)


def forget_other_sites() -> None:
    """What this terminal says of a site is of another one: a rehearsal takes nothing from it."""
    for name in [name for name in os.environ if name.startswith((PREFIX, "DJANGO_"))]:
        del os.environ[name]


def _make_and_mark(
    folder: SiteFolder, *, seed: int, patients: int, address: "Address"
) -> list[str]:
    """Make it whole, and give what a visitor is told of it."""
    now = datetime.now(UTC)
    mark = {"seed": seed, "patients": patients, "made_at": now.isoformat()}
    write_mark(folder, mark)
    peopled = _make(folder, seed=seed, patients=patients, now=now)
    forget_other_sites()  # the key, before anything is started
    log_ins = _log_ins(peopled)
    write_mark(folder, mark | {"port": address.port, "log_ins": log_ins})
    return _explanation(peopled, log_ins, address)


def _make(folder: SiteFolder, *, seed: int, patients: int, now: datetime) -> "Peopled":
    began = now - timedelta(days=DAYS + AFTERWARDS_DAYS)
    settings = {
        "IMMUNOSEP_SECRET_KEY": secrets.token_urlsafe(50),
        "IMMUNOSEP_TRIAL": TRIAL,
        "IMMUNOSEP_DATABASE_URL": f"sqlite:///{(folder.path / 'site.sqlite3').resolve()}",
        "IMMUNOSEP_DEMO": "yes",
    }
    key = {"IMMUNOSEP_CODE_KEY_FILE": str((folder.path / "code.private.pem").resolve())}
    use(settings | key | QUIET)
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
    rows = _draw(folder.path, seed, patients)
    courses = len(rows) + len({row["centre"] for row in rows})
    with progress("Screening, randomising, treating, following up", total=courses) as tell:
        peopled = people_site(rows, began=began, now=now, tell=tell)
    folder.write(settings, key)
    return peopled


def _draw(path: Path, seed: int, patients: int) -> list[dict[str, Any]]:
    """The virtual table, as rows; nothing else is drawn from the seed but the list.

    Outcomes are drawn by arm, so the list is opened here, with the key that lies beside it. What
    is handed on tells an arm by a participant's course alone.
    """
    from immunosep.cli.code_opening import opened_code

    trial, rng = find_trial(TRIAL), np.random.default_rng(seed)
    drawn = draw_patients(trial, patients=patients, rng=rng)
    rows = with_a_day_to_try(drawn, trial, days=DAYS + AFTERWARDS_DAYS, rng=rng).to_pylist()
    _, opened = opened_code(path / "code.json", path / "code.private.pem", None)
    arms = {(slot.stratum, slot.position): slot.arm for slot in opened.slots}
    return with_courses(rows, trial, arms=arms, rng=rng)


def _explanation(peopled: "Peopled", log_ins: list[str], address: "Address") -> list[str]:
    waiting = peopled.screened - peopled.randomised - peopled.not_enrolled
    return [
        f"A trial that runs, at {address.site}",
        f"{peopled.screened} screened, {peopled.randomised} randomised, {peopled.not_enrolled} not "
        f"enrolled, {waiting} in screening today. All are invented.",
        f"{peopled.locked} participants are locked already; {peopled.questions} questions about "
        "pages are not closed.",
        "",
        *log_ins,
        "",
        "Some things to try",
        *(f"  {line}" for line in _to_try(peopled, address)),
    ]


def _log_ins(peopled: "Peopled") -> list[str]:
    from immunosep.web.demo.people import PASSWORD

    wide = max(len(each.address) for each in peopled.log_ins)
    return [
        f"Log in with the password {PASSWORD} as",
        *(
            f"  {each.address:<{wide}}  {each.name}, {each.role.lower()}"
            for each in peopled.log_ins
        ),
        f"Those of a centre are at {peopled.centre}.",
    ]


def _to_try(peopled: "Peopled", address: "Address") -> list[str]:
    number = peopled.stories
    return [
        f"As investigator: {number['ready']} has been screened, and waits to be randomised.",
        f"As pharmacist, at {address.keyed}: {number['to_prepare']} is on the worklist; prepare "
        "the first doses, and check them as second.pharmacist.",
        f"As nurse: take over what the pharmacy handed over for {number['to_receive']}, and record "
        "the first dose.",
        *_to_follow(number),
    ]


def _to_follow(number: Mapping[str, str]) -> list[str]:
    """What there is to do for whoever is in the trial now; nobody is in a very small one."""
    if "followed" not in number:
        return []
    return [
        f"As nurse, too: enter today's SOFA of {number['followed']}, who is on day 7.",
        f"As safety.officer: the serious event of {number['followed']} has a clock that runs.",
        "As monitor: compare with the source what is complete; as investigator: sign it.",
        "As data.manager: close the questions that were answered, and look at what still stands "
        "against locking a centre.",
    ]
