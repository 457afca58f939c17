"""How participants are allocated to arms, and who may know."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class AllocationPlan:
    """Randomisation as CONSORT asks for it: generation, concealment, implementation, blinding.

    `ratio` has a number for each arm; a separate list is made for each combination of the snapshot
    columns or properties in `strata`; blocks are drawn from `block_sizes` in random order.
    """

    ratio: Mapping[str, int]
    strata: tuple[str, ...]
    block_sizes: tuple[int, ...]
    generated_by: str
    blinded: tuple[str, ...]
    unblinded: tuple[str, ...]
    source: str
