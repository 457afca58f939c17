"""How old things are: days to the first entry, days that questions wait; few questions for all."""

from datetime import timedelta
from typing import Any

import pytest

from immunosep.web.casebook.ageing import counts_of, entry_lags, query_ages
from immunosep.web.casebook.models import Query
from immunosep.web.casebook.querying import answer, close, raise_query
from immunosep.web.casebook.recording import write_page
from immunosep.web.casebook.seeing import seen_by
from immunosep.web.enrolment.models import Patient
from tests.web.casebooks import PRESENT, complete, started
from tests.web.people import NOW, Cast
from tests.web.supplied import treated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]


@pytest.fixture
def patient(cast: Cast) -> Patient:
    return treated(cast)


def entered(patient: Patient, cast: Cast, visit: str, after_days: float) -> None:
    write_page(patient.pk, "daily_sofa", PRESENT, visit=visit, by=cast.nurse,
               now=NOW + timedelta(days=after_days))  # fmt: skip


def asked(patient: Patient, cast: Cast, days_ago: int) -> Query:
    page = complete(patient, cast)
    return raise_query(page, text="Sedated?", by=cast.monitor, now=NOW - timedelta(days=days_ago))


def test_lag_counts_from_the_visits_own_day(cast: Cast, patient: Patient) -> None:
    entered(patient, cast, "day_1", 0)
    entered(patient, cast, "day_2", 4)
    entered(patient, cast, "day_3", 7)
    jena, athens = entry_lags([cast.jena, cast.athens])
    assert (jena.pages, jena.median_days, jena.longest_days) == (3, 3, 5)
    assert (athens.pages, athens.median_days, athens.longest_days) == (0, None, None)


def test_an_entry_before_its_day_counts_as_none(cast: Cast, patient: Patient) -> None:
    entered(patient, cast, "day_9", 1)
    assert entry_lags([cast.jena])[0].median_days == 0


def test_a_page_without_an_entry_counts_for_nothing(cast: Cast, patient: Patient) -> None:
    started(patient, cast)
    assert entry_lags([cast.jena])[0].pages == 0


def test_questions_age_until_they_are_closed(cast: Cast, patient: Patient) -> None:
    close(asked(patient, cast, 10), text="Fine.", by=cast.monitor, now=NOW - timedelta(days=4))
    answer(asked(patient, cast, 7), text="No.", by=cast.nurse, now=NOW)
    asked(patient, cast, 3)
    ages = query_ages([cast.jena], now=NOW)[0]
    assert (ages.open, ages.answered, ages.closed) == (1, 1, 1)
    assert (ages.median_days, ages.oldest_days, ages.median_days_to_close) == (5, 7, 6)


def test_a_centre_without_questions_has_no_age(cast: Cast) -> None:
    ages = query_ages([cast.athens], now=NOW)[0]
    assert (ages.open, ages.oldest_days, ages.median_days_to_close) == (0, None, None)


def test_every_state_is_counted(cast: Cast, patient: Patient) -> None:
    asked(patient, cast, 3)
    assert counts_of(Query.objects.all()) == {"open": 1, "answered": 0, "closed": 0}


def test_questions_alike_are_counted_each(cast: Cast, patient: Patient) -> None:
    for visit in ("day_2", "day_3"):
        page = complete(patient, cast, visit=visit)
        raise_query(page, text="Is this so?", by=cast.monitor, now=NOW)
    assert counts_of(seen_by(cast.data_manager)) == {"open": 2, "answered": 0, "closed": 0}


def test_all_centres_are_as_many_questions_as_one(
    cast: Cast, patient: Patient, django_assert_num_queries: Any
) -> None:
    asked(patient, cast, 3)
    with django_assert_num_queries(3):
        entry_lags([cast.jena, cast.athens])
        query_ages([cast.jena, cast.athens], now=NOW)
