"""The requirements, read from `requirements.toml` beside this file."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("requirements.toml")


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One thing that is required: by whom, and what shows it."""

    id: str
    text: str
    source: str
    tests: tuple[str, ...]
    checks: tuple[str, ...]


@cache
def requirements() -> tuple[Requirement, ...]:
    """All of them, in the order of the file."""
    held = tomllib.loads(FILE.read_text(encoding="utf-8"))["requirement"]
    return tuple(
        Requirement(**{**row, "tests": tuple(row["tests"]), "checks": tuple(row["checks"])})
        for row in held
    )
