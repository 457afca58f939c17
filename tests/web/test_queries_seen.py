"""Which questions an account sees, and how a list of them is narrowed: by three keys alone."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from immunosep.web.casebook.models import Page, Query
from immunosep.web.casebook.seeing import centres_seen, narrowed, seen_by
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast
from tests.web.supplied import screened

DAY = timedelta(days=1)
OF_A_NURSE, OF_THE_LABORATORY, OF_ATHENS = "of a nurse", "of the laboratory", "of Athens"
PAGES = {
    OF_A_NURSE: ("01-0001", "daily_sofa"),
    OF_THE_LABORATORY: ("01-0001", "biomarkers"),
    OF_ATHENS: ("02-0001", "biomarkers"),
}


@pytest.fixture
def asked(cast: Cast) -> dict[str, Query]:
    """One question of each kind: open for 5 days, answered after 10, closed after 20."""
    patients = {number: screened(cast, number) for number in ("01-0001", "02-0001")}
    states = zip(PAGES.items(), (("open", 5), ("answered", 10), ("closed", 20)), strict=True)
    return {
        what: Query.objects.create(
            page=Page.objects.create(
                patient=patients[number], form=form, visit="day_2", opened_at=NOW,
                opened_by=cast.nurse,
            ),
            status=state, opened_at=NOW - days * DAY,
        )
        for (what, (number, form)), (state, days) in states
    }  # fmt: skip


@pytest.mark.parametrize(
    ("who", "seen", "centres"),
    [
        ("stranger", set(), set()),
        ("pharmacist", set(), set()),
        ("laboratory", {OF_THE_LABORATORY}, {"01_jena"}),
        ("nurse", {OF_A_NURSE, OF_THE_LABORATORY}, {"01_jena"}),
        ("foreign_consultant", {OF_ATHENS}, {"02_attikon"}),
    ],
)
def test_one_sees_what_ones_role_may_read_or_answer(
    cast: Cast, asked: dict[str, Query], who: str, seen: set[str], centres: set[str]
) -> None:
    user = getattr(cast, who)
    assert set(seen_by(user)) == {asked[what] for what in seen}
    assert {centre.pk for centre in centres_seen(user)} == centres


def test_a_role_of_the_trial_sees_all_of_every_centre(cast: Cast, asked: dict[str, Query]) -> None:
    assert set(seen_by(cast.monitor)) == set(asked.values())
    assert {"01_jena", "02_attikon"} < {centre.pk for centre in centres_seen(cast.monitor)}


@pytest.mark.parametrize(
    ("keys", "left"),
    [
        ({}, {OF_A_NURSE, OF_THE_LABORATORY}),
        ({"state": "unsettled"}, {OF_A_NURSE, OF_THE_LABORATORY}),
        ({"state": "no such state"}, {OF_A_NURSE, OF_THE_LABORATORY}),
        ({"state": "open"}, {OF_A_NURSE}),
        ({"state": "answered"}, {OF_THE_LABORATORY}),
        ({"state": "closed"}, {OF_ATHENS}),
        ({"state": "all"}, set(PAGES)),
        ({"state": "all", "age": "no such age"}, set(PAGES)),
        ({"state": "all", "age": "9"}, set(PAGES)),
        ({"state": "all", "age": "7"}, {OF_THE_LABORATORY, OF_ATHENS}),
        ({"state": "all", "age": "14"}, {OF_ATHENS}),
        ({"state": "all", "age": "28"}, set()),
        ({"state": "all", "centre": "01_jena"}, {OF_A_NURSE, OF_THE_LABORATORY}),
    ],
)
def test_a_key_narrows_and_another_word_does_not(
    asked: dict[str, Query], keys: dict[str, str], left: set[str]
) -> None:
    given = {"centre": "", "state": "", "age": ""} | keys
    assert set(narrowed(Query.objects.all(), now=NOW, **given)) == {asked[each] for each in left}


def test_the_list_offers_every_key(cast: Cast, log_in: LogIn) -> None:
    page = log_in(cast.monitor).get(reverse("queries")).content.decode()
    offered = re.findall(r'<option value="(\w*)"(?: selected)?>([^<]*)', page)
    assert offered[-9:] == [
        ("unsettled", "Not closed"), ("open", "Open"), ("answered", "Answered"),
        ("closed", "Closed"), ("all", "All"),
        ("", "Any age"), ("7", "Over 7 days"), ("14", "Over 14 days"), ("28", "Over 28 days"),
    ]  # fmt: skip


def test_over_seven_days_is_more_than_seven(asked: dict[str, Query]) -> None:
    given = {"centre": "", "state": "open", "age": "7"}
    assert not narrowed(Query.objects.all(), now=NOW + 2 * DAY, **given)
    assert narrowed(Query.objects.all(), now=NOW + 2 * DAY + timedelta(seconds=1), **given)
