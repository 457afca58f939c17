"""The baseline page: what its rules ask, and how it reaches the records, or why it does not."""

from datetime import timedelta
from typing import Any

import pytest

from immunosep.trials.immunosep.casebook import BASELINE
from immunosep.web.casebook.checking import faults_of
from immunosep.web.casebook.completing import complete_page, miss_visit
from immunosep.web.casebook.models import Page, Query
from immunosep.web.casebook.recording import record_page, write_page
from immunosep.web.records.tables import tables_of
from tests.web.casebooks import ANSWERS, last
from tests.web.people import NOW, Cast
from tests.web.supplied import treated

LATER = NOW + timedelta(hours=6)
WHOLE = ANSWERS["baseline"]
AT_64 = {
    "first_dose_given_at": None, "known_dead_at": None, "known_discharged_at": None, "male": None,
    "day": 1, "age_years": 64,
}  # fmt: skip
AT_ENTRY = ("apache_ii", "charlson", "septic_shock", "baseline_unknown")


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ({}, []),
        ({"apache_ii": None}, ["known_or_reason"]),
        ({"charlson": None}, ["known_or_reason"]),
        ({"vasopressor_for_map_65": None}, ["known_or_reason"]),
        ({"charlson": None, "baseline_unknown_because": "history_not_known"}, []),
        ({"lactate_mmol_l": None}, ["lactate_or_reason"]),
        ({"lactate_mmol_l": None, "vasopressor_for_map_65": False}, []),
        ({"lactate_mmol_l": None, "baseline_unknown_because": "values_not_measured"}, []),
        ({"apache_ii": 3}, []),
        ({"apache_ii": 2}, ["apache_ii_of_age"]),
    ],
)
def test_a_rule_asks_about_what_is_lacking_or_cannot_be(
    said: dict[str, Any], asked: list[str]
) -> None:
    values = {name: value for name, value in (WHOLE | said).items() if value is not None}
    faults = faults_of(BASELINE, values, context=AT_64)
    assert [fault.id for fault in faults] == asked


@pytest.fixture
def number(cast: Cast, keyed: None) -> str:
    return str(treated(cast).pk)


def write(cast: Cast, number: str, **said: Any) -> Page:
    return write_page(
        number, "baseline", said or WHOLE, visit="day_1", by=cast.nurse, now=LATER
    ).page  # fmt: skip


def at_entry() -> tuple[Any, ...]:
    (row,) = tables_of(trial_locked=False)["participants"].to_pylist()
    return tuple(row[name] for name in AT_ENTRY)


@pytest.mark.django_db
def test_the_age_of_screening_is_what_the_total_is_compared_with(cast: Cast, number: str) -> None:
    page = write(cast, number, **WHOLE | {"apache_ii": 2})
    assert list(Query.objects.values_list("page", "check_id")) == [(page.pk, "apache_ii_of_age")]
    record_page(page, {"apache_ii": 3}, seen=last(page), by=cast.nurse, now=LATER,
                reason="misread")  # fmt: skip
    assert [query.status for query in Query.objects.all()] == ["closed"]


@pytest.mark.django_db
def test_what_the_page_says_is_in_the_records(cast: Cast, number: str) -> None:
    assert at_entry() == (None, None, None, "no_page")
    page = write(cast, number)
    assert at_entry() == (21, 4, True, None)
    complete_page(page, by=cast.nurse, now=LATER)
    record_page(page, {"lactate_mmol_l": 2}, seen=last(page), by=cast.nurse, now=LATER,
                reason="misread")  # fmt: skip
    assert at_entry() == (21, 4, False, None)


@pytest.mark.django_db
def test_what_is_not_known_says_why(cast: Cast, number: str) -> None:
    page = write(cast, number, vasopressor_for_map_65=True, charlson=5)
    assert at_entry() == (None, 5, None, "left_out")
    record_page(page, {"baseline_unknown_because": "values_not_measured"}, seen=last(page),
                by=cast.nurse, now=LATER)  # fmt: skip
    assert at_entry() == (None, 5, None, "values_not_measured")


@pytest.mark.django_db
def test_a_page_of_which_nothing_is_known_is_complete_with_its_reason(
    cast: Cast, number: str
) -> None:
    page = write(cast, number, baseline_unknown_because="records_not_at_hand")
    assert complete_page(page, by=cast.nurse, now=LATER).kind == "completed"
    assert not Query.objects.exists()
    assert at_entry() == (None, None, None, "records_not_at_hand")


@pytest.mark.django_db
def test_without_a_vasopressor_there_was_no_shock_whatever_lactate(cast: Cast, number: str) -> None:
    write(cast, number, apache_ii=12, charlson=0, vasopressor_for_map_65=False)
    assert at_entry() == (12, 0, False, None)


@pytest.mark.django_db
def test_a_page_that_was_missed_says_so(cast: Cast, number: str) -> None:
    miss_visit(number, "day_1", forms=("baseline",), reason="No chart", by=cast.nurse, now=LATER)
    assert at_entry() == (None, None, None, "missed")
