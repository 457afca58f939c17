"""A participant who is followed: pages written through the site's own actions, and addresses."""

from datetime import timedelta
from typing import Any

from django.urls import reverse

from immunosep.web.casebook.models import Page
from immunosep.web.casebook.recording import write_page
from immunosep.web.enrolment.models import Patient
from tests.web.people import NOW, Cast

DAY = timedelta(days=1)
PRESENT: dict[str, Any] = {"day_status": "present", "platelets_10e3_ul": 90, "gcs": 14}


def at(page: str, number: str, *more: Any) -> str:
    """The address of a page of a participant."""
    return reverse(page, args=[number, *more])


def sofa(cast: Cast, number: str, day: int, **said: Any) -> Page:
    """The page of one day's SOFA, written on that day."""
    return write_page(
        number, "daily_sofa", said or PRESENT, visit=f"day_{day}", by=cast.nurse,
        now=NOW + (day - 1) * DAY,
    ).page  # fmt: skip


def died(cast: Cast, number: str, day: float) -> Page:
    """The vital status page of day 28, with a death on an earlier day."""
    said = {"vital_status": "dead", "died_at": (NOW + (day - 1) * DAY).isoformat()}
    return write_page(
        number, "vital_status", said, visit="day_28", by=cast.nurse, now=NOW + 29 * DAY
    ).page  # fmt: skip


def log(cast: Cast, number: str, form: str, **said: Any) -> Page:
    """One entry of a log."""
    return write_page(number, form, said, by=cast.nurse, now=NOW + 29 * DAY).page


def drawn(cast: Cast, number: str, day: int, ferritin: float = 512) -> Page:
    """A sample with its result, which nobody blinded may see."""
    said = {"sample_drawn_at": (NOW + (day - 1) * DAY).isoformat(), "ferritin_ng_ml": ferritin}
    return write_page(
        number, "biomarkers", said, visit=f"day_{day}", by=cast.laboratory, now=NOW + 29 * DAY
    ).page  # fmt: skip


def patient(number: str = "01-0001") -> Patient:
    """The participant, with the centre."""
    return Patient.objects.select_related("centre").get(pk=number)
