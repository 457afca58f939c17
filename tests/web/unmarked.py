"""Finding words in a template that no translation can reach."""

import re

MARKED = re.compile(
    r"\{%\s*blocktranslate\b.*?\{%\s*endblocktranslate\s*%\}|\{%\s*comment\b.*?endcomment\s*%\}"
    r"|<(script|style)\b.*?</\1>|<svg\b.*?</svg>",
    re.DOTALL,
)
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
SHOWN = re.compile(r'\b(?:aria-label|alt|placeholder|title|data-label)="([^"]*)"')
ELEMENT = re.compile(r"<[^>]*>", re.DOTALL)
WORD = re.compile(r"[^\W\d_]{2,}")
SAME = {  # alike in every language
    "SOFA", "SUSAR", "SHA", "UTC", "km", "amp", "doctype", "html", "https",
}  # fmt: skip


def unmarked_in(text: str) -> list[str]:
    """What would stay English: the text between tags, and attributes that are read out."""
    bare = TAG.sub("", MARKED.sub("", text))
    shown = [*SHOWN.findall(bare), *(part.strip() for part in ELEMENT.sub("\n", bare).split("\n"))]
    return [each for each in shown if set(WORD.findall(each)) - SAME]
