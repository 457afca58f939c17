"""Nothing a blinded person can get tells the arm: two worlds, arms swapped, equal in every byte.

Gate 1 of the blinding tests, and gate 9: one participant of each world has been unblinded. Every
address of both kinds of process is opened, and every form sent, as every blinded role.
"""

from pathlib import Path
from typing import Any

import pytest

from immunosep.web.accounts.access import blinded_roles
from immunosep.web.pharmacy import preparing
from immunosep.web.supply import handover
from immunosep.web.supply.models import Order
from immunosep.web.unblinding.opening import arm_of
from tests.web import crawling, twins
from tests.web.crawling import KEYED, SITE, Seen, Walk
from tests.web.filled_in import LEAVING
from tests.web.people import NOW
from tests.web.supplied import on_the_ward, randomised, stocked

Pair = tuple[Seen, Seen]


def look(folder: Path, walk: Walk = Walk(), **world: Any) -> Pair:  # noqa: B008
    """Everything seen in one world, and in its twin."""
    seen = []
    for swapped in (False, True):
        with twins.world(folder, swapped=swapped, **world) as lived:
            seen.append(crawling.everything_seen(lived, walk))
    return seen[0], seen[1]


@pytest.fixture(scope="module")
def seen(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Pair:
    """Two worlds, looked at once for all tests below; nothing of them stays."""
    with django_db_blocker.unblock():
        return look(tmp_path_factory.mktemp("twins"))


def test_two_worlds_with_the_arms_swapped_look_the_same_to_every_blinded_role(seen: Pair) -> None:
    assert crawling.differences(*seen) == []


def test_every_pattern_of_both_processes_was_reached(seen: Pair) -> None:
    there = {(process, route) for process in (SITE, KEYED) for route in crawling.routes_of(process)}
    assert seen[0].routes == there


def test_every_blinded_role_looked_and_no_page_broke(seen: Pair) -> None:
    answers = seen[0].answers
    persons = {person for person, _, _, _ in answers}
    assert persons >= {role.value for role in blinded_roles()}
    assert [key for key, (status, _, _) in answers.items() if status >= 500] == []


def test_forms_were_taken_and_mails_sent(seen: Pair) -> None:
    """So that the comparison is of something: pages shown, acts done, mails sent, lines logged."""
    taken = {
        address.rstrip("/").rsplit("/", 1)[-1]
        for (_, _, method, address), (status, _, _) in seen[0].answers.items()
        if method == "POST" and status == 302
    }
    assert taken >= {"consent", "randomise", "receive", "give", "discard", "enter", "in-error"}
    left = "\n".join(seen[0].rows["enrolment_withdrawal"])
    assert {number for number in LEAVING if number in left} == set(LEAVING)
    assert sum(status == 200 for status, _, _ in seen[0].answers.values()) > 100
    assert any("was unblinded" in subject for subject, *_ in seen[0].mail)
    assert len(seen[0].log) > 1_000
    assert len(seen[0].rows["audit_event"]) > 100


@pytest.mark.slow
def test_nor_does_anything_else_differ(db: None, tmp_path: Path) -> None:
    """The long form: every value of every part of an address, to every role."""
    assert crawling.differences(*look(tmp_path, Walk(whole=True))) == []


def one_dose(cast: Any, blinded: Any) -> twins.World:
    """A world with one participant and what is on the ward for her."""
    stocked(cast)
    randomised(cast, "01-0002")
    on_the_ward(cast, Order.objects.get(), "iv", NOW)
    return twins.World(cast=cast, blinded=blinded, names=twins.names_here())


def leak_a_dose(monkeypatch: pytest.MonkeyPatch) -> None:
    make = preparing._make

    def leaking(order: Any, *args: Any, **more: Any) -> Any:
        made = make(order, *args, **more)
        for each in made:
            each.dose += 1000 * (arm_of(order.slot) == "precision")
            each.save(update_fields=["dose"])
        return made

    monkeypatch.setattr(preparing, "_make", leaking)


def leak_a_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.mail import send_mail

    hand_over = handover.hand_over

    def leaking(preparation: Any, **more: Any) -> None:
        hand_over(preparation, **more)
        send_mail(f"Ready {len(arm_of(preparation.order.slot))}", "", None, ["a@example.org"])

    monkeypatch.setattr("tests.web.supplied.hand_over", leaking)


@pytest.mark.parametrize(
    ("leak", "found"),
    [
        (
            leak_a_dose,
            [
                "study_nurse: GET /supply/orders/ of urls",
                "table audit_event",
                "table supply_preparation",
                "file lines/trail.csv",
                "file participants/01-0002.html",
            ],
        ),
        (leak_a_mail, ["e-mail"]),
    ],
)
def test_a_leak_is_found(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, leak: Any, found: list[str]
) -> None:
    leak(monkeypatch)
    walk = Walk(persons=("study_nurse",), only="^/supply/orders/$")
    told = crawling.differences(*look(tmp_path, walk, build=one_dose))
    assert [each for each in told if not each.startswith("study_nurse: POST")] == found
