"""The settings of one site, from the environment, as twelve-factor applications have them.

Every variable is `IMMUNOSEP_…`; `variables` lists them. A secret may be named by the file that
holds it instead (`IMMUNOSEP_SECRET_KEY_FILE`).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url

from immunosep.errors import SettingsError
from immunosep.web.variables import VARIABLES

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",  # a writer waits its turn instead of failing half way
    "timeout": 60,  # seconds a writer waits
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
}

POSTGRESQL_OPTIONS = {"options": "-c lock_timeout=30s"}  # then the writer is told, as on SQLite


def text(environment: Mapping[str, str], name: str, default: str = "") -> str:
    """A variable, or the content of the file that `<name>_FILE` names."""
    assert name in VARIABLES, f"the setting {name} is not listed in variables.py"
    key = f"IMMUNOSEP_{name}"
    if file := environment.get(f"{key}_FILE"):
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingsError(
                f"{key}_FILE names a file that cannot be read ({error.strerror}); expected the "
                "path of a readable file. Correct the path or its permissions."
            ) from None
    return environment.get(key, default)


def flag(environment: Mapping[str, str], name: str, *, default: bool = False) -> bool:
    """Whether a variable says yes."""
    assert name in VARIABLES, f"the setting {name} is not listed in variables.py"
    words = {"1": True, "yes": True, "true": True, "on": True}
    words |= {"0": False, "no": False, "false": False, "off": False}
    value = environment.get(f"IMMUNOSEP_{name}")
    if value is None:
        return default
    if value.lower() not in words:
        raise SettingsError(
            f"IMMUNOSEP_{name} is neither yes nor no; expected one of {', '.join(words)}. "
            "Correct it or leave it out."
        )
    return words[value.lower()]


def words(environment: Mapping[str, str], name: str, default: str = "") -> list[str]:
    """The parts of a variable between commas."""
    return [part.strip() for part in text(environment, name, default).split(",") if part.strip()]


def number(environment: Mapping[str, str], name: str, default: int) -> int:
    """A variable that is a whole number, such as a port."""
    value = text(environment, name, str(default))
    if not value.isdecimal():
        raise SettingsError(
            f"IMMUNOSEP_{name} is not a whole number; expected one such as {default}. "
            "Correct it or leave it out."
        )
    return int(value)


def origins(url: str) -> list[str]:
    """The origin of an address, for the list of where a form may lead; none of none."""
    parts = urlsplit(url)
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []


def database(environment: Mapping[str, str]) -> dict[str, Any]:
    """Django's settings of the database that `IMMUNOSEP_DATABASE_URL` names."""
    url = text(environment, "DATABASE_URL", "sqlite:///site.sqlite3")
    try:
        settings: dict[str, Any] = dict(dj_database_url.parse(url))
    except Exception as error:
        raise SettingsError(
            "IMMUNOSEP_DATABASE_URL is not the address of a database; expected "
            "sqlite:///FILE or postgresql://USER@HOST/NAME. Correct it."
        ) from error
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        return settings | {"OPTIONS": SQLITE_OPTIONS}
    if settings["ENGINE"] == "django.db.backends.postgresql":
        options = POSTGRESQL_OPTIONS | settings.get("OPTIONS", {})
        return settings | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}
    raise SettingsError(
        "IMMUNOSEP_DATABASE_URL names another kind of database; expected sqlite or postgresql."
    )
