"""A trial for tests: ImmunoSep as it would be if its treatment came in numbered kits."""

from dataclasses import replace

from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.trials.provide.supply import SUPPLY

TRIAL = replace(IMMUNOSEP, supply=SUPPLY)
