"""Coding: an event's own words, put into the words of a dictionary."""

from datetime import datetime

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.web.accounts.access import require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.casebook.models import Page
from immunosep.web.casebook.steps import hold
from immunosep.web.casebook.values import values_of
from immunosep.web.safety.cases import FORM
from immunosep.web.safety.models import Coding
from immunosep.web.safety.reporting import audit

LIMITS = {"version": 40, "preferred_term": 200, "organ_class": 200}
LABELS = {
    "version": say("the dictionary and its version"),
    "preferred_term": say("the preferred term"),
    "organ_class": say("the system organ class"),
}


@transaction.atomic
def code(
    page: Page, *, version: str, preferred_term: str, organ_class: str, by: User, now: datetime
) -> Coding:
    """Keep the dictionary's words for an event; the last that was kept stands."""
    page = hold(page)
    role = require(by, Permission.REVIEW_SAFETY, page.patient.centre)
    given = {"version": version, "preferred_term": preferred_term, "organ_class": organ_class}
    given = {name: text.strip() for name, text in given.items()}
    term = values_of(page).get("event_term")
    problems = [
        *(say("There is nothing for {label}. Enter it.", label=LABELS[name])
          for name in given if not given[name]),
        *(say("What is given for {label} is longer than {count} characters.",
              label=LABELS[name], count=LIMITS[name])
          for name in given if len(given[name]) > LIMITS[name]),
        *([say("The event has no name to code yet.")] if page.form != FORM or not term else []),
    ]  # fmt: skip
    if problems:
        raise RefusedError(f"page {page.pk} was not coded", problems)
    made = Coding.objects.create(page=page, term=str(term), at=now, by=by, **given)
    audit("code", page, by=by, role=role, now=now, after={"coding": made.pk, **given})
    return made


def stands(coding: Coding | None, term: object) -> bool:
    """Whether a code is of the words as they are now."""
    return coding is not None and coding.term == term
