"""What a pharmacy has: added up from where this process left off, anew where that does not hold."""

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from immunosep.web.pharmacy import adding_up
from immunosep.web.pharmacy.adding_up import Row
from immunosep.web.pharmacy.stock import Item, lots_of, receive_lot
from immunosep.web.supply.models import Movement
from immunosep.web.supply.stations import Line
from tests.web.people import NOW, Cast

pytestmark = pytest.mark.usefixtures("keyed")
FIRST = Item(product="anakinra", lot="AAA", expires_on=date(2028, 1, 1))
OTHER = Item(product="anakinra", lot="BBB", expires_on=date(2028, 2, 1))


def receive(cast: Cast, item: Item, quantity: int) -> Movement:
    return receive_lot(cast.jena, item, quantity, by=cast.pharmacist, now=NOW)


def held(cast: Cast) -> dict[str, int]:
    return {lot.item.lot: lot.available for lot in lots_of(cast.jena)}


def opened_again(cast: Cast) -> int:
    """How many lines are opened to answer now."""
    opened: list[Row] = []

    def noted(rows: Iterable[Row]) -> Iterable[Line]:
        opened.extend(rows)
        return whole(rows)

    with pytest.MonkeyPatch.context() as patch:
        whole = adding_up._opened
        patch.setattr(adding_up, "_opened", noted)
        held(cast)
    return len(opened)


def test_only_what_is_new_is_opened(cast: Cast) -> None:
    receive(cast, FIRST, 5)
    receive(cast, OTHER, 7)
    assert held(cast) == {"AAA": 5, "BBB": 7}
    assert opened_again(cast) == 0
    receive(cast, FIRST, 2)
    assert opened_again(cast) == 1
    assert held(cast) == {"AAA": 7, "BBB": 7}


def test_a_line_that_was_taken_back_counts_no_more(cast: Cast) -> None:
    receive(cast, FIRST, 5)
    with transaction.atomic():
        receive(cast, FIRST, 100)
        assert held(cast) == {"AAA": 105}
        transaction.set_rollback(True)
    assert held(cast) == {"AAA": 5}


def test_nor_does_it_where_another_line_has_its_number_now(cast: Cast) -> None:
    receive(cast, FIRST, 5)
    with transaction.atomic():
        gone = receive(cast, FIRST, 100).pk
        assert held(cast) == {"AAA": 105}
        transaction.set_rollback(True)
    instead = receive(cast, OTHER, 7)
    if connection.vendor == "sqlite":
        assert instead.pk == gone
    assert held(cast) == {"AAA": 5, "BBB": 7}


def test_a_line_that_another_wrote_meanwhile_under_a_lower_number_counts(cast: Cast) -> None:
    """PostgreSQL numbers lines before they are committed: one may appear below the last that was
    seen. Here the sum is made to forget it."""
    receive(cast, FIRST, 5)
    receive(cast, FIRST, 2)
    held(cast)
    known = adding_up._sums[cast.jena.pk]
    unseen = adding_up._Sum(
        last=known.last, reference=known.reference, lines=known.lines - 1, held={}
    )
    adding_up._sums[cast.jena.pk] = unseen
    assert held(cast) == {"AAA": 7}


def test_a_sum_costs_two_queries_however_many_lines_there_are(cast: Cast) -> None:
    for quantity in range(1, 9):
        receive_lot(
            cast.jena, FIRST, quantity, by=cast.pharmacist, now=NOW + timedelta(days=quantity)
        )
    held(cast)
    with CaptureQueriesContext(connection) as queries:
        held(cast)
    assert len(queries) == 2
