"""Nothing a blinded person can get tells the arm: two worlds, arms swapped, equal in every byte.

Gate 1 of the blinding tests, and gate 9: one participant of each world has been unblinded. Every
address of both kinds of process is opened as every blinded role.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from immunosep.web.pharmacy import preparing
from immunosep.web.unblinding.opening import arm_of
from tests.web import twins
from tests.web.twins import KEYED, SITE, Answers

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("twins")]


Seen = tuple[Answers, list[tuple[object, ...]]]


@pytest.fixture
def seen_in(tmp_path: Path) -> Callable[[bool], Seen]:
    """Everything seen and every e-mail sent in one of the two worlds."""

    def look(swapped: bool) -> Seen:
        with twins.world(swapped=swapped, folder=tmp_path) as lived:
            return twins.everything_seen(lived), twins.sent_mail()

    return look


def test_two_worlds_with_the_arms_swapped_look_the_same_to_every_blinded_role(
    seen_in: Callable[[bool], Seen],
) -> None:
    (one, mail), (other, other_mail) = seen_in(False), seen_in(True)
    assert twins.differences(one, other) == []
    assert mail == other_mail
    assert mail


def test_every_address_was_opened_and_none_broke(seen_in: Callable[[bool], Seen]) -> None:
    seen, _ = seen_in(False)
    patterns = {(p, "".join(parts)) for p in (SITE, KEYED) for parts in twins.patterns_of(p)}
    assert len({(process, address) for _, process, address in seen}) >= len(patterns)
    assert [key for key, (status, _, _) in seen.items() if status >= 500] == []
    assert sum(status == 200 for status, _, _ in seen.values()) > 100


def test_a_leak_would_be_found(
    seen_in: Callable[[bool], Seen], monkeypatch: pytest.MonkeyPatch
) -> None:
    make = preparing._make

    def leaking(order, *args, **more):  # type: ignore[no-untyped-def]
        made = make(order, *args, **more)
        made.dose += 1000 * (arm_of(order.slot) == "precision")
        made.save(update_fields=["dose"])
        return made

    monkeypatch.setattr(preparing, "_make", leaking)
    (one, _), (other, _) = seen_in(False), seen_in(True)
    assert twins.differences(one, other)
