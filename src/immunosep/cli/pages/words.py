"""Signs and words that every page uses. A sign never stands without its word."""

from rich.text import Text

from immunosep.concepts.sofa import COMPONENTS
from immunosep.protocol.trial import Trial
from immunosep.screening.assess import Verdict
from immunosep.screening.assessment import Answer, Assessment, Score
from immunosep.screening.wording import COMPONENT_NAMES

FAVOURABLE, AGAINST, OPEN = ("✓", "green"), ("✗", "red"), ("?", "yellow")

VERDICTS = {
    Verdict.ELIGIBLE: FAVOURABLE,
    Verdict.INELIGIBLE: AGAINST,
    Verdict.UNDETERMINED: OPEN,
}
ANSWERS = {Answer.MET: "met", Answer.NOT_MET: "not met", Answer.UNKNOWN: "unknown"}
OF_EXCLUSIONS = ANSWERS | {Answer.MET: "applies", Answer.NOT_MET: "does not apply"}
CLOCK = "hours_since_sepsis"


def say_verdict(verdict: Verdict) -> Text:
    """The verdict with its sign."""
    sign, colour = VERDICTS[verdict]
    return Text(f"{sign} {verdict.value}", style=f"bold {colour}")


def say_answer(answer: Answer, *, excludes: bool) -> Text:
    """The answer, its sign saying whether it is favourable, stands against, or is open."""
    if answer is Answer.UNKNOWN:
        sign, colour = OPEN
    else:
        sign, colour = AGAINST if (answer is Answer.MET) is excludes else FAVOURABLE
    words = OF_EXCLUSIONS if excludes else ANSWERS
    return Text(f"{sign} {words[answer]}", style=colour)


def say_patients(number: int) -> str:
    """How many patients: '1 patient', '1,200 patients'."""
    return f"{number:,} patient{'s' * (number != 1)}"


def say_state(trial: Trial, state: str) -> str:
    """An immune state's name as the trial words it."""
    labels = {known.id: known.label for known in trial.immune_states}
    return labels.get(state, state)


def say_sofa(score: Score) -> str:
    """The score, its bounds where parts are missing, and which are."""
    if score.lowest == score.highest:
        return f"{score.total}{' (as entered)' if score.entered else ''}"
    missing = ", ".join(COMPONENT_NAMES.get(name, name) for name in score.missing)
    if len(score.missing) == len(COMPONENTS):
        return "unknown (nothing to score it by)"
    without = f"; missing: {missing}" if missing else "; respiratory support is unknown"
    return f"{score.lowest} to {score.highest} ({score.total} with the missing as normal{without})"


def say_sofa_shortly(score: Score) -> str:
    """The score or its bounds."""
    if score.lowest == score.highest:
        return str(score.total)
    return f"{score.lowest} to {score.highest}"


def answer_on_window(trial: Trial, assessment: Assessment) -> Answer | None:
    """The answer of the criterion that reads the time since sepsis, if the trial has one."""
    on_time = [c.id for c in trial.criteria if CLOCK in c.reads]
    return assessment.criteria[on_time[0]] if on_time else None
