"""What words would tell blinded readers what they must not learn: treatments, and hidden results.

`web` asks it of every text that people write where blinded people read.
"""

import re
from collections.abc import Iterator

from immunosep.protocol.trial import Trial
from immunosep.tables.casebook import CASE_COLUMNS


def names_a_treatment(trial: Trial, text: str) -> bool:
    """Whether a text names an intervention or an arm."""
    named = [(each.id, each.label) for each in trial.interventions]
    named += [(arm.id, arm.label) for arm in trial.arms]
    words = {
        word
        for id_, label in named
        for word in (id_.replace("_", " "), re.split("[,:;(]", label.lower())[0].strip())
    }
    return any(re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE) for word in words)


def hidden_results_named(trial: Trial, text: str) -> list[str]:
    """The results that hint at the arm and that a text names, such as Ferritin."""
    return [word for word in _hidden_words(trial) if word.casefold() in text.casefold()]


def _hidden_words(trial: Trial) -> Iterator[str]:
    for name in dict.fromkeys(name for form in trial.casebook for name in form.hidden):
        yield CASE_COLUMNS[name].label.split()[0]
