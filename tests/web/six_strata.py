"""ImmunoSep with three centres, its lists split by immune state as well: six strata, to race in."""

from dataclasses import replace

from immunosep.trials.immunosep import IMMUNOSEP

assert IMMUNOSEP.allocation is not None
TRIAL = replace(
    IMMUNOSEP,
    id="six_strata",
    centres=IMMUNOSEP.centres[:3],
    allocation=replace(IMMUNOSEP.allocation, strata=("centre", "immune_state")),
)
