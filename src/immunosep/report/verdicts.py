"""A verdict, an answer and an immune state as the page shows them: a word, a sign, a colour."""

from typing import Any

from immunosep.protocol.trial import Trial
from immunosep.report.drawing import AGAINST, FOR, OPEN, PAPER
from immunosep.screening.assess import UNCLASSIFIED, UNDETERMINED, Verdict
from immunosep.screening.assessment import Answer

WORDS = {
    Verdict.ELIGIBLE: "Eligible",
    Verdict.INELIGIBLE: "Ineligible",
    Verdict.UNDETERMINED: "Undetermined",
}
SIGNS = {Verdict.ELIGIBLE: "✓", Verdict.INELIGIBLE: "✕", Verdict.UNDETERMINED: "?"}
CLASSES = {Verdict.ELIGIBLE: "for", Verdict.INELIGIBLE: "against", Verdict.UNDETERMINED: "open"}
MARKS: dict[Verdict, dict[str, Any]] = {
    Verdict.ELIGIBLE: {"marker": "o", "facecolor": FOR, "edgecolor": PAPER, "linewidth": 0.8},
    Verdict.INELIGIBLE: {"marker": "x", "color": AGAINST, "linewidth": 1.8},
    Verdict.UNDETERMINED: {"marker": "D", "facecolor": PAPER, "edgecolor": OPEN, "linewidth": 1.8},
}
"""A disc, a cross and an open diamond: told apart by form, not by colour alone."""


def stands_against(answer: Answer, *, excludes: bool) -> bool:
    """Whether a decided answer keeps the patient out."""
    return answer is (Answer.MET if excludes else Answer.NOT_MET)


def say_answer(answer: Answer, *, excludes: bool) -> tuple[str, str, str]:
    """An answer's sign, words and class: a tick is always in favour of enrolment."""
    if answer is Answer.UNKNOWN:
        return "?", "unknown", "open"
    against = stands_against(answer, excludes=excludes)
    words = ("applies" if against else "does not apply") if excludes else answer.replace("_", " ")
    return ("✕", words, "against") if against else ("✓", words, "for")


def say_state(trial: Trial, state: str) -> str:
    """An immune state's name for people."""
    names = {known.id: known.label for known in trial.immune_states}
    names |= {UNCLASSIFIED: "Unclassified", UNDETERMINED: "Undetermined"}
    return names.get(state, state)
