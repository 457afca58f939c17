"""Who may be randomised, to which slot, and who may have the first dose: rules without a database.

Nothing here opens a slot: an allocation is a place in a sequence, and whoever makes it learns no
more. Slots are taken in order, one at a time, and none is ever freed (CONSORT 2010, item 9). A
reason never depends on an arm: `no_supply` says the same whichever product is short.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from immunosep.protocol.trial import Trial
from immunosep.randomisation.code import SealedCode, SealedSlot

MET, NOT_MET, UNKNOWN = "met", "not_met", "unknown"  # the answers of screening
UNCLASSIFIED = "unclassified"  # every rule decided, and no immune state


class Reason(StrEnum):
    """Why a patient may not be randomised, or a first dose not be given."""

    CONSENT_MISSING = "consent_missing"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    ALREADY_RANDOMISED = "already_randomised"
    CENTRE_NOT_OPEN = "centre_not_open"
    OTHER_PROTOCOL = "other_protocol"
    CRITERION_UNKNOWN = "criterion_unknown"
    CRITERION_NOT_MET = "criterion_not_met"
    EXCLUSION_MET = "exclusion_met"
    IMMUNE_STATE_UNDECIDED = "immune_state_undecided"
    IMMUNE_STATE_NOT_TREATED = "immune_state_not_treated"
    WINDOW_UNKNOWN = "window_unknown"
    WINDOW_CLOSED = "window_closed"
    STRATUM_EXHAUSTED = "stratum_exhausted"
    NO_SUPPLY = "no_supply"


SENTENCES: Mapping[Reason, str] = {
    Reason.CONSENT_MISSING: "Consent is not recorded.",
    Reason.CONSENT_WITHDRAWN: "Consent was withdrawn.",
    Reason.ALREADY_RANDOMISED: "This participant is already randomised.",
    Reason.CENTRE_NOT_OPEN: "The centre is not open for randomisation.",
    Reason.OTHER_PROTOCOL: "The assessment was made by another version of the protocol. Assess "
    "again.",
    Reason.CRITERION_UNKNOWN: "A criterion is not decided.",
    Reason.CRITERION_NOT_MET: "An inclusion criterion is not met.",
    Reason.EXCLUSION_MET: "An exclusion criterion applies.",
    Reason.IMMUNE_STATE_UNDECIDED: "The immune state is not decided.",
    Reason.IMMUNE_STATE_NOT_TREATED: "The trial has no treatment for this immune state.",
    Reason.WINDOW_UNKNOWN: "When sepsis began is not recorded.",
    Reason.WINDOW_CLOSED: "The time within which the first dose must be given has run out.",
    Reason.STRATUM_EXHAUSTED: "The list of this stratum is used up. Call the sponsor.",
    Reason.NO_SUPPLY: "The centre's supply does not cover another participant. Call the sponsor.",
}


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One reason, and the id of the criterion it is about where it is about one."""

    reason: Reason
    criterion: str = ""

    @property
    def sentence(self) -> str:
        """The reason in words, for the person at the bedside."""
        return SENTENCES[self.reason]


class Assessed(Protocol):
    """What randomisation asks of an assessment; `screening.assessment.Assessment` has it all."""

    @property
    def criteria(self) -> Mapping[str, str]:
        """met, not_met or unknown, by criterion."""

    @property
    def immune_state(self) -> str:
        """The id of an immune state, or a word for none."""

    @property
    def window_closes_at(self) -> datetime | None:
        """When the first dose is too late."""

    @property
    def trial(self) -> str:
        """The trial's id."""

    @property
    def trial_version(self) -> str:
        """The version of its protocol."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is recorded of a patient and a centre beside the assessment, when randomising is asked.

    `supplied` is whether the centre can supply every arm, not the arm that would come next.
    """

    consented: bool
    withdrawn: bool
    randomised: bool
    centre_open: bool
    supplied: bool


def check_may_randomise(
    trial: Trial, assessment: Assessed, *, standing: Standing, now: datetime
) -> tuple[Refusal, ...]:
    """Every reason against randomising now; none means that the next slot may be taken."""
    return (
        *_refusals_of_standing(standing),
        *_refusals_of_criteria(trial, assessment),
        *_refusals_of_state(trial, assessment),
        *_refusals_of_window(trial, assessment, now),
    )


def next_slot(code: SealedCode, *, stratum: str, used: int) -> SealedSlot | Refusal:
    """The slot after those already used, or that the stratum has no more."""
    slot = code.slot(stratum, used + 1)
    return slot if slot else Refusal(reason=Reason.STRATUM_EXHAUSTED)


def may_give_first_dose(*, sepsis_onset_at: datetime, now: datetime, window_hours: float) -> bool:
    """Whether the window is open: 71 h 59 min after onset it is, after 72 h or before onset not."""
    return timedelta(0) <= _utc(now) - _utc(sepsis_onset_at) < timedelta(hours=window_hours)


def _refusals_of_standing(standing: Standing) -> tuple[Refusal, ...]:
    against = {
        Reason.CONSENT_MISSING: not standing.consented,
        Reason.CONSENT_WITHDRAWN: standing.withdrawn,
        Reason.ALREADY_RANDOMISED: standing.randomised,
        Reason.CENTRE_NOT_OPEN: not standing.centre_open,
        Reason.NO_SUPPLY: not standing.supplied,
    }
    return tuple(Refusal(reason=reason) for reason, applies in against.items() if applies)


def _refusals_of_criteria(trial: Trial, assessment: Assessed) -> tuple[Refusal, ...]:
    if (assessment.trial, assessment.trial_version) != (trial.id, trial.version):
        return (Refusal(reason=Reason.OTHER_PROTOCOL),)
    answers = {
        criterion.id: assessment.criteria.get(criterion.id, UNKNOWN) for criterion in trial.criteria
    }
    refusals = [
        *(_refusal(c.id, answers[c.id], MET, Reason.CRITERION_NOT_MET) for c in trial.inclusion),
        *(_refusal(c.id, answers[c.id], NOT_MET, Reason.EXCLUSION_MET) for c in trial.exclusion),
    ]
    return tuple(refusal for refusal in refusals if refusal)


def _refusal(criterion: str, answer: str, wanted: str, against: Reason) -> Refusal | None:
    if answer == wanted:
        return None
    decided = answer in (MET, NOT_MET)
    return Refusal(reason=against if decided else Reason.CRITERION_UNKNOWN, criterion=criterion)


def _refusals_of_state(trial: Trial, assessment: Assessed) -> tuple[Refusal, ...]:
    state = assessment.immune_state
    if not trial.immune_states or state in {regimen.state for regimen in trial.regimens}:
        return ()
    decided = state == UNCLASSIFIED or state in {each.id for each in trial.immune_states}
    return (
        Refusal(
            reason=Reason.IMMUNE_STATE_NOT_TREATED if decided else Reason.IMMUNE_STATE_UNDECIDED
        ),
    )


def _refusals_of_window(trial: Trial, assessment: Assessed, now: datetime) -> tuple[Refusal, ...]:
    if trial.window_hours is None:
        return ()
    closes = assessment.window_closes_at
    if closes is None:
        return (Refusal(reason=Reason.WINDOW_UNKNOWN),)
    return () if _utc(now) < _utc(closes) else (Refusal(reason=Reason.WINDOW_CLOSED),)


def _utc(moment: datetime) -> datetime:
    """Times of one zone are subtracted by the clock on the wall, which summer time sets wrong."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone came, expected one with: an hour is not decided")
    return moment.astimezone(UTC)
