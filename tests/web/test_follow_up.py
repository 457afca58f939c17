"""What is due: by role and centre, by the centre's day, in a fixed number of queries."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine

from immunosep.protocol.forms import FilledBy
from immunosep.web.casebook.completing import complete_page
from immunosep.web.enrolment.models import Dose, Withdrawal
from immunosep.web.followup.due import Worklist, worklist_of
from immunosep.web.supply.models import Order, Preparation
from tests.web.conftest import LogIn
from tests.web.followed import DAY, at, died, sofa
from tests.web.people import NOW, Cast
from tests.web.supplied import randomised, treated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]
LIST = "/follow-up/"
DAY_3 = NOW + 2 * DAY


@pytest.fixture(autouse=True)
def on_day_3() -> Iterator[None]:
    with time_machine.travel(DAY_3, tick=False):
        yield


@pytest.fixture
def number(cast: Cast, settings: Any) -> str:
    made = str(treated(cast).pk)
    settings.ROOT_URLCONF = "immunosep.web.urls"
    return made


def work(cast: Cast, now: datetime = DAY_3, *forms: FilledBy) -> Worklist:
    return worklist_of({cast.jena: forms or [FilledBy.BEDSIDE]}, now=now)


def days(tasks: list[Any]) -> list[tuple[str, int]]:
    return [(task.form.id, task.visit.day) for task in tasks]


@pytest.mark.parametrize("who", ["stranger", "pharmacist", "monitor", "sponsor", "data_manager"])
def test_the_worklist_is_for_those_who_enter(
    cast: Cast, log_in: LogIn, number: str, who: str
) -> None:
    assert log_in(getattr(cast, who)).get(LIST).status_code == 403


def test_another_centre_sees_none_of_it(cast: Cast, log_in: LogIn, number: str) -> None:
    page = log_in(cast.foreign_consultant).get(LIST)
    assert (page.status_code, number in page.content.decode()) == (200, False)


def test_the_nurse_sees_what_is_due_today_and_overdue(cast: Cast, number: str) -> None:
    found = work(cast)
    assert days(found.due) == [("daily_sofa", 3)]
    assert days(found.overdue) == [("baseline", 1), ("daily_sofa", 1), ("daily_sofa", 2)]


def test_the_page_counts_at_its_head(cast: Cast, log_in: LogIn, number: str) -> None:
    page = log_in(cast.nurse).get(LIST).content.decode()
    assert "<title>Follow-up: 1 due, 3 overdue</title>" in page
    assert f"{at('new_page', number, 'daily_sofa')}?visit=day_3&amp;back=/follow-up/" in page
    home = log_in(cast.nurse).get("/home/").content.decode()
    assert "1 due today, 3 overdue" in home


def test_the_laboratory_sees_its_own_pages_by_number_alone(
    cast: Cast, log_in: LogIn, number: str
) -> None:
    page = log_in(cast.laboratory).get(LIST).content.decode()
    assert "Ferritin and HLA-DR, day 2" in page
    assert "SOFA" not in page
    assert f'href="{at("casebook", number)}"' not in page


def test_what_is_begun_stays_and_what_is_complete_goes(cast: Cast, number: str) -> None:
    begun, whole = sofa(cast, number, 1), sofa(cast, number, 2)
    complete_page(whole, by=cast.nurse, now=DAY_3)
    task = work(cast).overdue[1]
    assert (days(work(cast).overdue), task.page, task.is_begun) == (
        [("baseline", 1), ("daily_sofa", 1)], begun.pk, True,
    )  # fmt: skip


def test_a_contact_is_announced_a_week_ahead(cast: Cast, number: str) -> None:
    assert days(work(cast, NOW + 19 * DAY).coming) == []
    assert days(work(cast, NOW + 20 * DAY).coming) == [("vital_status", 28)]
    assert days(work(cast, NOW + 27 * DAY).due) == [("vital_status", 28)]


def test_nothing_is_due_after_death(cast: Cast, number: str) -> None:
    died(cast, number, 2)
    assert days(work(cast, NOW + 40 * DAY).overdue) == [
        ("baseline", 1), ("daily_sofa", 1), ("daily_sofa", 2), ("vital_status", 28),
    ]  # fmt: skip


def test_nothing_is_due_after_discharge_but_what_follows_it(cast: Cast, number: str) -> None:
    sofa(cast, number, 2, day_status="discharged")
    assert days(work(cast).due) == []


@pytest.mark.parametrize(
    ("kind", "due"),
    [("stop_treatment_keep_follow_up", 1), ("stop_all_keep_data", 0), ("stop_all_erase_data", 0)],
)
def test_who_took_back_all_consent_is_followed_no_more(
    cast: Cast, number: str, kind: str, due: int
) -> None:
    Withdrawal.objects.create(
        patient_id=number, kind="stop_treatment_keep_follow_up", at=NOW, recorded_at=NOW,
        recorded_by=cast.nurse,
    )  # fmt: skip
    if kind != "stop_treatment_keep_follow_up":
        Withdrawal.objects.create(
            patient_id=number, kind=kind, at=NOW, recorded_at=NOW, recorded_by=cast.nurse
        )
    assert len(work(cast).due) == due


def test_who_had_no_first_dose_is_not_followed(cast: Cast, number: str) -> None:
    randomised(cast, "01-0002")
    assert {task.patient.pk for task in work(cast).due} == {number}


def test_queries_to_the_database_do_not_grow_with_participants(
    cast: Cast, number: str, django_assert_max_num_queries: Any
) -> None:
    for n in range(2, 6):
        other = randomised(cast, f"01-{n:04d}")
        order = Order.objects.get(participant=other.patient_id)
        preparation = Preparation.objects.create(
            number=f"P{n}", order=order, route="iv", dose=1, sealed=b"", use_before=NOW + DAY,
            prepared_at=NOW, prepared_by=cast.pharmacist,
        )  # fmt: skip
        Dose.objects.create(
            allocation=other, preparation=preparation, given_at=NOW, recorded_at=NOW,
            recorded_by=cast.nurse,
        )  # fmt: skip
        sofa(cast, other.patient_id, 1)
    with django_assert_max_num_queries(3):
        assert len(work(cast).due) == 5
