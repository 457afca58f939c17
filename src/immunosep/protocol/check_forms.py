"""What may be wrong with a trial's forms: columns nobody has, asks twice, or forgot to ask."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from immunosep.concepts.snapshot import unknown_column
from immunosep.protocol.forms import NEVER_ASKED, FilledBy, Form, columns_ruled_on, ways_to_know
from immunosep.tables.dictionary import BEDSIDE, COLUMNS

if TYPE_CHECKING:
    from immunosep.protocol.trial import Trial

ANSWERS = frozenset(column.name for column in BEDSIDE)


def form_problems(trial: "Trial") -> Iterator[str]:
    """Forms that cannot be filled in, or that leave a rule unknown for ever."""
    if not trial.forms:
        return
    for form in trial.forms:
        yield from (f"form {form.id!r}: {problem}" for problem in _form(form))
    on_forms = Counter(name for form in trial.forms for name in form.columns)
    for name, count in on_forms.items():
        if count > 1:
            where = ", ".join(form.id for form in trial.forms if name in form.columns)
            yield f"column {name!r} is on the forms {count} times ({where}). Ask for it once"
    yield from _forgotten(trial, frozenset(on_forms))


def _form(form: Form) -> Iterator[str]:
    if not form.label.strip():
        yield "it has no label. Write the heading that people will see"
    if not isinstance(form.filled_by, FilledBy):
        yield f"filled_by is {form.filled_by!r}, expected FilledBy, such as FilledBy.BEDSIDE"
    if not form.columns:
        yield "it has no columns. Name some, or leave the form out"
    for name in form.columns:
        if name not in COLUMNS:
            yield unknown_column(name)
        elif name in NEVER_ASKED:
            yield f"{name!r} is on no form: it is known where forms are kept. Leave it out"
        elif name not in ANSWERS:
            yield f"{name!r} is derived from other columns. Ask for those"


def _forgotten(trial: "Trial", on_forms: frozenset[str]) -> Iterator[str]:
    for read in columns_ruled_on(trial):
        if read not in COLUMNS:
            continue  # reported with the rule that reads it
        lacking = [[name for name in way if name not in on_forms] for way in ways_to_know(read)]
        if all(lacking):
            ways = "; or ".join(", ".join(names) for names in lacking)
            yield f"a rule reads {read!r}, and no form asks for what decides it: add {ways}"
