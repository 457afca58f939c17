"""From consent to the first dose: what is entered of a patient, each by the site's own action."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from immunosep.errors import RefusedError
from immunosep.protocol.consent import ConsentBy, WithdrawalKind
from immunosep.protocol.forms import FilledBy
from immunosep.web.accounts.roles import Permission
from immunosep.web.api.authentication import token_of
from immunosep.web.api.endpoint import (
    Endpoint,
    asked,
    does,
    posted_of,
    problems_of,
    reads,
    refuse_unseen,
)
from immunosep.web.api.models import Token
from immunosep.web.api.problems import Refused
from immunosep.web.api.repeating import once
from immunosep.web.api.shapes import Moment, Nothing, Sent, ValuesSent, Why, values_shown
from immunosep.web.api.views.patients import Numbered, tag_of
from immunosep.web.enrolment.consenting import record_consent
from immunosep.web.enrolment.models import ConsentVersion, Patient
from immunosep.web.enrolment.not_enrolling import not_enrol, screen_again
from immunosep.web.enrolment.questions import columns_of, questions_of
from immunosep.web.enrolment.randomising import mark_in_error, randomise
from immunosep.web.enrolment.recording import last_entry, record_values, values_up_to
from immunosep.web.enrolment.views.entering import DRAWN, Filled, save, typed
from immunosep.web.enrolment.views.finding import patient_at
from immunosep.web.enrolment.withdrawing import withdraw

TOO_SHORT = "This token does not randomise. Make one that says so."


class ConsentSent(Sent):
    """Consent as given."""

    given_by = serializers.ChoiceField(choices=[each.value for each in ConsentBy])
    version = serializers.CharField(max_length=40)
    language = serializers.CharField(max_length=10)
    given_at = Moment()


class WithdrawalSent(Sent):
    """How much is taken back, when, and why if the participant says."""

    kind = serializers.ChoiceField(choices=[each.value for each in WithdrawalKind])
    at = Moment()
    reason = serializers.CharField(default="", allow_blank=True, max_length=4000)


class LaboratorySent(ValuesSent):
    """Results, with when their sample was drawn."""

    observed_at = Moment()


class LaboratoryShown(serializers.Serializer[Any]):
    """A patient's results, for whoever enters them."""

    number = serializers.CharField()
    etag = serializers.CharField()
    values = values_shown()


class NotEnrolledSent(Sent):
    """Every reason that applies."""

    reasons = serializers.ListField(child=serializers.CharField(max_length=60), max_length=100)
    note = serializers.CharField(default="", allow_blank=True, max_length=300)


class RandomisedShown(Numbered):
    """An allocation. What the place holds is sealed."""

    immune_state = serializers.CharField()
    allocated_at = serializers.DateTimeField()


class OfPatient(Endpoint):
    """An endpoint about one patient."""

    def numbered(self, patient: Patient) -> dict[str, Any]:
        """The patient with the new ETag."""
        return {"number": patient.pk, "etag": tag_of(patient)}


class Consent(OfPatient):
    """Consent."""

    @does(record_consent, Permission.RECORD_CONSENT, sent=ConsentSent, answered=Numbered)
    def post(self, request: Request, number: str) -> Response:
        """Record it, once."""
        patient = patient_at(request, number, Permission.RECORD_CONSENT)
        given = asked(ConsentSent, request)
        version = ConsentVersion.objects.filter(
            centre=patient.centre, version=given["version"], language=given["language"]
        ).first()
        if version is None:
            raise RefusedError(
                f"consent of {number} cannot be recorded",
                ["This centre has no such version in this language."],
            )

        def act() -> tuple[int, Any]:
            record_consent(
                number, given_by=ConsentBy(given["given_by"]), version=version,
                given_at=given["given_at"], by=self.user, now=self.now,
            )  # fmt: skip
            return 200, self.numbered(patient)

        return once(request, act)


class Withdrawal(OfPatient):
    """Consent taken back."""

    @does(withdraw, Permission.RECORD_CONSENT, sent=WithdrawalSent, answered=Numbered)
    def post(self, request: Request, number: str) -> Response:
        """Record it; what was ordered and not prepared is cancelled."""
        patient = patient_at(request, number, Permission.RECORD_CONSENT)
        given = asked(WithdrawalSent, request)

        def act() -> tuple[int, Any]:
            withdraw(
                number, kind=WithdrawalKind(given["kind"]), at=given["at"],
                reason=given["reason"], by=self.user, now=self.now,
            )  # fmt: skip
            return 200, self.numbered(patient)

        return once(request, act)


class Values(OfPatient):
    """What the bedside knows."""

    @does(record_values, Permission.SCREEN, sent=ValuesSent, answered=Numbered, compared=True)
    def post(self, request: Request, number: str) -> Response:
        """Enter values of the trial's bedside forms; what is left out stays as it is."""
        patient = patient_at(request, number, Permission.SCREEN)
        given = asked(ValuesSent, request)
        return once(request, lambda: self._enter(patient, FilledBy.BEDSIDE, given))

    def _enter(
        self, patient: Patient, filled_by: FilledBy, given: dict[str, Any]
    ) -> tuple[int, Any]:
        refuse_unseen(self.request, tag_of(patient))
        posted = posted_of(given["values"], columns_of(filled_by, patient.centre))
        posted |= {"seen": str(last_entry(patient)), "reason": given["reason"]}
        if given["looked_again"]:
            posted["looked_again"] = "yes"
        if "observed_at" in given:
            posted[DRAWN[0]] = given["observed_at"].isoformat()
        refuse_wrong(save(typed(patient, filled_by, posted), by=self.user, now=self.now))
        return 200, self.numbered(patient)


class Laboratory(Values):
    """The laboratory's results."""

    @reads(LaboratoryShown)
    def get(self, request: Request, number: str) -> Response:
        """What is recorded of the laboratory's own columns."""
        patient = patient_at(request, number, Permission.ENTER_LABORATORY)
        columns = columns_of(FilledBy.LABORATORY, patient.centre)
        values = {k: v for k, v in values_up_to(patient).items() if k in columns}
        shown = {**self.numbered(patient), "values": values}
        return Response(shown, headers={"ETag": tag_of(patient)})

    @does(record_values, Permission.ENTER_LABORATORY, sent=LaboratorySent, answered=Numbered,
          compared=True)  # fmt: skip
    def post(self, request: Request, number: str) -> Response:
        """Enter results, with the time of the sample."""
        patient = patient_at(request, number, Permission.ENTER_LABORATORY)
        given = asked(LaboratorySent, request)
        return once(request, lambda: self._enter(patient, FilledBy.LABORATORY, given))


class Randomisation(OfPatient):
    """Randomisation. The token must have been made for it, by somebody who proved who they are."""

    @does(randomise, Permission.RANDOMISE, sent=Nothing, answered=RandomisedShown)
    def post(self, request: Request, number: str) -> Response:
        """Allocate; asked again, it is the same participant's same allocation."""
        patient = patient_at(request, number, Permission.RANDOMISE)
        if token_of(request).scope != Token.Scope.RANDOMISE:
            raise Refused(403, TOO_SHORT)
        asked(Nothing, request)

        def act() -> tuple[int, Any]:
            made = randomise(number, by=self.user, now=self.now)
            return 200, {
                **self.numbered(patient),
                "immune_state": made.immune_state,
                "allocated_at": made.allocated_at,
            }

        return once(request, act)


class InError(OfPatient):
    """Randomised in error."""

    @does(mark_in_error, Permission.RANDOMISE, sent=Why, answered=Numbered)
    def post(self, request: Request, number: str) -> Response:
        """Mark it; nothing is freed."""
        patient = patient_at(request, number, Permission.RANDOMISE)
        reason = asked(Why, request)["reason"]

        def act() -> tuple[int, Any]:
            mark_in_error(number, reason=reason, by=self.user, now=self.now)
            return 200, self.numbered(patient)

        return once(request, act)


class NotEnrolled(OfPatient):
    """Why a patient does not join."""

    @does(not_enrol, Permission.SCREEN, sent=NotEnrolledSent, answered=Numbered)
    def post(self, request: Request, number: str) -> Response:
        """Close the screening with its reasons."""
        patient = patient_at(request, number, Permission.SCREEN)
        given = asked(NotEnrolledSent, request)

        def act() -> tuple[int, Any]:
            not_enrol(number, **given, by=self.user, now=self.now)
            return 200, self.numbered(patient)

        return once(request, act)


class ScreenAgain(OfPatient):
    """Screening, opened again."""

    @does(screen_again, Permission.SCREEN, sent=Why, answered=Numbered)
    def post(self, request: Request, number: str) -> Response:
        """Take back that somebody is not enrolled."""
        patient = patient_at(request, number, Permission.SCREEN)
        reason = asked(Why, request)["reason"]

        def act() -> tuple[int, Any]:
            screen_again(number, reason=reason, by=self.user, now=self.now)
            return 200, self.numbered(patient)

        return once(request, act)


def refuse_wrong(filled: Filled) -> None:
    """Refuse what a page would have come back with, all at once."""
    if filled.is_wrong:
        problems = problems_of(filled, questions_of(filled.sections))
        raise RefusedError(f"nothing was saved of {filled.patient.pk}", problems)
