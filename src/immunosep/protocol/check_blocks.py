"""What may be wrong with the blocks of visits that an investigator signs together."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from immunosep.protocol.trial import Trial

WHOLE = "casebook"
"""What signing calls the casebook as a whole, so that no block may be called so."""


def block_problems(trial: "Trial") -> Iterator[str]:
    """Blocks that overlap or have no name, and visits that no block holds."""
    for block in trial.blocks:
        if block.id == WHOLE:
            yield f"block {block.id!r} is called as the whole casebook is. Give it another id"
        if not block.label.strip():
            yield f"block {block.id!r} has no label. Write what people will see"
        if block.first > block.last:
            yield f"block {block.id!r} ends before it begins: day {block.first} to {block.last}"
    yield from _visits(trial)


def _visits(trial: "Trial") -> Iterator[str]:
    """Each day on which a page is due stands in one block, if there are blocks at all."""
    asked = {form.assessment for form in trial.casebook if form.assessment}
    days = [v.day for v in trial.schedule if v.day >= 1 and asked.intersection(v.assessments)]
    for day in days if trial.blocks else ():
        holding = [block.id for block in trial.blocks if block.first <= day <= block.last]
        if len(holding) != 1:
            held = " and ".join(map(repr, holding)) or "no block"
            yield f"the visit of day {day} is in {held}. Put it into exactly one"
