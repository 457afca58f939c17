"""How ImmunoSep's participants are allocated, and who may know."""

from immunosep.protocol.allocation import AllocationPlan
from immunosep.trials.immunosep.arms import PLACEBO, PRECISION
from immunosep.trials.immunosep.references import REPORT

ALLOCATION = AllocationPlan(
    ratio={PRECISION.id: 1, PLACEBO.id: 1},
    strata=("centre",),
    block_sizes=(4, 6),
    generated_by="computer, a separate list for each centre",
    blinded=("participants", "investigators", "care providers", "outcome assessors"),
    unblinded=("pharmacists who prepare the doses",),
    source=f"{REPORT.short}; block sizes: the choice `block_sizes`",
)
