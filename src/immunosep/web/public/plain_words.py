"""What the words of a trial mean to somebody who is not a doctor.

One entry is one word and its meaning in a sentence. A page shows those that its own text uses.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple


class Word(NamedTuple):
    """A word, how texts write it, and what it means."""

    word: str
    written: str
    meaning: str


WORDS = (
    Word("Sepsis", r"sepsis",
         "An infection to which the body answers so strongly that its own organs suffer."),
    Word("Septic shock", r"septic shock",
         "Sepsis in which blood pressure stays low although fluid is given."),
    Word("Immunotherapy", r"immunotherap",
         "A drug that calms the body's defences, or strengthens them."),
    Word("Immune state", r"immune state",
         "Whether the body's defences are too strong, too weak, or neither. A blood test tells."),
    Word("Hyper-inflammation", r"hyper-?inflammation|macrophage activation",
         "The body's defences are too strong and harm it."),
    Word("Immunoparalysis", r"immunoparalysis",
         "The body's defences are worn out and no longer fight the infection."),
    Word("Anakinra", r"anakinra",
         "A drug that calms inflammation. It is in use against rheumatic diseases."),
    Word("Interferon gamma", r"interferon gamma",
         "A messenger of the body's own defences, given as a drug to wake them."),
    Word("Ferritin", r"ferritin",
         "A protein in the blood that stores iron. A very high value is a sign of too strong "
         "defences."),
    Word("HLA-DR", r"hla-dr",
         "A molecule on defence cells. Few of them are a sign of worn-out defences."),
    Word("Placebo", r"placebo",
         "A preparation that looks like the drug and has no drug in it."),
    Word("Pneumonia", r"pneumonia", "An infection of the lungs."),
    Word("Bacteraemia", r"bacteraemia", "Bacteria in the blood."),
    Word("SOFA", r"sofa\b",
         "A score of how well six organ systems work; the higher, the worse."),
)  # fmt: skip


def words_in(texts: Iterable[str]) -> tuple[Word, ...]:
    """The words that these texts use, in the order of the list."""
    read = " ".join(texts).lower()
    return tuple(word for word in WORDS if re.search(word.written, read))
