"""Double-dummy: in every cell one infusion and one injection, at the same hours, alike in the rows.

The doses are those of Giamarellos-Bourboulis JAMA 2026;335:775: every 8 h and every 48 h, 15 days.
"""

import pytest

from immunosep.trials import TRIALS
from immunosep.web.pharmacy.stock import lots_of
from immunosep.web.supply.models import Movement, Order, Preparation
from immunosep.web.supply.ordering import doses_due
from immunosep.web.unblinding.opening import arm_of
from tests.web.people import Cast
from tests.web.supplied import MALS, prepared, randomised, stocked


@pytest.mark.parametrize("cell", [cell for trial in TRIALS.values() for cell in trial.regimens])
def test_a_cell_has_one_infusion_and_one_injection(cell):
    routes = [component.route.value for component in cell.components]
    assert sorted(routes) == ["iv", "sc"]
    assert sum(component.intervention.active for component in cell.components) <= 1


@pytest.mark.parametrize("trial", TRIALS.values(), ids=lambda trial: trial.id)
def test_cells_look_alike(trial):
    looks = {tuple(c.appearance for c in cell.components) for cell in trial.regimens}
    assert len(looks) == 1


def test_first_doses_are_due_at_the_same_hours_in_both_states():
    assert doses_due("mals", 1) == doses_due("immunoparalysis", 1)
    assert [dose["hour"] for dose in doses_due("mals", 1)] == [0, 0, 8, 16]


def _as_seen(preparation: Preparation) -> tuple[object, ...]:
    """All that somebody without the key can tell of a preparation and its line of the ledger."""
    line = preparation.movement
    assert line.sealed is not None
    return (
        preparation.route,
        preparation.dose,
        preparation.status,
        preparation.use_before,
        len(preparation.number),
        len(preparation.sealed),
        len(line.sealed),
        line.kind,
        line.note,
    )


@pytest.mark.usefixtures("keyed")
def test_preparing_a_cell_writes_what_preparing_any_other_writes(cast: Cast) -> None:
    """All four cells: the same rows, of the same look and length, and the same ledger lines."""
    stocked(cast)
    cells: dict[tuple[str, str], set[tuple[object, ...]]] = {}
    for serial in range(1, 17):
        changed = MALS if serial % 2 else {}
        slot = randomised(cast, f"01-{serial:04}", **changed).slot
        order = Order.objects.get(slot=slot)
        made = [*prepared(cast, order, "iv"), *prepared(cast, order, "sc")]
        seen = tuple(_as_seen(preparation) for preparation in made)
        cells.setdefault((order.immune_state, arm_of(slot)), set()).add(seen)
    assert len(cells) == 4
    assert len(set.union(*cells.values())) == 1
    assert Movement.objects.filter(preparation__isnull=False).count() == Preparation.objects.count()


@pytest.mark.usefixtures("keyed")
def test_contents_come_from_the_lots_the_cells_ask_for(cast: Cast) -> None:
    stocked(cast)
    for serial in range(1, 9):
        order = randomised(cast, f"01-{serial:04}", **MALS).slot.orders.get()
        prepared(cast, order, "iv")
        prepared(cast, order, "sc")
    active = sum(arm_of(o.slot) == "precision" for o in Order.objects.select_related("slot"))
    left = {lot.item.product: 200 - lot.available for lot in lots_of(cast.jena)}
    assert left == {
        "anakinra": 3 * active, "interferon_gamma": 0, "saline": 3 * (8 - active) + 8,
    }  # fmt: skip
