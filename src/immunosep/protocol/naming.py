"""What words would tell blinded readers what they must not learn: treatments, and hidden results.

`web` asks it of every text that people write where blinded people read. They write in their own
language, so the words are those of the trial and their translations, which lie in `folders`; of a
translated word the accents and the ending do not count.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from immunosep.languages import in_other_languages
from immunosep.protocol.trial import Trial
from immunosep.tables.casebook import CASE_COLUMNS

LONG = 4  # letters from which a word's last one may be an ending


def names_a_treatment(trial: Trial, text: str, *, folders: tuple[Path, ...] = ()) -> bool:
    """Whether a text names an intervention or an arm."""
    named = [(each.id.replace("_", " "), each.label) for each in trial.interventions]
    named += [(arm.id.replace("_", " "), arm.label) for arm in trial.arms]
    words = {word for id_, label in named for word in (id_, _head(label))}
    if any(re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE) for word in words):
        return True
    asked = {each for id_, label in named for each in (id_.capitalize(), label)}
    plain = _plain(text)
    return any(
        _stem(name).search(plain)
        for each in asked
        for translation in in_other_languages(each, folders)
        for name in _names_in(translation)
    )


def hidden_results_named(trial: Trial, text: str) -> list[str]:
    """The results that hint at the arm and that a text names, such as Ferritin."""
    found = []
    for label in _hidden_labels(trial):
        word = label.split()[0]
        others = [each for each in in_other_languages(label) if word not in each]
        if word.casefold() in text.casefold() or any(
            _stem(each.split()[0]).search(_plain(text)) for each in others
        ):
            found.append(word)
    return found


def _hidden_labels(trial: Trial) -> Iterator[str]:
    for name in dict.fromkeys(name for form in trial.casebook for name in form.hidden):
        yield CASE_COLUMNS[name].label


def _head(label: str) -> str:
    """The name with which a label begins: before what explains it."""
    return re.split("[,:;(]", label.lower())[0].strip()


def _names_in(label: str) -> Iterable[str]:
    """Likewise of a translation, which may have the name twice: Anakinra (ανακίνρα)."""
    parts = re.split("[()]", re.split("[,:;]", label)[0])
    return [part.strip() for part in parts if part.strip()]


@cache
def _stem(words: str) -> re.Pattern[str]:
    """These words with any ending, such as the Greek genitive."""
    begun = (re.escape(word[:-1] if len(word) >= LONG else word) for word in _plain(words).split())
    return re.compile(r"\b" + r"\w*\s+".join(begun))


def _plain(text: str) -> str:
    """Small letters without accents."""
    apart = unicodedata.normalize("NFD", text.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))
