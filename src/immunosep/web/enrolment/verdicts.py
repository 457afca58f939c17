"""The trial's answer to a patient's values as a page shows it: each criterion, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from immunosep.concepts.sofa import COMPONENTS
from immunosep.languages import Said, listed, opening, say
from immunosep.protocol.criteria import Criterion
from immunosep.protocol.trial import Trial
from immunosep.screening.assess import UNCLASSIFIED, UNDETERMINED
from immunosep.screening.assessment import Answer, Assessment
from immunosep.screening.wording import component_name, finding_of
from immunosep.tables.columns import Kind
from immunosep.tables.dictionary import COLUMNS
from immunosep.web.centres.models import Centre
from immunosep.web.centres.templatetags.clock import at_centre
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.moments import time_left
from immunosep.web.enrolment.screening import answer, consent_stands
from immunosep.web.trial import trial_of

SHORT = 6  # the last sixth of the window is shown as short
CONSENT = "consent_given"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One criterion: `badge` is a class of the style sheet, `word` what it says."""

    criterion: Criterion
    badge: str
    word: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Clock:
    """How long is left for the first dose, in words."""

    text: str
    left: str = ""  # nothing once it has closed
    short: bool = False


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What a page shows of one assessment."""

    assessment: Assessment
    inclusion: list[Line]
    exclusion: list[Line]
    state: str
    sofa: str
    missing: list[str]
    clock: Clock | None
    idle: frozenset[str] = frozenset()  # questions that no answer could matter to any more

    @property
    def verdict(self) -> str:
        """The verdict's word, also the class of its card."""
        return self.assessment.verdict.value

    @property
    def against(self) -> list[Line]:
        """The criteria that are decided against enrolment: what cannot be mended by more values."""
        return [line for line in (*self.inclusion, *self.exclusion) if line.badge == "not-met"]


def picture_of(patient: Patient, values: Mapping[str, Any], *, now: datetime) -> Picture:
    """What the trial says of these values of a patient at this moment."""
    trial = trial_of(patient.centre)
    consent = consent_stands(patient)
    found = answer(values, number=patient.pk, consent=consent, now=now, trial=trial)
    why = _reasons(found, trial)
    return Picture(
        assessment=found,
        inclusion=[_line(c, found, why, good=Answer.MET) for c in trial.inclusion],
        exclusion=[_line(c, found, why, good=Answer.NOT_MET) for c in trial.exclusion],
        state=state_label(found.immune_state, trial),
        sofa=_sofa(found),
        missing=[_label(name) for name in found.unknown],
        clock=clock_of(found.window_closes_at, patient.centre, now=now),
        idle=idle_columns(found, values, trial),
    )


def idle_columns(found: Assessment, values: Mapping[str, Any], trial: Trial) -> frozenset[str]:
    """The unanswered yes/no questions whose criteria are decided by a category alone.

    A man's answer about pregnancy, or a culture's where the infection is a pneumonia, can change
    nothing. The rules themselves say so: nothing here knows which questions those are.
    """
    asked: set[str] = set()
    idle: set[str] = set()
    for criterion in trial.criteria:
        reads = [COLUMNS[name] for name in criterion.reads]
        words = {column.name for column in reads if column.kind is Kind.YES_NO}
        categories = [column for column in reads if column.kind is Kind.CATEGORY]
        decided = found.criteria[criterion.id] is not Answer.UNKNOWN
        by_category = categories and len(categories) + len(words) == len(reads)
        unanswered = all(values.get(name) is None for name in words)
        (idle if decided and by_category and unanswered else asked).update(words)
    return frozenset(idle - asked - {CONSENT})


def state_label(state: str, trial: Trial) -> str:
    """An immune state in words."""
    if state == UNCLASSIFIED:
        return say("None of those the trial treats")
    if state == UNDETERMINED:
        return say("Not decided yet")
    return next((each.label for each in trial.immune_states if each.id == state), state)


def clock_of(closes_at: datetime | None, centre: Centre, *, now: datetime) -> Clock | None:
    """The time left until a moment, by the centre's clock; nothing where there is no such moment.

    The server's clock alone counts: what a browser or a telephone shows changes nothing.
    """
    if closes_at is None:
        return None
    left, until = time_left(closes_at, now), at_centre(closes_at, centre)
    if not left:
        return Clock(text=say("The window closed at {until}", until=until), short=True)
    window = trial_of(centre).window_hours or 0
    hours = (closes_at - now).total_seconds() / 3600
    return Clock(
        text=say("{left} left until {until}", left=left, until=until),
        left=left,
        short=hours * SHORT < window,
    )


def _label(name: str) -> str:
    return say("Consent") if name == CONSENT else COLUMNS[name].label


def _reasons(found: Assessment, trial: Trial) -> dict[str, str]:
    """The sentence of each criterion that is against or open: they come in the protocol's order."""
    ids = [
        *(c.id for c in trial.inclusion if found.criteria[c.id] is Answer.NOT_MET),
        *(c.id for c in trial.exclusion if found.criteria[c.id] is Answer.MET),
        *(c.id for c in trial.criteria if found.criteria[c.id] is Answer.UNKNOWN),
    ]
    return dict(zip(ids, found.reasons, strict=True))


def _line(criterion: Criterion, found: Assessment, why: Mapping[str, str], *, good: Answer) -> Line:
    given = found.criteria[criterion.id]
    if given is Answer.UNKNOWN:
        badge, word = "unknown", "unknown"
    else:
        words = ("met", "not met") if good is Answer.MET else ("applies", "does not apply")
        badge, word = "met" if given is good else "not-met", words[given is not Answer.MET]
    reason = why.get(criterion.id, "")
    return Line(
        criterion=criterion,
        badge=badge,
        word=word,
        why=finding_of(reason) if reason else _sentence(criterion.limit),
    )


def _sentence(text: str) -> str:
    return opening(say("{text}.", text=Said(text))) if text else ""


def _sofa(found: Assessment) -> str:
    score = found.sofa
    if score.entered:
        return say("{total}, entered as a total", total=score.total)
    missing = [component_name(part) for part in COMPONENTS if part in score.missing]
    if not missing:
        return str(score.total) if score.lowest == score.highest else _between(found)
    return say("{score}: {missing} missing", score=_between(found), missing=listed(missing))


def _between(found: Assessment) -> str:
    return say(
        "between {lowest} and {highest}", lowest=found.sofa.lowest, highest=found.sofa.highest
    )
