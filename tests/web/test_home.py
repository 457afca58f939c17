"""The first page: what waits, by role, and nothing that hints at an arm."""

from typing import Any

import pytest
from django.test import Client

from immunosep.web import waiting
from immunosep.web.accounts.actions import grant
from immunosep.web.accounts.roles import Role
from immunosep.web.enrolment.models import Patient
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast
from tests.web.test_allocating import screened


def cards(client: Client) -> dict[str, str]:
    answer = client.get("/home/")
    assert answer.status_code == 200
    return {card["title"]: card["says"] for card in answer.context["cards"]}


def test_a_stranger_is_told_to_ask(cast: Cast, log_in: LogIn) -> None:
    answer = log_in(cast.stranger).get("/home/")
    assert b"You have no role yet" in answer.content
    assert answer.context["cards"] == []


def test_an_administrator_sees_people_review_and_centres(cast: Cast, log_in: LogIn) -> None:
    shown = cards(log_in(cast.administrator))
    assert shown["People"] == "1 accounts without a role"
    assert shown["Centres"] == "2 open of 36"
    assert "Access review" in shown
    assert "Patients" not in shown


@pytest.mark.parametrize(
    ("who", "permitted"),
    [
        (
            "consultant",
            {
                "Patients",
                "Ready to decide",
                "Screening log",
                "Hand-over",
                "Laboratory",
                "Follow-up",
                "Serious adverse events",
                "Questions to answer",
                "Signatures",
            },
        ),
        (
            "nurse",
            {
                "Patients",
                "Screening log",
                "Hand-over",
                "Follow-up",
                "Serious adverse events",
                "Questions to answer",
            },
        ),
        ("laboratory", {"Laboratory", "Questions to answer"}),
        ("monitor", {"Patients", "Screening log", "Questions asked", "Verification"}),
    ],
)
def test_each_role_sees_what_it_may_do(
    cast: Cast, log_in: LogIn, who: str, permitted: set[str]
) -> None:
    shown = set(cards(log_in(getattr(cast, who))))
    assert shown - {"Audit trail", "Unblinding"} <= permitted


def test_counts_are_of_ones_own_centres(cast: Cast) -> None:
    screened(cast)
    Patient.objects.create(
        number="02-0001", centre=cast.athens, added_at=NOW, added_by=cast.foreign_consultant
    )
    says = {card.title: card.says for card in waiting.CARDS}
    assert says["Patients"](cast.nurse, NOW) == "1 in screening"
    assert says["Patients"](cast.monitor, NOW) == "2 in screening"
    assert says["Ready to decide"](cast.consultant, NOW) == "1 with consent, not randomised"
    assert says["Ready to decide"](cast.foreign_consultant, NOW).startswith("0 ")
    assert says["Laboratory"](cast.laboratory, NOW) == "0 awaiting results"
    assert says["Screening log"](cast.monitor, NOW) == "2 screened, 0 randomised"
    assert says["Pharmacy worklist"](cast.pharmacist, NOW).startswith("0 orders to prepare")
    assert says["Hand-over"](cast.nurse, NOW) == "0 preparations to receive"
    assert says["Shipments"](cast.monitor, NOW) == "0 shipments under way"
    assert says["Unblinding"](cast.monitor, NOW) == "0 without a review"


def test_a_patient_without_a_result_awaits_the_laboratory(cast: Cast) -> None:
    screened(cast, ferritin_ng_ml=None)
    says = {card.title: card.says for card in waiting.CARDS}
    assert says["Laboratory"](cast.laboratory, NOW) == "1 awaiting results"


def test_every_card_leads_to_a_page_that_opens(cast: Cast, log_in: LogIn) -> None:
    for who in ("administrator", "consultant", "laboratory", "monitor", "medical_monitor"):
        client = log_in(getattr(cast, who))
        for card in client.get("/home/").context["cards"]:
            assert client.get(card["url"]).status_code == 200, card


def test_the_pharmacist_is_led_to_the_keyed_process(
    cast: Cast, log_in: LogIn, settings: Any
) -> None:
    answer = log_in(cast.pharmacist).get("/home/")
    urls = [card["url"] for card in answer.context["cards"] if "worklist" in card["title"]]
    assert all(url.startswith(settings.KEYED_URL) for url in urls)


def test_a_depot_is_shown_no_shipments_where_doses_are_prepared(cast: Cast, log_in: LogIn) -> None:
    grant(cast.stranger, Role.DEPOT, centre=None, by=cast.administrator, now=NOW)
    assert "Shipments" not in log_in(cast.stranger).get("/home/").content.decode()
