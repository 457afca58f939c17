"""What every page knows: the trial, where the two kinds of process are, who is looking."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from immunosep.web.trial import site_trial


def site(request: HttpRequest) -> dict[str, Any]:
    """The trial and the addresses, for the head and foot of every page."""
    return {
        "trial": site_trial(),
        "site_url": settings.SITE_URL if settings.KEYED else "",
        "keyed_url": "" if settings.KEYED else settings.KEYED_URL,
        "keyed": settings.KEYED,
        "demo": settings.DEMO,
    }
