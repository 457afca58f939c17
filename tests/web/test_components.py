"""The page of components: every class pages may use, on a teaching site and nowhere else."""

import re
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.test import Client

pytestmark = pytest.mark.django_db

TEMPLATES = configured.HERE / "templates"
PROMISED = {
    "card", "cards", "stack", "row", "button", "secondary", "danger", "badge", "met", "not-met",
    "unknown", "warn", "calm", "verdict", "eligible", "ineligible", "undetermined", "facts",
    "table-wrap", "form", "field", "hint", "error", "message", "clock", "steps", "empty",
    "label-print", "sr-only", "muted", "number",
}  # fmt: skip


def classes_in(text: str) -> set[str]:
    """The names in class attributes, without those that a template computes."""
    literal = re.sub(r"{[{%].*?[}%]}", " ", text)
    return {name for found in re.findall(r'class="([^"]*)"', literal) for name in found.split()}


KEPT = {TEMPLATES / "validation" / "pack.html", *(TEMPLATES / "records").glob("*.html")}
"""Files for somebody to keep, with their style within: the validation pack, a centre's archive."""
PAGES = sorted(set(TEMPLATES.rglob("*.html")) - KEPT)


def test_components_are_shown_on_a_teaching_site(client: Client, settings):
    settings.DEMO = True
    assert classes_in(client.get("/components/").content.decode()) >= PROMISED


def test_components_are_absent_from_a_live_site(client: Client, settings):
    settings.DEMO = settings.DEBUG = False
    assert client.get("/components/").status_code == 404


@pytest.mark.parametrize(
    "template",
    PAGES,
    ids=lambda path: str(path.relative_to(TEMPLATES)),
)
def test_template_uses_classes_of_the_style_sheet(template: Path):
    sheet = (configured.HERE / "static" / "immunosep" / "style.css").read_text(encoding="utf-8")
    styled = set(re.findall(r"\.([a-z][\w-]*)", sheet))
    assert classes_in(template.read_text(encoding="utf-8")) - styled == set()


@pytest.mark.parametrize(
    "template",
    PAGES,
    ids=lambda path: str(path.relative_to(TEMPLATES)),
)
def test_template_has_no_inline_script_or_style(template: Path):
    text = template.read_text(encoding="utf-8")
    assert not re.search(r'\sstyle="|<style|\son\w+="', text)
    running = re.findall(r'<script(?![^>]*(?:src=|type="application/(?:ld[+])?json"))', text)
    assert running == []
