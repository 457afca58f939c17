"""Invented names of people at work, some for each country of the trial, in a fixed order."""

from collections.abc import Iterator, Mapping

ELSEWHERE = (
    "Alex Robin Kim Jo Sam Chris Pat Lee",
    "Hill Brook Marsh Field Stone Wood Lake Moor Vale Heath Dale",
)
NAMES: Mapping[str, tuple[str, str]] = {
    "Greece": (
        "Eleni Nikos Maria Giorgos Katerina Dimitris Anna Kostas Ioanna Petros Sofia Vasilis Zoe",
        "Adamou Lamprou Rigas Stavrou Melas Petrou Fotiou Kanaris Vlachos Doukas Sarris Markou "
        "Zervas Galanis Pappas",
    ),
    "Germany": (
        "Lena Jonas Greta Felix Clara Moritz",
        "Bergmann Lindner Vogt Hartwig Seidel Brandt Kessler",
    ),
    "Italy": ("Giulia Marco Elena Paolo Chiara", "Bassi Ferri Conti Marini Sala Neri Villa"),
    "Netherlands": ("Sanne Daan Femke Bram Lotte", "Bakker Visser Dekker Kuiper Mulder Smit Vos"),
    "Romania": ("Ioana Andrei Elena Mihai Raluca", "Munteanu Stan Dobre Rusu Moldovan Balan Pop"),
    "Switzerland": ("Chloé Luc Manon Théo Aline", "Favre Rochat Blanc Morel Chappuis Jaquet Monod"),
}


def names_of(country: str) -> Iterator[str]:
    """Names for a country, no two alike until all are used."""
    given, family = (words.split() for words in NAMES.get(country, ELSEWHERE))
    number = 0
    while True:
        shift, first = divmod(number, len(given))
        yield f"{given[first]} {family[(first + shift) % len(family)]}"
        number += 1
