"""Doses out of a numbered kit: the kit's label is scanned, its next dose is recorded."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from immunosep.web.enrolment.models import Dose
from immunosep.web.supply.kits import dispense
from immunosep.web.supply.models import Kit, Order
from tests.web.at_bedside import randomised_patient, url, wall
from tests.web.conftest import LogIn
from tests.web.kitted import comes_in_kits, depot_worker, packed, supplied
from tests.web.people import NOW, Cast


@pytest.fixture(autouse=True)
def at_nine():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def kit(cast: Cast, log_in: LogIn, settings: Any, tmp_path: Path) -> Kit:
    """An intravenous kit dispensed to the first participant."""
    comes_in_kits(settings, tmp_path)
    packed(cast)
    supplied(cast, depot_worker())
    settings.CODE_KEY_FILE = ""
    randomised_patient(cast, log_in(cast.consultant))
    return dispense(Order.objects.get(), "iv", by=cast.nurse, now=NOW)


def test_each_scan_of_the_kit_is_its_next_dose(cast: Cast, log_in: LogIn, kit: Kit) -> None:
    client, patient = log_in(cast.nurse), Order.objects.get().slot.allocation.patient
    assert client.post(url("receive_dose", patient), {"label": kit.pk}).status_code == 302
    first = {"label": kit.pk, "given_at": wall(NOW)}
    for _ in "ab":
        assert client.post(url("give_dose", patient), first).status_code == 302
    assert [dose.preparation.dose for dose in Dose.objects.all()] == [1]
    with time_machine.travel(NOW + timedelta(hours=8), tick=False):
        second = {"label": kit.pk, "given_at": wall(NOW + timedelta(hours=8))}
        assert log_in(cast.nurse).post(url("give_dose", patient), second).status_code == 302
    assert [dose.preparation.dose for dose in Dose.objects.order_by("pk")] == [1, 2]


def test_the_page_shows_the_number_that_is_on_the_kit(cast: Cast, log_in: LogIn, kit: Kit) -> None:
    patient = Order.objects.get().slot.allocation.patient
    page = log_in(cast.nurse).get(url("doses", patient)).content.decode()
    assert f"{kit.pk[:4]}-{kit.pk[4:]}" in page
