"""Safety in the browser: the list with its clocks, one event, the listing and its file."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from immunosep.protocol.consent import WithdrawalKind
from immunosep.web.accounts.actions import grant
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Role
from immunosep.web.audit.actions import Site
from immunosep.web.casebook.models import Page
from immunosep.web.enrolment.withdrawing import withdraw
from immunosep.web.safety.models import Assessment, Coding, FollowUp, SeriousReport, Submission
from tests.web.conftest import LogIn
from tests.web.followed import drawn
from tests.web.people import NOW, Cast
from tests.web.serious import ASSESSED, HOUR, assessed, entered, last, reported
from tests.web.supplied import MALS, randomised, treated

pytestmark = pytest.mark.django_db
LIST, LISTING, FILE = "/safety/", "/safety/listing/", "/safety/listing.csv"
BY_WALL = "2026-03-02T13:00"  # in Jena: three hours after NOW
JUDGED = {"expected.interferon_gamma": "no", "relatedness": "possible", "fatal": "no"}
SENT = {"to": "authority", "kind": "initial", "sent_at": BY_WALL, "reference": "EV-1"}
CODED = {"version": "28.0", "preferred_term": "Anaemia", "organ_class": "Blood disorders"}


@pytest.fixture(autouse=True)
def nine_hours_later() -> Iterator[None]:
    with time_machine.travel(ASSESSED + HOUR, tick=False):
        yield


@pytest.fixture
def page(cast: Cast) -> Page:
    randomised(cast)
    return entered(cast, "01-0001")


def at(page: Page, more: str = "") -> str:
    return f"/safety/events/{page.pk}/{more}"


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def rows(client: Client) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text(client, FILE), newline="")))


STATUSES = [("stranger", 403), ("pharmacist", 403), ("laboratory", 403), ("sponsor", 403),
            ("committee_member", 403), ("foreign_consultant", 404), ("monitor", 200),
            ("nurse", 200), ("safety_officer", 200)]  # fmt: skip


@pytest.mark.parametrize(("who", "status"), STATUSES)
def test_an_event_is_for_those_who_see_its_participant(
    cast: Cast, log_in: LogIn, page: Page, who: str, status: int
) -> None:
    assert log_in(getattr(cast, who)).get(at(page)).status_code == status


@pytest.mark.parametrize("who", ["stranger", "pharmacist", "laboratory", "sponsor"])
def test_the_list_is_for_those_who_see_participants(cast: Cast, log_in: LogIn, who: str) -> None:
    assert log_in(getattr(cast, who)).get(LIST).status_code == 403


@pytest.mark.parametrize("address", [LISTING, FILE])
@pytest.mark.parametrize("who", ["stranger", "consultant", "monitor", "sponsor", "pharmacist"])
def test_the_listing_is_for_those_who_see_safety(
    cast: Cast, log_in: LogIn, who: str, address: str
) -> None:
    assert log_in(getattr(cast, who)).get(address).status_code == 403


@pytest.mark.parametrize("more", ["report/", "follow-up/", "assess/", "submit/", "code/"])
@pytest.mark.parametrize(("who", "status"), [("monitor", 403), ("foreign_consultant", 404)])
def test_nothing_is_added_by_others(
    cast: Cast, log_in: LogIn, page: Page, who: str, status: int, more: str
) -> None:
    client = log_in(getattr(cast, who))
    expected = 403 if more in ("assess/", "submit/", "code/") else status
    assert client.post(at(page, more)).status_code == expected


@pytest.mark.parametrize(("who", "more"), [("safety_officer", "report/"), ("nurse", "assess/")])
def test_each_side_keeps_to_its_own(
    cast: Cast, log_in: LogIn, page: Page, who: str, more: str
) -> None:
    assert log_in(getattr(cast, who)).post(at(page, more)).status_code == 403


def test_who_sees_participants_elsewhere_sees_no_event_here(
    cast: Cast, log_in: LogIn, page: Page
) -> None:
    grant(cast.foreign_consultant, Role.LABORATORY, centre=cast.jena, by=Site(), now=NOW)
    client = log_in(User.objects.get(pk=cast.foreign_consultant.pk))
    assert client.get(at(page)).status_code == 403


def test_there_is_no_such_event(cast: Cast, log_in: LogIn) -> None:
    assert log_in(cast.nurse).get("/safety/events/99/").status_code == 404


def test_a_centre_sees_its_own_and_a_reviewer_all(cast: Cast, log_in: LogIn, page: Page) -> None:
    assert "Anaemia" in text(log_in(cast.nurse), LIST)
    assert "Anaemia" in text(log_in(cast.safety_officer), LIST)
    assert "Anaemia" not in text(log_in(cast.foreign_consultant), LIST)


def test_the_list_says_how_long_there_is(cast: Cast, log_in: LogIn, page: Page) -> None:
    html = text(log_in(cast.nurse), LIST)
    assert "17 h 00 min left" in html
    assert "(UTC+01:00)" in html
    with time_machine.travel(ASSESSED + 48 * HOUR, tick=False):
        assert "Overdue by" in text(log_in(cast.nurse), LIST)


def test_the_nurse_reports_and_the_clock_is_done(cast: Cast, log_in: LogIn, page: Page) -> None:
    client = log_in(cast.nurse)
    assert "Report now" in text(client, at(page))
    answer = client.post(at(page, "report/"), {"aware_at": BY_WALL}, follow=True)
    assert "Done in time" in answer.content.decode()
    assert SeriousReport.objects.get().aware_at == NOW + 3 * HOUR


def test_the_way_there_is_on_the_participant_and_in_the_casebook(
    cast: Cast, log_in: LogIn, page: Page
) -> None:
    client = log_in(cast.nurse)
    assert "17 h 00 min left" in text(client, "/patients/01-0001/")
    assert f'href="{at(page)}"' in text(client, "/patients/01-0001/")
    assert f'href="{at(page)}"' in text(client, f"/patients/01-0001/casebook/pages/{page.pk}/")


@pytest.mark.parametrize("typed", ["", "yesterday", "2027-01-01T00:00"])
def test_a_report_without_a_time_that_can_be_is_kept_typed(
    cast: Cast, log_in: LogIn, page: Page, typed: str
) -> None:
    answer = log_in(cast.nurse).post(at(page, "report/"), {"aware_at": typed})
    assert (answer.status_code, SeriousReport.objects.count()) == (422, 0)
    assert typed in answer.content.decode()


def test_a_reviewer_judges_submits_codes_and_adds(cast: Cast, log_in: LogIn, page: Page) -> None:
    reported(cast, page)
    client = log_in(cast.safety_officer)
    seen = str(last(page))
    client.post(at(page, "assess/"), JUDGED | {"seen": seen, "known_at": "2026-03-02T16:00"})
    client.post(at(page, "submit/"), SENT | {"sent_at": "2026-03-02T18:00"})
    client.post(at(page, "code/"), CODED)
    client.post(at(page, "follow-up/"), {"text": "Transfused."})
    made = (Assessment, Submission, Coding, FollowUp)
    assert [model.objects.count() for model in made] == [1, 1, 1, 1]
    html = text(client, at(page))
    assert all(word in html for word in ("SUSAR", "EV-1", "Blood disorders", "Transfused."))


@pytest.mark.parametrize(
    ("more", "typed", "why"),
    [
        ("assess/", {"seen": "x"}, "Say whether it killed or threatened life."),
        ("assess/", JUDGED | {"seen": "x"}, "changed meanwhile"),
        ("assess/", JUDGED | {"known_at": "soon"}, "Since when"),
        ("submit/", SENT | {"sent_at": ""}, "When it was sent"),
        ("submit/", SENT | {"reference": ""}, "no reference"),
        ("code/", {}, "Enter it."),
        ("follow-up/", {"text": "Placebo"}, "names a treatment"),
    ],
)
def test_what_stands_against_it_is_shown(
    cast: Cast, log_in: LogIn, page: Page, more: str, typed: dict[str, str], why: str
) -> None:
    reported(cast, page)
    answer = log_in(cast.safety_officer).post(at(page, more), typed)
    assert answer.status_code == 422
    assert why in answer.content.decode()


@pytest.mark.parametrize(
    ("more", "typed"),
    [("assess/", JUDGED), ("submit/", SENT), ("follow-up/", {"text": "Better."})],
)
def test_nothing_is_said_of_what_is_not_reported(
    cast: Cast, log_in: LogIn, page: Page, more: str, typed: dict[str, str]
) -> None:
    answer = log_in(cast.safety_officer).post(at(page, more), typed)
    assert (answer.status_code, b"not reported yet" in answer.content) == (422, True)


def test_what_is_not_serious_says_so(cast: Cast, log_in: LogIn) -> None:
    randomised(cast)
    page = entered(cast, "01-0001", serious=False, serious_hospitalisation=None)
    assert "not said to be serious" in text(log_in(cast.nurse), at(page))
    assert "No serious event" in text(log_in(cast.nurse), LIST)


def test_the_listing_has_a_line_per_event_without_a_date(
    cast: Cast, log_in: LogIn, page: Page
) -> None:
    assessed(cast, reported(cast, page))
    (row,) = rows(log_in(cast.committee_member))
    assert (row["participant"], row["immune_state"]) == ("01-0001", "immunoparalysis")
    assert (row["serious"], row["criteria"], row["susar"]) == ("yes", "hospitalisation", "yes")
    assert (row["relatedness"], row["relatedness_by_sponsor"]) == ("possible", "unlikely")
    assert (row["expected"], row["began_day"]) == ("no", "")
    assert "2026" not in text(log_in(cast.committee_member), FILE)


def test_the_committee_reads_the_listing_and_opens_no_event(
    cast: Cast, log_in: LogIn, page: Page
) -> None:
    html = text(log_in(cast.committee_member), LISTING)
    assert ("Anaemia" in html, at(page) in html) == (True, False)
    assert at(page) in text(log_in(cast.safety_officer), LISTING)


@pytest.mark.usefixtures("keyed")
@pytest.mark.parametrize(("hours", "day"), [(30, "2"), (0, "1"), (-30, "-1")])
def test_days_count_from_the_first_dose(
    cast: Cast, log_in: LogIn, settings: Any, hours: int, day: str
) -> None:
    treated(cast)
    settings.ROOT_URLCONF = "immunosep.web.urls"
    with time_machine.travel(NOW + 72 * HOUR, tick=False):
        began = (NOW + hours * HOUR).isoformat()
        entered(cast, "01-0001", NOW + 48 * HOUR, event_from=began)
        assert rows(log_in(cast.safety_officer))[0]["began_day"] == day


def test_a_formula_is_written_as_words(cast: Cast, log_in: LogIn, page: Page) -> None:
    client = log_in(cast.safety_officer)
    client.post(at(page, "code/"), CODED | {"preferred_term": "=1+1"})
    assert rows(client)[0]["preferred_term"] == "'=1+1"


def test_whoever_took_their_data_back_is_not_listed_and_still_reported(
    cast: Cast, log_in: LogIn, page: Page
) -> None:
    withdraw("01-0001", kind=WithdrawalKind.ALL_ERASE_DATA, at=ASSESSED, reason="asked",
             by=cast.consultant, now=ASSESSED)  # fmt: skip
    assert rows(log_in(cast.committee_member)) == []
    assert "Anaemia" in text(log_in(cast.safety_officer), LIST)


@pytest.mark.usefixtures("keyed")
def test_no_page_quotes_a_result_that_hints_at_the_arm(
    cast: Cast, log_in: LogIn, settings: Any
) -> None:
    number = str(treated(cast).pk)
    settings.ROOT_URLCONF = "immunosep.web.urls"
    drawn(cast, number, 2, ferritin=76543)
    page = entered(cast, number)
    client = log_in(cast.safety_officer)
    assert "76543" not in "".join(text(client, each) for each in (LIST, LISTING, FILE, at(page)))


@pytest.mark.parametrize("address", [LIST, LISTING, FILE])
def test_the_number_of_queries_is_that_of_one_event(
    cast: Cast, log_in: LogIn, page: Page, address: str, django_assert_max_num_queries: Any
) -> None:
    randomised(cast, "01-0002", **MALS)
    assessed(cast, reported(cast, page))
    for _ in range(4):
        assessed(cast, reported(cast, entered(cast, "01-0002")), expected={"anakinra": False})
    client = log_in(cast.safety_officer)
    client.get(address)
    with django_assert_max_num_queries(14):
        client.get(address)
