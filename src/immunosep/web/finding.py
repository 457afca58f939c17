"""What a check says: of a site's records, of a backup, of an installation."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was checked, of how many rows, and what does not hold."""

    checked: str
    rows: int
    faults: tuple[str, ...]
