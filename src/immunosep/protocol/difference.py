"""The difference of two values of a trial, in words, in the order of ICH M11.

Every field is compared: what an item is called by (its id) tells which became which; numbers inside
rules are compared through the expression trees. The difference is empty if, and only if, the two
have the same digest.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from ibis.expr import types as ir

from immunosep.protocol.difference_words import (
    field_in_words,
    key_of,
    noun_of,
    shortly,
    value_in_words,
)
from immunosep.protocol.digest import plain_of
from immunosep.protocol.rules_in_words import OTHERWISE, differences_of_rules
from immunosep.protocol.substance import Kind, Place, Substance, substance_of
from immunosep.protocol.treatment import Component
from immunosep.protocol.trial import Trial


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change: where, of what kind, in a sentence, and whether a published list classes it."""

    part: str
    item: str
    field: str
    kind: Kind
    sentence: str
    substance: Substance
    because: str = ""

    def as_json(self) -> dict[str, str]:
        """Each field as text."""
        return {field.name: str(getattr(self, field.name)) for field in fields(self)}


@dataclass(frozen=True, kw_only=True)
class Edition:
    """Which of a trial's versions: enough to find it again."""

    id: str
    version: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What one version of a trial changed of another; no changes if they are the same."""

    old: Edition
    new: Edition
    changes: tuple[Change, ...]

    @property
    def is_none(self) -> bool:
        """Whether the two say the same in every word and number."""
        return not self.changes

    def count(self, substance: Substance) -> int:
        """How many changes are of one class."""
        return sum(change.substance is substance for change in self.changes)

    def as_json(self) -> dict[str, Any]:
        """Both versions, whether they are the same, and every change in order."""
        return {
            "old": vars(self.old),
            "new": vars(self.new),
            "same": self.is_none,
            "changes": [change.as_json() for change in self.changes],
        }


def difference_of(old: Trial, new: Trial) -> Difference:
    """What `new` changes of `old`, in the order of the trial's fields."""
    changes = [
        change
        for field in fields(Trial)
        for change in _part(field.name, getattr(old, field.name), getattr(new, field.name))
    ]
    changes = _without_repeated(changes, old, new)
    assert bool(changes) is (old.digest != new.digest)
    return Difference(old=_edition(old), new=_edition(new), changes=tuple(changes))


def _edition(trial: Trial) -> Edition:
    return Edition(id=trial.id, version=trial.version, digest=trial.digest)


def _part(part: str, old: Any, new: Any) -> Iterator[Change]:
    if plain_of(old) == plain_of(new):
        return
    at = Place(part=part, kind=Kind.CHANGED)
    if _are_items(old, new):
        yield from _items(at, noun_of(part), old, new)
    else:
        yield from _field(at, noun_of(part), old, new)


def _are_items(old: Any, new: Any) -> bool:
    """Whether both are tuples of things with an id, so that each can be followed."""
    both = isinstance(old, tuple | list) and isinstance(new, tuple | list)
    return both and any(is_dataclass(held) for held in (*old, *new))


def _items(at: Place, noun: str, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Change]:
    before, after = _keyed(old), _keyed(new)
    for key, held in before.items():
        if key not in after:
            said = f"{noun} {key}: removed ({shortly(held)})"
            yield _change(_about(at, key, held, Kind.REMOVED), said)
    stays = [key for key in before if key in after]
    order = [key for key in after if key in before]
    moved = set(order) - set(_longest_run(order, stays))
    for position, (key, held) in enumerate(after.items()):
        if key not in before:
            said = f"{noun} {key}: added ({shortly(held)})"
            yield _change(_about(at, key, held, Kind.ADDED), said)
            continue
        if key in moved:
            where = f"behind {list(after)[position - 1]}" if position else "to the front"
            yield _change(_about(at, key, held, Kind.MOVED), f"{noun} {key}: moved {where}")
        yield from _field(_about(at, key, held, Kind.CHANGED), f"{noun} {key}", before[key], held)


def _about(at: Place, key: str, held: Any, kind: Kind) -> Place:
    """The place of an item; of an item within an item, still that of the outer one."""
    rank = at.rank or str(getattr(held, "rank", ""))
    return replace(at, item=at.item or key, rank=rank, kind=kind)


def _keyed(items: Sequence[Any]) -> dict[str, Any]:
    """Each by its id; one that comes twice by its id and which time it is."""
    keyed: dict[str, Any] = {}
    for held in items:
        key, times = key_of(held), 1
        while (name := key if times == 1 else f"{key} ({times})") in keyed:
            times += 1
        keyed[name] = held
    return keyed


def _longest_run(order: Sequence[str], stays: Sequence[str]) -> list[str]:
    """The most items of `order` that keep the order they had in `stays`: the others moved."""
    places = {key: at for at, key in enumerate(stays)}
    best: list[list[str]] = []
    for key in order:
        before = [run for run in best if places[run[-1]] < places[key]]
        best.append([*max(before, key=len, default=[]), key])
    return max(best, key=len, default=[])


def _field(at: Place, about: str, old: Any, new: Any) -> Iterator[Change]:
    """The changes within one value, said of `about`."""
    if plain_of(old) == plain_of(new):
        return
    match old, new:
        case ir.Expr(), ir.Expr():
            for said in differences_of_rules(old, new) or [OTHERWISE]:
                yield _change(at, f"{about}: {said}")
        case str(), str():
            yield _change(replace(at, kind=Kind.REWORDED), _reworded(at, about, old, new))
        case (tuple() | list(), tuple() | list()):
            yield from _listed(at, about, old, new)
        case Mapping(), Mapping():
            for key in dict.fromkeys([*old, *new]):
                yield from _field(at, f"{about}, {value_in_words(key)}", old.get(key), new.get(key))
        case _ if type(old) is type(new) and is_dataclass(new) and not isinstance(new, type):
            yield from _fields(at, about, old, new)
        case _:
            words = (value_in_words(held, of=at.field or at.part) for held in (new, old))
            yield _change(at, f"{about}: {', was '.join(words)}")


def _fields(at: Place, about: str, old: Any, new: Any) -> Iterator[Change]:
    for field in fields(new):
        was, now = getattr(old, field.name), getattr(new, field.name)
        inner = replace(at, field=at.field or field.name)
        if isinstance(new, Component) and field.name in ("dose", "unit"):
            yield from _dose(inner, about, old, new, field.name)
            continue
        subject = about if field.name == "rule" else f"{about}, {field_in_words(field.name)}"
        if _are_items(was, now):
            yield from _items(replace(at), f"{about},", was, now)
        else:
            yield from _field(inner, subject, was, now)


def _dose(at: Place, about: str, old: Component, new: Component, name: str) -> Iterator[Change]:
    """A dose with its unit: both at once, where the number is looked at."""
    if (old.dose, old.unit) == (new.dose, new.unit):
        return
    told_with_the_number = name == "unit" and plain_of(old.dose) != plain_of(new.dose)
    if told_with_the_number or (name == "dose" and plain_of(old.dose) == plain_of(new.dose)):
        return
    now, was = (f"{value_in_words(each.dose)} {each.unit}".strip() for each in (new, old))
    yield _change(at, f"{about}, dose: {now}, was {was}")


def _listed(at: Place, about: str, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Change]:
    """Words in a list: which came, which went, or that they stand in another order."""
    before, after = (list(map(value_in_words, held)) for held in (old, new))
    come = [word for word in after if word not in before]
    gone = [word for word in before if word not in after]
    said = [f"added {', '.join(come)}"] if come else []
    said += [f"removed {', '.join(gone)}"] if gone else []
    kind = Kind.CHANGED if said else Kind.MOVED
    words = "; ".join(said) or f"now in the order {', '.join(after)}"
    yield _change(replace(at, kind=kind), f"{about}: {words}")


def _reworded(at: Place, about: str, old: str, new: str) -> str:
    if not old or not new:
        return f"{about}: {value_in_words(new)}, was {value_in_words(old)}"
    return f"{about}: now “{new}”, was “{old}”"


def _change(at: Place, sentence: str) -> Change:
    substance, because = substance_of(at)
    return Change(
        part=at.part, item=at.item, field=at.field, kind=at.kind, sentence=sentence,
        substance=substance, because=because,
    )  # fmt: skip


def _without_repeated(changes: list[Change], old: Trial, new: Trial) -> list[Change]:
    """An intervention that a regimen repeats is told once, where the interventions are listed."""
    told = [
        change
        for change in changes
        if not (change.part == "regimens" and change.field == "intervention")
    ]
    return told if _same_as_listed(old) and _same_as_listed(new) else changes


def _same_as_listed(trial: Trial) -> bool:
    listed = [plain_of(each) for each in trial.interventions]
    regimens: Sequence[Any] = trial.regimens
    given = [each for regimen in regimens for each in getattr(regimen, "components", ())]
    used = [getattr(each, "intervention", None) for each in given]
    return all(plain_of(each) in listed for each in used)
