"""No password holds a word that is tried first here: software, trial, products, centres, towns."""

import pytest
from django.contrib.auth.password_validation import get_default_password_validators
from django.core.exceptions import ValidationError
from django.test import Client

from immunosep.languages import speaking
from immunosep.web.accounts.models import User
from immunosep.web.accounts.password_words import NoWordOfTheTrial
from tests.conftest import ROOT
from tests.web.conftest import LogIn
from tests.web.people import PASSWORD, Cast


def refusals(password: str) -> list[str]:
    """What is said of a password; nothing if it is taken."""
    try:
        NoWordOfTheTrial().validate(password)
    except ValidationError as error:
        return list(error.messages)
    return []


@pytest.mark.parametrize(
    ("password", "kind"),
    [
        ("my ImmunoSep secret", "this software"),
        ("1mmun0-$ep forever", "this software"),
        ("nct04990232 for ever", "of the trial"),
        ("2020-005768-74 and more", "of the trial"),
        ("Εξατομικευμένη ανοσοθεραπεία στη σήψη", "of the trial"),
        ("four grams of ANAKINRA", "of a product"),
        ("interferon for everyone", "of a product"),
        ("ιντερφερονη γαμμα 1b !", "of a product"),
        ("ward seven in Jena2026!", "of a centre"),
        ("IOANNINA on the lake", "of a centre"),
        ("the queue at Attik0n", "of a centre"),
    ],
)
def test_a_word_of_the_site_is_refused_by_its_kind(cast: Cast, password: str, kind: str) -> None:
    (said,) = [each for each in refusals(password) if kind in each]
    assert not any(word.lower() in said.lower() for word in password.split() if len(word) > 6)


@pytest.mark.parametrize(
    "password",
    [PASSWORD, "a chrome bumper, unpolished", "seven swans a-swimming", "0000 1111 2222"],
)
def test_other_words_are_taken(cast: Cast, password: str) -> None:
    assert refusals(password) == []


def test_all_that_is_wrong_is_said_at_once(cast: Cast) -> None:
    assert len(refusals("immunosep anakinra athens")) == 4


def test_the_page_refuses_it_in_the_readers_language(cast: Cast, log_in: LogIn) -> None:
    new = "thessaloniki by night"
    sent = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    answer = log_in(cast.nurse).post(
        "/account/password/change/", sent, headers={"Accept-Language": "de"}
    )
    with speaking("de"):
        assert NoWordOfTheTrial().get_help_text() in answer.content.decode()
        assert refusals(new)[0] in answer.content.decode()
    assert refusals(new)[0] not in answer.content.decode()
    assert User.objects.get(pk=cast.nurse.pk).check_password(PASSWORD)


def test_a_site_asks_it_of_every_new_password(client: Client) -> None:
    kinds = {type(each) for each in get_default_password_validators()}
    assert NoWordOfTheTrial in kinds


def test_the_list_is_written_down() -> None:
    page = (ROOT / "docs" / "explanation" / "security.md").read_text(encoding="utf-8")
    listed = page.partition("## Words that no password may hold")[2].partition("\n## ")[0]
    for kind in ("software", "trial", "product", "centre"):
        assert f"| {kind}" in listed
