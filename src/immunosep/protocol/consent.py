"""Who may consent to a trial, and what may become of it: given, deferred, withdrawn."""

from dataclasses import dataclass
from enum import StrEnum


class ConsentBy(StrEnum):
    """Whose consent it is that lets a patient take part."""

    PATIENT = "patient"
    RELATIVE = "relative"
    DEFERRED = "deferred"


class WithdrawalKind(StrEnum):
    """How much a participant takes back."""

    TREATMENT_KEEP_FOLLOW_UP = "stop_treatment_keep_follow_up"
    ALL_KEEP_DATA = "stop_all_keep_data"
    ALL_ERASE_DATA = "stop_all_erase_data"


@dataclass(frozen=True, kw_only=True)
class ConsentPlan:
    """How consent is asked for.

    `relatives` says in words who may consent for a patient who cannot. Deferred consent, where
    treatment starts before anyone could be asked, is possible only in `deferred_countries`, and is
    to be made good within `deferred_within_hours`.
    """

    given_by: tuple[ConsentBy, ...]
    relatives: str
    deferred_countries: tuple[str, ...] = ()
    deferred_within_hours: float | None = None
    language_note: str = ""
    source: str
