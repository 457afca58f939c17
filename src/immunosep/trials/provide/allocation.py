"""How PROVIDE's participants were allocated, as far as is published."""

from immunosep.protocol.allocation import AllocationPlan
from immunosep.trials.provide.arms import IMMUNOTHERAPY, PLACEBO
from immunosep.trials.provide.references import REGISTRY

ALLOCATION = AllocationPlan(
    ratio={IMMUNOTHERAPY.id: 1, PLACEBO.id: 1},
    strata=(),
    block_sizes=(),
    generated_by="not published",
    blinded=("participants", "care providers", "investigators", "outcome assessors"),
    unblinded=(),
    source=f"{REGISTRY.short}; ratio, strata and blocks: choice `allocation`",
)
