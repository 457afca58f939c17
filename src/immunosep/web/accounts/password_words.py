"""Words that no password may hold: whoever guesses at this site tries them first.

What they are is listed in docs/explanation/security.md (ASVS 5.0, 6.1.2 and 6.2.11). Case, accents,
spaces, signs and figures that stand for letters (1mmun0sep) do not count. A short name is refused
as a word of its own alone: Rome is a town, and chrome is not.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from django.core.exceptions import ValidationError

from immunosep.languages import in_other_languages, say
from immunosep.protocol.trial import Trial
from immunosep.web.accounts.speaking import trial_folders
from immunosep.web.centres.models import Centre
from immunosep.web.trial import site_trial

SOFTWARE = "immunosep"
LONG = 6  # letters from which a name is refused inside other letters too
SHORTEST = 3
_LOOKS_LIKE = str.maketrans("013457!|@$i", "oleastllasl")
THE_SOFTWARE = say("the name of this software")
THE_TRIAL = say("the name or a number of the trial")
A_PRODUCT = say("the name of a product of the trial")
A_CENTRE = say("the name of a centre, or of its town")
ASKED = say("Without the names of this software, the trial, its products, centres and towns.")


class NoWordOfTheTrial:
    """Refuses a password that holds a name of this software, the trial, a product or a centre."""

    def validate(self, password: str, user: object = None) -> None:
        """Say what kind of word it holds, each kind once, and never which."""
        whole, words = _bare(password), {_bare(word) for word in _words_in(password)}
        kinds = {
            kind: None
            for name, kind in names(site_trial(), Centre.objects.all())
            if _is_held(_bare(name), whole=whole, words=words)
        }
        if kinds:
            raise ValidationError([_refused(kind) for kind in kinds])

    def get_help_text(self) -> str:
        """What is asked, beside the field."""
        return ASKED.spoken()


def names(trial: Trial, centres: Iterable[Centre]) -> Iterator[tuple[str, str]]:
    """Every name on the list, with what it is a name of."""
    yield SOFTWARE, THE_SOFTWARE
    for each in (trial.id, trial.acronym, trial.sponsor, *_in_all_languages(trial.title)):
        yield each, THE_TRIAL
    for number in trial.registry_ids:  # such as "EudraCT 2020-005768-74"
        yield number.split()[-1], THE_TRIAL
    for product in trial.interventions:
        yield from ((each, A_PRODUCT) for each in (product.id, *_long_parts(product.id)))
        yield from ((_head(each), A_PRODUCT) for each in _in_all_languages(product.label))
    for centre in centres:
        yield from ((each, A_CENTRE) for each in (centre.city, centre.id.lstrip("0123456789_")))


def _refused(kind: str) -> str:
    return say(
        "The password holds a word that is tried first here: {kind}. Leave it out.", kind=kind
    ).spoken()


def _in_all_languages(text: str) -> Iterable[str]:
    return (text, *in_other_languages(text, trial_folders()))


def _long_parts(id_: str) -> Iterable[str]:
    return (part for part in id_.split("_") if len(part) >= LONG)


def _head(label: str) -> str:
    """The name with which a label begins: before what explains it."""
    return re.split("[,:;(]", label)[0]


def _is_held(name: str, *, whole: str, words: set[str]) -> bool:
    return (len(name) >= LONG and name in whole) or (len(name) >= SHORTEST and name in words)


def _words_in(password: str) -> Iterable[str]:
    """Its words, as written and without the figures and signs around them: Rome2026!"""
    for word in password.split():
        yield word
        yield re.sub(r"^[\d\W_]+|[\d\W_]+$", "", word)


def _bare(text: str) -> str:
    """Small letters alone, without accents; a figure is the letter that it looks like."""
    apart = unicodedata.normalize("NFKD", text).casefold().translate(_LOOKS_LIKE)
    return "".join(sign for sign in apart if sign.isalnum())
