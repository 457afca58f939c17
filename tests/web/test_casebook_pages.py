"""One page of the casebook in the browser: asked, folded, checked, saved, completed, read."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from immunosep.concepts.sofa_version import ALGORITHM
from immunosep.web.casebook.completing import complete_page
from immunosep.web.casebook.models import Page
from immunosep.web.casebook.recording import record_page
from immunosep.web.casebook.values import values_of
from tests.web.conftest import LogIn
from tests.web.followed import DAY, at, drawn, log, sofa
from tests.web.people import NOW, Cast
from tests.web.supplied import screened, treated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]
TODAY = NOW + 9 * DAY
BERLIN = ZoneInfo("Europe/Berlin")
PRESENT = {"day_status": "present", "gcs": "14", "platelets_10e3_ul": "90"}


@pytest.fixture(autouse=True)
def on_day_10() -> Iterator[None]:
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def number(cast: Cast, settings: Any) -> str:
    made = str(treated(cast).pk)
    settings.ROOT_URLCONF = "immunosep.web.urls"
    return made


def new(number: str, form: str = "daily_sofa", visit: str = "day_9") -> str:
    return at("new_page", number, form) + (f"?visit={visit}" if visit else "")


def shown(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def sent(page: Page, client: Client, **typed: str) -> dict[str, str]:
    """What the browser sends back: what the page showed, and what was typed over it."""
    html = shown(client, at("casebook_page", page.patient_id, page.pk))
    found = re.search(r'name="seen" value="(\d+)"', html)
    assert found is not None
    kept = {name: str(value) for name, value in values_of(page).items()}
    return kept | {"seen": found[1], "do": "save"} | typed


def wall(moment: datetime) -> str:
    return moment.astimezone(BERLIN).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    ("who", "status"),
    [("stranger", 404), ("pharmacist", 403), ("laboratory", 403), ("sponsor", 403),
     ("foreign_consultant", 404), ("monitor", 200), ("nurse", 200)],
)  # fmt: skip
def test_only_who_sees_or_fills_in_the_page_opens_it(
    cast: Cast, log_in: LogIn, number: str, who: str, status: int
) -> None:
    client, page = log_in(getattr(cast, who)), sofa(cast, number, 9)
    assert client.get(at("casebook_page", number, page.pk)).status_code == status
    assert client.get(new(number, visit="day_8")).status_code == status


def test_nobody_who_is_not_logged_in_opens_it(number: str, client: Client) -> None:
    assert client.get(new(number)).status_code == 302


@pytest.mark.parametrize("who", ["monitor", "laboratory", "foreign_consultant", "stranger"])
def test_others_write_nothing(cast: Cast, log_in: LogIn, number: str, who: str) -> None:
    client, page = log_in(getattr(cast, who)), sofa(cast, number, 9)
    addresses = (new(number, visit="day_8"), at("casebook_page", number, page.pk),
                 at("page_step", number, page.pk))  # fmt: skip
    answers = [client.post(address, PRESENT | {"gcs": "3"}) for address in addresses]
    assert {answer.status_code for answer in answers} <= {403, 404}
    assert (Page.objects.count(), values_of(page)["gcs"]) == (1, 14)


@pytest.mark.parametrize(
    "address",
    ["new/nothing/?visit=day_9", "new/daily_sofa/", "new/daily_sofa/?visit=day_28", "pages/4711/"],
)
def test_what_the_trial_has_not_is_absent(
    cast: Cast, log_in: LogIn, number: str, address: str
) -> None:
    assert log_in(cast.nurse).get(at("casebook", number) + address).status_code == 404


def test_a_page_of_another_participant_is_absent(cast: Cast, log_in: LogIn, number: str) -> None:
    page = sofa(cast, number, 9)
    screened(cast, "01-0007")
    assert log_in(cast.nurse).get(at("casebook_page", "01-0007", page.pk)).status_code == 404


def test_opening_a_page_writes_nothing(cast: Cast, log_in: LogIn, number: str) -> None:
    assert "Not begun" in shown(log_in(cast.nurse), new(number))
    assert not Page.objects.exists()


def test_a_page_is_saved_in_the_units_and_numbers_typed(
    cast: Cast, log_in: LogIn, number: str
) -> None:
    typed = PRESENT | {"pao2_mmhg": "10,5", "pao2_mmhg.unit": "kPa", "fio2": "40", "fio2.unit": "%"}
    answer = log_in(cast.nurse).post(new(number), typed)
    page = Page.objects.get()
    assert answer["Location"] == at("casebook_page", number, page.pk)
    assert values_of(page)["pao2_mmhg"] == {"value": 10.5, "unit": "kPa"}


def test_a_double_click_makes_one_page(cast: Cast, log_in: LogIn, number: str) -> None:
    client = log_in(cast.nurse)
    request = re.search(
        r'name="request" value="([^"]+)"', shown(client, new(number, "medication", ""))
    )
    assert request is not None
    typed = {"medication": "Meropenem", "medication_from": wall(NOW), "request": request[1]}
    for _ in range(2):
        assert client.post(new(number, "medication", ""), typed).status_code == 302
    assert Page.objects.count() == 1


def test_an_opened_page_leads_to_itself(cast: Cast, log_in: LogIn, number: str) -> None:
    page = sofa(cast, number, 9)
    client = log_in(cast.nurse)
    assert client.get(new(number))["Location"] == at("casebook_page", number, page.pk)
    answer = client.post(new(number), {"day_status": "present", "gcs": "3"})
    assert (answer.status_code, "changed this to 14" in answer.content.decode()) == (422, True)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({}, "Nothing was entered"),
        ({"gcs": "fifteen", "day_status": "present"}, "not a number"),
        ({"gcs": "14"}, "asked only if"),
        ({"day_status": "present", "gcs": "99"}, "outside the possible"),
    ],
)
def test_what_stands_against_saving_is_said_and_nothing_is_saved(
    cast: Cast, log_in: LogIn, number: str, typed: dict[str, str], told: str
) -> None:
    answer = log_in(cast.nurse).post(new(number), typed)
    assert (answer.status_code, Page.objects.count()) == (422, 0)
    assert told in answer.content.decode()


def test_a_rule_that_refuses_is_said_beside_the_value(
    cast: Cast, log_in: LogIn, number: str
) -> None:
    typed = {"medication": "x", "medication_from": wall(NOW + DAY), "medication_until": wall(NOW)}
    answer = log_in(cast.nurse).post(new(number, "medication", ""), typed)
    assert answer.status_code == 422
    assert "It ended before it began." in answer.content.decode()


def test_an_unusual_value_wants_a_second_look(cast: Cast, log_in: LogIn, number: str) -> None:
    client, typed = log_in(cast.nurse), PRESENT | {"platelets_10e3_ul": "2000"}
    answer = client.post(new(number), typed)
    assert (answer.status_code, "I looked again" in answer.content.decode()) == (422, True)
    assert client.post(new(number), typed | {"looked_again": "yes"}).status_code == 302


def test_an_hour_shown_twice_is_asked_about(cast: Cast, log_in: LogIn, number: str) -> None:
    """On 25 October 2026 the clock in Jena shows half past two twice."""
    typed = {"procedure": "surgery", "procedure_from": "2026-10-25T02:30"}
    with time_machine.travel(datetime(2026, 10, 26, tzinfo=BERLIN), tick=False):
        client = log_in(cast.nurse)
        assert (
            "say which is meant"
            in client.post(new(number, "procedure", ""), typed).content.decode()
        )
        again = typed | {"procedure_from.offset": "UTC+01:00"}
        assert client.post(new(number, "procedure", ""), again).status_code == 302
    assert values_of(Page.objects.get())["procedure_from"] == "2026-10-25T02:30:00+01:00"


def test_a_change_asks_why(cast: Cast, log_in: LogIn, number: str) -> None:
    client, page = log_in(cast.nurse), sofa(cast, number, 9)
    here = at("casebook_page", number, page.pk)
    answer = client.post(here, sent(page, client, gcs="12"))
    assert (answer.status_code, "say why a recorded value changes" in answer.content.decode()) == (
        422, True,
    )  # fmt: skip
    assert client.post(here, sent(page, client, gcs="12", reason="misread")).status_code == 302
    assert "misread" in shown(client, here)


def test_nobody_types_over_somebody_else(cast: Cast, log_in: LogIn, number: str) -> None:
    client, page = log_in(cast.nurse), sofa(cast, number, 9)
    mine = sent(page, client, gcs="12", map_mmhg="66", reason="mine")
    seen = page.entries.latest("id").pk
    theirs = {"gcs": 9, "creatinine_mg_dl": 2}
    record_page(page, theirs, seen=seen, by=cast.consultant, now=TODAY, reason="theirs")
    answer = client.post(at("casebook_page", number, page.pk), mine).content.decode()
    assert "Clara Consultant changed this to 9" in answer
    assert re.search(r'name="creatinine_mg_dl" value="2"', answer)
    assert re.search(r'name="map_mmhg" value="66"', answer)


def test_questions_fold_where_another_answer_leaves_them_unasked(
    cast: Cast, log_in: LogIn, number: str
) -> None:
    page = shown(log_in(cast.nurse), new(number))
    assert '<details id="group-pao2_mmhg">' in page
    assert "is present: Arterial oxygen pressure and 12 more" in page
    assert 'name="gcs"' in page


def test_what_is_typed_is_checked_scored_and_unfolded(
    cast: Cast, log_in: LogIn, number: str
) -> None:
    typed = {"day_status": "present", "pao2_mmhg": "80", "gcs": "14"}
    address = at("page_check", number, "daily_sofa") + "?visit=day_9"
    answer = log_in(cast.nurse).post(address, typed).content.decode()
    assert '<details id="group-pao2_mmhg" hx-swap-oob="true" open>' in answer
    assert "A blood gas needs the oxygen fraction" in answer
    assert "SOFA between 1 and 21" in answer
    assert not Page.objects.exists()


def test_a_group_that_stays_as_it_was_is_not_sent_again(
    cast: Cast, log_in: LogIn, number: str
) -> None:
    page = sofa(cast, number, 9)
    typed = {"day_status": "present", "gcs": "13", "asked": "pao2_mmhg", "page": str(page.pk)}
    answer = log_in(cast.nurse).post(at("page_check", number, "daily_sofa"), typed)
    assert "group-pao2_mmhg" not in answer.content.decode()


def test_the_score_stands_beside_with_its_version(cast: Cast, log_in: LogIn, number: str) -> None:
    page = shown(log_in(cast.monitor), at("casebook_page", number, sofa(cast, number, 9).pk))
    assert "SOFA between 3 and 19" in page
    assert ALGORITHM in page


def test_saving_and_completing_leads_back(cast: Cast, log_in: LogIn, number: str) -> None:
    client = log_in(cast.nurse)
    answer = client.post(new(number), PRESENT | {"do": "complete"})
    assert answer["Location"] == at("casebook", number)
    there = {"do": "complete", "back": "/follow-up/"}
    assert client.post(new(number, visit="day_8"), PRESENT | there)["Location"] == "/follow-up/"
    away = {"do": "complete", "back": "https://example.org/"}
    answer = client.post(new(number, visit="day_7"), PRESENT | away)
    assert answer["Location"] == at("casebook", number)


def test_what_is_not_whole_is_saved_and_not_complete(
    cast: Cast, log_in: LogIn, number: str
) -> None:
    typed = {"medication": "Meropenem", "do": "complete"}
    answer = log_in(cast.nurse).post(new(number, "medication", ""), typed, follow=True)
    page = answer.content.decode()
    assert "Saved, not complete. Not answered yet: From." in page
    assert Page.objects.get().stage == "started"


def test_a_page_is_completed_and_opened_again(cast: Cast, log_in: LogIn, number: str) -> None:
    client, page = log_in(cast.nurse), sofa(cast, number, 9)
    step = at("page_step", number, page.pk)
    assert "Complete as it is saved" in shown(client, at("casebook_page", number, page.pk))
    assert client.post(step, {"do": "complete"}).status_code == 302
    answer = client.post(step, {"do": "reopen"})
    assert (answer.status_code, "Say why" in answer.content.decode()) == (422, True)
    assert client.post(step, {"do": "reopen", "reason": "the chart"}).status_code == 302


def test_a_closed_page_is_only_read(cast: Cast, log_in: LogIn, number: str) -> None:
    page = sofa(cast, number, 9)
    complete_page(page, by=cast.nurse, now=TODAY)
    Page.objects.filter(pk=page.pk).update(stage="locked")
    shown_now = shown(log_in(cast.nurse), at("casebook_page", number, page.pk))
    assert "<dt>Glasgow coma score</dt><dd>14</dd>" in shown_now
    assert "Save and complete" not in shown_now


def test_the_laboratory_enters_and_is_shown_nothing(cast: Cast, log_in: LogIn, number: str) -> None:
    client = log_in(cast.laboratory)
    typed = {"sample_drawn_at": wall(NOW + DAY), "ferritin_ng_ml": "51234", "do": "complete"}
    answer = client.post(new(number, "biomarkers", "day_2"), typed)
    assert answer["Location"] == "/follow-up/"
    page = Page.objects.get()
    for who in (cast.laboratory, cast.consultant, cast.monitor):
        seen = shown(log_in(who), at("casebook_page", number, page.pk))
        assert "51234" not in seen
        assert "entered, hidden until the records are locked" in seen


def test_an_empty_field_keeps_what_is_hidden(cast: Cast, log_in: LogIn, number: str) -> None:
    client, page = log_in(cast.laboratory), drawn(cast, number, 2)
    later = {"sample_drawn_at": wall(NOW + DAY + timedelta(minutes=5)), "ferritin_ng_ml": ""}
    seen = sent(page, client, reason="from the tube") | later
    assert client.post(at("casebook_page", number, page.pk), seen).status_code == 302
    assert values_of(page)["ferritin_ng_ml"] == 512


def test_what_somebody_else_entered_is_not_told_where_it_is_hidden(
    cast: Cast, log_in: LogIn, number: str
) -> None:
    client = log_in(cast.laboratory)
    drawn(cast, number, 2, ferritin=51234)
    typed = {"sample_drawn_at": wall(NOW + DAY), "ferritin_ng_ml": "800", "reason": "mine"}
    answer = client.post(new(number, "biomarkers", "day_2"), typed).content.decode()
    assert "Lena Laboratory changed this at" in answer
    assert "51234" not in answer


def test_nothing_is_entered_of_who_took_back_all_consent(
    cast: Cast, log_in: LogIn, number: str
) -> None:
    page = log(cast, number, "medication", medication="x", medication_from=NOW.isoformat())
    page.patient.withdrawals.create(
        kind="stop_all_keep_data", at=TODAY, recorded_at=TODAY, recorded_by=cast.nurse
    )
    seen = shown(log_in(cast.nurse), at("casebook_page", number, page.pk))
    assert "Save and complete" not in seen


def test_an_entry_on_a_missed_page_says_why(cast: Cast, log_in: LogIn, number: str) -> None:
    client = log_in(cast.nurse)
    missed = {"visit": "day_9", "form": "daily_sofa", "reason": "At theatre"}
    client.post(at("missed_visit", number), missed)
    here = at("casebook_page", number, Page.objects.get().pk)
    assert "Reason, if a recorded value changes" in shown(client, here)
    answer = client.post(here, PRESENT | {"seen": "0"})
    assert (answer.status_code, 'id="fault-reason"' in answer.content.decode()) == (422, True)
    sent_again = client.post(here, PRESENT | {"seen": "0", "reason": "The chart came"})
    assert sent_again.status_code == 302
