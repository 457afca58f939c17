"""A sentence is English wherever it is kept, and the reader's language on a page alone."""

import json
import pickle
from pathlib import Path

import pytest
from django.utils.html import conditional_escape

from immunosep.languages import (
    Figure,
    Said,
    current_language,
    inside,
    listed,
    opening,
    reviewed_by,
    say,
    say_many,
    speak,
    speaking,
    unfinished,
)

FOUND = say("{score} ({missing} missing)", score=say("SOFA {points}", points=3), missing=say("yes"))


def test_sentence_is_english_as_a_string_and_greek_on_a_page():
    with speaking("el"):
        assert str(FOUND) == FOUND == "SOFA 3 (yes missing)"
        assert json.dumps({"said": FOUND}) == '{"said": "SOFA 3 (yes missing)"}'
        assert conditional_escape(FOUND) == "SOFA 3 (λείπουν: ναι)"


def test_sentence_survives_a_pickle():
    again = pickle.loads(pickle.dumps(FOUND))
    with speaking("de"):
        assert (again, again.spoken()) == (FOUND, "SOFA 3 (es fehlen: ja)")


@pytest.mark.parametrize(
    ("count", "greek"), [(1, "1 σελίδα δεν είναι πλήρης."), (3, "3 σελίδες δεν είναι πλήρεις.")]
)
def test_number_decides_between_one_and_many(count: int, greek: str):
    told = say_many("{count} page not complete.", "{count} pages not complete.", count=count)
    assert told == f"{count} page{'s' if count > 1 else ''} not complete."
    with speaking("el"):
        assert told.spoken() == greek


def test_many_without_a_translation_are_many_in_english():
    with speaking("el"):
        assert say_many("{count} unheard of", "{count} unheards of", count=2).spoken() == (
            "2 unheards of"
        )


def test_comma_between_thousands_is_english_alone():
    limit = say("{low} to {high}", low=Figure("0"), high=Figure("100,000"))
    assert limit == "0 to 100,000"
    with speaking("de"):
        assert limit.spoken() == "0 bis 100000"


@pytest.mark.parametrize(
    ("language", "spoken"), [("en", "ferritin"), ("el", "φερριτίνη"), ("de", "Ferritin")]
)
def test_noun_inside_a_sentence_keeps_its_capital_in_german(language: str, spoken: str):
    with speaking(language):
        assert inside("Ferritin").spoken() == spoken


def test_sentence_opens_with_a_capital_and_may_go_on():
    with speaking("el"):
        assert opening("yes").spoken() == "Ναι"
        assert unfinished("Consent is not recorded.").spoken().endswith("συγκατάθεση")
    assert listed([Said("a"), "b"], by="; ") == "a; b"


def test_what_is_typed_by_people_is_not_translated():
    with speaking("el"):
        assert say("{name} of {number}", name="yes", number="no").spoken() == "yes of no"


def test_markup_is_escaped_on_a_page():
    assert say("{name}", name="<b>").__html__() == "&lt;b&gt;"


def test_language_without_a_catalogue_is_english(tmp_path: Path):
    with speaking("fr", [tmp_path]):
        assert say("yes").spoken() == "yes"
        assert reviewed_by("fr") == ""


def test_language_ends_with_what_it_was_for():
    with speaking("el"):
        speak("de")
        assert current_language() == "de"
    assert current_language() == "en"
