"""How a page shows a moment: by the centre's clock, and always with its zone."""

from datetime import UTC, date, datetime

from django import template

from immunosep.languages import Said, say
from immunosep.web.centres.models import Centre

register = template.Library()

MONTHS = (
    say("Jan"), say("Feb"), say("Mar"), say("Apr"), say("May"), say("Jun"),
    say("Jul"), say("Aug"), say("Sep"), say("Oct"), say("Nov"), say("Dec"),
)  # fmt: skip


@register.filter
def at_centre(moment: datetime | None, centre: Centre | None) -> str:
    """Such as `22 Nov 2026 14:05 EET (UTC+02:00)`; in UTC where there is no centre.

    The month is a word in every language: 02/03 is two days, by who reads it.
    """
    if moment is None:
        return ""
    local = moment.astimezone(centre.zone if centre else UTC)
    offset = local.strftime("%z")
    return say(
        "{day} {month} {year_and_time} (UTC{offset})",
        day=local.day,
        month=MONTHS[local.month - 1],
        year_and_time=f"{local:%Y %H:%M %Z}",
        offset=f"{offset[:3]}:{offset[3:]}",
    )


def day_in_words(day: date) -> Said:
    """Such as `22 Nov 2026`."""
    return say("{day} {month} {year}", day=day.day, month=MONTHS[day.month - 1], year=day.year)
