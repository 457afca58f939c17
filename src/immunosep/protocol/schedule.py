"""When participants are seen, and what is assessed."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A planned day, counted from the first dose on day 1; day 0 comes before it.

    A visit may take place `days_before` to `days_after` its day.
    """

    id: str
    day: int
    label: str
    assessments: tuple[str, ...]
    days_before: int = 0
    days_after: int = 0
    source: str = ""
