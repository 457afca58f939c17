"""How a template shows a text that may have a translation, and the language of its page."""

from typing import Any

from django import template
from django.conf import settings
from django.template.defaultfilters import capfirst as plain_capfirst
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from immunosep.languages import ENGLISH, Said, current_language, inside, opening

register = template.Library()


@register.filter
def said(text: Any) -> Any:
    """A text of the dictionary, the trial or a list of words, in the reader's language."""
    return text if isinstance(text, Said) or not text else Said(str(text))


@register.filter
def of_trial(text: Any) -> Any:
    """The same, marked as English where the trial brings no translation. Not for attributes."""
    found = said(text)
    if not isinstance(found, Said) or current_language() == ENGLISH or found.found() is not None:
        return found
    return format_html('<span lang="en">{}</span>', found.spoken())


@register.filter
def capfirst(text: Any) -> Any:
    """Django's own, which knows no sentence that has a translation."""
    return opening(text) if isinstance(text, Said) else plain_capfirst(text)


@register.filter
def lowered(text: Any) -> Any:
    """Inside a sentence: a noun keeps its capital where the language wants it."""
    return inside(text) if isinstance(text, Said) else inside(str(text))


@register.simple_tag
def page_languages() -> list[tuple[str, str]]:
    """Each language there is, with its name for those who speak it."""
    return [(code.split("-")[0], name) for code, name in settings.LANGUAGES]


@register.simple_tag
def page_language() -> SafeString:
    """The attributes of the root element."""
    return mark_safe(f'lang="{current_language()}" dir="ltr"')
