"""The trial that this site runs, as a value."""

from functools import cache

from django.conf import settings

from immunosep.protocol.trial import Trial
from immunosep.trials import find_trial


def site_trial() -> Trial:
    """The trial the settings name; a user's own file is read once per process."""
    return _found(settings.TRIAL)


@cache
def _found(name_or_path: str) -> Trial:
    return find_trial(name_or_path)
