"""Who sees a column that hints at the arm: nobody blinded, until the whole trial is locked.

Every page, list, export and answer of the site asks here and nowhere else. Unblinded roles see no
participant's course at all, so that what is hidden is hidden from everybody.
"""

from collections.abc import Mapping
from typing import Any

from immunosep.protocol.casebook import CaseForm
from immunosep.web.casebook.locked import trial_lock

ENTERED = "entered, hidden until the records are locked"


def trial_is_locked() -> bool:
    """Whether all records of the trial are locked now."""
    return trial_lock() is not None


def may_see_hidden(form: CaseForm, *, trial_locked: bool) -> bool:
    """Only once the trial is locked, and only if the trial says that this form is shown then."""
    return trial_locked and form.shown_when_locked


def hidden_in(form: CaseForm, *, trial_locked: bool) -> frozenset[str]:
    """The columns of a form whose values no page may tell now."""
    return (
        frozenset() if may_see_hidden(form, trial_locked=trial_locked) else frozenset(form.hidden)
    )


def shown(form: CaseForm, values: Mapping[str, Any], *, trial_locked: bool) -> dict[str, Any]:
    """A page's values without those that are hidden."""
    hidden = hidden_in(form, trial_locked=trial_locked)
    return {name: value for name, value in values.items() if name not in hidden}
