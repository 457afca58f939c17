"""A trial for tests: as `kits_trial`, with three centres, to race in."""

from dataclasses import replace

from tests.web.kits_trial import TRIAL as KITS_TRIAL

TRIAL = replace(KITS_TRIAL, id="kits_three_centres", centres=KITS_TRIAL.centres[:3])
