"""The style sheet: the contrast of its colours in both schemes, and that it fetches nothing."""

import re
from itertools import product

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import RequestFactory

SHEET = (settings.HERE / "static" / "immunosep" / "style.css").read_text(encoding="utf-8")
SCHEMES = ("light", "dark")
TEXT, SHAPE = 4.5, 3.0  # WCAG 2.2: 1.4.3 text, 1.4.11 what is not text

SURFACES = ("ground", "paper", "wash")
ON_SURFACES = ("ink", "muted", "accent", "accent-deep", "not-met")
WASHED = ("met", "not-met", "unknown", "warn", "calm")


def colours(scheme: str) -> dict[str, str]:
    """The named colours of a scheme; dark names only those that differ."""
    blocks = re.findall(r":root \{(.*?)\}", SHEET, re.S)
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[0]))
    if scheme == "dark":
        found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[1]))
    return found


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


PAIRS = [
    *((on, surface, TEXT) for on, surface in product(ON_SURFACES, SURFACES)),
    *((word, f"{word}-wash", TEXT) for word in WASHED),
    *(("ink", f"{word}-wash", TEXT) for word in WASHED),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-deep", TEXT),
    ("on-danger", "danger", TEXT),
    ("on-danger", "danger-deep", TEXT),
    ("ink", "sea", TEXT),
    ("muted", "sea", TEXT),
    ("not-met", "sea", TEXT),
    *(("edge", surface, SHAPE) for surface in SURFACES),
    ("accent", "sea", SHAPE),
]


def test_contrast_of_black_and_white_is_twenty_one():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_colours_can_be_told_apart(scheme: str, front: str, back: str, least: float):
    named = colours(scheme)
    assert contrast(named[front], named[back]) >= least


def test_style_sheet_fetches_nothing():
    assert not re.search(r"url\(|@import|@font-face", SHEET)


def test_style_sheet_answers_what_readers_ask_of_it():
    asked = (
        "prefers-color-scheme: dark",
        "prefers-reduced-motion",
        "@media print",
        "focus-visible",
    )
    assert [feature for feature in asked if feature not in SHEET] == []


def test_verdicts_have_a_shape_beside_their_colour():
    shaped = (
        "verdict.eligible",
        "verdict.ineligible",
        "badge.met",
        "badge.not-met",
        "badge.unknown",
    )
    assert [name for name in shaped if f".{name}::before {{" not in SHEET] == []


@pytest.mark.django_db
def test_every_file_that_the_head_names_is_there():
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    request.resolver_match = None
    page = render_to_string("base.html", request=request)
    named = re.findall(r'(?:src|href)="/static/([^"]+)"', page)
    assert {"immunosep/style.css", "immunosep/tables.js"} <= set(named)
    assert [name for name in named if finders.find(name) is None] == []
