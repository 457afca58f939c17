"""Dealing the tests out to workers: together what shares something, the long ones first.

pytest-xdist can deal out by group, but under pytest 9.2 its mark is lost (3.8 sets an attribute
that 9.2 no longer reads), and a browser or a Spark was started by every worker.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

LONG = (  # begun first, so that no worker ends long after the others
    "tests/browser/",
    "tests/web/test_on_postgresql.py",
    "tests/web/test_twin_worlds.py",
    "tests/web/test_backups",
    "tests/web/test_upgrading.py",
    "tests/web/test_unavailable.py",
    "tests/web/test_validation_pack.py",
    "tests/web/test_allocating_races.py",
    "tests/docs/",
    "tests/web/test_stopped.py",
    "tests/web/test_site",
    "tests/unit/test_trial_report.py",
)


class Together(LoadScopeScheduling):  # type: ignore[misc] # it publishes no types
    """One worker has the browser's tests, one those on Spark; another file is one worker's."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        path, _, test = nodeid.partition("::")
        if "[spark" in test:
            return "spark"
        if path.startswith("tests/browser/"):
            return "tests/browser/"
        return path


def begins(item: pytest.Item) -> int:
    """Which of the long ones it is of; all others come after them, as they stand."""
    return next((at for at, path in enumerate(LONG) if item.nodeid.startswith(path)), len(LONG))
