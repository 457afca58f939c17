"""What a copy of the database tells without the code key: of an arm, nothing.

Two questions. Would any byte be another one had every arm been the other (twin worlds)? And does
any column of any table part the participants in a way that goes with their arm (entropy)?
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection, models

from immunosep.web.code.models import Slot
from immunosep.web.enrolment.models import Allocation, Dose
from immunosep.web.pharmacy.binding import ship
from immunosep.web.supply.attempting import attempt
from immunosep.web.supply.kits import dispense, lose
from immunosep.web.supply.models import Kit, Movement, Order, Preparation
from immunosep.web.unblinding.opening import arm_of
from tests.web.dumped import code, dump_of, live_a_while
from tests.web.kitted import comes_in_kits, depot_worker, packed, supplied
from tests.web.people import NOW, Cast, make_site
from tests.web.supplied import MALS, randomised

WAY_TO_SLOT: dict[type[models.Model], str] = {
    Slot: "pk", Allocation: "slot", Order: "slot", Kit: "slot", Dose: "allocation__slot",
    Preparation: "order__slot", Movement: "preparation__order__slot",
}  # fmt: skip
SHUFFLES = 2_000
FAR = 5.0  # standard errors; a column that told the arm of 40 participants would lie beyond

only_sqlite = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL's sequences go on after a rollback"
)


@only_sqlite
@pytest.mark.usefixtures("keyed")
def test_no_byte_of_the_database_would_differ_had_the_arms_been_swapped(db: None) -> None:
    as_it_is = dump_of(lambda: live_a_while(make_site(code(swapped=False))))
    swapped = dump_of(lambda: live_a_while(make_site(code(swapped=True))))
    assert sum(len(rows) for rows in as_it_is.values()) > 2_000
    for table, rows in as_it_is.items():
        assert rows == swapped[table], table


@only_sqlite
def test_nor_of_one_whose_treatment_comes_in_kits(db: None, settings: Any, tmp_path: Path) -> None:
    comes_in_kits(settings, tmp_path)

    def build(*, swapped: bool) -> None:
        cast = make_site(code(swapped=swapped))
        depot = depot_worker()
        packed(cast, 12)
        supplied(cast, depot, 10)
        for serial in range(1, 7):
            allocation = randomised(cast, f"01-{serial:04}", **(MALS if serial % 3 else {}))
            order = Order.objects.get(slot=allocation.slot)
            kit = dispense(order, "iv", by=cast.nurse, now=NOW)
            if serial == 4:
                lose(kit, because="broken", by=cast.nurse, now=NOW)
        said.append(attempt(lambda: ship(cast.jena, 5, by=depot, now=NOW)))

    said: list[tuple[str, ...]] = []
    as_it_is = dump_of(lambda: build(swapped=False))
    swapped = dump_of(lambda: build(swapped=True))
    assert len(as_it_is["supply_kit"]) > 100
    assert said[0] == said[1] != ()
    for table, rows in as_it_is.items():
        assert rows == swapped[table], table


@pytest.fixture
def lived(cast: Cast, keyed: None) -> Cast:
    """A centre with 40 participants."""
    live_a_while(cast)
    return cast


def test_no_column_parts_participants_by_arm(lived: Cast) -> None:
    arms = {slot.pk: arm_of(slot) for slot in _allocated()}
    assert len(arms) == 40
    told = [
        f"{model._meta.db_table}.{name}"
        for model, name, values, held in _columns(arms)
        if tells(values, held)
    ]
    assert not told


def test_everything_sealed_of_a_kind_has_one_length(lived: Cast) -> None:
    for model in (Slot, Preparation, Movement):
        sealed = model._default_manager.values_list("sealed", flat=True)
        assert len({len(value) for value in sealed if value is not None}) == 1


def test_a_column_that_tells_is_found() -> None:
    """The test itself: a planted column, by group and by order, is seen; chance is not."""
    held = np.array([0, 1] * 20)
    chance = np.random.default_rng(4).permutation(held)
    assert tells([f"lot {arm}" for arm in held], held)
    assert tells([f"{arm}{n:03}" for n, arm in enumerate(held)], held)
    assert not tells([f"{arm}" for arm in chance], held)
    assert not tells(["the same"] * 40, held)


def tells(values: list[str], held: "np.ndarray[Any, Any]") -> bool:
    """Whether a column's groups, or the order of its values, go with the arm beyond chance."""
    groups = np.unique(np.array(values), return_inverse=True)[1]
    if groups.max() == 0:
        return False
    if groups.max() + 1 <= len(values) / 2:
        return _information(groups, held) > _by_chance(groups, held)
    ranks = np.argsort(np.argsort(values)) + 1.0
    few, many = int(held.sum()), len(held) - int(held.sum())
    spread = np.sqrt(few * many * (len(held) + 1) / 12)  # Mann & Whitney 1947
    return bool(abs(ranks[held == 1].sum() - few * (len(held) + 1) / 2) / spread > FAR)


def _information(groups: "np.ndarray[Any, Any]", held: "np.ndarray[Any, Any]") -> float:
    """Mutual information of column and arm, in bits."""
    table = np.zeros((groups.max() + 1, 2))
    np.add.at(table, (groups, held), 1)
    joint = table / table.sum()
    apart = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    there = joint > 0
    return float((joint[there] * np.log2(joint[there] / apart[there])).sum())


def _by_chance(groups: "np.ndarray[Any, Any]", held: "np.ndarray[Any, Any]") -> float:
    rng = np.random.default_rng(1)
    return max(_information(groups, rng.permutation(held)) for _ in range(SHUFFLES))


def _columns(
    arms: dict[int, str],
) -> Iterator[tuple[type[models.Model], str, list[str], "np.ndarray[Any, Any]"]]:
    """Each column of each table that leads to a participant, one value for each of them.

    Where a participant has several rows, the value is all of theirs together, in order.
    """
    for model, way in WAY_TO_SLOT.items():
        for field in model._meta.concrete_fields:
            rows: dict[int, list[str]] = {}
            found = model._default_manager.filter(**{f"{way}__in": list(arms)}).order_by("pk")
            for slot, value in found.values_list(way, field.attname):
                rows.setdefault(slot, []).append(_text(value))
            held = np.array([arms[slot] == "precision" for slot in rows], dtype=int)
            if len(held):
                yield model, field.attname, ["|".join(each) for each in rows.values()], held


def _text(value: Any) -> str:
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def _allocated() -> list[Slot]:
    return list(Slot.objects.filter(allocation__isnull=False).select_related("stratum__code"))
