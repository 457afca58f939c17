"""What of the casebooks waits for the monitor and the investigator, as the first page counts it."""

from datetime import timedelta

import pytest

from immunosep.web.casebook.awaiting import blocks_to_sign, pages_to_verify
from immunosep.web.casebook.completing import complete_page
from immunosep.web.casebook.models import Page
from immunosep.web.casebook.querying import answer, raise_query
from immunosep.web.casebook.verifying import verify
from immunosep.web.enrolment.models import Patient
from immunosep.web.waiting import CARDS
from tests.web.casebooks import LATER, complete, dead, signed, started, write
from tests.web.people import Cast
from tests.web.supplied import treated

pytestmark = pytest.mark.usefixtures("keyed")


@pytest.fixture
def patient(cast: Cast) -> Patient:
    return treated(cast)


def short_casebook(patient: Patient, cast: Cast) -> list[Page]:
    """Every page of somebody who died on day 2, complete."""
    dead(patient, cast)
    status = Page.objects.get(form="vital_status")
    complete_page(status, by=cast.nurse, now=LATER)
    days = [complete(patient, cast, visit=visit) for visit in ("day_1", "day_2")]
    complete(patient, cast, "baseline", "day_1")
    return [status, *days, complete(patient, cast, "biomarkers", "day_2")]


def test_a_page_waits_for_the_monitor_until_it_is_compared(cast: Cast, patient: Patient) -> None:
    started(patient, cast, visit="day_3")
    page = complete(patient, cast)
    assert pages_to_verify([cast.jena]) == 1
    assert pages_to_verify([cast.athens]) == 0
    verify(page, seen=page.entries_made, by=cast.monitor, now=LATER)
    assert pages_to_verify([cast.jena]) == 0


def test_a_block_waits_for_the_investigator_until_it_is_signed_and_once_it_changed(
    cast: Cast, patient: Patient
) -> None:
    page = short_casebook(patient, cast)[1]
    assert blocks_to_sign([cast.jena]) == 3  # days 1 to 9, day 28, the whole
    assert blocks_to_sign([cast.athens]) == 0
    signed(patient, cast, "to_day_9")
    assert blocks_to_sign([cast.jena]) == 2
    signed(patient, cast)
    assert blocks_to_sign([cast.jena]) == 0
    later = LATER + timedelta(days=1)
    write(page, cast, now=later, reason="Misread.", gcs=13)
    complete_page(page, by=cast.nurse, now=later)
    assert blocks_to_sign([cast.jena]) == 2


def test_a_block_with_an_open_question_waits_for_its_answer_first(
    cast: Cast, patient: Patient
) -> None:
    page = short_casebook(patient, cast)[1]
    query = raise_query(page, column="gcs", text="Is this so?", by=cast.monitor, now=LATER)
    assert blocks_to_sign([cast.jena]) == 1
    answer(query, text="It is.", by=cast.nurse, now=LATER)
    assert blocks_to_sign([cast.jena]) == 3


def test_nothing_waits_of_whoever_took_all_consent_back(cast: Cast, patient: Patient) -> None:
    short_casebook(patient, cast)
    patient.withdrawals.create(
        kind="stop_all_keep_data", at=LATER, recorded_at=LATER, recorded_by=cast.nurse
    )
    assert blocks_to_sign([cast.jena]) == 0


def test_the_first_page_says_who_has_to_do_what(cast: Cast, patient: Patient) -> None:
    page = complete(patient, cast)
    query = raise_query(page, column="gcs", text="Is this so?", by=cast.monitor, now=LATER)
    says = {card.title: card.says for card in CARDS}
    assert says["Questions to answer"](cast.nurse, LATER) == "1 to answer"
    answer(query, text="It is.", by=cast.nurse, now=LATER)
    assert says["Questions asked"](cast.data_manager, LATER) == (
        "1 answered, to close; 0 not answered"
    )
    assert says["Verification"](cast.monitor, LATER) == "1 pages to compare with the source"
    assert says["Signatures"](cast.consultant, LATER) == "0 parts of casebooks to sign"
