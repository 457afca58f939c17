"""Say that the lock is older than SECURITY.md promises; else nothing.

`make check` runs it. It never fails: an old checkout is to work as it did.
"""

import sys
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
PROMISED_DAYS = 90


def age_line(project: str, *, today: date) -> str:
    """What there is to say of the lock on a day; nothing while the promise is kept."""
    cut_off = datetime.fromisoformat(tomllib.loads(project)["tool"]["uv"]["exclude-newer"]).date()
    days = (today - cut_off).days
    if days <= PROMISED_DAYS:
        return ""
    return (
        f"The lock takes nothing younger than {cut_off}, which is {days} days ago; SECURITY.md "
        f"promises {PROMISED_DAYS} at most. Move exclude-newer in pyproject.toml forward, then "
        "run: make lock, make setup, make test-full\n"
    )


if __name__ == "__main__":
    sys.stdout.write(age_line(PROJECT.read_text("utf-8"), today=datetime.now(UTC).date()))
