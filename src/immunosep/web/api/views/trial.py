"""The trial as a value, and its centres."""

from functools import cache
from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from immunosep.protocol.digest import canonical_of
from immunosep.protocol.trial import Trial
from immunosep.web.accounts.access import centres_of
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.api.endpoint import Endpoint, reads
from immunosep.web.api.shapes import listed, part
from immunosep.web.centres.models import Centre
from immunosep.web.trial import site_trial, trial_of


class TrialShown(serializers.Serializer[Any]):
    """One version of the trial."""

    id = serializers.CharField()
    acronym = serializers.CharField(allow_blank=True)
    title = serializers.CharField()
    version = serializers.CharField()
    digest = serializers.CharField(help_text="SHA-256 of the value: any change changes it.")
    value = serializers.DictField(help_text="The whole protocol, as the digest is made of it.")


class CentreShown(serializers.Serializer[Any]):
    """A centre."""

    id = serializers.CharField()
    number = serializers.CharField()
    name = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    time_zone = serializers.CharField()
    status = serializers.CharField()
    trial_digest = serializers.SerializerMethodField()

    def get_trial_digest(self, centre: Centre) -> str:
        """Of the version by which it works."""
        return trial_of(centre).digest


CENTRE = OpenApiParameter("centre", str, description="Its id; left out, the site's first version.")


class TheTrial(Endpoint):
    """The trial value and its digest."""

    @reads(TrialShown, CENTRE)
    def get(self, request: Request) -> Response:
        """The version by which a centre works, or the one the site began with."""
        asked = request.query_params.get("centre")
        if asked is None:
            trial = site_trial()
        elif (centre := centres_seen(self.user).filter(pk=asked).first()) is None:
            raise Http404
        else:
            trial = trial_of(centre)
        shown = {
            "id": trial.id,
            "acronym": trial.acronym,
            "title": trial.title,
            "version": trial.version,
            "digest": trial.digest,
            "value": _value(trial),
        }
        return Response(shown, headers={"ETag": f'"{trial.digest}"'})


class Centres(Endpoint):
    """The centres at which the token's role is held."""

    @reads(listed(CentreShown))
    def get(self, request: Request) -> Response:
        """All of them."""
        return Response(part(CentreShown, centres_seen(self.user), None))


def centres_seen(user: User) -> Any:
    """The centres at which one may do anything at all."""
    found = Centre.objects.none()
    for permission in Permission:
        found = found | centres_of(user, permission)
    return found.order_by("number")


@cache
def _value(trial: Trial) -> dict[str, Any]:
    return dict(canonical_of(trial)["trial"])
