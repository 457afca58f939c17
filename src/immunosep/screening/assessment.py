"""What screening says of one patient, as a value: printed, sent as JSON, shown in a report."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from immunosep.screening.assess import Verdict


class Answer(StrEnum):
    """The three values of a criterion. For an exclusion criterion, met means that it applies."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, value: bool | None) -> "Answer":
        """The word for an engine's true, false or NULL."""
        return cls.UNKNOWN if value is None else cls.MET if value else cls.NOT_MET


@dataclass(frozen=True, kw_only=True)
class Score:
    """SOFA with its parts; a missing part is None, normal in `total`, open in the bounds.

    `entered` is true where the total was given as such, so that its parts were not asked for.
    """

    components: dict[str, int | None]
    total: int
    lowest: int
    highest: int
    entered: bool

    @property
    def missing(self) -> tuple[str, ...]:
        """The components without a value, none where the total itself was given."""
        return () if self.entered else tuple(k for k, v in self.components.items() if v is None)

    def as_json(self) -> dict[str, Any]:
        """Components by name, then total, lowest, highest and missing."""
        return {
            **self.components,
            "total": self.total,
            "lowest": self.lowest,
            "highest": self.highest,
            "missing": list(self.missing),
        }


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """One patient's answers: per criterion, together, and in a clinician's words.

    `unknown` names the columns that are missing and would decide something; `reasons` says in
    sentences what stands against enrolment and what is open; `warnings` asks for a second look.
    `trial` and `trial_version` say by which protocol, so that an answer kept can be understood.
    """

    patient_id: str
    verdict: Verdict
    immune_state: str
    criteria: dict[str, Answer]
    sofa: Score
    unknown: tuple[str, ...]
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    window_closes_at: datetime | None
    assessed_at: datetime | None
    hours_since_sepsis: float | None
    trial: str
    trial_version: str

    def as_json(self) -> dict[str, Any]:
        """The shape the command line prints, with times in ISO 8601."""
        return {
            "patient_id": self.patient_id,
            "verdict": self.verdict.value,
            "immune_state": self.immune_state,
            "criteria": {name: answer.value for name, answer in self.criteria.items()},
            "sofa": self.sofa.as_json(),
            "unknown": list(self.unknown),
            "reasons": list(self.reasons),
            "warnings": list(self.warnings),
            "window_closes_at": _iso(self.window_closes_at),
            "assessed_at": _iso(self.assessed_at),
            "trial": self.trial,
            "trial_version": self.trial_version,
        }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
