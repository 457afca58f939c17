"""What the screening page need not ask, and what the pages on the way to the first dose show."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from immunosep.web.enrolment.questions import choice_in_words
from immunosep.web.enrolment.verdicts import picture_of
from tests.web.at_bedside import bedside, patient_of, ready_patient, url
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast

FOLDED = "Not needed by what is answered"
OF_WOMEN = {"pregnant", "lactating", "pregnancy_test_pending", "unwilling_to_become_pregnant"}


@pytest.fixture(autouse=True)
def at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def idle(cast: Cast, **values: Any) -> frozenset[str]:
    return picture_of(patient_of(cast), values, now=NOW).idle


def test_a_man_need_not_be_asked_about_pregnancy(cast: Cast) -> None:
    assert idle(cast, sex="male") >= OF_WOMEN
    assert not idle(cast, sex="female") & OF_WOMEN
    assert not idle(cast) & OF_WOMEN


def test_what_was_answered_stays_asked(cast: Cast) -> None:
    assert "pregnant" not in idle(cast, sex="male", pregnant=False)


def test_only_primary_bacteraemia_is_asked_for_its_culture(cast: Cast) -> None:
    culture = "blood_culture_contaminant"
    assert culture in idle(cast, infection="community_acquired_pneumonia")
    assert culture not in idle(cast, infection="primary_bacteraemia")
    assert culture not in idle(cast)


def test_an_answer_that_a_laboratory_value_decided_stays_asked(cast: Cast) -> None:
    assert "covid_19" not in idle(cast, ferritin_ng_ml=9000)


def test_folded_questions_stay_reachable(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.nurse), patient_of(cast)
    assert FOLDED not in client.get(url("screen", patient)).content.decode()
    client.post(url("screen", patient), bedside(patient, pregnant=""))
    page = client.get(url("screen", patient)).content.decode()
    assert FOLDED in page
    assert page.index(FOLDED) < page.index('name="pregnant"')


def test_questions_fold_as_one_types(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.nurse), patient_of(cast)
    answer = client.post(url("screen_check", patient), bedside(patient, pregnant=""))
    page = answer.content.decode()
    assert 'id="asked-' in page
    assert FOLDED in page
    again = bedside(patient, pregnant="") | {"idle": sorted(OF_WOMEN)}
    assert "asked-" not in client.post(url("screen_check", patient), again).content.decode()


@pytest.mark.parametrize("page", ["consent", "laboratory_result"])
def test_the_journey_and_the_clock_stand_on_every_step(
    cast: Cast, log_in: LogIn, page: str
) -> None:
    client = log_in(cast.consultant)
    patient = ready_patient(cast, client)
    shown = client.get(url(page, patient)).content.decode()
    assert "The way to the first dose" in shown
    assert 'class="clock' in shown
    assert "✓" in shown


def test_the_laboratory_is_shown_no_journey(cast: Cast, log_in: LogIn) -> None:
    page = log_in(cast.laboratory).get(url("laboratory_result", patient_of(cast)))
    assert "The way to the first dose" not in page.content.decode()


def test_who_randomises_sees_the_results(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.consultant)
    page = client.get(url("randomise", ready_patient(cast, client))).content.decode()
    assert "<dt>Ferritin</dt><dd>800 ng/mL</dd>" in page
    assert "<dd>3000 molecules per monocyte</dd>" in page


@pytest.mark.parametrize(
    ("word", "said"),
    [("community_acquired_pneumonia", "community-acquired pneumonia"),
     ("ventilator_associated_pneumonia", "ventilator-associated pneumonia"),
     ("intra_abdominal", "intra-abdominal"), ("primary_bacteraemia", "primary bacteraemia")],
)  # fmt: skip
def test_choices_are_written_as_people_write_them(word: str, said: str) -> None:
    assert choice_in_words(word) == said
