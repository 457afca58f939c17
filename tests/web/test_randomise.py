"""Randomising from its page: the wrong role, the password, what it shows, and asking again."""

import pytest
import time_machine

from tests.web.at_bedside import randomised_patient, url
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast


@pytest.fixture(autouse=True)
def at_nine():
    with time_machine.travel(NOW, tick=False):
        yield


def test_the_whole_way_from_a_number_to_an_allocation(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.consultant)
    patient = randomised_patient(cast, client)
    page = client.get(url("patient", patient))
    assert b"Allocated" in page.content
