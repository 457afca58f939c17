"""The texts of a trial that people at a bedside, and the public, read: what a translation covers.

Each is the key of its translation, in English. What only statisticians and inspectors read
(sources, choices, endpoints, the analysis plan, amendments) is not here and stays English.
"""

from collections.abc import Iterator

from immunosep.protocol.trial import Trial


def texts_of(trial: Trial) -> tuple[str, ...]:
    """Each text once, in the order in which the trial has them."""
    return tuple(dict.fromkeys(text for text in _all(trial) if text))


def _all(trial: Trial) -> Iterator[str]:
    yield from (trial.title, trial.summary)
    for criterion in trial.criteria:
        yield from (criterion.text, criterion.limit)
    yield from (state.label for state in trial.immune_states)
    if trial.consent:
        yield from (trial.consent.relatives, trial.consent.language_note)
    for form in trial.screening_forms:
        yield from (form.label, form.help)
    yield from (visit.label for visit in trial.schedule)
    yield from (block.label for block in trial.blocks)
    for page in trial.casebook:
        yield from (page.label, page.help, *(check.says for check in page.checks))
    yield from (arm.label for arm in trial.arms)
    for product in trial.interventions:
        yield from (product.label, product.note)
    for regimen in trial.regimens:
        yield from (component.looks for component in regimen.components)
    if trial.supply:
        yield from trial.supply.label_lines
