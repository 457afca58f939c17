"""The ledger adds up, whatever happens: random walks of movements, and one gate to write it."""

import ast
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

import immunosep.web
from immunosep.errors import RefusedError
from immunosep.web.pharmacy.stock import count_lot, lots_of, move_lot, receive_lot
from immunosep.web.supply.models import Movement
from immunosep.web.supply.stations import (
    HELD,
    MAY_GO,
    Balance,
    Line,
    MovementKind,
    Station,
    balance,
    end_of,
    total,
)
from tests.web.people import NOW, Cast
from tests.web.supplied import SALINE, first_order, prepared, randomised, stocked

WEB = Path(immunosep.web.__file__).parent
ITEMS = ("iv at jena", "sc at jena", "iv at athens")
steps = st.tuples(
    st.sampled_from(ITEMS), st.sampled_from(MovementKind), st.integers(1, 20), st.booleans()
)


def walk(tried: list[tuple[str, MovementKind, int, bool]]) -> tuple[list[Line], dict[str, Any]]:
    """A ledger of the steps that were possible, and the state kept beside it step by step."""
    lines: list[Line] = []
    state: dict[str, dict[Station, int]] = {}
    for item, kind, quantity, in_depot in tried:
        at = state.setdefault(item, {})
        starts, _ = MAY_GO[kind]
        enough = [s for s in starts if s is Station.OUTSIDE or at.get(s, 0) >= quantity]
        if not enough:
            continue
        end = end_of(kind, enough[0], in_depot=in_depot)
        at[enough[0]] = at.get(enough[0], 0) - quantity
        at[end] = at.get(end, 0) + quantity
        lines.append(
            Line(item=item, kind=kind, quantity=quantity, start=enough[0], in_depot=in_depot)
        )
    return lines, state


def holds(lines: list[Line], state: dict[str, Any]) -> None:
    """R10: received = on hand + dispensed + returned + destroyed + lost; replay = current state."""
    added = balance(lines)
    for item, held in added.items():
        assert held.at == state[item]
        assert held.received == held.accounted
        assert all(held.of(station) >= 0 for station in HELD)
    everything = total(added.values())
    assert everything.received == everything.accounted


@given(st.lists(steps, max_size=300))
def test_a_random_walk_adds_up(tried: list[tuple[str, MovementKind, int, bool]]) -> None:
    holds(*walk(tried))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_ten_thousand_movements_add_up(seed: int) -> None:
    random = Random(seed)
    tried = [
        (random.choice(ITEMS), random.choice(list(MovementKind)), random.randint(1, 20),
         random.random() < 0.5)
        for _ in range(40_000)
    ]  # fmt: skip
    lines, state = walk(tried)
    assert len(lines) >= 10_000
    holds(lines, state)


@given(st.sampled_from(MovementKind), st.sampled_from(Station))
def test_nothing_moves_from_where_it_is_not(kind: MovementKind, start: Station) -> None:
    if start in MAY_GO[kind][0]:
        assert end_of(kind, start) is not start
    else:
        with pytest.raises(RefusedError, match="cannot be recorded"):
            end_of(kind, start)


def test_more_than_there_is_cannot_be_moved() -> None:
    received = Line(item="a", kind=MovementKind.RECEIVE, quantity=2)
    with pytest.raises(RefusedError, match="2 are available, and 3"):
        balance([received, Line(item="a", kind=MovementKind.DESTROY, quantity=3,
                                start=Station.AVAILABLE)])  # fmt: skip


def test_nothing_at_all_is_accounted_for() -> None:
    assert Balance().received == Balance().accounted == 0


@pytest.mark.usefixtures("keyed")
def test_a_pharmacys_stock_adds_up_after_everything_that_can_happen(cast: Cast) -> None:
    stocked(cast)
    randomised(cast)
    prepared(cast, first_order(), "iv")
    by: dict[str, Any] = {"by": cast.pharmacist, "now": NOW, "because": "a reason"}
    move_lot(cast.jena, SALINE, MovementKind.QUARANTINE, 50, **by)
    move_lot(cast.jena, SALINE, MovementKind.RELEASE, 20, **by)
    move_lot(cast.jena, SALINE, MovementKind.REJECT, 30, **by)
    move_lot(cast.jena, SALINE, MovementKind.DESTROY, 160, **by)
    count_lot(cast.jena, SALINE, 5, **by)
    count_lot(cast.jena, SALINE, 6, **by)
    count_lot(cast.jena, SALINE, 6, **by)
    saline = next(lot for lot in lots_of(cast.jena) if lot.item == SALINE)
    assert saline.balance.received == saline.balance.accounted == 200
    assert (saline.available, saline.rejected) == (6, 30)
    assert (saline.balance.of(Station.LOST), saline.balance.of(Station.DESTROYED)) == (1, 160)


@pytest.mark.usefixtures("keyed")
def test_what_a_lot_does_not_have_is_refused(cast: Cast) -> None:
    stocked(cast)
    with pytest.raises(RefusedError, match="0 quarantined"):
        move_lot(
            cast.jena, SALINE, MovementKind.RELEASE, 1, because="x", by=cast.pharmacist, now=NOW
        )
    with pytest.raises(RefusedError, match="by hand"):
        move_lot(cast.jena, SALINE, MovementKind.LOSE, 1, because="x", by=cast.pharmacist, now=NOW)


@pytest.mark.usefixtures("keyed")
def test_lines_of_stock_tell_nothing_without_the_key(cast: Cast) -> None:
    for quantity, item in ((1, SALINE), (9_999, SALINE)):
        receive_lot(cast.jena, item, quantity, by=cast.pharmacist, now=NOW)
    lengths = {len(m.sealed) for m in Movement.objects.all() if m.sealed}
    assert len(lengths) == 1
    assert not Movement.objects.exclude(note="").exists()


@pytest.mark.usefixtures("keyed")
def test_no_line_is_ever_changed(cast: Cast) -> None:
    stocked(cast)
    with pytest.raises(DatabaseError), transaction.atomic():
        Movement.objects.update(note="changed")
    with pytest.raises(DatabaseError), transaction.atomic():
        Movement.objects.all().delete()


def test_one_module_writes_the_ledger() -> None:
    writing = {
        path.relative_to(WEB).as_posix()
        for path in WEB.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {
            "Movement", "Movement.objects.create", "Movement.objects.bulk_create",
        }
    }  # fmt: skip
    assert writing == {"supply/ledger.py"}
