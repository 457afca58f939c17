"""Deviations from the protocol, what was judged of each, and when the rules last looked.

Every row is only ever added, and the database refuses change: a deviation stands as it was found;
the last judgement of it is what holds. Nothing here may tell an arm: the rules read what is alike
in every arm, and people are told not to name a treatment.
"""

from django.db import models

from immunosep.web.accounts.models import User
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Patient


class Kind(models.TextChoices):
    """What was deviated from: the first seven are found by rule, all may be reported."""

    FIRST_DOSE_OUTSIDE_WINDOW = "first_dose_outside_window", "First dose outside its window"
    DOSE_NOT_GIVEN = "dose_not_given", "Dose not given"
    DOSE_LATE = "dose_late", "Dose given late"
    VISIT_MISSED = "visit_missed", "Visit missed"
    VISIT_OUTSIDE_WINDOW = "visit_outside_window", "Visit outside its window"
    CONSENT_AFTER_PROCEDURE = "consent_after_procedure", "Consent after a procedure of the trial"
    SERIOUS_EVENT_LATE = "serious_event_late", "Serious event reported after 24 hours"
    ELIGIBILITY = "eligibility", "Enrolled against a criterion"
    CONSENT = "consent", "Consent: form, version or person"
    TREATMENT = "treatment", "Preparation, storage or giving of treatment"
    OTHER_MEDICATION = "other_medication", "Medicine that the protocol excludes"
    ASSESSMENT = "assessment", "Assessment not done as planned"
    CONFIDENTIALITY = "confidentiality", "Confidentiality or blinding"
    OTHER = "other", "Other"


class Deviation(models.Model):
    """One departure from the protocol, of a participant or of a centre as a whole.

    `about` says to a rule what it is about, so that it is recorded once; a person's has none.
    """

    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="deviations")
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, null=True, related_name="deviations"
    )
    kind = models.CharField(max_length=40, choices=Kind.choices)
    about = models.CharField(max_length=80, blank=True)
    what = models.TextField()
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True)  # None: a rule
    trial_digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["patient", "kind", "about"],
                condition=~models.Q(about=""),
                name="a rule finds a deviation once",
            ),
            models.CheckConstraint(
                condition=models.Q(recorded_by=None, patient__isnull=False) & ~models.Q(about="")
                | models.Q(recorded_by__isnull=False, about=""),
                name="a rule or a person finds a deviation",
            ),
            models.CheckConstraint(
                condition=~models.Q(what=""), name="a deviation says what happened"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in Kind]),
                name="a deviation is of a listed kind",
            ),
            models.CheckConstraint(
                condition=models.Q(happened_at__lte=models.F("recorded_at")),
                name="a deviation happened before it is recorded",
            ),
        )

    def __str__(self) -> str:
        return f"deviation {self.pk}"

    @property
    def found_by(self) -> str:
        """`rule` or `person`."""
        return "person" if self.recorded_by_id else "rule"


class Judgement(models.Model):
    """What somebody who reviews deviations made of one; the last one holds."""

    class Verdict(models.TextChoices):
        """Important: it may affect rights, safety, or how far the results can be relied on."""

        IMPORTANT = "important", "Important"
        NOT_IMPORTANT = "not_important", "Not important"
        NONE = "none", "No deviation after all"  # such as what was only entered late

    deviation = models.ForeignKey(Deviation, on_delete=models.PROTECT, related_name="judgements")
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    reason = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(condition=~models.Q(reason=""), name="a judgement has a reason"),
            models.CheckConstraint(
                condition=models.Q(verdict__in=["important", "not_important", "none"]),
                name="a judgement is one of three",
            ),
        )


class Search(models.Model):
    """The rules looked once over all centres, and found so many that were not recorded yet."""

    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True)  # None: the site itself
    found = models.PositiveIntegerField()

    class Meta:
        ordering = ("id",)
