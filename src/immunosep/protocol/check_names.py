"""What may be wrong with the words of a trial: its ids, and the text of its criteria."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from immunosep.protocol.trial import Trial

ONE_WORD = re.compile(r"[a-z0-9_]+")


def name_problems(trial: "Trial") -> Iterator[str]:
    """Ids that are there twice or are not one word, and criteria that say nothing."""
    yield from _repeated_ids(trial)
    yield from _not_one_word(trial)
    for criterion in trial.criteria:
        text: object = criterion.text
        if not isinstance(text, str) or not text.strip():
            yield (
                f"criterion {criterion.id!r} has no text. Say what it asks, as a clinician "
                "will read it"
            )


def _not_one_word(trial: "Trial") -> Iterator[str]:
    for what, ids in (
        ("trial", [trial.id]),
        ("criterion", [criterion.id for criterion in trial.criteria]),
        ("immune state", [state.id for state in trial.immune_states]),
        ("form", [form.id for form in trial.forms]),
    ):
        for id_ in ids:
            word: object = id_
            if not (isinstance(word, str) and ONE_WORD.fullmatch(word)):
                meant = _as_one_word(str(id_))
                hint = f". Write {meant!r}" if meant else ". Give it one"
                yield (
                    f"{what} id {id_!r} is not one word of lower-case letters, digits and _{hint}"
                )


def _as_one_word(id_: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", id_.lower()).strip("_")


def _repeated_ids(trial: "Trial") -> Iterator[str]:
    for what, ids in (
        ("criterion", [criterion.id for criterion in trial.criteria]),
        ("immune state", [state.id for state in trial.immune_states]),
        ("form", [form.id for form in trial.forms]),
        ("intervention", [intervention.id for intervention in trial.interventions]),
        ("arm", [arm.id for arm in trial.arms]),
        ("regimen", [f"{regimen.state} x {regimen.arm}" for regimen in trial.regimens]),
        ("visit", [visit.id for visit in trial.schedule]),
        ("block of visits", [block.id for block in trial.blocks]),
        ("tolerance limit", [limit.id for limit in trial.tolerance_limits]),
        ("endpoint", [endpoint.id for endpoint in trial.endpoints]),
        ("centre", [centre.id for centre in trial.centres]),
        ("choice", [choice.id for choice in trial.choices]),
        ("reference", [reference.id for reference in trial.references]),
    ):
        for id_ in _repeated(ids):
            yield f"{what} {id_!r} is there more than once. Give each an id of its own"


def _repeated(ids: Iterable[str]) -> list[str]:
    return [id_ for id_, count in Counter(ids).items() if count > 1]
