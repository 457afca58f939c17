"""No arm costs more queries, more bytes or more time than another.

Gate 3 of the blinding tests. In every run queries and bytes are counted and must be equal. The long
form takes the time of allocations and of pages, the arms interleaved in one process, and compares
them by the test of Mann & Whitney (Ann Math Stat 1947;18:50) at 1 %, and by their medians.
"""

import math
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from immunosep.web.enrolment.allocating import allocate
from immunosep.web.enrolment.models import Allocation
from immunosep.web.pharmacy.preparing import check
from immunosep.web.supply.handover import hand_over, receive
from immunosep.web.supply.models import Order, Preparation
from immunosep.web.unblinding.opening import arm_of
from tests.web.conftest import LogIn
from tests.web.crawling import KEYED, SITE, TOKEN
from tests.web.people import NOW, Cast
from tests.web.supplied import give, prepared, randomised, screened, stocked

Cost = tuple[Any, ...]
NUMBERED = re.compile(r'"s\d+_x\d+"|\d+')  # savepoints have names of their own
SAMPLE, AT_ONCE = 2_000, 20
ONE_PERCENT = 2.576  # the normal distribution's two-sided 1 %
TELLING_SECONDS = 0.002


@pytest.fixture
def pair(cast: Cast, keyed: None) -> dict[str, Allocation]:
    """Three participants of one immune state: one with whom caches are filled, one of each arm."""
    stocked(cast)
    first, *others = [randomised(cast, f"01-{serial:04}") for serial in range(1, 10)]
    return {"first": first} | {arm_of(other.slot): other for other in others}


def cost_of(act: Callable[[], object]) -> Cost:
    """How many queries an act makes, and of what shape."""
    with CaptureQueriesContext(connection) as made:
        act()
    return tuple(
        NUMBERED.sub("#", " ".join(query["sql"].split(maxsplit=2)[:2]))
        for query in made.captured_queries
    )


def test_every_step_of_a_dose_asks_as_much_of_the_database(
    cast: Cast, pair: dict[str, Allocation]
) -> None:
    _, one, other = [
        [cost for route in ("iv", "sc") for cost in _steps(cast, allocation, route)]
        for allocation in pair.values()
    ]
    assert one == other
    assert sum(map(len, one)) > 40


def _steps(cast: Cast, allocation: Allocation, route: str) -> Iterator[Cost]:
    """Preparing a route's doses, then all that happens to the first of them."""
    order, made = Order.objects.get(slot=allocation.slot), list[Preparation]()
    yield cost_of(lambda: made.extend(prepared(cast, order, route)))
    dose = made[0]
    yield cost_of(lambda: check(dose, label=dose.number, by=cast.second_pharmacist, now=NOW))
    yield cost_of(lambda: hand_over(dose, by=cast.pharmacist, now=NOW))
    yield cost_of(lambda: receive(dose, by=cast.nurse, now=NOW))
    yield cost_of(lambda: give(cast, allocation, dose, NOW))


def test_every_allocation_asks_as_much_of_the_database(cast: Cast, keyed: None) -> None:
    costs: dict[str, set[Cost]] = {}
    randomised(cast, "01-0099")  # what is read once is read
    for serial in range(1, 21):
        patient = screened(cast, f"01-{serial:04}")
        cost = cost_of(partial(allocate, patient.pk, by=cast.consultant, now=NOW))
        held = arm_of(Allocation.objects.get(patient=patient).slot)
        costs.setdefault(held, set()).add(cost)
    assert len(costs) == 2
    assert len(set.union(*costs.values())) == 1


def pages_of(cast: Cast, log_in: LogIn, allocation: Allocation) -> Iterator[tuple[Client, str]]:
    """Every page of one participant, and who opens it."""
    order = Order.objects.get(slot=allocation.slot)
    made = order.preparations.all()[0]
    doctor, pharmacist = log_in(cast.consultant), log_in(cast.pharmacist)
    for part in ("", "doses/", "withdraw/", "in-error/", "randomise/", "consent/"):
        yield doctor, f"/patients/{allocation.patient_id}/{part}"
    yield doctor, f"/unblinding/{allocation.patient_id}/"
    yield doctor, f"/reveal/{allocation.patient_id}/"
    yield pharmacist, f"/pharmacy/orders/{order.number}/labels.pdf"
    yield pharmacist, f"/pharmacy/preparations/{made.number}/label.pdf"


def test_every_page_of_a_participant_is_as_long(
    cast: Cast, pair: dict[str, Allocation], log_in: LogIn, settings: Any
) -> None:
    costs: dict[str, list[Cost]] = {}
    for arm, allocation in pair.items():
        for route in ("iv", "sc"):
            prepared(cast, Order.objects.get(slot=allocation.slot), route)
        for client, address in pages_of(cast, log_in, allocation):
            settings.ROOT_URLCONF = KEYED if address.startswith(("/pharm", "/rev")) else SITE
            settings.KEYED = settings.ROOT_URLCONF == KEYED
            costs.setdefault(arm, []).append(_page_cost(client, address))
    _, one, other = costs.values()
    assert one == other
    assert {status for status, _, _ in one} == {200, 302}


def _page_cost(client: Client, address: str) -> Cost:
    seen: list[Any] = []
    asked = cost_of(lambda: seen.append(client.get(address)))
    answer = seen[0]
    is_label = address.endswith(".pdf")  # the squares of a code are as many as its number wants
    length = _without_code(answer.content) if is_label else len(TOKEN.sub(rb"\1", answer.content))
    return answer.status_code, length, asked


def _without_code(pdf: bytes) -> int:
    """A label's lines but for the squares of its 2-D code, which are those of its random number."""
    return sum(b" re " not in line for line in pdf.splitlines())


def differ(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether two samples of times can be told apart: in rank at 1 %, or in median by 2 ms."""
    both = sorted((value, n < len(one)) for n, value in enumerate([*one, *other]))
    ranks = sum(rank for rank, (_, first) in enumerate(both, 1) if first)
    n, m = len(one), len(other)
    distance = abs(ranks - n * (n + m + 1) / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    apart = abs(statistics.median(one) - statistics.median(other))
    return distance > ONE_PERCENT or apart >= TELLING_SECONDS


def test_samples_that_differ_are_told_apart() -> None:
    times = [0.01 + 0.001 * math.sin(n) for n in range(2_000)]
    assert not differ(times[::2], times[1::2])
    assert differ(times[::2], [value + 0.0002 for value in times[1::2]])
    assert differ([0.001] * 50, [0.004] * 50)


def took(act: Callable[[], object]) -> float:
    """Seconds of processor time: those of other programs are no part of it."""
    began = time.process_time()
    act()
    return time.process_time() - began


@pytest.mark.slow
def test_no_arm_is_allocated_faster(cast: Cast, keyed: None) -> None:
    times: dict[str, list[float]] = {}
    with transaction.atomic():
        for _ in range(SAMPLE // AT_ONCE):
            place = transaction.savepoint()
            for serial in range(1, AT_ONCE + 1):
                patient = screened(cast, f"01-{serial:04}")
                spent = took(partial(allocate, patient.pk, by=cast.consultant, now=NOW))
                held = arm_of(Allocation.objects.get(patient=patient).slot)
                times.setdefault(held, []).append(spent)
            transaction.savepoint_rollback(place)
    assert not differ(*times.values())


@pytest.mark.slow
@pytest.mark.parametrize("part", ["", "doses/"])
def test_no_arms_page_is_faster(
    cast: Cast, pair: dict[str, Allocation], log_in: LogIn, settings: Any, part: str
) -> None:
    settings.ROOT_URLCONF, settings.KEYED = SITE, False
    doctor, times = log_in(cast.consultant), dict[str, list[float]]()
    arms = {arm: allocation for arm, allocation in pair.items() if arm != "first"}
    for _ in range(SAMPLE // 2):
        for arm, allocation in arms.items():
            address = f"/patients/{allocation.patient_id}/{part}"
            times.setdefault(arm, []).append(took(partial(doctor.get, address)))
    assert not differ(*times.values())
