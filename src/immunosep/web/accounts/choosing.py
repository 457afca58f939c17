"""Choosing the language in which one reads."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.languages import say
from immunosep.web.accounts.models import User
from immunosep.web.audit.actions import record


@transaction.atomic
def choose_language(code: str, *, by: User, now: datetime) -> None:
    """Keep an account's language; nothing stands for what the browser asks for."""
    if code and code not in dict(settings.LANGUAGES):
        raise RefusedError("the language cannot be chosen", [say("It is not one of the list.")])
    before = by.language
    if code == before:
        return
    User.objects.filter(pk=by.pk).update(language=code)
    by.language = code
    record(
        "accounts.choose_language", by=by, now=now, subject=f"account {by.pk}",
        before={"language": before}, after={"language": code},
    )  # fmt: skip
