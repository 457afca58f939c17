"""In which language a label is printed: that of the centre's country, whoever prints it.

A member state decides on the language of labels (Regulation (EU) 536/2014, article 69). Where a
country has several, or no translation is there, a label is in English.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from immunosep.languages import ENGLISH, Said, say, speaking
from immunosep.web.accounts.speaking import short, trial_folders
from immunosep.web.centres.models import Centre

OF_COUNTRY = {"Austria": "de", "Cyprus": "el", "Germany": "de", "Greece": "el"}
IN_WORDS = {"en": say("English"), "el": say("Greek"), "de": say("German")}


def label_language(centre: Centre) -> str:
    """Of what is prepared for a centre's participant."""
    return _there_is(OF_COUNTRY.get(centre.country, ENGLISH))


def kit_language() -> str:
    """Of a kit, labelled before anybody knows where it goes: that of all centres, if it is one."""
    countries = set(Centre.objects.order_by().values_list("country", flat=True))
    spoken = {OF_COUNTRY.get(country, ENGLISH) for country in countries}
    return _there_is(spoken.pop()) if len(spoken) == 1 else ENGLISH


def language_in_words(code: str) -> Said:
    """As the pharmacy's page says it."""
    return IN_WORDS.get(code, say("English"))


@contextmanager
def printing_in(code: str) -> Iterator[None]:
    """Words are spoken in a label's language for a while, the trial's own too."""
    with speaking(code, trial_folders()):
        yield


def _there_is(code: str) -> str:
    return code if code in {short(each) for each, _ in settings.LANGUAGES} else ENGLISH
