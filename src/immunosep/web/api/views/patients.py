"""Patients: the list, one of them, the trial's verdict, and adding one."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from immunosep.web.accounts.access import centres_of
from immunosep.web.accounts.roles import Permission
from immunosep.web.api.cursors import part_of
from immunosep.web.api.endpoint import CURSOR, Endpoint, asked, does, reads
from immunosep.web.api.repeating import once
from immunosep.web.api.shapes import Sent, listed, part, values_shown
from immunosep.web.enrolment.consenting import consent_to_ask
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.progress import standing_of, standings_of
from immunosep.web.enrolment.recording import add_patient, last_entry, values_up_to
from immunosep.web.enrolment.verdicts import Picture, picture_of
from immunosep.web.enrolment.views.finding import patient_at

SEE = Permission.SEE_PATIENTS


class Standing(serializers.Serializer[Any]):
    """Where a patient stands."""

    number = serializers.CharField(source="patient.pk")
    centre = serializers.CharField(source="patient.centre_id")
    added_at = serializers.DateTimeField(source="patient.added_at")
    stage = serializers.CharField()
    window_closes_at = serializers.DateTimeField(source="closes_at", allow_null=True)


class ConsentShown(serializers.Serializer[Any]):
    """Consent as given."""

    given_by = serializers.CharField()
    version = serializers.CharField(source="version.version")
    language = serializers.CharField(source="version.language")
    given_at = serializers.DateTimeField()


class WithdrawalShown(serializers.Serializer[Any]):
    """Consent taken back."""

    kind = serializers.CharField()
    at = serializers.DateTimeField()


class AllocationShown(serializers.Serializer[Any]):
    """That somebody was randomised; to what, nobody here can know."""

    immune_state = serializers.CharField()
    allocated_at = serializers.DateTimeField()
    in_error = serializers.SerializerMethodField()

    def get_in_error(self, allocation: Any) -> bool:
        """Whether it was marked so."""
        return hasattr(allocation, "in_error")


class PatientShown(Standing):
    """One patient."""

    etag = serializers.CharField()
    values = values_shown()
    consents = ConsentShown(many=True)
    withdrawals = WithdrawalShown(many=True)
    allocation = AllocationShown(allow_null=True)
    consent_to_ask = serializers.CharField(allow_blank=True)


class CriterionShown(serializers.Serializer[Any]):
    """One criterion, answered."""

    id = serializers.CharField(source="criterion.id")
    text = serializers.CharField(source="criterion.text")
    answer = serializers.SerializerMethodField()
    in_words = serializers.CharField(source="word")
    why = serializers.CharField(allow_blank=True)

    def get_answer(self, line: Any) -> str:
        """`for`, `against` or `unknown`."""
        return {"met": "for", "not-met": "against"}.get(line.badge, "unknown")


class Verdict(serializers.Serializer[Any]):
    """The trial's answer now."""

    verdict = serializers.CharField()
    immune_state = serializers.CharField(source="assessment.immune_state")
    sofa = serializers.CharField()
    window_closes_at = serializers.DateTimeField(
        source="assessment.window_closes_at", allow_null=True
    )
    missing = serializers.ListField(child=serializers.CharField())
    inclusion = CriterionShown(many=True)
    exclusion = CriterionShown(many=True)


class Added(Sent):
    """Where the patient is."""

    centre = serializers.CharField(max_length=60)


class Numbered(serializers.Serializer[Any]):
    """The patient's number."""

    number = serializers.CharField()
    etag = serializers.CharField()


FILTERS = (
    OpenApiParameter("centre", str, description="The id of a centre."),
    OpenApiParameter("participants", bool, description="Only those who were randomised."),
)


class Patients(Endpoint):
    """The patients of one's centres."""

    @reads(listed(Standing), CURSOR, *FILTERS)
    def get(self, request: Request) -> Response:
        """By number; each with its stage, in as many queries for one as for a hundred."""
        if not centres_of(self.user, SEE).exists():
            raise PermissionDenied
        held = Patient.objects.filter(centre__in=centres_of(self.user, SEE))
        if "centre" in request.query_params:
            held = held.filter(centre=request.query_params["centre"])
        if request.query_params.get("participants") == "true":
            held = held.filter(allocation__isnull=False)
        rows, following = part_of(request, held.select_related("centre"), by="number")
        return Response(part(Standing, standings_of(rows, now=self.now), following))

    @does(add_patient, Permission.SCREEN, sent=Added, answered=Numbered)
    def post(self, request: Request) -> Response:
        """Add one, with the centre's next number."""
        where = centres_of(self.user, Permission.SCREEN)
        if not where.exists():
            raise PermissionDenied
        centre = where.filter(pk=asked(Added, request)["centre"]).first()
        if centre is None:
            raise Http404

        def act() -> tuple[int, Any]:
            made = add_patient(centre, by=self.user, now=self.now)
            return 200, {"number": made.pk, "etag": tag_of(made)}

        return once(request, act)


class OnePatient(Endpoint):
    """One patient."""

    @reads(PatientShown)
    def get(self, request: Request, number: str) -> Response:
        """Where one stands, and what was recorded."""
        patient = patient_at(request, number, SEE)
        standing = standing_of(patient, now=self.now)
        shown = {
            "patient": patient,
            "stage": standing.stage,
            "closes_at": standing.closes_at,
            "etag": tag_of(patient),
            "values": values_up_to(patient),
            "consents": patient.consents.select_related("version"),
            "withdrawals": patient.withdrawals.all(),
            "allocation": getattr(patient, "allocation", None),
            "consent_to_ask": consent_to_ask(patient, now=self.now),
        }
        return Response(PatientShown(shown).data, headers={"ETag": tag_of(patient)})


class PatientVerdict(Endpoint):
    """The trial's answer to one patient."""

    @reads(Verdict)
    def get(self, request: Request, number: str) -> Response:
        """Each criterion, and why, from what is recorded now."""
        patient = patient_at(request, number, SEE)
        found: Picture = picture_of(patient, values_up_to(patient), now=self.now)
        return Response(Verdict(found).data)


def tag_of(patient: Patient) -> str:
    """What changes with whatever could change an answer about a patient."""
    now = Patient.objects.values_list("entries_made", flat=True).get(pk=patient.pk)
    return f'"{now}-{last_entry(patient)}"'
