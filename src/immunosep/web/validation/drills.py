"""Checks that do the thing itself in a scratch folder: back up and restore, export and check.

Each step is a process of its own, started without a setting of this one, as on another machine.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from immunosep.web.folder import SiteFolder
from immunosep.web.validation.evidence import Seen

MINUTES = 60


def backup_restored(folder: SiteFolder) -> Seen:
    """Back up, read the file again, restore it on SQLite, verify what was restored."""
    with tempfile.TemporaryDirectory(prefix="immunosep-drill-") as scratch:
        file, again = Path(scratch) / "drill.tar.gz", Path(scratch) / "again"
        steps = (
            ("backup", str(folder.path.absolute()), str(file)),
            ("verify", str(file)),
            ("restore", str(file), str(again)),
            ("verify", str(again)),
        )
        return _all_of(steps)


def export_checked(folder: SiteFolder) -> Seen:
    """Export, and check the trail of the export with Python alone."""
    with tempfile.TemporaryDirectory(prefix="immunosep-drill-") as scratch:
        out = Path(scratch) / "export"
        exported = _all_of((("export", str(folder.path.absolute()), "--out", str(out)),))
        if exported.faults:
            return exported
        module = "immunosep.web.audit.offline"
        done = _python("-m", module, str(out / "trail"))
        said = (done.stdout + done.stderr).strip()
        return Seen(
            seen=(*exported.seen, f"python -m {module}: {said}"),
            faults=(f"{module} says: {said}",) if done.returncode else (),
        )


def _all_of(steps: tuple[tuple[str, ...], ...]) -> Seen:
    seen: list[str] = []
    for verb, *words in steps:
        done = _python("-m", "immunosep", "site", verb, *words)
        lines = [f"{verb}: {line}" for line in done.stdout.splitlines() if line.strip()]
        if done.returncode:
            wrong = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
            return Seen(seen=(*seen, *lines), faults=tuple(f"{verb}: {line}" for line in wrong))
        seen += lines
    return Seen(seen=tuple(seen))


def _python(*words: str) -> subprocess.CompletedProcess[str]:
    mine = ("IMMUNOSEP_", "DJANGO_")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(mine)}
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False,
        timeout=MINUTES * 60, env=environment,
    )  # fmt: skip
