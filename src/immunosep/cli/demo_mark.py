"""`rehearsal.json`: marks a folder as a rehearsal, and says how one that is whole is used again.

It is written twice: with the seed before anything is made, with port and log-ins at the end.
"""

import json
import os
from multiprocessing.connection import Listener
from typing import Any

from immunosep.errors import SettingsError
from immunosep.web.folder import SiteFolder

MARK = "rehearsal.json"
HOST = "127.0.0.1"


def write_mark(folder: SiteFolder, mark: dict[str, Any]) -> None:
    """Say of a folder that it is a rehearsal, and what is known of it."""
    (folder.path / MARK).write_text(json.dumps(mark, indent=1), encoding="utf-8")


def read_mark(folder: SiteFolder) -> dict[str, Any]:
    """What the last rehearsal in this folder left, if it was made to its end; else nothing."""
    try:
        mark = json.loads((folder.path / MARK).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return mark if "log_ins" in mark and folder.settings_file.is_file() else {}


def check_ports(port: int, *, command: str) -> None:
    """SettingsError where the site's port or the pharmacy's cannot be listened at."""
    taken = [str(each) for each in (port, port + 1) if not is_free(each)]
    if taken:
        raise SettingsError(
            f"port {' and '.join(taken)} cannot be listened at: in use, or not yours to use. The "
            f"site needs {port}, its pharmacy {port + 1}; nothing was made. Name "
            f"another: {command} --port N (or `make demo PORT=N`)."
        )


def is_free(port: int) -> bool:
    """Whether this machine lets us listen there now."""
    try:
        Listener((HOST, port)).close()
    except OSError:
        return False
    return True


def is_running(folder: SiteFolder, port: int) -> bool:
    """Whether the site of this folder serves there, behind; a number left by a crash is none."""
    try:
        os.kill(int((folder.path / "serve.pid").read_text(encoding="ascii")), 0)
    except (OSError, ValueError):
        return False
    return not is_free(port)
