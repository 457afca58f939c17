"""Carrying a death or a discharge over to the days after it: each day its own page and entry."""

from datetime import datetime
from typing import Any

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.web.accounts.access import may, require
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.casebook.checking import lacking
from immunosep.web.casebook.completing import complete_page
from immunosep.web.casebook.models import Page
from immunosep.web.casebook.recording import MAY_ENTER, write_page
from immunosep.web.casebook.scoring import STATUS
from immunosep.web.enrolment.models import Patient
from immunosep.web.followup.endings import DEAD, DIED_AT, Ending
from immunosep.web.followup.overview import Casebook, Line, casebook_of

VITAL = "vital_status"
NOTHING = say("No page is left that this could be written on.")


@transaction.atomic
def carry_over(number: str, kind: str, *, by: User, now: datetime) -> list[Page]:
    """Write on every remaining page what is known already: dead, or discharged; and complete it.

    Death reaches to the last day; discharge to today, for a participant may come back.
    """
    patient = Patient.objects.select_related("centre").get(pk=number)
    require(by, Permission.ENTER_FOLLOW_UP, patient.centre)
    today = now.astimezone(patient.centre.zone).date()
    book = casebook_of(patient, today=today)
    pages = [
        _written(number, line, answers, by=by, now=now)
        for line in lines_to_carry(book, kind, today=today)
        if may(by, MAY_ENTER[line.form.filled_by], patient.centre)
        and (answers := _answers(line))
    ]  # fmt: skip
    if not pages:
        raise RefusedError(f"nothing was carried over for {number}", [NOTHING])
    return pages


def lines_to_carry(book: Casebook, kind: str, *, today: Any) -> list[Line]:
    """The pages that an ending covers, have no entry, and have a column for it."""
    return [
        line
        for line in book.lines
        if line.state == kind
        and (kind == DEAD or (line.first is not None and line.first <= today))
        and _answers(line)
    ]


def _answers(line: Line) -> dict[str, Any]:
    ending = line.ending
    assert isinstance(ending, Ending)  # its state says so
    if STATUS in line.form.columns:
        return {STATUS: ending.kind}
    tells = VITAL in line.form.columns and DIED_AT in line.form.columns
    if ending.kind == DEAD and ending.at and tells:
        return {VITAL: DEAD, DIED_AT: ending.at}
    return {}


def _written(number: str, line: Line, answers: dict[str, Any], *, by: User, now: datetime) -> Page:
    assert line.visit is not None
    page = write_page(number, line.form.id, answers, visit=line.visit.id, by=by, now=now).page
    if not lacking(line.form, answers):
        complete_page(page, by=by, now=now)
    return page
