"""What may be written of an event where blinded people read it."""

from immunosep.languages import listed, say
from immunosep.protocol.naming import hidden_results_named
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.wording import NAMES_A_TREATMENT, names_a_treatment
from immunosep.web.trial import trial_of

TEXT_LENGTH = 4_000
NOTHING = say("Nothing is written. Say it in a few words.")


def text_problems(text: str, *, centre: Centre, needed: bool = True) -> list[str]:
    """What is wrong with a text: nothing, too much, or a word that may tell the arm."""
    if not text.strip():
        return [NOTHING] if needed else []
    trial, problems = trial_of(centre), list[str]()
    if len(text.strip()) > TEXT_LENGTH:
        problems.append(
            say("The text is longer than {count} characters. Shorten it.", count=TEXT_LENGTH)
        )
    if names_a_treatment(trial, text):
        problems.append(NAMES_A_TREATMENT)
    if named := hidden_results_named(trial, text):
        problems.append(
            say(
                "The text names {results}, whose results hint at the treatment, and blinded people "
                "read it. Leave that out.",
                results=listed(named),
            )
        )
    return problems
