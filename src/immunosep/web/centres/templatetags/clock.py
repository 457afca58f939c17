"""How a page shows a moment: by the centre's clock, and always with its zone."""

from datetime import UTC, datetime

from django import template

from immunosep.web.centres.models import Centre

register = template.Library()


@register.filter
def at_centre(moment: datetime | None, centre: Centre | None) -> str:
    """Such as `22 Nov 2026 14:05 EET (UTC+02:00)`; in UTC where there is no centre."""
    if moment is None:
        return ""
    local = moment.astimezone(centre.zone if centre else UTC)
    offset = local.strftime("%z")
    return f"{local:%-d %b %Y %H:%M} {local:%Z} (UTC{offset[:3]}:{offset[3:]})"
