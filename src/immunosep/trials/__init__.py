"""Trials, as values: the ones this package ships, and how to find one by name or by file."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType

from immunosep.errors import TrialError
from immunosep.protocol.loading import load_trial
from immunosep.protocol.trial import Trial
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.trials.provide import PROVIDE

TRIALS: Mapping[str, Trial] = MappingProxyType({trial.id: trial for trial in (IMMUNOSEP, PROVIDE)})
"""Every trial the package ships, by id."""


def find_trial(name_or_path: str | Path) -> Trial:
    """A trial the package ships, by its id, or a user's own, by the path of its Python file."""
    name = str(name_or_path)
    if name.lower() in TRIALS:
        return TRIALS[name.lower()]
    if _looks_like_a_path(name):
        return load_trial(name)
    near = get_close_matches(name.lower(), TRIALS, n=1)
    raise TrialError(
        f"there is no trial {name!r}",
        [
            *(f"the nearest is {id_}" for id_ in near),
            f"expected {', '.join(TRIALS)}, or the path of a Python file that defines TRIAL",
        ],
    )


def translations_of(name_or_path: str | Path) -> Path:
    """The folder `locale` that belongs to a trial: beside its Python file, or in its package."""
    name = str(name_or_path)
    if name.lower() in TRIALS:
        return Path(__file__).parent / name.lower() / "locale"
    return Path(name).parent / "locale"


def _looks_like_a_path(name: str) -> bool:
    return "/" in name or "\\" in name or bool(Path(name).suffix) or Path(name).exists()
