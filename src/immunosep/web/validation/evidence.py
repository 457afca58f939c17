"""What one check of an installation found: whether it holds, and what was seen."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What a check can say. What could not be tried is not said to hold."""

    HOLDS = "holds"
    FAILS = "does not hold"
    NOT_SHOWN = "not shown"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One check, run once: what was seen, one line each."""

    check: str
    about: str
    outcome: Outcome
    seen: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a check returns: the faults decide whether it holds."""

    seen: tuple[str, ...]
    faults: tuple[str, ...] = ()
    untried: str = ""  # why it could not be tried, if it could not

    @property
    def outcome(self) -> Outcome:
        """Any fault outweighs; then what could not be tried."""
        if self.faults:
            return Outcome.FAILS
        return Outcome.NOT_SHOWN if self.untried else Outcome.HOLDS

    @property
    def lines(self) -> tuple[str, ...]:
        """Faults first."""
        return (*self.faults, *([self.untried] if self.untried else []), *self.seen)
