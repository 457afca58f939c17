"""What people type in their own words where blinded people read it: no treatment, no hidden result.

Whoever types does not know the arm, but may have been told, or believe to know; and a hidden value
that cannot be seen on its page could be told in a reason. So a word is refused by what it names,
whatever the participant was given: the refusal is the same in either arm, and says nothing of
whether the word is right. Nothing of what was typed is kept or logged.

A medicine given beside the trial is a fact at the bedside, and is named where it is recorded. A
form with hidden columns is about the results that they hold, which may be named there, without a
number; why its values were changed is hidden with them.
"""

import re
from collections.abc import Mapping
from typing import Any

from immunosep.languages import say
from immunosep.protocol import naming
from immunosep.protocol.casebook import CaseForm
from immunosep.protocol.naming import hidden_results_named
from immunosep.protocol.trial import Trial
from immunosep.tables.casebook import CASE_COLUMNS
from immunosep.tables.columns import Kind
from immunosep.web.accounts.speaking import trial_folders

OPEN_MEDICINES = frozenset({"medication", "medication_dose"})
"""Columns that name what is given openly, beside the trial."""
NAMES_A_TREATMENT = say(
    "The text names a treatment, and blinded people read it. Leave the name out."
)
HAS_A_NUMBER = say(
    "This form holds results that blinded people must not learn, and they read this. "
    "Write it without any number."
)


def names_a_treatment(trial: Trial, text: str) -> bool:
    """Whether a text names an intervention or an arm, in any language of the site."""
    return naming.names_a_treatment(trial, text, folders=trial_folders())


def wording_problems(text: str, *, trial: Trial, form: CaseForm | None = None) -> list[str]:
    """What a reason, question or answer may not say, on a page of `form` if it is about one."""
    problems: list[str] = []
    if names_a_treatment(trial, text):
        problems.append(NAMES_A_TREATMENT)
    about_hidden = form is not None and bool(form.hidden)
    if not about_hidden and (named := hidden_results_named(trial, text)):
        problems.append(
            say(
                "The text names {results}, whose results hint at the treatment, and blinded people "
                "read it. Leave that out.",
                results=" and ".join(named),
            )
        )
    if about_hidden and re.search(r"\d", text):
        problems.append(HAS_A_NUMBER)
    return problems


def typed_problems(wanted: Mapping[str, Any], *, trial: Trial) -> list[str]:
    """The same of what is typed into columns of free text, each once."""
    texts = [
        str(value)
        for name, value in wanted.items()
        if value is not None
        and name not in OPEN_MEDICINES
        and name in CASE_COLUMNS
        and CASE_COLUMNS[name].kind is Kind.TEXT
    ]
    return list(dict.fromkeys(p for text in texts for p in wording_problems(text, trial=trial)))
