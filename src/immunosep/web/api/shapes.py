"""What is sent and what is answered: shapes shared by several endpoints, and how lists look."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError


class Sent(serializers.Serializer[Any]):
    """A request's body: a name that it does not know is refused, not passed over."""

    def to_internal_value(self, data: Any) -> Any:
        """Every fault at once, the unknown names counted and not repeated."""
        strange = set(data) - set(self.fields) if isinstance(data, Mapping) else set()
        faults: dict[str, Any] = {}
        read: Any = None
        try:
            read = super().to_internal_value(data)
        except ValidationError as error:
            faults |= dict(error.detail)  # type: ignore[arg-type]
        if strange:
            known = ", ".join(self.fields) or "nothing"
            faults["body"] = [f"{len(strange)} names are not known here; expected {known}."]
        if faults:
            raise ValidationError(faults)
        return read


class Moment(serializers.DateTimeField):
    """A moment with its offset from UTC: nobody guesses which clock was meant."""

    def enforce_timezone(self, value: Any) -> Any:
        """Refuse one without."""
        if timezone.is_naive(value):
            raise ValidationError("Give the offset from UTC, such as 2026-03-02T14:05:00+01:00.")
        return value


class Nothing(Sent):
    """A request that needs no more than its address."""


class Why(Sent):
    """A request that needs a reason."""

    reason = serializers.CharField(max_length=4000)


class Text(Sent):
    """A request that says something."""

    text = serializers.CharField(max_length=4000)


class ValuesSent(Sent):
    """Values by the names of their columns; null takes one back."""

    values = serializers.DictField(
        child=serializers.JSONField(allow_null=True, binary=False),
        help_text="A number, a word, true or false, a moment, or {value, unit}.",
    )
    reason = serializers.CharField(
        max_length=300, default="", allow_blank=True, help_text="Of a change to what is recorded."
    )
    looked_again = serializers.BooleanField(
        default=False, help_text="That values which are possible and unusual are meant."
    )


def values_shown(**more: Any) -> serializers.DictField:
    """Recorded values by the names of their columns."""
    return serializers.DictField(
        child=serializers.JSONField(allow_null=True),
        help_text="As kept: a number, a word, true or false, a moment, or {value, unit}.",
        **more,
    )


def listed(item: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """One part of a list."""
    return type(
        f"{item.__name__}List",
        (serializers.Serializer,),
        {
            "__doc__": "One part of a list, and the cursor of the next.",
            "items": item(many=True),
            "next": serializers.CharField(allow_null=True),
        },
    )


def part(
    item: type[serializers.Serializer[Any]], rows: Any, following: str | None
) -> dict[str, Any]:
    """The same with its rows."""
    return {"items": item(rows, many=True).data, "next": following}
