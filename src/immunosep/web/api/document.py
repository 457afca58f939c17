"""The OpenAPI document, drawn from the endpoints: one for every process, made once."""

from functools import cache
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

SENT = "Request"  # how the name of a body that is sent ends


@require_safe
def openapi(_request: HttpRequest) -> JsonResponse:
    """Open to all: it says what there is, and nothing of what is in it."""
    return JsonResponse(document())


@cache
def document() -> dict[str, Any]:
    """OpenAPI 3.1, as the endpoints describe themselves."""
    generator = SchemaGenerator(urlconf="immunosep.web.api.urls")  # type: ignore[no-untyped-call]
    drawn: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    for name, shape in drawn["components"]["schemas"].items():
        if name.endswith(SENT):
            shape["additionalProperties"] = False  # a name it does not know is refused
    return drawn
