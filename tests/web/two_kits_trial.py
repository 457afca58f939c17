"""A trial for tests: as `kits_trial`, a full course of each component coming in two kits."""

from dataclasses import replace

from tests.web.kits_trial import TRIAL as KITS_TRIAL

assert KITS_TRIAL.supply is not None
TRIAL = replace(KITS_TRIAL, supply=replace(KITS_TRIAL.supply, kits_per_component=2))
