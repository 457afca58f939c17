"""How often one token may ask: counted over all workers, in the memory they share."""

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from immunosep.web.api.models import Token


class PerToken(SimpleRateThrottle):
    """The setting `API_RATE`, such as 300/minute, for each token by itself."""

    scope = "token"

    def get_rate(self) -> str:
        """Read anew for each request, as settings may be in tests."""
        return str(settings.API_RATE)

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        """Nothing is counted for whoever is refused anyway, or for the open document."""
        return f"api-{request.auth.pk}" if isinstance(request.auth, Token) else None
