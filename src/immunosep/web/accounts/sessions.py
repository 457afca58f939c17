"""The site's sessions: Django's in the database, each with the account that it belongs to.

So that somebody's own can be listed without reading everybody's (Django's documentation,
"Extending database-backed session engines").
"""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from immunosep.web.accounts.models import OpenLogIn


class SessionStore(DatabaseStore):
    """What `SESSION_ENGINE` names."""

    @classmethod
    def get_model_class(cls) -> type[OpenLogIn]:
        """Where they are kept."""
        return OpenLogIn

    def create_model_instance(self, data: dict[str, Any]) -> OpenLogIn:
        """A row as it will be saved."""
        held: Any = super().create_model_instance(data)
        held.account_id = data.get(SESSION_KEY)
        found: OpenLogIn = held
        return found
