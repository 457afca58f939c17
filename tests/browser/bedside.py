"""What a bedside team types: the eligible man of the cast, into whatever field the page has."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page

from immunosep.protocol.forms import FilledBy
from immunosep.web.enrolment.questions import columns_of
from tests.web.people import ELIGIBLE

BERLIN = ZoneInfo("Europe/Berlin")


def by_the_wall(hours_ago: float) -> str:
    """A moment by Jena's clock, as a field for day and time takes it."""
    return (datetime.now(BERLIN) - timedelta(hours=hours_ago)).strftime("%Y-%m-%dT%H:%M")


def answers(filled_by: FilledBy) -> dict[str, str]:
    """The eligible man's values by the names of their fields."""
    known = ELIGIBLE | {"sepsis_onset_at": by_the_wall(20)}
    return {name: _typed(known[name]) for name in columns_of(filled_by) if name in known}


def answer(page: Page, name: str, value: str) -> None:
    """Answer one question as its field asks to be."""
    field = field_of(page, name)
    if field.first.get_attribute("type") == "radio":
        page.locator(f'input[name="{name}"][value="{value}"]').check()
    elif field.evaluate("it => it.tagName") == "SELECT":
        field.select_option(value)
    else:
        field.fill(value)


def field_of(page: Page, name: str) -> Locator:
    """The control, or the controls of one question."""
    return page.locator(f'[name="{name}"]')


def _typed(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
