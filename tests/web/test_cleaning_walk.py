"""Cleaning in any order: what is expected is what is there, after every step (R6, R9)."""

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.web.cleaning_expected import Site
from tests.web.cleaning_machine import machine_of
from tests.web.people import Cast
from tests.web.supplied import treated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]

SMALL: dict[str, Any] = {"max_examples": 12, "stateful_step_count": 20, "derandomize": True}
FULL: dict[str, Any] = {"max_examples": 2_000, "stateful_step_count": 50}
SLOW_MACHINES = list(HealthCheck)


def walk(cast: Cast, size: dict[str, Any]) -> None:
    site = Site(cast, treated(cast))
    limits = settings(
        **size, deadline=None, suppress_health_check=SLOW_MACHINES, database=None, print_blob=False
    )
    run_state_machine_as_test(machine_of(site), settings=limits)


def test_every_order_of_cleaning_leaves_what_is_expected(cast: Cast) -> None:
    walk(cast, SMALL)


@pytest.mark.slow
def test_so_do_thousands_of_orders(cast: Cast) -> None:
    walk(cast, FULL)
