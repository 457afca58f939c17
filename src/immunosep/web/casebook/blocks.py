"""Which of a participant's pages are signed together: blocks of visits, and the whole casebook."""

from collections.abc import Iterable
from dataclasses import dataclass

from immunosep.protocol.check_blocks import WHOLE
from immunosep.protocol.trial import Trial
from immunosep.web.casebook.models import Page


@dataclass(frozen=True, kw_only=True)
class Block:
    """Pages signed together; without `visits` all of them, the logs too."""

    id: str
    label: str
    visits: frozenset[str] | None = None

    def holds(self, visit: str) -> bool:
        """Whether the pages of a visit are signed with it; a log has none, and is empty."""
        return self.visits is None or visit in self.visits


def blocks_of(trial: Trial) -> list[Block]:
    """The trial's blocks in their order, then the casebook as a whole."""
    parts = [
        Block(
            id=block.id,
            label=block.label,
            visits=frozenset(v.id for v in trial.schedule if block.first <= v.day <= block.last),
        )
        for block in trial.blocks
    ]
    return [*parts, Block(id=WHOLE, label="The whole casebook")]


def find_block(block_id: str, trial: Trial) -> Block:
    """The block with this id; LookupError if the trial has none."""
    for block in blocks_of(trial):
        if block.id == block_id:
            return block
    raise LookupError(block_id)


def pages_in(block: Block, pages: Iterable[Page]) -> list[Page]:
    """Those of a participant's pages that a block holds."""
    return [page for page in pages if block.holds(page.visit)]
