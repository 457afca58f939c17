"""How participants were when they joined, by group, without a test (CONSORT 2025, item 25).

A difference between arms at randomisation is chance: a P value would answer no question.
"""

from collections import Counter
from dataclasses import dataclass

from immunosep.analysis.comparisons import Measured
from immunosep.analysis.outcomes import measure
from immunosep.analysis.people import People

NUMBERS = (
    "age_years", "sofa_at_entry", "apache_ii", "charlson", "ferritin_at_entry_ng_ml",
    "hla_dr_at_entry",
)  # fmt: skip
WORDS = ("sex", "immune_state", "infection", "country")
FACTS = ("septic_shock", "ventilated")
LABELS = {
    "age_years": "Age, years",
    "sofa_at_entry": "SOFA at entry",
    "apache_ii": "APACHE II",
    "charlson": "Charlson comorbidity index",
    "ferritin_at_entry_ng_ml": "Ferritin at entry, ng/mL",
    "hla_dr_at_entry": "HLA-DR at entry, molecules per monocyte",
    "hours": "Hours from sepsis to the first dose",
    "sex": "Sex",
    "immune_state": "Immune state",
    "infection": "Infection",
    "country": "Country",
    "septic_shock": "Septic shock",
    "ventilated": "Mechanical ventilation",
}


@dataclass(frozen=True, kw_only=True)
class BaselineNumber:
    """A measurement at entry, of each group."""

    id: str
    label: str
    groups: tuple[Measured, ...]


@dataclass(frozen=True, kw_only=True)
class BaselineWord:
    """A property at entry: for each value, how many of each group; and of how many it is known."""

    id: str
    label: str
    values: tuple[tuple[str, tuple[int, ...]], ...]
    known: tuple[int, ...]
    unknown: tuple[int, ...]


Characteristic = BaselineNumber | BaselineWord


def describe_baseline(people: People) -> tuple[Characteristic, ...]:
    """Every characteristic at entry that is known of somebody."""
    hours = (people.numbers("first_dose_s") - people.numbers("sepsis_s")) / 3600
    numbers = {name: people.numbers(name) for name in NUMBERS} | {"hours": hours}
    described: list[Characteristic] = [_word(people, name) for name in WORDS]
    described += [_fact(people, name) for name in FACTS]
    described += [
        BaselineNumber(id=name, label=LABELS[name], groups=measure(people, values))
        for name, values in numbers.items()
    ]
    return tuple(one for one in described if _is_known(one))


def _is_known(one: Characteristic) -> bool:
    if isinstance(one, BaselineNumber):
        return any(group.count for group in one.groups)
    return sum(one.known) > 0


def _fact(people: People, name: str) -> BaselineWord:
    values = people.words(name)
    return _counted(people, name, [None if v is None else "yes" if v else "no" for v in values],
                    only="yes")  # fmt: skip


def _word(people: People, name: str) -> BaselineWord:
    words = people.words(name)
    if name == "immune_state":
        words = [people.states.get(word or "", word) for word in words]
    return _counted(people, name, [None if w is None else w.replace("_", " ") for w in words])


def _counted(people: People, name: str, words: list[str | None], *, only: str = "") -> BaselineWord:
    tallies = [
        Counter(word for word, member in zip(words, group.members, strict=True) if member)
        for group in people.groups
    ]
    whole: Counter[str | None] = Counter(words)
    shown = [word for word, _ in whole.most_common() if word is not None and only in ("", word)]
    return BaselineWord(
        id=name,
        label=LABELS[name],
        values=tuple((word, tuple(tally[word] for tally in tallies)) for word in shown),
        known=tuple(sum(tally.values()) - tally[None] for tally in tallies),
        unknown=tuple(tally[None] for tally in tallies),
    )
