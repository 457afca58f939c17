"""What may be written of an event where blinded people read it."""

from immunosep.protocol.naming import hidden_results_named, names_a_treatment
from immunosep.web.centres.models import Centre
from immunosep.web.trial import trial_of

TEXT_LENGTH = 4_000


def text_problems(text: str, *, centre: Centre, needed: bool = True) -> list[str]:
    """What is wrong with a text: nothing, too much, or a word that may tell the arm."""
    if not text.strip():
        return ["Nothing is written. Say it in a few words."] if needed else []
    trial, problems = trial_of(centre), []
    if len(text.strip()) > TEXT_LENGTH:
        problems.append(f"The text is longer than {TEXT_LENGTH} characters. Shorten it.")
    if names_a_treatment(trial, text):
        problems.append(
            "The text names a treatment, and blinded people read it. Leave the name out."
        )
    if named := hidden_results_named(trial, text):
        problems.append(
            f"The text names {' and '.join(named)}, whose results hint at the treatment, and "
            "blinded people read it. Leave that out."
        )
    return problems
