"""Doses at the bedside: what is on its way, receiving it by its label, recording it as given."""

from typing import Any

from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from immunosep.web.accounts.roles import Permission
from immunosep.web.api.endpoint import Endpoint, asked, does, reads
from immunosep.web.api.repeating import once
from immunosep.web.api.shapes import Moment, Sent, listed, part
from immunosep.web.enrolment.dosing import due_of, first_dose_of, give_dose, receive_preparation
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.views.finding import patient_at
from immunosep.web.supply.models import Preparation

P = Permission.GIVE_DOSES


class DoseShown(serializers.Serializer[Any]):
    """One preparation: alike whatever is in it."""

    number = serializers.CharField()
    day = serializers.IntegerField()
    route = serializers.CharField()
    dose = serializers.IntegerField()
    status = serializers.CharField()
    use_before = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    given_at = serializers.DateTimeField(allow_null=True)


class LabelSent(Sent):
    """The number on a label, as typed or scanned."""

    number = serializers.CharField(max_length=60)


class GivenSent(LabelSent):
    """That a dose was given."""

    given_at = Moment()
    early = serializers.BooleanField(default=False, help_text="Long before it was due, on purpose.")


class Labelled(serializers.Serializer[Any]):
    """What was received or given."""

    number = serializers.CharField()
    status = serializers.CharField()


class Doses(Endpoint):
    """The preparations for one participant."""

    @reads(listed(DoseShown))
    def get(self, request: Request, number: str) -> Response:
        """Those on their way, received and given; by day."""
        patient = participant_at(request, number)
        first = first_dose_of(patient.allocation)
        held = (
            Preparation.objects.filter(order__participant=number)
            .exclude(status=Preparation.Status.DISCARDED)
            .select_related("order", "given")
            .order_by("order__day", "pk")
        )
        rows = [
            {
                "number": each.number,
                "day": each.order.day,
                "route": each.route,
                "dose": each.dose,
                "status": each.status,
                "use_before": each.use_before,
                "due_at": due_of(each, first),
                "given_at": each.given.given_at if hasattr(each, "given") else None,
            }
            for each in held
        ]
        return Response(part(DoseShown, rows, None))


class ReceiveDose(Endpoint):
    """Receiving."""

    @does(receive_preparation, P, sent=LabelSent, answered=Labelled)
    def post(self, request: Request, number: str) -> Response:
        """Take over what the pharmacy handed over."""
        participant_at(request, number)
        label = asked(LabelSent, request)["number"]

        def act() -> tuple[int, Any]:
            made = receive_preparation(number, label, by=self.user, now=self.now)
            made.refresh_from_db()
            return 200, {"number": made.number, "status": made.status}

        return once(request, act)


class GiveDose(Endpoint):
    """Giving."""

    @does(give_dose, P, sent=GivenSent, answered=Labelled)
    def post(self, request: Request, number: str) -> Response:
        """Record a dose; the first ends the trial's window."""
        participant_at(request, number)
        given = asked(GivenSent, request)

        def act() -> tuple[int, Any]:
            made = give_dose(
                number,
                given["number"],
                given_at=given["given_at"],
                early=given["early"],
                by=self.user,
                now=self.now,
            )
            held = Preparation.objects.get(pk=made.preparation_id)
            return 200, {"number": held.number, "status": held.status}

        return once(request, act)


def participant_at(request: Request, number: str) -> Patient:
    """Somebody who was randomised; else there is nothing here."""
    patient = patient_at(request, number, P)
    if not hasattr(patient, "allocation"):
        raise Http404
    return patient
