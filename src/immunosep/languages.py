"""Sentences that people read in their own language, and that are English everywhere else.

A `Said` is a string whose value is the English sentence: that is what is compared, kept, logged,
audited, exported and answered to a program. A page alone asks for another language, by rendering it
(`__html__`) or by `spoken`. So no table, trail or file can come to depend on who was looking.

Translations are gettext catalogues: those of the package, and those of a trial, which lie in a
folder `locale` beside its Python file and are asked first. A text without a translation is English.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, reduce
from gettext import NullTranslations, translation
from html import escape
from pathlib import Path
from typing import Any, Literal

ENGLISH = "en"
CAPITAL_NOUNS = frozenset({"de"})  # languages in which a noun keeps its capital inside a sentence
PACKAGE, TRIAL = "django", "trial"  # the domains; web templates look for the name `django`
FOLDER = Path(__file__).parent / "locale"

Style = Literal["", "opening", "inside", "unfinished"]


@dataclass(frozen=True)
class Speech:
    """The language of whoever is being answered, and where the trial's own translations are."""

    language: str = ENGLISH
    folders: tuple[Path, ...] = ()


_speech: ContextVar[Speech] = ContextVar("speech", default=Speech())  # noqa: B039 it is frozen


def current_language() -> str:
    """The language in which pages are made now."""
    return _speech.get().language


def speak(language: str, folders: Iterable[Path] = ()) -> None:
    """Make pages in a language from now on."""
    _speech.set(Speech(language, tuple(folders)))


@contextmanager
def speaking(language: str, folders: Iterable[Path] = ()) -> Iterator[None]:
    """Make pages in a language for a while, whatever is chosen within."""
    token = _speech.set(Speech(language, tuple(folders)))
    try:
        yield
    finally:
        _speech.reset(token)


class Said(str):
    """A sentence of ours: English as a string, the reader's language on a page."""

    pattern: str
    plural: str
    number: int | None
    style: Style
    parts: Mapping[str, Any]

    def __new__(
        cls,
        pattern: str,
        parts: Mapping[str, Any] | None = None,
        *,
        plural: str = "",
        count: int | None = None,
        style: Style = "",
    ) -> "Said":
        """`parts` fill the braces of `pattern`; with `plural`, `count` decides between the two."""
        held = dict(parts or {})
        english = plural if plural and count != 1 else pattern
        made = super().__new__(cls, _styled(_filled(english, held), style, ENGLISH))
        made.pattern, made.plural, made.number = pattern, plural, count
        made.style, made.parts = style, held
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """So that it can cross from one process to another."""
        return _again, (type(self), self.pattern, self.parts, self.plural, self.number, self.style)

    def __html__(self) -> str:
        """As a page shows it."""
        return escape(self.spoken())

    def spoken(self) -> str:
        """The sentence in the language of now."""
        found = self.found()
        if found is None:
            found = self.plural if self.plural and self.number != 1 else self.pattern
        spoken = {name: said(part) for name, part in self.parts.items()}
        return _styled(_filled(found, spoken), self.style, current_language())

    def found(self) -> str | None:
        """The translation of its pattern; nothing where there is none, or it is English."""
        return _look_up(self.pattern, self.plural, self.number)

    def styled(self, style: Style) -> "Said":
        """The same at the beginning of a sentence, or inside one."""
        return _again(type(self), self.pattern, self.parts, self.plural, self.number, style)


class Figure(Said):
    """A number with its thousands apart: 4,420 in English, 4420 where a comma is a decimal sign."""

    def found(self) -> str | None:
        """Without the comma, which elsewhere would make it a thousand times smaller."""
        return None if current_language() == ENGLISH else self.pattern.replace(",", "")


def say(pattern: str, /, **parts: Any) -> Said:
    """A sentence with its parts: `say("{count} due today", count=3)`."""
    return Said(pattern, parts)


def say_many(one: str, many: str, /, count: int, **parts: Any) -> Said:
    """A sentence about a number of things: `say_many("{count} page", "{count} pages", count=3)`."""
    return Said(one, {"count": count, **parts}, plural=many, count=count)


def listed(items: Iterable[str], by: str = ", ") -> Said:
    """Several, one after the other, each in the reader's language."""
    parts = {f"item{at}": item for at, item in enumerate(items)}
    return Said(by.join(f"{{{name}}}" for name in parts), parts)


def either(items: Iterable[str]) -> Said:
    """Several of which one is meant, each in the reader's language."""
    return reduce(
        lambda one, other: Said("{one} or {other}", {"one": one, "other": other}), map(_said, items)
    )


def opening(text: str) -> Said:
    """A text with which a sentence begins: its first letter is a capital."""
    return _said(text).styled("opening")


def inside(text: str) -> Said:
    """A label inside a sentence: 'Ferritin' is lowered, 'SOFA' and 'HLA-DR' are not."""
    return _said(text).styled("inside")


def unfinished(text: str) -> Said:
    """A sentence that goes on: without its full stop."""
    return _said(text).styled("unfinished")


def said(part: Any) -> str:
    """Anything as the reader reads it: a sentence in their language, all else as it is."""
    return part.spoken() if isinstance(part, Said) else str(part)


def _said(text: str) -> Said:
    return text if isinstance(text, Said) else Said(text)


def _again(
    kind: type[Said],
    pattern: str,
    parts: Mapping[str, Any],
    plural: str,
    count: int | None,
    style: Style,
) -> Said:
    return kind(pattern, parts, plural=plural, count=count, style=style)


def _filled(pattern: str, parts: Mapping[str, Any]) -> str:
    return pattern.format_map({k: str(v) for k, v in parts.items()}) if parts else pattern


def _styled(text: str, style: Style, language: str) -> str:
    if style == "opening":
        return f"{text[:1].upper()}{text[1:]}"
    if style == "inside" and language not in CAPITAL_NOUNS:
        return lower_first(text)
    return text.rstrip(".") if style == "unfinished" else text


def lower_first(label: str) -> str:
    """A label inside a sentence: 'Ferritin' is lowered, 'SOFA' and 'HLA-DR' are not."""
    if label.startswith("A "):
        return f"a{label[1:]}"
    return label if label[:2].isupper() or label[:1] == label[:2] else label[0].lower() + label[1:]


# ── Catalogues ──────────────────────────────────────────────────────────────────────────────────


class _NoTranslation(NullTranslations):
    """What is asked last: it answers with nothing, so that a missing translation is seen."""

    def gettext(self, message: str) -> str:
        return ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return ""


def _look_up(pattern: str, plural: str, count: int | None) -> str | None:
    speech = _speech.get()
    if speech.language == ENGLISH or not pattern:
        return None
    places = [*((folder, TRIAL) for folder in speech.folders), (FOLDER, PACKAGE)]
    for folder, domain in places:
        catalogue = _catalogue(folder, domain, speech.language)
        if plural and count is not None:
            found = catalogue.ngettext(pattern, plural, count)
        else:
            found = catalogue.gettext(pattern)
        if found:
            return found
    return None


def reviewed_by(language: str) -> str:
    """Which clinician reviewed a catalogue of the package, from its header; nothing if nobody."""
    if language == ENGLISH:
        return ""
    header = _catalogue(FOLDER, PACKAGE, language).info()
    return header.get("x-reviewed-by", "").strip()


@cache
def in_other_languages(text: str, folders: tuple[Path, ...] = ()) -> tuple[str, ...]:
    """Every translation of a text that there is, whatever language is spoken now."""
    places = [*((folder, TRIAL) for folder in folders), (FOLDER, PACKAGE)]
    found = [
        _catalogue(folder, domain, each.parent.name).gettext(text)
        for folder, domain in places
        for each in sorted(folder.glob("*/LC_MESSAGES"))
    ]
    return tuple(dict.fromkeys(each for each in found if each))


@cache
def _catalogue(folder: Path, domain: str, language: str) -> NullTranslations:
    """A compiled catalogue, read once per process."""
    found = translation(domain, folder, [language], fallback=True)
    if type(found) is NullTranslations:
        return _NoTranslation()
    found.add_fallback(_NoTranslation())
    return found
