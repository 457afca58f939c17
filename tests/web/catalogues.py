"""The catalogues of translations: what must be in them, and how they are made.

`python -m tests.web.catalogues` brings every catalogue up to date with the sources, keeping what is
translated, and compiles it. What is new has no translation then, and a test says so.
"""

import ast
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from io import BytesIO, StringIO
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from immunosep.languages import FOLDER, PACKAGE, TRIAL
from immunosep.protocol.texts import texts_of
from immunosep.trials import TRIALS, find_trial, translations_of
from tests.conftest import ROOT

Message = str | tuple[str, str]  # with its plural, where it has one

SOURCES = ROOT / "src" / "immunosep"
TEMPLATES = SOURCES / "web" / "templates"
LANGUAGES = ("el", "de")
SAYING = {"say": 1, "say_many": 2, "opening": 1, "inside": 1, "Said": 1}
HEADERS = {"Language", "Plural-Forms", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}
REVIEWED = "X-Reviewed-By"  # the clinician who did, and when; empty until then
COMMENT = "# Translations of immunosep: see docs/how-to/translate.md."
LITERAL = r"""u?("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
CALL = re.compile(rf"\b(?P<call>ngettext|gettext|_)\(\s*{LITERAL}(?:\s*,\s*{LITERAL})?")
LETTER = re.compile(r"[A-Za-z]")
FIELD = re.compile(r"\{\w*\}")


def package_messages() -> list[Message]:
    """What pages of the package say, in the order of the files."""
    found = [*_of_templates(), *_of_code(), *words()]
    return [each for each in dict.fromkeys(found) if _says_something(each)]


def trial_messages(trial: str) -> list[Message]:
    """What a trial's own value says."""
    return list(texts_of(find_trial(trial)))


CATALOGUES: Mapping[str, Callable[[], list[Message]]] = {
    PACKAGE: package_messages,
    **{trial: partial(trial_messages, trial) for trial in TRIALS},
}
"""Each by its name: the package's, and that of each trial it ships; and what must be in it."""


def file_of(language: str, name: str, suffix: str = ".po") -> Path:
    """Where a catalogue is."""
    if name == PACKAGE:
        return FOLDER / language / "LC_MESSAGES" / f"{PACKAGE}{suffix}"
    return translations_of(name) / language / "LC_MESSAGES" / f"{TRIAL}{suffix}"


class Translations(Catalog):
    """A catalogue whose header says what a reader needs, and nothing that changes by itself."""

    reviewed_by = ""

    def _headers(self) -> list[tuple[str, str]]:
        kept = [each for each in super().mime_headers if each[0] in HEADERS]
        return [("Project-Id-Version", "immunosep"), *kept, (REVIEWED, self.reviewed_by)]

    mime_headers = property(_headers)


def read_catalogue(language: str, name: str) -> Translations:
    """A catalogue as it is in the repository; empty where there is none."""
    made = Translations(locale=language, header_comment=COMMENT, fuzzy=False)
    file = file_of(language, name)
    if not file.exists():
        return made
    text = file.read_text(encoding="utf-8")
    header = re.search(rf'^"{REVIEWED}: (.*?)(?:\\n)?"$', text, re.MULTILINE)
    made.reviewed_by = header[1] if header else ""
    for message in read_po(StringIO(text), locale=language):
        if message.id:
            made.add(message.id, message.string, flags=message.flags)
    return made


def compile_catalogue(catalogue: Translations) -> bytes:
    """As `gettext` reads it."""
    stream = BytesIO()
    write_mo(stream, catalogue)
    return stream.getvalue()


def update(language: str, name: str, messages: Iterable[Message]) -> Translations:
    """The catalogue of these messages, each with the translation there was."""
    before = read_catalogue(language, name)
    made = Translations(locale=language, header_comment=COMMENT, fuzzy=False)
    made.reviewed_by = before.reviewed_by
    for message in messages:
        held = before.get(message if isinstance(message, str) else message[0])
        made.add(message, held.string if held else None)
    return made


def words() -> Iterator[str]:
    """Words that are kept as codes and shown as words: of the dictionary, of states and roles."""
    from tests.web.catalogue_words import every_word

    yield from every_word()


def _of_templates() -> Iterator[Message]:
    for file in sorted([*TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.txt")]):
        text = templatize(file.read_text(encoding="utf-8"))
        for call in CALL.finditer(text):
            one, many = (ast.literal_eval(each) if each else "" for each in call.groups()[1:])
            yield (one, many) if call["call"] == "ngettext" else one


def _of_code() -> Iterator[Message]:
    for file in sorted(SOURCES.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        if "immunosep.languages" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            yield from _said_by(node)


def _said_by(node: ast.AST) -> Iterator[Message]:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return
    wanted = SAYING.get(node.func.id, 0)
    texts = [each.value for each in node.args[:wanted] if isinstance(each, ast.Constant)]
    said = [text for text in texts if isinstance(text, str)]
    if wanted and len(said) == wanted:
        yield said[0] if wanted == 1 else (said[0], said[1])


def _says_something(message: Message) -> bool:
    """Whether anything but places to fill is in it."""
    text = message if isinstance(message, str) else message[0]
    return bool(LETTER.search(FIELD.sub("", text)))


def save(catalogue: Translations, language: str, name: str) -> None:
    """Write a catalogue, and what is compiled of it beside it."""
    file = file_of(language, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        write_po(stream, catalogue, width=100)
    again = read_catalogue(language, name)
    file_of(language, name, ".mo").write_bytes(compile_catalogue(again))


def _main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.web_settings")
    django.setup()
    for name, messages in CATALOGUES.items():
        wanted = messages()
        for language in LANGUAGES:
            save(update(language, name, wanted), language, name)


if __name__ == "__main__":
    _main()
