"""A site in a folder with participants, on either engine, and the command run upon it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.warm import warm_python, without_tests
from tests.web.races import SIX_STRATA

SECRET = "a key for races, which protects nothing at all, ever, anywhere"
HIDDEN = {
    "IMMUNOSEP_SECRET_KEY": SECRET,
    "IMMUNOSEP_EMAIL_PASSWORD": "the mail server's own words",
    "IMMUNOSEP_CODE_KEY_PASSPHRASE": "what opens the code",
    "IMMUNOSEP_SOMETHING_UNHEARD_OF": "whatever it may be",
}
LONGEST_SECONDS = 2400  # a hundred rounds of killing, on a machine with other work
SHOWN = {"IMMUNOSEP_DEMO": "yes", "IMMUNOSEP_LOG_LEVEL": "CRITICAL"}


def immunosep(*words: object, module: str = "immunosep") -> subprocess.CompletedProcess[str]:
    """The command as a user runs it, without any setting of the tests' own."""
    program = ["-m", module, *(str(word) for word in words)]
    return warm_python().run(
        program, environment=_environment(), seconds=LONGEST_SECONDS, merged=False
    )


def alone(*words: object) -> subprocess.CompletedProcess[str]:
    """The same in a Python of its own, for what looks at all that its process has loaded."""
    return subprocess.run(
        [sys.executable, "-m", "immunosep", *(str(word) for word in words)],
        capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False, env=_environment(),
    )  # fmt: skip


def _environment() -> dict[str, str]:
    return without_tests() | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def done(*words: object, module: str = "immunosep") -> str:
    """What the command says; it must go well."""
    answer = immunosep(*words, module=module)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def found_by(module: str, *words: object) -> dict[str, Any]:
    """The JSON object that a program of the tests' own prints last."""
    found: dict[str, Any] = json.loads(done(*words, module=module).splitlines()[-1])
    return found


def refused(*words: object, module: str = "immunosep") -> str:
    """What the command says; it must end as one that met an error meant for a user."""
    answer = immunosep(*words, module=module)
    assert answer.returncode == 2, answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr
    return answer.stderr


def make_running_site(folder: Path, database: str, *, participants: int = 6) -> Path:
    """A site of six strata whose participants were randomised by two processes at once."""
    options = ("--database", database, "--processes", 2, "--each", participants // 2)
    found = found_by("tests.web.races", *options)
    assert (found["allocations"], found["findings"]) == (participants, [])
    write_settings(folder, database)
    return folder


def write_settings(folder: Path, database: str) -> None:
    """Make a folder that says where the site is."""
    settings = {"IMMUNOSEP_DATABASE_URL": database, "IMMUNOSEP_TRIAL": str(SIX_STRATA)}
    text = "".join(f'{k}="{v}"\n' for k, v in (settings | HIDDEN | SHOWN).items())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "site.env").write_text(text)
