"""Storage too warm or too cold: everything there is set aside, and decided on as a whole."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from immunosep.errors import RefusedError
from immunosep.web.accounts.models import User
from immunosep.web.pharmacy.binding import ship
from immunosep.web.supply.excursions import Decision, decide, record_excursion, within_allowance
from immunosep.web.supply.models import Excursion, Kit
from immunosep.web.supply.needing import places_supplied, short_places
from immunosep.web.supply.stations import Station
from tests.web.kitted import comes_in_kits, depot_worker, packed, supplied
from tests.web.people import NOW, Cast

TODAY = NOW.date()
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _kits(settings: Any, tmp_path: Path) -> None:
    comes_in_kits(settings, tmp_path)


@pytest.fixture
def depot(cast: Cast) -> User:
    return depot_worker()


def excursion(centre: Any, by: User, **changed: Any) -> Excursion:
    given: dict[str, Any] = {
        "began_at": NOW - 5 * HOUR,
        "ended_at": NOW,
        "lowest_c": 5,
        "highest_c": 12,
    }
    return record_excursion(centre, by=by, now=NOW, **given | changed)


def test_too_warm_sets_everything_aside_and_release_brings_it_back(cast: Cast, depot: User) -> None:
    packed(cast, 3)
    supplied(cast, depot, 2)
    assert places_supplied(cast.jena, on=TODAY) == 2
    made = excursion(cast.jena, cast.nurse)
    assert places_supplied(cast.jena, on=TODAY) == 0
    decide(made, Decision.RELEASED, because="two hours at 12 °C", by=depot, now=NOW)
    assert places_supplied(cast.jena, on=TODAY) == 2
    with pytest.raises(RefusedError, match="decided before"):
        decide(made, Decision.REJECTED, because="again", by=depot, now=NOW)


def test_what_is_rejected_is_not_used_and_is_sent_anew(cast: Cast, depot: User) -> None:
    packed(cast, 6)
    supplied(cast, depot, 2)
    made = excursion(cast.jena, cast.nurse, began_at=NOW - timedelta(days=5))
    assert not within_allowance(made)
    decide(made, Decision.REJECTED, because="five days at 12 °C", by=depot, now=NOW)
    assert len(short_places(cast.jena, on=TODAY, most=2)) == 2
    supplied(cast, depot, 2)
    assert places_supplied(cast.jena, on=TODAY) == 2


def test_a_nurse_decides_nothing_about_an_excursion(cast: Cast, depot: User) -> None:
    packed(cast, 3)
    supplied(cast, depot, 1)
    with pytest.raises(PermissionDenied):
        decide(
            excursion(cast.jena, cast.nurse), Decision.RELEASED, because="x", by=cast.nurse, now=NOW
        )


def test_a_depot_too_warm_sets_its_kits_aside(cast: Cast, depot: User) -> None:
    packed(cast, 2)
    made = excursion(None, depot)
    with pytest.raises(RefusedError, match="the depot can supply 0"):
        ship(cast.jena, 1, by=depot, now=NOW)
    decide(made, Decision.RELEASED, because="an hour", by=depot, now=NOW)
    assert Kit.objects.filter(status=Station.IN_DEPOT.value).count() == Kit.objects.count()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"highest_c": 8}, "Nothing was outside 2 to 8"),
        ({"lowest_c": 30}, "above the highest"),
        ({"ended_at": NOW + HOUR}, "not in the future"),
    ],
)
def test_an_excursion_that_is_none(cast: Cast, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        excursion(cast.jena, cast.nurse, **changed)


def test_an_excursion_is_not_decided_without_a_reason(cast: Cast, depot: User) -> None:
    made = excursion(cast.jena, cast.nurse)
    with pytest.raises(RefusedError, match="Say why"):
        decide(made, Decision.RELEASED, because=" ", by=depot, now=NOW)
