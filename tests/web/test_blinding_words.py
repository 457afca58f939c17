"""What people type: no text that blinded people read names a treatment or tells a hidden result.

The person who types may have been told, or believe to know. The refusal rests on the words alone,
so that it is the same whatever the participant was given.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from immunosep.errors import RefusedError
from immunosep.protocol.consent import WithdrawalKind
from immunosep.protocol.forms import FilledBy
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web.audit.models import Event
from immunosep.web.casebook.completing import miss_visit, reopen_page
from immunosep.web.casebook.hidden import ENTERED
from immunosep.web.casebook.locking import unlock_page
from immunosep.web.casebook.models import Page, PageEntry
from immunosep.web.casebook.querying import answer, raise_query
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.randomising import mark_in_error
from immunosep.web.enrolment.recording import last_entry, record_values
from immunosep.web.enrolment.withdrawing import withdraw
from immunosep.web.enrolment.wording import HAS_A_NUMBER, NAMES_A_TREATMENT, wording_problems
from tests.web.casebooks import LATER, complete, started, write
from tests.web.conftest import LogIn
from tests.web.people import Cast
from tests.web.supplied import treated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]
TOLD = "The ward thinks it is Anakinra"
WORDS = ("anakinra", "interferon gamma", "PLACEBO", "saline", "ανακίνρα", "Ανακίνρας",
         "ιντερφερόνης γάμμα", "ΕΙΚΟΝΙΚΟ ΦΑΡΜΑΚΟ", "εικονικού φαρμάκου", "Placebos",
         "φυσιολογικό ορό", "Kochsalzlösung")  # fmt: skip
RESULTS = ("ferritin", "Φερριτίνη", "η τιμή της φερριτίνης", "Ferritinwert", "hla-dr")


@pytest.fixture
def patient(cast: Cast) -> Patient:
    return treated(cast)


@pytest.mark.parametrize("word", WORDS)
def test_each_treatment_of_the_trial_is_refused_in_the_same_words(word: str) -> None:
    assert wording_problems(f"Was it {word}?", trial=IMMUNOSEP) == [NAMES_A_TREATMENT]


@pytest.mark.parametrize("words", RESULTS)
def test_each_hidden_result_is_refused_in_any_language(words: str) -> None:
    assert "hint at the treatment" in " ".join(wording_problems(words, trial=IMMUNOSEP))


@pytest.mark.parametrize(
    "words",
    ["Misread the chart of 12 March", "Λάθος ανάγνωση του φακέλου, νέο φάρμακο για τον πόνο",
     "Kurve vom 12. März falsch gelesen, anderes Arzneimittel"],
)  # fmt: skip
def test_what_names_nothing_is_free(words: str) -> None:
    assert wording_problems(words, trial=IMMUNOSEP) == []


def refused(act: Callable[[], object]) -> str:
    before = Event.objects.count()
    with pytest.raises(RefusedError) as error:
        act()
    assert Event.objects.count() == before  # what was typed is kept nowhere
    return " ".join(error.value.problems)


def test_no_reason_about_a_page_names_a_treatment(cast: Cast, patient: Patient) -> None:
    page = complete(patient, cast)
    how: dict[str, Any] = {"by": cast.nurse, "now": LATER}
    acts: list[Callable[[], object]] = [
        lambda: write(page, cast, gcs=3, reason=TOLD),
        lambda: reopen_page(page, reason=TOLD, **how),
        lambda: miss_visit(patient.pk, "day_90", reason=TOLD, **how),
        lambda: unlock_page(page, reason=TOLD, by=cast.data_manager, now=LATER),
        lambda: raise_query(page, text=TOLD, by=cast.monitor, now=LATER),
    ]
    assert [act for act in acts if NAMES_A_TREATMENT not in refused(act)] == []


def test_no_answer_names_a_treatment(cast: Cast, patient: Patient) -> None:
    query = raise_query(complete(patient, cast), text="Why?", by=cast.monitor, now=LATER)
    said = refused(lambda: answer(query, text=TOLD, by=cast.nurse, now=LATER))
    assert said == NAMES_A_TREATMENT


def test_no_reason_beside_the_casebook_names_a_treatment(cast: Cast, patient: Patient) -> None:
    number = patient.pk
    acts: list[Callable[[], object]] = [
        lambda: withdraw(number, kind=WithdrawalKind.ALL_KEEP_DATA, at=LATER, reason=TOLD,
                         by=cast.nurse, now=LATER),
        lambda: mark_in_error(number, reason=TOLD, by=cast.consultant, now=LATER),
        lambda: record_values(number, {"age_years": 65}, filled_by=FilledBy.BEDSIDE, reason=TOLD,
                              seen=last_entry(patient), by=cast.nurse, now=LATER),
    ]  # fmt: skip
    assert [act for act in acts if refused(act) != NAMES_A_TREATMENT] == []


@pytest.mark.parametrize(
    ("form", "column", "said"),
    [
        ("adverse_event", "event_term", "Fever after anakinra"),
        ("adverse_event", "event_term", "Ferritin too high"),
        ("procedure", "procedure_detail", "While interferon gamma was given"),
    ],
)
def test_no_free_text_names_a_treatment_or_a_hidden_result(
    cast: Cast, patient: Patient, form: str, column: str, said: str
) -> None:
    typed: dict[str, Any] = {column: said}
    page = started(patient, cast, form, "")
    assert "blinded people read it" in refused(lambda: write(page, cast, **typed))


def test_a_medicine_given_beside_the_trial_is_named(cast: Cast, patient: Patient) -> None:
    page = started(patient, cast, "medication", "")
    assert write(page, cast, medication="Saline", medication_dose="1 L saline 0.9 %").entries


# ── Forms whose results are hidden ──────────────────────────────────────────────────────────────


@pytest.fixture
def remeasured(cast: Cast, patient: Patient) -> Page:
    """A hidden result that the laboratory changed, and said why."""
    page = complete(patient, cast, "biomarkers", "day_2")
    write(page, cast, ferritin_ng_ml=9000, reason="Far too low at first")
    return page


@pytest.mark.parametrize("who", ["nurse", "laboratory", "monitor", "data_manager"])
def test_why_a_hidden_result_changed_is_hidden_too(
    cast: Cast, remeasured: Page, log_in: LogIn, settings: Any, who: str
) -> None:
    settings.KEYED, settings.ROOT_URLCONF = False, "immunosep.web.urls"
    client = log_in(getattr(cast, who))
    urls = [
        reverse("casebook_page", args=["01-0001", remeasured.pk]),
        reverse("clean_page", args=[remeasured.pk]),
        reverse("audit"),
    ]
    told = [client.get(url) for url in urls]
    assert any(page.status_code == 200 for page in told)
    assert not any(b"too low" in page.content for page in told)


def test_why_it_changed_is_kept_with_the_entry_and_not_in_the_trail(
    cast: Cast, remeasured: Page
) -> None:
    assert PageEntry.objects.latest("pk").reason == "Far too low at first"
    assert Event.objects.filter(action="casebook.record_page").latest("sequence").reason == ENTERED


def test_on_such_a_form_a_question_names_the_result_and_no_number(
    cast: Cast, patient: Patient
) -> None:
    page = complete(patient, cast, "biomarkers", "day_2")
    said = refused(lambda: raise_query(page, text="Is it 512?", by=cast.monitor, now=LATER))
    assert said == HAS_A_NUMBER
    assert raise_query(page, text="Was the ferritin tube full?", by=cast.monitor, now=LATER).pk
