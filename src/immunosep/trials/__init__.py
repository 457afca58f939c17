"""Trials, as values: the ones this package ships, and how to find one by name or by file."""

from collections.abc import Mapping
from types import MappingProxyType

from immunosep.protocol.trial import Trial
from immunosep.trials.immunosep import IMMUNOSEP

TRIALS: Mapping[str, Trial] = MappingProxyType({IMMUNOSEP.id: IMMUNOSEP})
"""Every trial the package ships, by id."""
